"""How a project's packages are installed: by uv.lock, by a file of requirements, or by its pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outgrow import __version__
from outgrow.deploy import pinned

NEWEST = {(6, 0): "3.14", (5, 2): "3.14", (5, 1): "3.13", (5, 0): "3.12"}  # the newest Python of a series of Django
QUEUES = {  # what works off the tasks of each, by its documentation
    "celery": "celery -A {package} worker",
    "django-rq": "python manage.py rqworker",
    "django-q2": "python manage.py qcluster",
    "django-dramatiq": "python manage.py rundramatiq",
    "django-tasks": "python manage.py db_worker",
    "huey": "python manage.py run_huey",
    "procrastinate": "python manage.py procrastinate worker",
}


@dataclass(frozen=True, slots=True)
class Packages:
    """``file`` is relative to the project; ``lock``: it is uv.lock. ``extras`` are what has to be installed besides.
    ``files``: it, and what it includes.
    """

    file: str = ""
    lock: bool = False
    installs_itself: bool = False  # pyproject.toml makes a package of the project
    extras: tuple[str, ...] = ()
    for_tests: str = ""  # the file of requirements that the tests need
    pytest: bool = False
    files: tuple[str, ...] = ()
    builds_with: tuple[str, ...] = ()  # Debian's packages, without which some of them cannot be installed
    runs_with: tuple[str, ...] = ()
    queue: str = ""  # the one of QUEUES that is among them

    @classmethod
    def of(cls, root: Path, name: str, engine: str) -> Packages:
        project = pyproject(root)
        lock = (root / "uv.lock").is_file() and bool(project)
        file = "uv.lock" if lock else _first(root, _PRODUCTION, name)
        tests = "" if lock else _first(root, _TESTS, name)
        read = {} if lock else _with_included(root, file)
        text = _all_text(root, file) if file else ""
        declared = "\n".join(project.get("project", {}).get("dependencies", []))
        known = text if file else declared
        own = str(project.get("project", {}).get("name", ""))
        return cls(
            file, lock, bool(project.get("build-system") and own), tuple(_missing(known, own, engine)), tests,
            bool(re.search(r"\bpytest\b", text + _all_text(root, tests))) or "pytest" in project.get("tool", {}),
            tuple(read), *_of_the_system(known, engine), next((queue for queue in QUEUES if _names(known, queue)), ""),
        )  # fmt: skip


_PRODUCTION = (
    "requirements/production.txt", "requirements/prod.txt", "requirements/{name}.txt", "requirements.txt",
    "requirements/base.txt", "requirements/requirements.txt",
)  # fmt: skip
_TESTS = (
    "requirements/test.txt", "requirements/tests.txt", "requirements/dev.txt", "requirements/local.txt",
    "requirements-dev.txt", "requirements-test.txt", "requirements_dev.txt", "dev-requirements.txt",
)  # fmt: skip


def pyproject(root: Path) -> dict[str, Any]:
    """What pyproject.toml says; nothing where there is none that can be read."""
    try:
        return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def series_of(root: Path) -> str:
    """What .python-version says, such as "3.13"; "" where there is none."""
    if not (root / ".python-version").is_file():
        return ""
    text = (root / ".python-version").read_text(encoding="utf-8", errors="replace")
    return ".".join(text.strip().partition("\n")[0].strip().split(".")[:2])


def python_of(root: Path, django: tuple[int, int]) -> str:
    """The Python to run on: .python-version, else the newest classifier, else the newest that this Django knows."""
    said = series_of(root)
    classifiers = pyproject(root).get("project", {}).get("classifiers", [])
    minors = [int(found[1]) for text in classifiers if (found := re.fullmatch(r".*:: Python :: 3\.(\d+)", str(text)))]
    if said not in pinned.PYTHONS and minors:
        said = f"3.{max(minors)}"
    if said not in pinned.PYTHONS:
        said = next((python for series, python in NEWEST.items() if django >= series), "3.12")
    wanted = str(pyproject(root).get("project", {}).get("requires-python", ""))
    return said if _takes(wanted, said) else next((p for p in pinned.PYTHONS if _takes(wanted, p)), said)


def _takes(wanted: str, python: str) -> bool:
    """Whether `requires-python`, such as ">=3.12,<3.14" or "==3.13.*", takes the newest release of this series."""
    minor = int(python.partition(".")[2])
    for clause in wanted.split(","):
        match = re.fullmatch(r"\s*(<=?|>=?|[=~!]=)\s*3\.(\d+)(\.[\d*]+)?\s*", clause)
        if match is None:
            continue
        bound, patch = int(match[2]), match[3]
        takes = {
            "<": minor < bound, "<=": minor < bound, ">": minor >= bound, ">=": minor >= bound, "==": minor == bound,
            "~=": minor == bound if patch else minor >= bound, "!=": patch != ".*" or minor != bound,
        }  # fmt: skip
        if not takes[match[1]]:
            return False
    return True


def _missing(known: str, own: str, engine: str) -> list[str]:
    driver = "psycopg" if engine == "postgresql" else "mysqlclient"
    wanted = {
        **{name: pinned.PACKAGES[name] for name in ("gunicorn", driver)},
        "django-outgrow": f"django-outgrow=={__version__}",
    }
    found = [text for name, text in wanted.items() if name != own and not _names(known, name)]
    binary = re.search(r"(?i)psycopg(?:\[[^\]]*|[-_])binary", known)
    if engine == "postgresql" and _names(known, "psycopg") and not binary:
        found.append(
            "psycopg[binary]"
        )  # of the version that is asked for; alone it wants a libpq, which slim images lack
    return found


def _of_the_system(known: str, engine: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What has no wheel is compiled, against libraries that it needs when it runs as well."""
    building, running = set[str](), set[str]()
    if engine != "postgresql" or _names(known, "mysqlclient"):
        building |= {"build-essential", "default-libmysqlclient-dev", "pkg-config"}
        running.add("libmariadb3")
    if _names(known, "psycopg2") or _names(known, "psycopg-c") or re.search(r"(?im)^\s*psycopg\[[^\]]*\bc\b", known):
        building |= {"build-essential", "libpq-dev"}
        running.add("libpq5")
    if "git+" in known or "source = { git = " in known:
        building.add("git")
    return tuple(sorted(building)), tuple(sorted(running))


def _names(text: str, package: str) -> bool:
    """Whether requirements, or a lock, name the package; psycopg2 is another one than psycopg."""
    name = re.escape(package).replace(r"\-", "[-_]")
    return bool(re.search(rf'(?im)^\s*(?:name = ")?{name}(?![\w.-])', text))


def _first(root: Path, candidates: tuple[str, ...], name: str) -> str:
    return next((c for one in candidates if (root / (c := one.format(name=name))).is_file()), "")


def _all_text(root: Path, file: str) -> str:
    """A file of requirements with those that it includes."""
    return "\n".join(_with_included(root, file).values())


def _with_included(root: Path, file: str) -> dict[str, str]:
    """The texts of a file of requirements and of those that it includes by -r or -c, by their paths."""
    found: dict[str, str] = {}
    open_ = [file] if file else []
    while open_:
        path = root / (one := open_.pop())
        if one in found or not path.is_file():
            continue
        found[one] = path.read_text(encoding="utf-8", errors="replace")
        for included in re.findall(r"(?m)^\s*(?:-[rc]|--requirement|--constraint)[\s=]*(\S+)", found[one]):
            inner = (path.parent / included).resolve()
            if inner.is_relative_to(root.resolve()):
                open_.append(str(inner.relative_to(root.resolve())))
    return found
