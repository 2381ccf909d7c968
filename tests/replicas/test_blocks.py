"""Blocks end one by one, in whatever order, and what was written in one binds the next."""

from __future__ import annotations

from tests.replicas.conftest import MakeTwo


def test_the_end_of_a_generator_s_block_ends_no_other(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        from outgrow.routing.reading import state
        def within(block):
            with block:
                yield where()
                yield where()
        told = {}
        generator = within(outgrow.reading())
        told["lent"] = [next(generator)]
        with outgrow.primary():
            told["primary"] = [where()]
            generator.close()
            told["primary"].append(where())
            with outgrow.reading():
                told["primary"].append(where())
            told["primary"].append(where())
        told["after"] = [where(), state() is None]
        generator = within(outgrow.primary())
        told["lent"].append(next(generator))
        with outgrow.reading():
            told["reading"] = [where()]
            told["reading"] += [*generator, where()]
        told["after"] += [where(), state() is None]
        answer(told)
    """)
    assert found == {
        "lent": ["replica", "default"],
        "primary": ["default", "default", "replica", "default"],
        "reading": ["replica", "replica", "replica"],
        "after": ["default", True, "default", True],
    }


def test_a_generator_that_ends_in_another_thread_ends_no_block_there(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        import asyncio
        def within():
            with outgrow.reading():
                yield
        generator = within()
        next(generator)
        def elsewhere():
            with outgrow.reading(), outgrow.primary():
                generator.close()
                return where()
        async def tasks():
            lent = within()
            async def begin():
                next(lent)
            await asyncio.create_task(begin())
            with outgrow.reading(), outgrow.primary():
                lent.close()
                return (await Category.objects.aget(pk=1)).name
        answer([alone(elsewhere), asyncio.run(tasks())])
    """)
    assert found == ["default", "default"]


def test_a_block_may_stand_within_itself(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        from outgrow.routing.reading import state
        block, told = outgrow.reading(), []
        with block:
            with outgrow.primary():
                with block:
                    told.append(where())
                told.append(where())
            told.append(where())
        answer([*told, where(), state() is None])
    """)
    assert found == ["replica", "default", "replica", "default", True]


def test_a_block_needs_what_the_one_before_it_wrote(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        from outgrow.routing import tokens
        def blocks(first):
            with first:
                told = [where()]
                Group.objects.create(name=f"written {len(told)}")
                Group.objects.all().delete()
            with outgrow.reading():
                told.append(where())
            return told
        firsts = outgrow.reading(), outgrow.primary(), outgrow.after(tokens.make({"default": ""}))
        answer([alone(blocks, first) for first in firsts])
    """)
    assert found == [["replica", "default"], ["default", "default"], ["default", "default"]]
