"""`outgrow loose …` as docs/loose.md shows it: what it prints, and its exit codes."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.legacy.project import ROOT, Legacy

PAGE = (ROOT / "docs" / "loose.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^python manage\.py (\S.*?) *(?:#.*)?$", PAGE, re.MULTILINE)
SHELL = '''
import contextlib, io, sys
from django.core.management import execute_from_command_line

def ended(line):
    """(exit code, output, errors) of one command line of the project."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            execute_from_command_line(["manage.py", *line.split()])
            code = 0
        except SystemExit as left:
            code = left.code
    return [code, out.getvalue().strip(), err.getvalue().strip()]
'''


def test_the_commands_of_the_page_run_in_order_and_a_cascade_comes_back(on_files: Legacy) -> None:
    assert [c.split()[-1] for c in COMMANDS] == ["makemigrations", "migrate", "install", "clean"]
    found: dict[str, Any] = on_files.inside(
        SHELL
        + f"""
commands = {COMMANDS}
ended("migrate -v0 --database=people_db")
first = [ended(command)[::2] for command in commands[:3]]
from tests.loose.people.models import Person
from tests.loose.things.models import Note, Task
ann, ben = Person.objects.create(name="ann"), Person.objects.create(name="ben")
Note.objects.bulk_create([Note(person=ann), Note(person=ben)])
Task.objects.create(person_id=999)
ann.delete()
answer({{
    "first": first, "task": Task.objects.get().id, "scan": ended("outgrow loose scan"),
    "status": ended("outgrow loose status --database people_db"), "clean": ended(commands[3]),
    "dry run": ended("outgrow loose repair --dry-run --reference things.task.person"),
    "repair": ended("outgrow loose repair --wait 0"), "after": ended("outgrow loose scan --json"),
    "again": ended("outgrow loose install"), "remove": ended("outgrow loose remove"),
    "discard": ended("outgrow loose remove --discard"), "nothing": ended("outgrow loose status"),
}})
"""
    )
    assert found["first"] == [[0, ""]] * 3
    code, said, _ = found["scan"]
    assert code == 1
    assert "things.Note.person (CASCADE): 1 row refers to 1 missing key of people_person.id in people_db" in said
    assert f"such as {found['task']} → 999" in said
    assert found["status"][0] == 0
    assert "1 tombstone waiting, the oldest since " in found["status"][1]
    code, said, _ = found["clean"]
    assert code == 0
    assert "things.Note.person (CASCADE): 1 row cleaned" in said
    assert "things.Task.person (SET_NULL): 0 rows cleaned, 1 looked at, 1 key without a parent found" in said
    assert "2 tombstones done, 1 waiting" in said
    assert found["dry run"][0] == 1
    assert found["dry run"][1].endswith("This was a dry run: nothing was changed.")
    assert (found["repair"][0], found["repair"][1].splitlines()[-1]) == (0, "things.Task.person: 1 row set to NULL")
    assert (found["after"][0], json.loads(found["after"][1])["orphans"]) == (0, 0)
    assert found["again"][1] == "Everything stands as wanted; nothing was changed."
    assert (found["remove"][0], "add --discard to forget them" in found["remove"][2]) == (2, True)
    assert found["discard"][1].count("dropped  trigger") == 10
    assert (found["nothing"][0], found["nothing"][1].splitlines()[-1]) == (1, "Next: `outgrow loose install`.")


def test_what_is_missing_or_misspelt_is_said_in_one_sentence(on_files: Legacy) -> None:
    found = on_files.inside(
        SHELL
        + """
def away():
    from django.db import connections
    connections["people_db"].close()
    connections["people_db"].settings_dict["NAME"] = "/no/folder/at/all.sqlite3"
    return ended("outgrow loose status")

asks = ("clean", "install", "scan --reference things.Nothing.person", "status --database nowhere", "clean --batch many")
answer([*(ended("outgrow loose " + line) for line in asks), away()])
"""
    )
    assert [code for code, *_ in found] == [2] * 6
    said = [errors for *_, errors in found]
    assert said[0] == (
        "the table outgrow_loose_walk is not in default, so that nothing tells which parents died: run `outgrow loose "
        "install` first."
    )
    assert said[1] == (
        "there is no table things_note in default, to which loose references refer: run the migrations first."
    )
    assert said[2].startswith("things.Nothing.person is no loose reference (there are people.Echo.note,")
    assert said[3] == "DATABASES has no alias nowhere (it has default, people_db): name one of these."
    assert "expected a number from 0 on, not 'many'" in said[4]
    assert said[5] == (
        "a database of the loose references could not be used (OperationalError): see that each of them can be reached "
        "by its settings, and run this again."
    )
