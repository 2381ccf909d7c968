"""``outgrow provision``: its statements, what is proved, what is left to do, and where the passwords are."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from outgrow import conf
from outgrow import provision as provision_
from outgrow.cli.progress import Display, write_json
from outgrow.dialects import family
from outgrow.dialects.provisioning import Difference
from outgrow.dialects.sqlite.session import file_of
from outgrow.dialects.where import in_memory
from outgrow.errors import Refused
from outgrow.options import Options, ProvisionOptions
from outgrow.provision import Outcome, terraform
from outgrow.report import words

Given = Mapping[str, Any]
_WIDE = 120


def provision(options: Options, display: Display, given: Given) -> int:
    """Exit code 1 where something was left that is not as it should be."""
    if given.get("terraform"):
        return module(given)
    if given.get("on") is None or given.get("name") is None:
        lacks = "--on" if given.get("on") is None else "--name"
        raise Refused(
            f"{lacks} is missing: write outgrow provision --on env:ADMIN_URL --name tablebooking, or outgrow provision "
            "--terraform rds-postgres DIR for a server that is still to be made."
        )
    asked = ProvisionOptions(
        given["on"], given["name"], given.get("env"), given["alias"], given.get("collation"), given["clients"],
        given["tls"], bool(given.get("new_passwords")), bool(given.get("dry_run")), given.get("roles"),
    )  # fmt: skip
    with display:
        outcome = provision_.provision(asked, display)
    if given.get("json"):
        write_json({"kind": "result", **outcome.as_dict()})
    else:
        print(text(outcome))
    return int(bool(outcome.differences))


def text(outcome: Outcome) -> str:
    paragraphs = [_statements(outcome)]
    if outcome.proved:
        paragraphs.append("\n".join(["Proved, each by its own login:", *(f"  {line}" for line in outcome.proved)]))
    if outcome.differences:
        paragraphs.append(
            "\n".join(["Not as it should be, and left as it is:", *map(_difference, outcome.differences)])
        )
    if outcome.notes:
        paragraphs.append("\n".join(f"Note: {note}" for note in outcome.notes))
    if not outcome.dry_run:
        paragraphs.append(_passwords(outcome))
    return "\n\n".join(filter(None, paragraphs))


def _statements(outcome: Outcome) -> str:
    lines = [f"-- {outcome.server}"]
    if outcome.choice:
        lines += textwrap.wrap(outcome.choice, _WIDE - 3, initial_indent="-- ", subsequent_indent="-- ")
    if not outcome.steps:
        return "\n".join(
            [*lines, f"-- {outcome.database} and its three roles are as they should be: nothing to change."]
        )
    for before, step in zip((None, *outcome.steps), outcome.steps, strict=False):
        lines += [f"-- {step.why}"] * (before is None or before.why != step.why)
        lines.append(f"{step.sql};")
    done = "were carried out" if not outcome.dry_run else "would be carried out; nothing was"
    return "\n".join([*lines, f"-- {words.plural(len(outcome.steps), 'statement')} {done}"])


def _difference(found: Difference) -> str:
    return "\n".join([f"  {found.text}", *(f"{'':6}{command}" for command in found.commands)])


def _passwords(outcome: Outcome) -> str:
    if outcome.env is None:
        if not outcome.steps or not outcome.urls:
            return ""
        lines = ["The URLs with their passwords, which are shown this once and are nowhere else:"]
        return "\n".join([*lines, *(f"  {name}={url}" for name, url in outcome.urls.items())])
    file, first = shlex.quote(outcome.env), next(iter(outcome.urls))
    written = "written now" if outcome.env_changed else "as before"
    return "\n".join(
        [
            f"{outcome.env} has {', '.join(outcome.urls)} ({written}); web servers need the first alone. Next:",
            f"  set -a; . {file if '/' in file else f'./{file}'}; set +a",
            f"  outgrow doctor env:{first}",
            f"  {_onward(first)}",
        ]
    )


def _onward(first: str) -> str:
    """With these variables set the project's own settings may mean the new database already: the old one is named."""
    default = conf.databases().get(DEFAULT_DB_ALIAS, {})
    if family(default) != "sqlite" or in_memory("sqlite", default):
        return "DATABASE_ROLE=migrator outgrow migrate"
    return f"outgrow move --from {shlex.quote(f'sqlite:///{file_of(default)}')} --to env:{first}_MIGRATOR"


def module(given: Given) -> int:
    """Write the module, or show what it would overwrite."""
    kind, folder = given["terraform"]
    found = terraform.compare(kind, Path(folder))
    if found.different and not given.get("force"):
        if not given.get("json"):
            print(found.diff)
        raise Refused(
            f"{', '.join(found.different)} of {folder} would be written otherwise: keep what you changed in a file of "
            "your own beside it, or add --force to overwrite it."
        )
    written = found.write()
    if given.get("json"):
        write_json({"kind": "result", "folder": folder, "written": written, "unchanged": found.same})
    elif not written:
        print(f"{folder} has the module {kind} already: nothing to change.")
    else:
        print(
            f"{folder} has {', '.join(written)}. Next: read {folder}/README.md, then terraform init and terraform plan."
        )
    return 0
