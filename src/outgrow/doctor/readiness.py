"""The doctor's cheap questions, for a health endpoint: who lets us in, may be written to, and is migrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outgrow import conf
from outgrow.dialects.inspecting import Inspection, Level, good, warning
from outgrow.doctor.diagnosis import Answer
from outgrow.doctor.examining import Found, glance
from outgrow.doctor.rounds import Patient, most_lag
from outgrow.history import read_history
from outgrow.migrating import order
from outgrow.places import resolve

SECONDS = 3.0
_migrated: set[str] = set()  # a process whose migrations are applied never gets more of them


@dataclass(frozen=True, slots=True)
class Readiness:
    """``trouble`` is None where there is none; its text names hosts and accounts, so that it belongs into a log."""

    name: str  # the alias, or the URL without its password
    seconds: float
    trouble: Answer | None


class _Glance(Patient):
    def story(self, inspection: Inspection) -> Found:
        yield from glance(inspection)
        alias = self.place.alias
        if alias is None or alias in _migrated or most_lag(alias) is not None or alias not in order.to_migrate():
            return
        if pending := read_history(alias).pending:
            yield (
                "D601",
                warning(f"{len(pending)} migrations are to be applied.", f"outgrow migrate --database {alias}"),
            )
        else:
            _migrated.add(alias)
            yield "D601", good("every migration is applied")


def ready(names: Sequence[str] = (), seconds: float = SECONDS) -> list[Readiness]:
    """A glance at each of these aliases (or URLs), or at all of the project, side by side, for ``seconds`` at most.

    Each is asked by a connection of its own, which is closed again. Migrations that wait are a trouble here: this code
    needs them.
    """
    glances = [_Glance(resolve(name)) for name in names or conf.databases()]
    for one in glances:
        one.start()
    return [_judged(one, seconds) for one in glances]


def _judged(one: _Glance, seconds: float) -> Readiness:
    found = one.finish(seconds)
    bad = [a for a in found.answers if a.level is Level.FAILED or (a.id == "D601" and a.level is not Level.GOOD)]
    return Readiness(found.label, found.seconds, bad[0] if bad else None)
