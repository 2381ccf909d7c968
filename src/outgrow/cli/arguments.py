"""The one argument parser, of ``outgrow …`` and ``manage.py outgrow …`` alike."""

from __future__ import annotations

import argparse
import re
import shlex
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from outgrow import __version__
from outgrow.cli import deploy_arguments, loose_arguments
from outgrow.cli.parser import Parser
from outgrow.options import MIGRATE_WAIT, POLICIES, REHEARSALS, SCHEMAS, Options, default_jobs
from outgrow.places import resolve

PLACE = "ALIAS|URL|env:NAME"
DESCRIPTION = "Move a Django project between SQLite, PostgreSQL, MySQL and MariaDB, and prove every row."
COMMANDS = {
    "audit": "list every row and schema object that the target would refuse or change; writes nothing",
    "plan": "say what a move will do, in order, with sizes and an estimate; writes nothing",
    "move": "audit, copy, restore and verify; the source is only read, but for the last step of a split (--apps)",
    "verify": "compare both databases now, row by row; writes nothing",
    "status": "how far the last move into a target has come",
    "report": "the last move in full, as text, JSON or one HTML file",
    "migrate": "migrate every database in the right order, each under its own lock",
    "rehearse": "run a command on the databases there are, and say what would cross the planned owners",
    "loose": loose_arguments.HELP,
    "deploy": deploy_arguments.HELP,
    "doctor": "say whether each database can be used, why not, and what to type; writes nothing",
    "provision": "make a database with its three roles on a server, and prove them; or write a Terraform module",
}
_FIX = re.compile(r"^([A-Za-z]\d+)=(\w+)$")


def build(prog: str, **kwargs: Any) -> Parser:
    """The whole parser. ``kwargs`` are CommandParser's (called_from_command_line)."""
    parser = Parser(prog=prog, description=DESCRIPTION, **kwargs)
    parser.add_argument("--version", action="version", version=f"outgrow {__version__}")
    _common(parser, top=True)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for name, help_ in COMMANDS.items():
        sub = commands.add_parser(name, help=help_, description=f"{help_[0].upper()}{help_[1:]}.")
        _common(sub, top=False)
        _ADD[name](sub)
    return parser


def _common(parser: argparse.ArgumentParser, *, top: bool) -> None:
    """Options of every command; before or after its name. Only the first place sets the defaults."""

    def default(value: object) -> Any:
        return value if top else argparse.SUPPRESS

    group = parser.add_argument_group("general")
    add = group.add_argument
    add("--settings", metavar="MODULE", default=default(None), help="the project's settings, if not found by itself")
    add("--pythonpath", metavar="DIR", default=default(None), help="a directory to import the project from")
    add(
        "-v",
        "--verbosity",
        type=int,
        choices=range(4),
        default=default(1),
        help="0 = results only, 1, 2, 3 = all notes",
    )
    add(
        "--traceback",
        action="store_true",
        default=default(False),
        help="show a traceback when something unforeseen fails",
    )
    add("--show-values", action="store_true", default=default(False), help="show values of rows instead of masks")
    add("--no-color", action="store_true", default=default(False), help="no colours")
    add("--force-color", action="store_true", default=default(False), help="colours even where no terminal is")
    if top:
        add("--skip-checks", action="store_true", default=True, help=argparse.SUPPRESS)


def _ends(parser: argparse.ArgumentParser, *, source: bool = True) -> None:
    if source:
        parser.add_argument("--from", dest="source", default="default", metavar=PLACE, help="source (default: default)")
    parser.add_argument(
        "--to",
        dest="target",
        metavar=PLACE,
        help="target (default: the last one, which is remembered without password)",
    )


def _json(parser: argparse.ArgumentParser, help_: str = "one JSON object a line: events, then the result") -> None:
    parser.add_argument("--json", action="store_true", help=help_)


def _jobs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs", type=_count, default=default_jobs(), metavar="N", help="workers (default: %(default)s)"
    )


def _fixes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fix",
        dest="fixes",
        action="append",
        type=_fix,
        default=[],
        metavar="RULE=POLICY",
        help=f"what to do about a finding, e.g. A101=cut ({', '.join(POLICIES)}); may be repeated",
    )


def _apps(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--apps", type=_labels, default=(), metavar="APP,…", help="only these apps: split them out into the target"
    )
    parser.add_argument(
        "--tear-apart", action="store_true", help="also where Django joins their tables with those of apps that stay"
    )


def _moving(parser: argparse.ArgumentParser) -> None:
    _ends(parser)
    _apps(parser)
    _fixes(parser)
    _jobs(parser)
    parser.add_argument("--freeze", action="store_true", help="the source refuses writes until the move has ended")
    parser.add_argument("--no-verify", dest="verify", action="store_false", help="copy without the proof")
    parser.add_argument(
        "--schema", choices=SCHEMAS, default="migrate", help="run all migrations, or make the tables of today's models"
    )
    _json(parser)


def _audit(parser: argparse.ArgumentParser) -> None:
    _ends(parser)
    _apps(parser)
    _fixes(parser)
    _jobs(parser)
    _json(parser)


def _move(parser: argparse.ArgumentParser) -> None:
    _moving(parser)
    parser.add_argument("--dry-run", action="store_true", help="audit and plan, write nothing")
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="go on with an unfinished move")
    again.add_argument("--restart", action="store_true", help="abandon an unfinished move and begin again")
    parser.add_argument("--replace-target", metavar="NAME", help="lose what the target holds; type its name to confirm")
    after = parser.add_argument_group("splitting apps out")
    after.add_argument(
        "--no-switch", dest="switch", action="store_false", help="with --apps: leave the source's constraints for later"
    )
    later = after.add_mutually_exclusive_group()
    later.add_argument("--undo", action="store_true", help="give the source of the last split its constraints back")
    later.add_argument(
        "--drop-source", action="store_true", help="drop the old tables of the last split from its source"
    )


def _verify(parser: argparse.ArgumentParser) -> None:
    _ends(parser)
    _apps(parser)
    _jobs(parser)
    parser.add_argument(
        "--table", dest="tables", action="append", default=[], metavar="NAME", help="only this table; may be repeated"
    )
    _json(parser)


def _status(parser: argparse.ArgumentParser) -> None:
    _ends(parser, source=False)
    _json(parser, "one JSON object")


def _report(parser: argparse.ArgumentParser) -> None:
    _status(parser)
    parser.add_argument("--html", metavar="FILE", help="write one self-contained HTML file")


def _migrate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--database", dest="databases", action="append", default=[], metavar="ALIAS",
        help="only this one; may be repeated (default: every one that owns something)",
    )  # fmt: skip
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--plan", "--dry-run", dest="plan_only", action="store_true", help="print the plan and stop")
    instead.add_argument(
        "--check", action="store_true",
        help="compare the models with the real tables of every database, whatever the histories say; exit code 1",
    )  # fmt: skip
    instead.add_argument(
        "--lint", action="store_true",
        help="list data migrations that do not say which database they are for; exit code 1",
    )  # fmt: skip
    parser.add_argument(
        "--wait", type=_seconds, default=MIGRATE_WAIT, metavar="SECONDS",
        help="how long to wait for a server that is starting, and for another process's lock (default: %(default).0f)",
    )  # fmt: skip
    parser.add_argument("--run-syncdb", action="store_true", help="make tables of apps without migrations, too")
    parser.add_argument(
        "--crossing", action="append", default=[], metavar="APP.MIGRATION",
        help="a data migration that is meant to use several databases; may be repeated",
    )  # fmt: skip
    parser.add_argument("--skip-checks", action="store_true", help="migrate though Django's system checks find errors")
    _json(parser)


def _rehearse(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--owners", metavar="FILE|JSON", help='{"auth_db": ["auth"], "default": "*"} (default: OUTGROW["OWNERS"])')
    add("--mode", choices=REHEARSALS, default=REHEARSALS[0], help="by owner, by alias, or both (default: %(default)s)")
    add("--allow", metavar="FILE", help="the allow-list: crossings that are known, each with its issue")
    add("--record", action="store_true", help="write the allow-list from this run, for links to be put in")
    add("--report", metavar="FILE", help="write all findings as JSON")
    add("wrapped", nargs="+", metavar="-- COMMAND", help="a command of manage.py, which runs as it does without this")


def _loose(parser: argparse.ArgumentParser) -> None:
    loose_arguments.add(parser, _common)


def _deploy(parser: argparse.ArgumentParser) -> None:
    deploy_arguments.add(parser, _common)


def _doctor(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("places", nargs="*", metavar=PLACE, help="what to look at (default: every database of the project)")
    add("--deep", action="store_true", help="also what reads every row, such as the integrity of a SQLite file")
    add("--web-servers", type=_count, default=1, metavar="N", help="machines or containers that serve the project")
    add(
        "--processes", type=_count, metavar="N", help="of each web server (default: WEB_CONCURRENCY, GUNICORN_CMD_ARGS)"
    )
    add("--threads", type=_count, metavar="N", help="of each process (default: GUNICORN_CMD_ARGS)")
    _json(parser, "one JSON object")


def _provision(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--on", metavar=PLACE,
        help="an administrator of the server; a password in the command line is seen by every user: use env:NAME",
    )  # fmt: skip
    add("--name", metavar="NAME", help="of the database; its roles are NAME_app, NAME_migrator and NAME_reader")
    add("--roles", metavar="NAME", help="what the roles' names begin with, where the database's is too long for that")
    add("--env", metavar="FILE", help="write the URLs with their passwords into this file, for its owner's eyes alone")
    add("--alias", default=DEFAULT_DB_ALIAS, metavar="ALIAS", help="auth: the variables are called AUTH_DATABASE_URL …")
    add("--dry-run", action="store_true", help="print the statements and stop")
    add("--collation", metavar="NAME", help="the order of texts, instead of the one that is chosen and explained")
    add(
        "--clients", default="%", metavar="HOST",
        help="MySQL and MariaDB: from where the roles may come, such as 10.0.%% (default: %%)",
    )  # fmt: skip
    add("--without-tls", dest="tls", action="store_false", help="do not insist on TLS: for a server of this machine")
    add("--new-passwords", action="store_true", help="give all three new ones; the old ones are no longer good")
    group = parser.add_argument_group("a server that is still to be made")
    group.add_argument(
        "--terraform", nargs=2, metavar=("KIND", "DIR"),
        help="write a module: rds-postgres, rds-mysql or rds-mariadb",
    )  # fmt: skip
    group.add_argument("--force", action="store_true", help="overwrite files of DIR that somebody changed")
    _json(parser)


_ADD = {
    "doctor": _doctor,
    "provision": _provision,
    "migrate": _migrate,
    "audit": _audit, "plan": _moving, "move": _move, "verify": _verify, "status": _status, "report": _report,
    "rehearse": _rehearse,
    "loose": _loose,
    "deploy": _deploy,
}  # fmt: skip


def _labels(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(label.strip() for label in text.split(",") if label.strip()))
    if not found:
        raise argparse.ArgumentTypeError("expected the labels of apps, with commas between them")
    return found


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 on, not {text!r}")
    return number


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"expected seconds from 0 on, not {text!r}")
    return seconds


def _fix(text: str) -> tuple[str, str]:
    match = _FIX.match(text)
    if not match:
        raise argparse.ArgumentTypeError(f"expected RULE=POLICY such as A101=cut, not {text!r}")
    return match[1].upper(), match[2].lower()


def options_from(given: dict[str, Any]) -> Options:
    """The Options value of a parsed command line; what the command does not have keeps its default."""
    names = (
        "source", "target", "freeze", "jobs", "verify", "dry_run", "resume", "restart", "replace_target", "schema",
        "apps", "tear_apart", "switch", "undo", "drop_source",
    )  # fmt: skip
    kept = {name: given[name] for name in (*names, "show_values") if given.get(name) is not None}
    return Options(**kept, fixes=dict(given.get("fixes") or []), tables=tuple(given.get("tables") or ()))


def resume_command(prog: str, options: Options) -> str:
    """The command line that goes on with a move, without secrets."""
    words = [*prog.split(), "move"]
    for flag, text in (("--from", options.source), ("--to", options.target)):
        if text and (flag, text) != ("--from", "default"):
            words += [flag, _safe(text)]
    words += ["--apps", ",".join(options.apps)] if options.apps else []
    words += ["--tear-apart"] * options.tear_apart + ["--no-switch"] * (not options.switch)
    for rule, policy in options.fixes.items():
        words += ["--fix", f"{rule}={policy}"]
    words += ["--freeze"] * options.freeze + ["--no-verify"] * (not options.verify)
    return " ".join(map(shlex.quote, [*words, "--resume"]))


def names_an_alias(place: str | None) -> bool:
    """Whether only a project can tell what is meant."""
    return place is not None and "://" not in place and not place.startswith("env:")


def provision_command(prog: str, given: dict[str, Any]) -> str:
    """The command line that goes on with a provisioning, without secrets."""
    words = [*prog.split(), "provision", "--on", _safe(str(given["on"])), "--name", str(given["name"])]
    words += ["--roles", str(given["roles"])] if given.get("roles") else []
    words += ["--env", str(given["env"])] if given.get("env") else []
    words += ["--alias", str(given["alias"])] if given.get("alias") != DEFAULT_DB_ALIAS else []
    return " ".join(map(shlex.quote, [*words, *(["--without-tls"] if not given.get("tls") else [])]))


def _safe(text: str) -> str:
    return "env:NAME" if "://" in text and resolve(text, whole_server=True).from_argv_password else text
