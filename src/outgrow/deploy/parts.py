"""What is put into the templates: words, and the lines that there are several of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from outgrow.deploy import background, pinned
from outgrow.deploy.packages import Packages
from outgrow.deploy.site import ENGINES, Site

PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}
SCHEMES = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
URL_OPTIONS = {"postgresql": "?sslmode=prefer"}  # its image has no TLS, which `outgrow.databases()` would insist on
COLLATIONS = {"mysql": "utf8mb4_0900_ai_ci", "mariadb": "utf8mb4_uca1400_ai_ci"}


def plain(site: Site) -> dict[str, str]:
    """The values that need no other template."""
    alias, database = next(iter(site.databases.items()))
    several = len(site.databases) > 1
    base = pinned.PYTHONS[site.python]
    return {
        "name": site.name,
        "engine_name": ENGINES[site.engine],
        "python": site.python,
        "uv_image": pinned.UV,
        "base_image": f"python:{base}",
        "base_note": "" if "@" in base else _note_of_digest(base),
        "nginx_image": pinned.NGINX,
        "database_image": pinned.SERVERS[site.engine],
        "first_alias": alias,
        "first_database": database,
        "database_names": " ".join(site.databases.values()),
        "dev_init": ', "./deploy/database/dev.sql:/docker-entrypoint-initdb.d/dev.sql:ro"' if several else "",
        "make_lines": "\n".join(f"make_database {alias} {name}" for alias, name in site.databases.items()),
        "client": "mariadb" if site.engine == "mariadb" else "mysql",
        "collation": COLLATIONS.get(site.engine, ""),
        "scheme": SCHEMES[site.engine],
        "port": str(PORTS[site.engine]),
        "url_options": URL_OPTIONS.get(site.engine, ""),
        "databases": _lines(4, [f'"{alias}": "{name}",' for alias, name in site.databases.items()]),
        "aliases": repr(tuple(site.databases)).replace("'", '"'),
        "database_secrets": _lines(6, [f"- {name}" for name in _server_secrets(site)]),
        "wsgi": site.wsgi if site.own_health else "deploy.health:application",
        "wsgi_module": site.wsgi.partition(":")[0],
        "wsgi_name": site.wsgi.partition(":")[2],
        "ready_path": site.ready_path,
        "hosts_variable": site.variable("ALLOWED_HOSTS", "ALLOWED_HOSTS"),
        "static_url": site.static_url,
        "static_command": _copied(site.static_folder),
        "media_folder": site.media_folder,
        "accel": site.accel,
        "replicas_text": "two versions of the web server (blue and green) of which one serves",
        "several_note": ", so that two dumps are not of the same moment" if several else "",
        "data_folders": "\n".join(f"/{folder}" for folder in site.data_folders),
        **pinned.ACTIONS,
    }


def values(site: Site, filled: Callable[[str], str]) -> dict[str, str]:
    """All values; ``filled`` gives another template's text, with the plain ones put in."""
    role = _roles(site)
    return {
        **plain(site),
        **_dockerfile(site),
        **_tests(site),
        "database": filled(f"{site.engine}/service.yaml"),
        "dev_database": filled(f"{site.engine}/dev.yaml"),
        "backup_note": filled(f"{site.engine}/backup_note.md").rstrip(),
        "app_environment": _lines(4, _app_environment(site)),
        "dev_environment": _lines(6, _dev_environment(site)),
        "app_secrets": _lines(4, role("app")),
        "migrate_secrets": _lines(6, role("migrate")),
        "secrets": _lines(2, [f"{name}: {{ file: ./deploy/secrets/{name} }}" for name in _all_secrets(site)]),
        "option_files": _option_files(site),
        **background.values(site, _lines(6, _dev_environment(site))),
        "variables": _variables(site),
    }


def dev_sql(site: Site) -> str:
    """What the development server makes besides its first database."""
    others = list(site.databases.values())[1:]
    if site.engine == "postgresql":
        return "".join(f'CREATE DATABASE "{name}";\n' for name in others)
    grants = (f"CREATE DATABASE `{name}`;\nGRANT ALL ON `{name}`.* TO 'dev'@'%';\n" for name in others)
    return "GRANT CREATE ON *.* TO 'dev'@'%';\n" + "".join(grants)


def _copied(folder: str) -> str:
    """The command that puts static files where nginx finds them."""
    return f'["cp", "-R", "{folder}/.", "/srv/site/static/"]' if folder else '["true"]'


def _note_of_digest(base: str) -> str:
    return (
        "# No digest of this version was known: put the one that the command above prints behind the tag, as\n"
        f"# python:{base}@sha256:..., so that every build starts from the same bytes.\n"
    )


def _server_secrets(site: Site) -> list[str]:
    passwords = [f"{alias}_{role}_password" for alias in site.databases for role in ("app", "migrate")]
    options = [] if site.engine == "postgresql" else ["database_root_options", "health_options"]
    return ["database_root_password", *options, *passwords]


def _all_secrets(site: Site) -> list[str]:
    urls = [f"{alias}_{role}_url" for alias in site.databases for role in ("app", "migrate")]
    return ["secret_key", *_server_secrets(site), *urls]


def _roles(site: Site) -> Callable[[str], list[str]]:
    """The secrets of who serves, and of who migrates: the same variables, other logins."""

    def of(role: str) -> list[str]:
        key = f"{{ source: secret_key, target: {site.variable('SECRET_KEY', 'SECRET_KEY')} }}"
        urls = (f"{{ source: {alias}_{role}_url, target: {site.url_variable(alias)} }}" for alias in site.databases)
        return [f"- {entry}" for entry in (key, *urls)]

    return of


def _app_environment(site: Site) -> list[str]:
    names = {v.name for v in site.variables}
    found = [f"DJANGO_SETTINGS_MODULE: {site.settings}"]
    found += [f"X_ACCEL: {site.accel}"] if "X_ACCEL" in names else []
    return found


def _dev_environment(site: Site) -> list[str]:
    server = f"{SCHEMES[site.engine]}://dev:dev@database:{PORTS[site.engine]}"
    options = URL_OPTIONS.get(site.engine, "")
    return [
        f"DJANGO_SETTINGS_MODULE: {site.settings}",
        *(f"{site.url_variable(alias)}: {server}/{name}{options}" for alias, name in site.databases.items()),
        *(f"{name}: {value}" for name, value in _for_development(site)),
    ]


def _for_development(site: Site) -> Iterator[tuple[str, str]]:
    """What the settings cannot be loaded without, and what `runserver` needs to answer a browser of this machine."""
    for variable in site.variables:
        if variable.name.endswith("DATABASE_URL"):
            continue
        if variable.name == site.variable("ALLOWED_HOSTS", ""):
            yield variable.name, "localhost,127.0.0.1"
        elif variable.name == site.variable("DEBUG", ""):
            yield variable.name, json.dumps(site.debug[1])
        elif variable.required:
            yield variable.name, variable.quoted("for-development-only")


def _option_files(site: Site) -> str:
    if site.engine == "postgresql":
        return ""
    alias, database = next(iter(site.databases.items()))
    return (
        '    root = found["database_root_password"]\n'
        '    found["database_root_options"] = f"[client]\\nuser=root\\npassword={root}\\n"\n'
        f'    app = found["{alias}_app_password"]\n'
        '    found["health_options"] = (\n'
        f'        f"[mysql]\\nhost=127.0.0.1\\nuser={database}_app\\npassword={{app}}\\n"\n'
        f'        "database={database}\\nconnect-timeout=3\\n"\n'
        "    )\n"
    )


def _variables(site: Site) -> str:
    """The project's variables for .env.example: what a deployment has to say first, then the rest as comments."""
    known = {site.variable("SECRET_KEY", "SECRET_KEY"), "MEDIA_ROOT", "X_ACCEL"}
    known |= {site.url_variable(alias) for alias in site.databases}
    hosts, debug = site.variable("ALLOWED_HOSTS", ""), site.variable("DEBUG", "")
    lines = [f"{hosts}=www.example.com"] if hosts else []
    lines += [f"{debug}={site.debug[0]}"] if debug else []
    rest = [v for v in site.variables if v.name not in known | {hosts, debug} and not v.name.endswith("DATABASE_URL")]
    lines += [f"{v.name}=" if v.required else f"# {v.name}=" for v in rest if not v.is_secret]
    secrets = [v.name for v in rest if v.is_secret]
    if secrets:
        lines += [
            "",
            "# secrets: a file of deploy/secrets each, and a line of `secrets` in compose.prod.yaml, not here",
        ]
        lines += [f"# {name}" for name in secrets]
    return "\n".join(lines) or "# none that the settings read"


# -- the image --------------------------------------------------------------------------------------------------------
def _dockerfile(site: Site) -> dict[str, str]:
    packages = site.packages
    return {
        "build_packages": _apt(packages.builds_with),
        "run_packages": _apt(packages.runs_with),
        "install": _install(packages),
        "finish": _finish(site),
    }


def _apt(names: Sequence[str]) -> str:
    if not names:
        return ""
    return (
        "# Their versions are those of the base image's release.\n"
        "# hadolint ignore=DL3008\n"
        "RUN apt-get update \\\n"
        f"    && apt-get install --yes --no-install-recommends {' '.join(names)} \\\n"
        "    && rm -rf /var/lib/apt/lists/*\n"
    )


_CACHE = "--mount=type=cache,target=/root/.cache/uv"


def _install(packages: Packages) -> str:
    """The layer that changes only when the requirements do."""
    extras = "".join(f' "{text}"' for text in packages.extras)
    if packages.lock:
        bound = " ".join(f"--mount=type=bind,source={f},target={f}" for f in ("uv.lock", "pyproject.toml"))
        first = f"RUN {_CACHE} {bound} \\\n    uv sync --locked --no-dev --no-install-project"
        return f"{first} \\\n    && uv pip install{extras}" if extras else first
    copied = ""
    if packages.file:
        folders = sorted({file.partition("/")[0] for file in packages.files if "/" in file})
        alone = sorted(file for file in packages.files if "/" not in file)
        copied = "".join(f"COPY {folder}/ {folder}/\n" for folder in folders)
        copied += f"COPY {' '.join(alone)} ./\n" if alone else ""
        extras = f" --requirement {packages.file}{extras}"
    return f"{copied}RUN {_CACHE} \\\n    uv venv /venv" + (f" \\\n    && uv pip install{extras}" if extras else "")


def _finish(site: Site) -> str:
    """After the code is there: the project as a package, and its static files."""
    packages, steps = site.packages, []
    if packages.lock:
        steps.append("uv sync --locked --no-dev --no-editable --inexact")
    elif packages.installs_itself:
        steps.append(f"uv pip install {'--no-deps ' if packages.file else ''}.")
    if site.static_folder:
        given = {v.name: v.filled("for-this-step-only") for v in site.variables if v.required}
        given[site.variable("SECRET_KEY", "SECRET_KEY")] = "for-this-step-only"
        given |= {name: "sqlite:////tmp/build.sqlite3" for name in given if name.endswith("DATABASE_URL")}
        said = " ".join(f"{name}={value}" for name, value in sorted(given.items()))
        steps.append(
            f"DJANGO_SETTINGS_MODULE={site.settings} {said} \\\n       python manage.py collectstatic --noinput"
        )
    if not steps:
        return ""
    note = (
        "# The settings want a key to be loaded; this one signs nothing, and is in no layer.\n"
        if site.static_folder
        else ""
    )
    together = " \\\n    && ".join(steps)
    return f"{note}RUN {_CACHE} \\\n    {together}\n"


# -- the tests --------------------------------------------------------------------------------------------------------
_HEALTH = {
    "postgresql": "pg_isready -h 127.0.0.1 -U postgres",
    "mysql": "mysql --protocol=tcp -h127.0.0.1 -uroot -e 'SELECT 1'",
    "mariadb": "healthcheck.sh --connect --innodb_initialized",
}
_SERVER: dict[str, Any] = {
    "postgresql": ("{{ POSTGRES_PASSWORD: test, POSTGRES_DB: {0} }}", "postgresql://postgres:test@127.0.0.1:5432/{0}"),
    "mysql": ('{{ MYSQL_ALLOW_EMPTY_PASSWORD: "yes", MYSQL_DATABASE: {0} }}', "mysql://root@127.0.0.1:3306/{0}"),
    "mariadb": (
        '{{ MARIADB_ALLOW_EMPTY_ROOT_PASSWORD: "yes", MARIADB_DATABASE: {0} }}',
        "mysql://root@127.0.0.1:3306/{0}",
    ),
}


def _tests(site: Site) -> dict[str, str]:
    """The workflow's values: a server for the tests alone, which holds nothing."""
    packages = site.packages
    environment, url = (text.format(site.name) for text in _SERVER[site.engine])
    lines = [f"DJANGO_SETTINGS_MODULE: {site.settings}"]
    # Django makes a test database of another name for each alias, whatever URL it begins with
    lines += [f"{site.url_variable(a)}: {url.removesuffix(site.name)}{site.name}" for a in site.databases]
    rest = [v for v in site.variables if v.required and not v.name.endswith("DATABASE_URL")]
    lines += [f"{v.name}: {v.quoted('for-tests-only')}" for v in rest]
    if packages.lock:
        install, run = "uv sync --locked", "uv run --no-sync "
    else:
        wanted = [f"--requirement {file}" for file in (packages.file, packages.for_tests) if file]
        wanted += [f"'{text}'" for text in packages.extras] + (["."] if packages.installs_itself else [])
        install = f"uv venv && uv pip install {' '.join(wanted)}" + (
            "" if packages.for_tests or not packages.pytest else " pytest pytest-django"
        )
        run = "uv run --no-project "
    return {
        "ci_servers": ", ".join(pinned.TESTED[site.engine]),
        "ci_server_environment": environment,
        "ci_health": _HEALTH[site.engine],
        "ci_environment": _lines(6, lines),
        "ci_install": install,
        "ci_run": run,
        "ci_test": "pytest" if packages.pytest else "python manage.py test",
    }


def _lines(indent: int, lines: list[str]) -> str:
    return "\n".join(f"{'':{indent}}{line}" for line in lines)
