"""The commands of docs/split.md, in their order."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.split.conftest import OWNERS, Split
from tests.split.test_afterwards import SAY, schema

PAGE = Path(__file__).resolve().parents[2] / "docs" / "split.md"


@pytest.mark.slow(0.6)
def test_the_page_on_splits_is_true(split: Callable[..., Split]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    plan, move, undo, again, drop, back = (
        shlex.split(line)[2:] for block in blocks for line in block.splitlines() if line.startswith("manage.py outgrow")
    )
    (python,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    written: dict[str, object] = {}
    exec(python, written)
    assert written["OUTGROW"] == {"OWNERS": OWNERS}
    project = split("sqlite")
    rows, standing, said = project.begin(SAY + f"answer([rows_of(), keys('default'), [say(*{plan}), say(*{move})]])")
    assert "Deletions that cross" in said[0]
    assert "".join(f"    {line}\n" for line in python.strip().splitlines()) in said[1]
    texts = schema(project)
    said, undone = project.old.inside(
        SAY + f"said = [say(*{undo})]\nundone = keys('default')\nsaid.append(say(*{again}))\nanswer([said, undone])"
    )
    assert [one[:4] for one in said] == ["done", "done"]
    assert undone == standing
    assert schema(project) == texts
    said = project.new.inside(
        SAY
        + f"""
from tests.split.site import works
said = [works("somebody"), say(*{drop})]
from django.contrib.auth.models import User
from tests.legacy.people.models import Profile
answer([*said, say(*{back}), Profile.objects.get(motto="new").user.username])
"""
    )
    assert said[0] == []
    assert [one[:4] for one in said[1:3]] == ["done", "done"]
    assert said[3] == "somebody"
    found = project.old.inside(
        SAY
        + "from tests.split.fill import rows_of\nfrom tests.split.site import works\n"
        + "answer([keys('default'), works('another'), rows_of()])"
    )
    assert found[0] == standing
    assert found[1] == []
    kept = {row for row in rows["auth.User"] if "'boss'" not in row}  # who has logged in since
    assert kept < set(found[2]["auth.User"])
    assert len(found[2]["auth.User"]) == len(rows["auth.User"]) + 2
