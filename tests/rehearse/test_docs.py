"""What docs/rehearse.md shows can be typed: its commands are parsed, its list is read, its settings are accepted."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from outgrow.cli import arguments
from outgrow.rehearse.allowed import AllowList
from outgrow.rehearse.findings import Kind
from outgrow.routing import Owners

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rehearse.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def commands(program: str) -> list[list[str]]:
    lines = "\n".join(blocks("console")).replace("\\\n", " ").splitlines()
    words = [shlex.split(line.removeprefix("$ ")) for line in lines if line.startswith("$ ")]
    return [w[w.index(program) + 1 :] for w in words if program in w]


def test_its_commands_are_understood() -> None:
    shown = commands("outgrow")
    assert len(shown) == 3
    for words in shown:
        given = arguments.build("outgrow").parse_args(words)
        assert given.command == "rehearse"
        assert given.wrapped[0] == "test"
        assert given.owners


def test_its_pytest_options_exist() -> None:
    source = (ROOT / "src" / "outgrow" / "pytest_plugin.py").read_text(encoding="utf-8")
    options = {word.partition("=")[0] for words in commands("pytest") for word in words if word.startswith("--")}
    assert options == {"--outgrow-rehearse", "--outgrow-owners", "--outgrow-record"}
    for name in (*options, "outgrow_owners", "outgrow_allow"):
        assert f'"{name}"' in source


def test_its_list_and_its_owners_are_read(tmp_path: Path) -> None:
    [shown] = blocks("json")
    path = tmp_path / "allowed.json"
    path.write_text(shown)
    [entry] = AllowList.read(path).entries.values()
    assert json.loads(shown) == [entry.as_json()]
    [owners] = re.findall(r"^(\{.*\})$", blocks("console")[0], re.MULTILINE)
    assert Owners.parse(json.loads(owners)).aliases == ("auth_db", "default")


def test_every_kind_is_explained() -> None:
    for kind in Kind:
        assert f"`{kind}`" in PAGE
