"""The command line: what it means, and that a wrong one repeats no secret."""

from __future__ import annotations

import pytest

from outgrow.cli.arguments import COMMANDS, build, options_from, resume_command
from outgrow.options import Options, default_jobs


def parse(*words: str) -> Options:
    return options_from(vars(build("outgrow").parse_args(list(words))))


def test_a_move_without_options_has_the_defaults() -> None:
    assert parse("move", "--to", "server") == Options(target="server")
    assert parse("move").jobs == default_jobs() <= 4


def test_every_option_of_a_move_is_understood() -> None:
    asked = parse(
        "move", "--from", "old", "--to", "env:NEW", "--fix", "a101=CUT", "--fix", "A201=reject", "--freeze", "--jobs",
        "3", "--no-verify", "--dry-run", "--resume", "--replace-target", "shop", "--schema", "current", "--show-values",
    )  # fmt: skip
    assert asked == Options(
        source="old", target="env:NEW", fixes={"A101": "cut", "A201": "reject"}, freeze=True, jobs=3, verify=False,
        dry_run=True, resume=True, replace_target="shop", schema="current", show_values=True,
    )  # fmt: skip


def test_general_options_may_stand_before_or_after_the_command() -> None:
    for words in (["-v", "2", "--traceback", "status"], ["status", "-v", "2", "--traceback"]):
        given = vars(build("outgrow").parse_args(words))
        assert (given["verbosity"], given["traceback"]) == (2, True)


def test_every_command_of_a_move_takes_a_target_and_json() -> None:
    for command in ("audit", "plan", "move", "verify", "status", "report"):
        assert command in COMMANDS
        given = vars(build("outgrow").parse_args([command, "--to", "x", "--json"]))
        assert (given["target"], given["json"]) == ("x", True)


@pytest.mark.parametrize(
    "words",
    [
        ["move", "postgres://bob:hunter2@h/shop"],
        ["move", "--replace-target"],
        ["move", "--resume", "--restart"],
        ["move", "--jobs", "0"],
        ["move", "--jobs", "many"],
        ["move", "--fix", "A101"],
        ["move", "--resum"],
        ["status", "--from", "x"],
        ["frobnicate"],
        [],
    ],
)
def test_a_wrong_command_line_ends_with_2_and_repeats_no_secret(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        build("outgrow", called_from_command_line=True).parse_args(words)
    assert caught.value.code == 2
    assert "hunter2" not in capsys.readouterr().err


def test_the_command_to_resume_repeats_what_was_asked_but_no_password() -> None:
    asked = Options(target="postgres://bob:hunter2@h/shop", fixes={"A101": "cut"}, freeze=True, verify=False)
    assert resume_command("manage.py outgrow", asked) == (
        "manage.py outgrow move --to env:NAME --fix A101=cut --freeze --no-verify --resume"
    )
    assert resume_command("outgrow", Options(source="old", target="env:NEW")) == (
        "outgrow move --from old --to env:NEW --resume"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["deploi"], "unknown command 'deploi': did you mean deploy? (expected audit, plan, move, verify, "),
        (["xyzzy"], "unknown command 'xyzzy': expected audit, plan, "),
        (["deploy", "chekc"], "unknown command 'chekc': did you mean check? (expected init or check)"),
        (["move", "--jbos", "3"], "outgrow move: error: unknown option --jbos: did you mean --jobs?"),
        (["move", "--xyzzy=1"], "unknown option --xyzzy: `outgrow move --help` lists those that there are"),
        (
            ["move", "--schema", "curent"],
            "unknown --schema 'curent': did you mean current? (expected migrate or current)",
        ),
        (["audit", "shop"], "unexpected 'shop': `outgrow audit --help` says what it takes"),
    ],
)
def test_a_misspelt_word_is_answered_with_the_nearest_right_one(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        build("outgrow", called_from_command_line=True).parse_args(words)
    assert said in capsys.readouterr().err
