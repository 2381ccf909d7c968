"""What Django's own ``migrate`` looks at before it begins, and says when there is nothing to apply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.core import checks
from django.core.checks.registry import registry

from outgrow.errors import Refused


def vet(aliases: Sequence[str]) -> None:
    """Raises Refused for an error that the system checks find in the project, or in one of these databases.

    Not for ours, of how owners are declared: the command has an answer to some of them (two names of one database),
    and others are no matter of tables (a page of the admin).
    """
    found = [
        message
        for check in registry.get_checks()
        if not check.__module__.startswith("outgrow.")
        for message in check(app_configs=None, databases=aliases)
    ]
    errors = [m for m in found if m.level >= checks.ERROR and not m.is_silenced() and not _is_ours(m)]
    if errors:
        text = " ".join(str(errors[0]).partition("\n\tHINT")[0].split()).rstrip(".")
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        raise Refused(
            f"The system checks find {text}{more}: mend what `manage.py check` lists, or give --skip-checks. Nothing "
            "was migrated."
        )


def _is_ours(message: checks.CheckMessage) -> bool:
    return str(message.id).startswith("outgrow.")


def unmade(printed: str) -> Iterator[str]:
    """Of what ``migrate`` printed: that models have changes without a migration."""
    for line in printed.splitlines():
        if "not yet reflected in a migration" in line:
            yield f"{line.strip().rstrip('.')}: run `makemigrations`, and this again."
