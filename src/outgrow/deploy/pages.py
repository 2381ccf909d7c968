"""The files of a site: each template with the site's values put in. Nothing is written here."""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.resources import files

from outgrow.deploy import background, parts
from outgrow.deploy.site import Site


@dataclass(frozen=True, slots=True)
class Page:
    """A file by its path below the project's root."""

    path: str
    text: str
    executable: bool = False


class Template(string.Template):
    """``@@{name}``: `$` is the shell's, Compose's and GitHub's own, and braces alone are Python's and nginx's."""

    delimiter = "@@"
    flags = re.NOFLAG  # capitals are no names of ours


_SHARED = {  # template → path
    "Dockerfile": "Dockerfile",
    "dockerignore": ".dockerignore",
    "compose.yaml": "compose.yaml",
    "compose.prod.yaml": "compose.prod.yaml",
    "env.example": ".env.example",
    "deploy_gitignore": "deploy/.gitignore",
    "entrypoint.sh": "deploy/entrypoint.sh",
    "ready.py": "deploy/ready.py",
    "gunicorn.conf.py": "deploy/gunicorn.conf.py",
    "nginx.conf": "deploy/nginx.conf",
    "make_secrets.py": "deploy/make_secrets.py",
    "deploy.py": "deploy/deploy.py",
    "state.py": "deploy/state.py",
    "stopping.py": "deploy/stopping.py",
    "by_compose.py": "deploy/by_compose.py",
    "by_processes.py": "deploy/by_processes.py",
    "on_host.sh": "deploy/on_host.sh",
    "outgrow.sh": "deploy/outgrow.sh",
    "RUNBOOK.md": "deploy/RUNBOOK.md",
}
_OF_ENGINE = {
    "init.sh": "deploy/database/init.sh",
    "backup.sh": "deploy/backup.sh",
    "restore_test.sh": "deploy/restore_test.sh",
}
_OF_WORKERS = "deploy/workers.json"
_EXECUTABLE = {"deploy/deploy.py", "deploy/make_secrets.py", "deploy/database/init.sh"}


def pages(site: Site, ci: str | None, written: Collection[str] = ()) -> list[Page]:
    """Every file, in the order in which people would read them. ``ci``: "github", or None for no workflows.

    ``written``: the paths of an earlier time, as a site that has no workers any more has to say so.
    """
    values = parts.values(site, lambda name: _filled(name, parts.plain(site)))
    found = [_page(f"shared/{name}", path, values) for name, path in _SHARED.items()]
    if not site.own_health:
        found.append(_page("shared/health.py", "deploy/health.py", values))
    found += [_page(f"{site.engine}/{name}", path, values) for name, path in _OF_ENGINE.items()]
    if len(site.databases) > 1:
        found.append(Page("deploy/database/dev.sql", parts.dev_sql(site)))
    if site.workers or _OF_WORKERS in written:
        found.append(Page(_OF_WORKERS, background.commands(site)))
    if site.workers:
        found.append(_page("shared/workers.sh", "deploy/workers.sh", values))
    if ci == "github":
        found += list(_github(values))
    return found


def _github(values: dict[str, str]) -> Iterator[Page]:
    yield _page("workflows/ci.yml", ".github/workflows/ci.yml", values)
    yield _page("workflows/deploy.yml", ".github/workflows/deploy.yml", values)
    yield _page("shared/remote.sh", "deploy/remote.sh", values)


def _page(template: str, path: str, values: dict[str, str]) -> Page:
    return Page(path, _filled(template, values), path in _EXECUTABLE)


def _filled(template: str, values: dict[str, str]) -> str:
    """A template with its values; one that is missing is a mistake of ours, and raises KeyError."""
    text = files("outgrow.deploy").joinpath("templates", template).read_text(encoding="utf-8")
    return Template(text).substitute(values)
