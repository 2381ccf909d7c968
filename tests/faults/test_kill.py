"""kill -9 of the mover, anywhere: `--resume` ends with every row equal, none twice, and the catalog as it should be."""

from __future__ import annotations

import random
import time

import pytest

from tests import PROVE

from .driver import POINTS, SMALL

KILLS = {"postgresql": 100, "mysql": 40, "mariadb": 40, "sqlite": 20} if PROVE else {
    "postgresql": 4, "mysql": 1, "mariadb": 2, "sqlite": 1,
}  # fmt: skip
TIMES = [(engine, n) for engine, kills in KILLS.items() for n in range(kills)]
STEPS = {
    "audit source": 1, "schema": 2, "set aside": 2, "copy": 8, "restore": 4, "statistics": 1, "verify": 2,
    "settings": 1,
}  # fmt: skip


def moment(dice: random.Random) -> tuple[str, float, float]:
    """A step, how far into its rows, and a delay."""
    step = dice.choices(list(STEPS), list(STEPS.values()))[0]
    return step, dice.random() if step == "copy" else 0.0, dice.random() ** 2 * (2.0 if step == "schema" else 0.25)


@pytest.mark.parametrize(("engine", "number"), TIMES)
def test_a_killed_move_is_resumed_without_loss(engine, number, dice, plaza, make_target, intact):
    target = make_target(engine)
    step, part, delay = moment(dice)
    mover = plaza.start(target, patch=SMALL)
    mover.until_step(step)
    mover.until(lambda events: sum(e.get("rows", 0) for e in events if e["kind"] == "progress" and e["step"] == step)
                >= part * 20_000)  # fmt: skip
    time.sleep(delay)
    ended = mover.kill()
    print(f"killed {delay:.3f} s after {part:.0%} of {step}: exit {ended.code}")
    if ended.code != 0:
        plaza.finish(target)
    intact("plaza", engine, target)


@pytest.mark.parametrize(
    "engine", ["postgresql", "mariadb"] if not PROVE else ["postgresql", "mysql", "mariadb", "sqlite"]
)
def test_a_move_killed_before_each_ddl_statement_ends_as_if_nothing_had_been(
    engine, tmp_path, shop, make_target, intact
):
    target = make_target(engine)
    memory = tmp_path / "ddl"
    patch = POINTS + f"at_new_ddl({str(memory)!r}, kill)"
    kills = 0
    while kills < 200:
        ended = shop.run(target, "--resume", patch=patch)
        if ended.code == 2 and "nothing to resume" in ended.err:
            ended = shop.run(target, patch=patch)
        if ended.code == 0:
            break
        assert ended.code == -9, ended.err
        kills += 1
    assert kills == len(memory.read_text().splitlines()) >= 15
    intact("shop", engine, target)
