"""Finding the files, giving each to the module that knows its kind, and putting what they say in order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from outgrow.deploy.checking import compose, dockerfiles, nginx, scripts, terraform, workflows
from outgrow.deploy.checking.catalogue import fault
from outgrow.deploy.checking.fault import Fault
from outgrow.deploy.checking.yamls import Unreadable, load
from outgrow.deploy.ignoring import ignored
from outgrow.errors import Refused

_PASSED_BY = {
    "node_modules",
    "venv",
    "env",
    "site-packages",
    "__pycache__",
    "build",
    "dist",
    "tests",
    "templates",
    "static",
}
_COMPOSE = re.compile(r"^(?:docker-)?compose[\w.-]*\.ya?ml$|^(?:local|production|staging)\.ya?ml$")
_FOR_TESTS = re.compile(r"[._-](?:test|tests|ci)\b")
_FOR_DEVELOPMENT = re.compile(r"[._-](?:dev|development|local|override)\b|^local\.")
_FOR_PRODUCTION = re.compile(r"[._-](?:prod|production|staging)\b|^(?:production|staging)\.")
DEPTH = 3  # folders below the project's


def check(root: Path, today: date | None = None) -> tuple[list[str], list[Fault]]:
    """The files that were read, and what is wrong in them, by file and line.

    Raises Refused where there is nothing to read, or a file cannot be read as what its name says.
    """
    day = today or datetime.now(UTC).date()
    found = [file for file in _files(root) if _kind(file)]
    if not found:
        raise Refused(
            f"Nothing is to be checked in {root}: no Dockerfile, Compose file, nginx configuration or workflow is "
            "there; write them with `outgrow deploy init`."
        )
    texts = {str(file.relative_to(root)): _read(file) for file in found}
    faults = [*_judged(root, texts, day), *_git(root)]
    unique = list(dict.fromkeys(faults))
    return sorted(texts), sorted(unique, key=lambda one: (one.file, one.line, one.id))


def _judged(root: Path, texts: dict[str, str], today: date) -> Iterator[Fault]:
    documents = {path: _yaml(path, text) for path, text in texts.items() if path.endswith((".yml", ".yaml"))}
    workflow_files = {path: said for path, said in documents.items() if _kind(root / path) == "workflow"}
    for path, text in texts.items():
        match _kind(root / path):
            case "dockerfile":
                yield from dockerfiles.judge(path, text, _dockerignore(root / path, root), today)
            case "compose":
                yield from compose.judge(path, documents[path], production=_is_production(path, texts), today=today)
            case "nginx":
                yield from nginx.judge(path, text)
            case "workflow":
                yield from workflows.judge(path, documents[path], workflow_files)
            case "script":
                yield from scripts.judge(path, text)
            case "terraform":
                yield from terraform.judge(path, text)


def _git(root: Path) -> Iterator[Fault]:
    file = root / ".gitignore"
    text = _read(file) if file.is_file() else ""
    if not ignored(".env", text):
        last = len(text.splitlines()) or 1
        yield fault("P501", ".gitignore", last, "no line for .env" if text else "no .gitignore")


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        depth = len(here.relative_to(root).parts)
        folders[:] = sorted(
            one
            for one in folders
            if depth < DEPTH and one not in _PASSED_BY and (not one.startswith(".") or one == ".github")
        )
        yield from (here / name for name in sorted(names))


def _kind(file: Path) -> str:
    name = file.name
    if file.parent.name == "workflows" and file.parent.parent.name == ".github" and file.suffix in (".yml", ".yaml"):
        return "workflow"
    if re.match(r"^(?:Dockerfile(?:[._-].*)?|.*\.Dockerfile)$", name) and not name.endswith(".dockerignore"):
        return "dockerfile"
    if _COMPOSE.match(name) and not _FOR_TESTS.search(name):
        return "compose"
    if scripts.NAMES.match(name) and (file.suffix or _begins(file, b"#!")):
        return "script"
    if file.suffix == ".tf":
        return "terraform"
    if file.suffix in (".conf", ".template") and ("nginx" in str(file).lower() or _proxies(file)):
        return "nginx"
    return ""


def _begins(file: Path, mark: bytes) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(mark)) == mark
    except OSError:
        return False


def _proxies(file: Path) -> bool:
    try:
        return "proxy_pass" in file.read_text(encoding="utf-8", errors="replace")[:200_000]
    except OSError:
        return False


def _is_production(path: str, texts: dict[str, str]) -> bool:
    """By its name; a file without a word of that kind is production's own unless another one says that it is."""
    name = Path(path).name
    if _FOR_PRODUCTION.search(name) or _FOR_DEVELOPMENT.search(name):
        return bool(_FOR_PRODUCTION.search(name))
    return not any(_FOR_PRODUCTION.search(Path(other).name) for other in texts if _COMPOSE.match(Path(other).name))


def _dockerignore(file: Path, root: Path) -> str | None:
    """What Docker would read: the Dockerfile's own, else that of the context: its folder's or the project's."""
    for candidate in (
        file.with_name(f"{file.name}.dockerignore"),
        file.with_name(".dockerignore"),
        root / ".dockerignore",
    ):
        if candidate.is_file():
            return _read(candidate)
    return None


def _yaml(path: str, text: str) -> Any:
    try:
        return load(text)
    except Unreadable as error:
        raise Refused(
            f"{path} is no YAML, as line {error.line} shows ({error}): correct it and check again."
        ) from error


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read as text: make it readable, or take it out of the project.") from error
