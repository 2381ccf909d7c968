"""Stories of several people at once: workers, writers, and transactions that are open meanwhile."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.db import connections, transaction

from outgrow.models import Tombstone
from outgrow.routing.loose import children, orphans
from tests.loose.people.models import Person
from tests.loose.things.models import Note
from tests.loose.tools import ALL, PEOPLE, THINGS, clean, counts, person, ran, raw, stones


def a_parent_born_again_in_the_middle_of_a_run_keeps_its_children() -> Any:
    """After the run asked for dead parents, and before it locks their children."""
    ann = person("ann", 2)
    key = ann.id
    ann.delete()
    asked, real = [], children.dead

    def slow(*arguments: Any) -> Any:
        found = real(*arguments)
        if not asked:
            Person.objects.create(id=key, name="ann again")
            Note.objects.bulk_create([Note(person_id=key, text="new")])
        asked.append(found)
        return found

    children.dead = slow
    try:
        first = ran(clean())
    finally:
        children.dead = real
    return [asked[0] == {key}, first, counts(), ran(clean()), counts()["Note"]]


def a_child_whose_parent_is_not_committed_yet_stays() -> Any:
    clean(**ALL)
    opened, over = threading.Event(), threading.Event()

    def give_birth() -> None:
        with transaction.atomic(using=PEOPLE):
            Person.objects.create(id=77_000, name="ann")
            opened.set()
            over.wait(30)
        connections.close_all()

    thread = threading.Thread(target=give_birth)
    thread.start()
    opened.wait(30)
    Note.objects.bulk_create([Note(person_id=77_000, text="early")])
    first = ran(clean(grace=60))
    over.set()
    thread.join()
    Tombstone.objects.using(PEOPLE).update(died=time.time())  # the minute is over
    return [first, ran(clean()), counts()]


def workers_share_the_work() -> Any:
    people = [person(f"p{n}", 10) for n in range(20)]
    Person.objects.filter(id__in=[p.id for p in people[:15]]).delete()
    results: list[Any] = []

    def work() -> None:
        try:
            results.append(clean(batch=10))
        except Exception:
            results.append(traceback.format_exc())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    broken = [r for r in results if isinstance(r, str) or not r.is_well]
    last = clean()
    assert not broken, broken
    total = sum(r.cleaned for r in results) + last.cleaned
    return [total, counts()["Note"], stones()]


def a_child_in_somebodys_hands_is_passed_over() -> Any:
    ann = person("ann", 3)
    held = ann.notes.first().pk
    ann.delete()
    locked, over = threading.Event(), threading.Event()
    to_the_end = []

    def hold() -> None:
        with transaction.atomic(using=THINGS):
            Note.objects.select_for_update().get(pk=held)
            locked.set()
            to_the_end.append(over.wait(120))
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait(30)
    first = ran(clean())
    over.set()
    thread.join()
    return [first, to_the_end, ran(clean()), counts()]


def nobody_is_lost_while_parents_are_born_again() -> Any:
    """Six keys live, die and come back beside two workers; whoever was written to a living parent is there with it."""
    over, lost, broken = threading.Event(), [0], []
    kept: dict[int, list[int]] = {}

    def live(key: int) -> None:
        for round_ in range(6):
            Person.objects.create(id=key, name=f"{round_}")
            texts = [f"{key} {round_} {n}" for n in range(3)]
            Note.objects.bulk_create([Note(person_id=key, text=text) for text in texts])
            time.sleep(0.003 * (key + round_ % 3))
            found = list(Note.objects.filter(text__in=texts).values_list("id", flat=True))
            lost[0] += len(texts) - len(found)
            kept[key] = found
            if round_ < 5:
                raw(PEOPLE, "DELETE FROM people_person WHERE id = %s", key)

    def work() -> None:
        while not over.is_set():
            done = clean(["things.Note.person"], batch=2)
            broken.extend(count.failed for count in done.references.values() if count.failed)

    def watched(task: Callable[..., None], *arguments: Any) -> None:
        try:
            task(*arguments)
        except Exception:
            broken.append(traceback.format_exc())
        finally:
            connections.close_all()

    lives = [threading.Thread(target=watched, args=(live, key)) for key in range(1, 7)]
    workers = [threading.Thread(target=watched, args=(work,)) for _ in range(2)]
    for thread in (*workers, *lives):
        thread.start()
    for thread in lives:
        thread.join()
    over.set()
    for thread in workers:
        thread.join()
    clean(**ALL)
    last = {note for found in kept.values() for note in found}
    here = set(Note.objects.values_list("id", flat=True))
    return [broken, lost[0], len(last), len(last - here), sum(o.rows for o in orphans.scan()), stones()]
