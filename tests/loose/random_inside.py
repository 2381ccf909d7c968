"""Random stories inside the project: parents die, come back and change keys, children come and move, runs clean a bit.

python -m tests.loose.random_inside EXAMPLES
"""

from __future__ import annotations

import sys
from typing import Any

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.core.management import call_command
from django.db import connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from outgrow.models import Tombstone
from outgrow.routing.loose import cleaning, install
from tests.loose.people.models import Person
from tests.loose.things.models import Note, Task
from tests.loose.tools import PEOPLE, THINGS, empty, raw

KEYS = st.integers(1, 3)
CHILDREN = st.sampled_from([Note, Task])
LIMITS = st.builds(
    cleaning.Limits, batch=st.integers(1, 3), rows=st.integers(1, 4), look=st.integers(1, 4), grace=st.just(0.0)
)
STEPS = st.one_of(
    st.tuples(st.just("born"), KEYS),
    st.tuples(st.just("dies"), KEYS),
    st.tuples(st.just("dies unseen by Django"), KEYS),
    st.tuples(st.just("changes its key"), KEYS, KEYS),
    st.tuples(st.just("child"), CHILDREN, KEYS),
    st.tuples(st.just("children move"), CHILDREN, KEYS),
    st.tuples(st.just("clean"), LIMITS),
    st.tuples(st.just("a family that was looked at"), CHILDREN, KEYS, LIMITS),
)
REFERENCES = ("things.Note.person", "things.Task.person")


def take(step: str, *arguments: Any) -> None:
    if step == "born":
        if not Person.objects.filter(id=arguments[0]).exists():
            Person.objects.create(id=arguments[0], name="p")
    elif step == "dies":
        Person.objects.filter(id=arguments[0]).delete()
    elif step == "dies unseen by Django":
        raw(PEOPLE, "DELETE FROM people_person WHERE id = %s", arguments[0])
    elif step == "changes its key":
        if not Person.objects.filter(id=arguments[1]).exists():
            raw(PEOPLE, "UPDATE people_person SET id = %s WHERE id = %s", arguments[1], arguments[0])
    elif step == "child":
        model, key = arguments
        model.objects.bulk_create([model(person_id=key)])
    elif step == "children move":
        model, key = arguments
        model.objects.filter(person_id__isnull=False).update(person_id=key)
    elif step == "a family that was looked at":
        model, key, limits = arguments
        for part in (("born", key), ("child", model, key), ("clean", limits)):
            take(*part)
    else:
        before = state()
        cleaning.clean(REFERENCES, limits=arguments[0])
        unharmed(before, state())


def state() -> tuple[set[int], dict[int, int], dict[int, int | None]]:
    """Living parents; notes and tasks with the keys they refer to."""
    people = set(Person.objects.values_list("id", flat=True))
    return people, dict(Note.objects.values_list("id", "person_id")), dict(Task.objects.values_list("id", "person_id"))


def unharmed(before: Any, after: Any) -> None:
    """Whose parent lives is as it was; no task is ever gone, and no note refers elsewhere."""
    people, notes, tasks = before
    assert {n: k for n, k in notes.items() if k in people}.items() <= after[1].items()
    assert after[1].items() <= notes.items()
    assert {t: k for t, k in tasks.items() if k in people}.items() <= after[2].items()
    assert after[2].keys() == tasks.keys()
    assert all(after[2][t] in (k, None) for t, k in tasks.items())


@given(st.lists(STEPS, min_size=4, max_size=18))
def story(steps: list[Any]) -> None:
    empty()
    for step in steps:
        take(*step)
    before = state()
    done = cleaning.clean(REFERENCES, limits=cleaning.Limits(batch=2, look=None, grace=0.0))
    after = state()
    unharmed(before, after)
    assert done.is_well
    assert set(after[1].values()) <= after[0], "a note is an orphan"
    assert set(after[2].values()) <= {*after[0], None}, "a task is an orphan"
    assert not Tombstone.objects.using(PEOPLE).filter(table_name="people_person").exists()


def main() -> None:
    for alias in (PEOPLE, THINGS):
        call_command("migrate", database=alias, verbosity=0)
        if connections[alias].vendor == "sqlite":
            raw(alias, "PRAGMA synchronous=OFF")
    install.install()
    chosen = settings(
        max_examples=int(sys.argv[1]), deadline=None, database=None, print_blob=True,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    chosen(story)()


if __name__ == "__main__":
    main()
