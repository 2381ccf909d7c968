"""What is known of the project that is to be deployed: read from its settings and its folder, never guessed twice."""

from __future__ import annotations

import importlib.util
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404, resolve

from outgrow import conf
from outgrow.deploy import spelling
from outgrow.deploy.packages import QUEUES, Packages, python_of, series_of
from outgrow.deploy.variables import Variable, names_urls_itself, read_by, written_by
from outgrow.errors import Refused
from outgrow.routing import declared

ENGINES = {"postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}
_NO_NAMES = {"config", "conf", "settings", "core", "project", "django_project"}  # folders of settings, not of a project
_ROOM = {"mysql": 32 - len("_migrate")}  # how long a database's name may be, so that those of its two roles fit
READY = ("/readyz", "/readyz/", "/healthz/ready", "/health/ready", "/ready", "/ready/")


@dataclass(frozen=True, slots=True)
class Site:
    """``databases``: the name of each alias's database. ``ready_path`` is the project's own where it has one."""

    root: Path
    name: str
    settings: str
    wsgi: str  # "shop.wsgi:application"
    engine: str
    databases: dict[str, str]
    python: str
    packages: Packages
    static_url: str = "/static/"
    static_folder: str = ""  # relative to the root; "" where nothing is collected
    data_folders: tuple[str, ...] = ()  # of static and users' files, which do not belong into an image
    media_folder: str = "/srv/site/media"  # where the container has users' files
    ready_path: str = "/readyz"
    own_health: bool = False
    accel: str = "/protected-files/"
    variables: tuple[Variable, ...] = ()
    debug: tuple[str, str] = ("0", "1")  # how its variable is spelled off and on
    workers: dict[str, tuple[str, ...]] = field(default_factory=dict)  # the words of their commands, by name
    notes: tuple[str, ...] = field(default=(), compare=False)

    def variable(self, ending: str, default: str) -> str:
        """The project's name for a variable that others call otherwise: DJANGO_SECRET_KEY, SECRET_KEY."""
        return _named(self.variables, ending, default)

    def url_variable(self, alias: str) -> str:
        """The variable with the URL of an alias's database."""
        names = {v.name for v in self.variables}
        asked = re.sub(r"\W", "_", alias).upper() + "_DATABASE_URL"
        return "DATABASE_URL" if alias == "default" and asked not in names else asked


def _named(variables: Iterable[Variable], ending: str, default: str) -> str:
    return next((v.name for v in variables if v.name.endswith(ending)), default)


def look(root: Path, engine: str, aliases: Iterable[str] = ()) -> Site:
    """The project in ``root``, which is loaded. ``aliases`` are kept though this environment has none of them.

    Raises Refused where there is nothing that could be served.
    """
    wsgi = conf.wsgi_application()
    if not wsgi:
        raise Refused(
            "WSGI_APPLICATION names nothing, and gunicorn needs something to serve: point it at the application, as "
            '"shop.wsgi.application" in a project of `django-admin startproject`.'
        )
    module, _, attribute = wsgi.rpartition(".")
    _must_be_there(module, wsgi)
    name = _name(root)
    static_url, static_root = conf.static()
    ready = next((path for path in READY if _answers(path)), "")
    variables = tuple(read_by(_settings_files()))
    found = Site(
        root=root,
        name=name,
        settings=conf.settings_module(),
        wsgi=f"{module}:{attribute}",
        engine=engine,
        databases=_databases(name, aliases, _ROOM.get(engine, 54)),
        python=python_of(root, django.VERSION[:2]),
        packages=Packages.of(root, name, engine),
        static_url=_absolute(static_url),
        static_folder=_collected(root, static_root),
        data_folders=_data_folders(root),
        media_folder=_media_folder(root, variables),
        ready_path=ready or "/readyz",
        own_health=bool(ready),
        accel=_accel(variables),
        variables=variables,
        debug=_debug(variables),
        workers=_workers(),
    )
    return _with_notes(found)


def _must_be_there(module: str, wsgi: str) -> None:
    """gunicorn would end at once, and every deployment with it."""
    package, _, last = module.rpartition(".")
    try:
        if importlib.util.find_spec(module):
            return
        inside = importlib.util.find_spec(package) if package else None
    except (ImportError, ValueError):
        inside = None
    there = [one.name for one in pkgutil.iter_modules(inside.submodule_search_locations if inside else None)]
    near = get_close_matches(last, there, 1)
    hint = f"did you mean {package}.{near[0]}?" if package and near else "correct it."
    raise Refused(f"WSGI_APPLICATION is {wsgi}, and there is no module {module}: {hint}")


def _debug(variables: Iterable[Variable]) -> tuple[str, str]:
    name = _named(variables, "DEBUG", "")
    off, on = (spelling.of(_settings_files(), name, on=on) for on in (False, True)) if name else (None, None)
    return "0" if off is None else off, "1" if on is None else on


def _workers() -> dict[str, tuple[str, ...]]:
    try:
        return conf.workers()
    except ImproperlyConfigured as error:
        raise Refused(str(error)) from None


def root() -> Path:
    """The folder of manage.py, or BASE_DIR of a project that has none."""
    here = Path.cwd().resolve()
    manage = next((f for f in (here, *here.parents) if (f / "manage.py").is_file()), None)
    return manage or Path(conf.base_dir()).resolve()


def aliases() -> list[str]:
    """Databases that have rows of their own: no replicas."""
    known, owners = conf.databases(), declared()
    replicas = set(owners.primaries) if owners is not None else set()
    return [a for a, entry in known.items() if a not in replicas and not (entry.get("TEST") or {}).get("MIRROR")]


def _databases(name: str, kept: Iterable[str], room: int) -> dict[str, str]:
    wanted = list(dict.fromkeys(kept)) or aliases() or ["default"]
    wanted += [alias for alias in aliases() if alias not in wanted and not (alias == "default" and list(kept))]
    endings = {a: "" if a == "default" or len(wanted) == 1 else f"_{a}"[:room] for a in wanted}
    return {a: (name[: room - len(end)].rstrip("_") + end).lstrip("_") for a, end in endings.items()}


def _name(root: Path) -> str:
    top = conf.settings_module().partition(".")[0]
    text = root.name if top in _NO_NAMES or not top else top
    return re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_")[:30] or "site"


def _settings_files() -> list[Path]:
    """The settings' own file; of a package of settings all of it, as one includes another."""
    try:
        spec = importlib.util.find_spec(conf.settings_module())
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.origin:
        return []
    file = Path(spec.origin)
    is_package = file.name == "__init__.py" or file.parent.name == "settings"
    return sorted(file.parent.glob("*.py")) if is_package else [file]


def _answers(path: str) -> bool:
    try:
        resolve(path)
    except (Resolver404, ImproperlyConfigured):
        return False
    except Exception:  # a project's URLs may do anything when they are imported; then they are not known
        return False
    return True


def _absolute(url: str) -> str:
    path = re.sub(r"^[a-z]+://[^/]+", "", url or "static/")
    return "/" + path.strip("/") + "/" if path.strip("/") else "/static/"


def _inside(root: Path, folder: str) -> str:
    if not folder:
        return ""
    path = Path(folder).resolve()
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _collected(root: Path, folder: str) -> str:
    """STATIC_ROOT below the root; "" where it is elsewhere, as nothing else gets into the image."""
    inside = _inside(root, folder)
    return "" if inside.startswith("/") else inside


def _data_folders(root: Path) -> tuple[str, ...]:
    static, media = conf.static()[1], conf.media_root()
    inside = [_inside(root, folder) for folder in (static, media) if folder]
    return tuple(f for f in dict.fromkeys(inside) if f not in ("", ".") and not f.startswith("/"))


def _media_folder(root: Path, variables: Iterable[Variable]) -> str:
    """Where the settings say, unless they take it from the environment; the image's own files cannot be written to."""
    inside = _inside(root, conf.media_root())
    if not inside or any(v.name == "MEDIA_ROOT" for v in variables):
        return "/srv/site/media"
    return inside if inside.startswith("/") else f"/app/{inside}"


def _accel(variables: Iterable[Variable]) -> str:
    return "/files/" if any(v.name == "X_ACCEL" for v in variables) else "/protected-files/"


def _of_production(site: Site) -> Iterator[str]:
    """What `django-admin startproject` leaves to be done before a site is reached by others."""
    written = written_by(_settings_files())
    if isinstance(written.get("SECRET_KEY"), str) and not site.variable("SECRET_KEY", ""):
        yield (
            "SECRET_KEY is written in the settings, and so is in git and in the image: write `import os` and "
            '`SECRET_KEY = os.environ["SECRET_KEY"]`.'
        )
    if conf.debug() and written.get("DEBUG") is True and not site.variable("DEBUG", ""):
        yield (
            "DEBUG = True is written in the settings, and shows them to strangers: write "
            '`DEBUG = os.environ.get("DEBUG") == "1"`.'
        )
    name = site.variable("DEBUG", "")
    if name and spelling.is_read(_settings_files(), name) and spelling.of(_settings_files(), name, on=False) is None:
        tried = ", ".join(said or "nothing" for said in spelling.OFF)
        yield f"No spelling of {name} switches DEBUG off ({tried} were tried), which shows the settings to strangers."
    if not conf.allowed_hosts() and not site.variable("ALLOWED_HOSTS", ""):
        yield (
            "ALLOWED_HOSTS is empty, by which no request is answered once DEBUG is off: write "
            '`ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")`.'
        )


def _with_notes(site: Site) -> Site:
    notes = []
    names = {v.name for v in site.variables}
    unnamed = names_urls_itself(_settings_files())
    for alias in site.databases:
        variable = site.url_variable(alias)
        if variable not in names and not unnamed:
            notes.append(
                f"No settings read {variable}, by which {alias} gets its database: write `import outgrow` and "
                "`DATABASES = outgrow.databases()`, which reads such variables."
            )
    notes += _of_production(site)
    asked = series_of(site.root)
    if asked and asked != site.python:
        notes.append(f".python-version says {asked}, for which no image is known here: {site.python} is used.")
    if not site.static_folder:
        found = conf.static()[1]
        said = f"STATIC_ROOT is {found}, which is not in the image" if found else "STATIC_ROOT is not set"
        notes.append(f'{said}, so that nothing is collected: write `STATIC_ROOT = BASE_DIR / "collected"`.')
    if site.packages.queue and not site.workers:
        command = QUEUES[site.packages.queue].format(package=site.settings.partition(".")[0])
        tasks = f'{{"tasks": "{command}"}}'
        line = f'OUTGROW["WORKERS"] = {tasks}' if conf.has_outgrow() else f'OUTGROW = {{"WORKERS": {tasks}}}'
        notes.append(
            f"{site.packages.queue} is among the packages, and nothing says what works off its tasks: write `{line}`, "
            "and it runs as a service."
        )
    if not site.packages.file and not site.packages.installs_itself:
        notes.append("No uv.lock and no requirements were found: the image would lack the project's packages.")
    return replace(site, notes=tuple(notes))
