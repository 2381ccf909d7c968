"""What `outgrow deploy init` writes into a project of anybody's, and above all what it leaves alone."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.conftest import SETTINGS, WSGI, Run, run_outgrow, write_project

ALL = {
    "Dockerfile",
    ".dockerignore",
    "compose.yaml",
    "compose.prod.yaml",
    ".env.example",
    ".gitignore",
    "deploy/.gitignore",
    "deploy/.outgrow.json",
    "deploy/RUNBOOK.md",
    "deploy/backup.sh",
    "deploy/by_compose.py",
    "deploy/by_processes.py",
    "deploy/database/init.sh",
    "deploy/deploy.py",
    "deploy/entrypoint.sh",
    "deploy/gunicorn.conf.py",
    "deploy/health.py",
    "deploy/make_secrets.py",
    "deploy/nginx.conf",
    "deploy/on_host.sh",
    "deploy/outgrow.sh",
    "deploy/ready.py",
    "deploy/restore_test.sh",
    "deploy/state.py",
    "deploy/stopping.py",
}
GITHUB = {".github/workflows/ci.yml", ".github/workflows/deploy.yml", "deploy/remote.sh"}


def written(folder: Path) -> dict[str, str]:
    """Every file that the project did not have."""
    own = {"manage.py", "requirements.txt"}
    found = {str(f.relative_to(folder)): f.read_text() for f in folder.rglob("*") if f.is_file() and f.suffix != ".pyc"}
    return {path: text for path, text in found.items() if path not in own and not path.startswith("shop/")}


def test_everything_is_written_and_a_second_run_has_nothing_to_do(shop: Path, outgrow: Run) -> None:
    first = outgrow("deploy", "init", "--ci", "github")
    assert first.returncode == 0, first.stderr
    before = written(shop)
    assert set(before) == ALL | GITHUB
    assert "+FROM python:" in first.stdout
    assert "new: Dockerfile" in first.stdout
    again = outgrow("deploy", "init")
    assert again.stdout.splitlines() == ["Nothing is to do: every file is as it would be written."]
    assert written(shop) == before


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb"])
def test_check_finds_nothing_in_what_init_wrote(shop: Path, outgrow: Run, engine: str) -> None:
    assert outgrow("deploy", "init", "--database", engine, "--ci", "github").returncode == 0
    checked = outgrow("deploy", "check")
    assert checked.stdout.strip().endswith("nothing is wrong."), checked.stdout
    assert checked.returncode == 0


def test_a_dry_run_shows_the_diff_and_writes_nothing(shop: Path, outgrow: Run) -> None:
    shown = outgrow("deploy", "init", "--dry-run")
    assert "--- /dev/null\n+++ b/Dockerfile\n" in shown.stdout
    assert "Nothing was written (--dry-run)." in shown.stdout
    assert written(shop) == {}


def test_a_file_changed_by_hand_is_kept_and_said(shop: Path, outgrow: Run) -> None:
    outgrow("deploy", "init")
    config = shop / "deploy/gunicorn.conf.py"
    config.write_text(config.read_text() + "keepalive = 9\n")
    again = outgrow("deploy", "init")
    assert "kept, as it was changed by hand or was there before: deploy/gunicorn.conf.py" in again.stdout
    assert "keepalive = 9" in config.read_text()
    assert "replaced: deploy/gunicorn.conf.py" in outgrow("deploy", "init", "--force").stdout
    assert "keepalive = 9" not in config.read_text()


def test_a_file_that_was_there_before_is_kept(shop: Path, outgrow: Run) -> None:
    (shop / "Dockerfile").write_text("FROM python:3.8.3-alpine\n")
    shown = outgrow("deploy", "init").stdout
    assert "kept, as it was changed by hand or was there before: Dockerfile" in shown
    assert (shop / "Dockerfile").read_text() == "FROM python:3.8.3-alpine\n"


def test_an_untouched_file_follows_its_template(shop: Path, outgrow: Run) -> None:
    """As after an update of Outgrow: the file is as the manifest says that we wrote it, and the template is another."""
    outgrow("deploy", "init")
    manifest = shop / "deploy/.outgrow.json"
    nginx = shop / "deploy/nginx.conf"
    said = json.loads(manifest.read_text())
    wanted = nginx.read_text()
    nginx.write_text("# of an older version\n")
    said["files"]["deploy/nginx.conf"] = hashlib.sha256(nginx.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(said))
    shown = outgrow("deploy", "init")
    assert "-# of an older version" in shown.stdout
    assert "updated: deploy/nginx.conf" in shown.stdout
    assert nginx.read_text() == wanted


def test_a_newer_version_with_the_same_templates_has_nothing_to_do(shop: Path, outgrow: Run) -> None:
    outgrow("deploy", "init")
    manifest = shop / "deploy/.outgrow.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "outgrow": "0.0.1"}))
    assert "Nothing is to do" in outgrow("deploy", "init").stdout


def test_another_database_changes_the_files_and_is_remembered(shop: Path, outgrow: Run) -> None:
    outgrow("deploy", "init")
    shown = outgrow("deploy", "init", "--database", "mariadb").stdout
    assert "+    image: mariadb:11.8.8" in shown
    assert "kept, as" not in shown
    assert "Nothing is to do" in outgrow("deploy", "init").stdout
    assert json.loads((shop / "deploy/.outgrow.json").read_text())["database"] == "mariadb"


def test_gitignore_gets_a_line_and_keeps_its_own(shop: Path, outgrow: Run) -> None:
    (shop / ".gitignore").write_text("*.sqlite3\n")
    assert "added to: .gitignore" in outgrow("deploy", "init").stdout
    assert (shop / ".gitignore").read_text().splitlines() == ["*.sqlite3", "", "# settings of one machine", ".env"]


def test_scripts_that_are_run_can_be_run(shop: Path, outgrow: Run) -> None:
    outgrow("deploy", "init")
    for path in ("deploy/deploy.py", "deploy/make_secrets.py", "deploy/database/init.sh"):
        assert (shop / path).stat().st_mode & stat.S_IXUSR, path


def test_each_alias_gets_a_database_two_roles_and_its_own_variables(tmp_path: Path) -> None:
    settings = SETTINGS + (
        "for name in ('social', 'auth_db'):\n"
        "    DATABASES[name] = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': name}\n"
        "DATABASES['social_replica'] = {**DATABASES['social'], 'TEST': {'MIRROR': 'social'}}\n"
    )
    folder = write_project(tmp_path / "many", **{"shop/settings.py": settings})
    assert run_outgrow(folder, "deploy", "init").returncode == 0
    compose = (folder / "compose.prod.yaml").read_text()
    for line in (
        "- { source: default_app_url, target: DATABASE_URL }",
        "- { source: social_app_url, target: SOCIAL_DATABASE_URL }",
        "- { source: auth_db_migrate_url, target: AUTH_DB_DATABASE_URL }",
    ):
        assert line in compose
    assert "replica" not in compose.lower().replace("replicas", "")
    assert compose.count('command: ["python", "-m", "outgrow", "migrate"]') == 1
    assert "make_database auth_db shop_auth_db" in (folder / "deploy/database/init.sh").read_text()


def test_mysql_takes_the_names_of_the_roles_of_a_project_with_a_long_name(tmp_path: Path) -> None:
    settings = SETTINGS + "DATABASES['auth-db'] = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'a'}\n"
    name = "instagram_backend_of_the_whole_world"
    made = {f"{name}/settings.py": settings.replace("shop.", f"{name}."), f"{name}/wsgi.py": WSGI, "manage.py": ""}
    made |= {f"{name}/__init__.py": "", f"{name}/urls.py": "urlpatterns = []\n"}
    folder = write_project(tmp_path / "long", **made)
    done = run_outgrow(folder, "--settings", f"{name}.settings", "deploy", "init", "--database", "mysql")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in (folder / "deploy/database/init.sh").read_text().splitlines()]
    databases = {words[1]: words[2] for words in lines if words[:1] == ["make_database"] and len(words) == 3}
    assert databases == {"default": "instagram_backend_of_the", "auth-db": "instagram_backen_auth-db"}
    assert max(len(f"{database}_migrate") for database in databases.values()) <= 32  # ER_WRONG_STRING_LENGTH
    assert "target: AUTH_DB_DATABASE_URL" in (folder / "compose.prod.yaml").read_text()


def test_aliases_that_this_environment_lacks_stay(shop: Path, outgrow: Run) -> None:
    settings = shop / "shop/settings.py"
    settings.write_text(SETTINGS + "if os.environ.get('MANY'):\n    DATABASES['social'] = DATABASES['default']\n")
    outgrow("deploy", "init", MANY="1")
    assert "Nothing is to do" in outgrow("deploy", "init").stdout
    assert "social_app_url" in (shop / "compose.prod.yaml").read_text()


def test_a_project_with_a_readiness_of_its_own_is_asked_there(tmp_path: Path) -> None:
    urls = "from django.http import HttpResponse\nfrom django.urls import path\n"
    urls += "urlpatterns = [path('ready/', HttpResponse)]\n"
    folder = write_project(tmp_path / "own", **{"shop/urls.py": urls})
    run_outgrow(folder, "deploy", "init")
    assert not (folder / "deploy/health.py").exists()
    assert 'PATH = "/ready/"' in (folder / "deploy/ready.py").read_text()
    assert 'wsgi_app = "shop.wsgi:application"' in (folder / "deploy/gunicorn.conf.py").read_text()


def test_the_image_is_built_from_what_the_project_locks(tmp_path: Path) -> None:
    project = (
        '[project]\nname = "shop"\nversion = "1"\ndependencies = ["gunicorn", "django-outgrow", "psycopg[binary]"]\n'
    )
    lock = "".join(
        f'[[package]]\nname = "{name}"\n' for name in ("gunicorn", "django-outgrow", "psycopg", "psycopg-binary")
    )
    folder = write_project(
        tmp_path / "locked", **{"pyproject.toml": project, "uv.lock": lock, ".python-version": "3.14\n"}
    )
    run_outgrow(folder, "deploy", "init")
    text = (folder / "Dockerfile").read_text()
    assert "uv sync --locked --no-dev --no-install-project" in text
    assert "uv pip install" not in text
    assert "python:3.14" in text


def test_what_the_requirements_lack_is_installed_besides(shop: Path, outgrow: Run) -> None:
    outgrow("deploy", "init", "--database", "mysql")
    text = (shop / "Dockerfile").read_text()
    assert "uv pip install --requirement requirements.txt" in text
    assert '"gunicorn==' in text
    assert '"mysqlclient==' in text
    assert "default-libmysqlclient-dev" in text


@pytest.mark.parametrize(("asked", "added"), [("psycopg==3.2.1", 1), ("psycopg[binary,pool]==3.2.1", 0)])
def test_psycopg_has_the_library_that_a_slim_image_lacks(shop: Path, outgrow: Run, asked: str, added: int) -> None:
    (shop / "requirements.txt").write_text(f"Django>=5.2\n{asked}\n")
    outgrow("deploy", "init")
    assert (shop / "Dockerfile").read_text().count('"psycopg[binary]"') == added


def test_requirements_that_others_include_are_in_the_image_when_they_are_installed(shop: Path, outgrow: Run) -> None:
    (shop / "requirements.txt").write_text("-r common.txt\n-c constraints.txt\n--requirement more/web.txt\n")
    (shop / "more").mkdir()
    for name in ("common.txt", "constraints.txt", "more/web.txt"):
        (shop / name).write_text("Django>=5.2\n")
    outgrow("deploy", "init")
    text = (shop / "Dockerfile").read_text()
    assert "COPY more/ more/\nCOPY common.txt constraints.txt requirements.txt ./\n" in text


def test_the_settings_variables_are_in_the_example_and_secrets_are_not_asked_there(shop: Path, outgrow: Run) -> None:
    (shop / "shop/settings.py").write_text(SETTINGS + "os.environ.get('STRIPE_API_KEY')\nos.environ.get('PAGE_SIZE')\n")
    outgrow("deploy", "init")
    lines = (shop / ".env.example").read_text().splitlines()
    assert "DJANGO_ALLOWED_HOSTS=www.example.com" in lines
    assert "DJANGO_DEBUG=0" in lines
    assert "# PAGE_SIZE=" in lines
    assert "# STRIPE_API_KEY" in lines
    assert not any(line.startswith(("DJANGO_SECRET_KEY", "DATABASE_URL")) for line in lines)
    assert "target: DJANGO_SECRET_KEY" in (shop / "compose.prod.yaml").read_text()


@pytest.mark.parametrize("name", ["postgre", "Postgres SQL"])
def test_an_unknown_database_is_answered_with_the_nearest_one(outgrow: Run, name: str) -> None:
    said = outgrow("deploy", "init", "--database", name)
    assert said.returncode == 2
    assert "did you mean postgresql?" in said.stderr


def test_settings_that_do_not_exist_are_answered_with_the_nearest_ones(outgrow: Run) -> None:
    said = outgrow("--settings", "shop.setings", "deploy", "init")
    assert said.returncode == 2
    assert len(said.stderr.strip().splitlines()) == 1
    assert "did you mean shop.settings?" in said.stderr


def test_a_project_that_cannot_be_imported_is_one_sentence(shop: Path, outgrow: Run) -> None:
    (shop / "shop/settings.py").write_text("import nothing_of_that_name\n")
    said = outgrow("deploy", "init")
    assert said.returncode == 2
    assert len(said.stderr.strip().splitlines()) == 1
    assert "nothing_of_that_name" in said.stderr


def test_a_folder_without_a_project_is_one_sentence(tmp_path: Path) -> None:
    said = run_outgrow(tmp_path, "deploy", "init")
    assert said.returncode == 2
    assert said.stderr.startswith("No Django project was found")


def test_a_project_that_serves_nothing_is_refused(shop: Path, outgrow: Run) -> None:
    (shop / "shop/settings.py").write_text(SETTINGS + "WSGI_APPLICATION = None\n")
    said = outgrow("deploy", "init")
    assert said.returncode == 2
    assert said.stderr.startswith("WSGI_APPLICATION names nothing")


def test_a_manifest_that_cannot_be_read_is_said(shop: Path, outgrow: Run) -> None:
    outgrow("deploy", "init")
    (shop / "deploy/.outgrow.json").write_text("{")
    said = outgrow("deploy", "init")
    assert said.returncode == 2
    assert "deploy/.outgrow.json cannot be read" in said.stderr


def test_a_folder_that_may_not_be_written_is_said(shop: Path, outgrow: Run) -> None:
    if os.geteuid() == 0:
        (shop / "deploy").write_text("a file where a folder is wanted\n")
    else:
        shop.chmod(0o500)
    said = outgrow("deploy", "init")
    assert said.returncode == 2
    assert "cannot be" in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1


def test_json_says_what_became_of_each_file(outgrow: Run) -> None:
    said = json.loads(outgrow("deploy", "init", "--json").stdout)
    assert {"path": "Dockerfile", "fate": "new"} in said["files"]
    assert said["nothing_to_do"] is False


def test_a_target_that_another_command_remembers_without_its_password_does_not_matter(shop: Path, outgrow: Run) -> None:
    cache = str(shop.parent / "cache")
    outgrow("status", "--to", "postgresql://shop:secret@127.0.0.1:1/shop", XDG_CACHE_HOME=cache)
    assert "name it again with --to" in outgrow("status", XDG_CACHE_HOME=cache).stderr
    assert outgrow("deploy", "init", XDG_CACHE_HOME=cache).returncode == 0


def test_a_project_as_django_makes_it_is_told_what_it_lacks(tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    folder.mkdir()
    subprocess.run([sys.executable, "-m", "django", "startproject", "site_of_mine", "."], cwd=folder, check=True)
    said = run_outgrow(folder, "deploy", "init", "--ci", "github")
    assert said.returncode == 0, said.stderr
    assert "Note: No settings read DATABASE_URL, by which default gets its database" in said.stdout
    assert "write `import outgrow` and `DATABASES = outgrow.databases()`" in said.stdout  # Outgrow is in the image
    assert "Note: SECRET_KEY is written in the settings" in said.stdout
    assert "Note: DEBUG = True is written in the settings" in said.stdout
    assert "Note: ALLOWED_HOSTS is empty" in said.stdout
    assert "Note: STATIC_ROOT is not set" in said.stdout
    assert "Note: No uv.lock and no requirements were found" in said.stdout
    assert 'command: ["true"]' in (folder / "compose.prod.yaml").read_text()
    assert "collectstatic" not in (folder / "Dockerfile").read_text()
    assert run_outgrow(folder, "deploy", "check").stdout.strip().endswith("nothing is wrong.")
    settings = folder / "site_of_mine/settings.py"
    lines = [
        line for line in settings.read_text().splitlines() if not line.startswith(("SECRET_KEY", "DEBUG", "ALLOW"))
    ]
    typed = [words for words in said.stdout.split("`") if words.startswith(("import", "SECRET", "DEBUG =", "ALLOWED"))]
    settings.write_text("\n".join([*lines, *typed, ""]))
    again = run_outgrow(folder, "deploy", "init", SECRET_KEY="a")
    for name in ("SECRET_KEY", "DEBUG", "ALLOWED_HOSTS"):
        assert f"Note: {name}" not in again.stdout


def test_a_project_that_does_as_it_is_told_is_told_nothing_more_of_its_database(shop: Path, outgrow: Run) -> None:
    settings = SETTINGS.replace("import dj_database_url", "import outgrow").partition("DATABASES")[0]
    (shop / "shop/settings.py").write_text(settings + "DATABASES = outgrow.databases()\n")
    said = outgrow("deploy", "init", DATABASE_URL="sqlite:///shop.sqlite3")
    assert "DATABASE_URL" not in said.stdout.partition("\nNote:")[2]
    assert "DATABASE_URL=sqlite:////tmp/build.sqlite3" in (shop / "Dockerfile").read_text()


def test_development_has_what_the_settings_cannot_be_loaded_without(shop: Path, outgrow: Run) -> None:
    asked = "PAGE_SIZE = int(os.environ['PAGE_SIZE'])\nREGION = os.environ['REGION']\n"
    (shop / "shop/settings.py").write_text(SETTINGS + asked)
    outgrow("deploy", "init", PAGE_SIZE="1", REGION="x")
    lines = [line.strip() for line in (shop / "compose.yaml").read_text().splitlines()]
    for line in ('PAGE_SIZE: "0"', "REGION: for-development-only", "DJANGO_ALLOWED_HOSTS: localhost,127.0.0.1"):
        assert lines.count(line) == 2
    assert lines.count('DJANGO_DEBUG: "1"') == 2


def test_static_files_outside_of_the_project_are_said_and_not_looked_for_in_the_image(shop: Path, outgrow: Run) -> None:
    (shop / "shop/settings.py").write_text(SETTINGS.replace('BASE_DIR / "collected"', '"/var/www/static"'))
    said = outgrow("deploy", "init")
    assert "Note: STATIC_ROOT is /var/www/static, which is not in the image" in said.stdout
    assert 'command: ["true"]' in (shop / "compose.prod.yaml").read_text()


def test_settings_in_a_package_and_a_project_named_by_its_folder(tmp_path: Path) -> None:
    manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings.production')\n"
    base = SETTINGS.replace("shop.", "config.").replace("parent.parent", "parent.parent.parent")
    production = "from .base import *\nSENTRY_DSN = os.environ['SENTRY_DSN']\n"
    made = write_project(tmp_path / "bakery", **{
        "manage.py": manage, "config/__init__.py": "", "config/settings/__init__.py": "",
        "config/urls.py": "urlpatterns = []\n",
        "config/settings/base.py": base, "config/settings/production.py": production,
        "config/wsgi.py": WSGI.replace("shop", "config"),
    })  # fmt: skip
    said = run_outgrow(made, "deploy", "init", SENTRY_DSN="x")
    assert said.returncode == 0, said.stderr
    assert "name: bakery\n" in (made / "compose.prod.yaml").read_text()
    assert "DJANGO_SETTINGS_MODULE: config.settings.production" in (made / "compose.prod.yaml").read_text()
    assert "SENTRY_DSN=for-this-step-only" in (made / "Dockerfile").read_text()
    assert "# SENTRY_DSN" in (made / ".env.example").read_text()


def test_users_files_lie_where_the_settings_say_and_can_be_written(shop: Path, outgrow: Run) -> None:
    outgrow("deploy", "init")
    assert 'volumes: ["media:/app/uploads"]' in (shop / "compose.prod.yaml").read_text()
    assert "install -d -o app -g app /srv/site /srv/site/static /app/uploads" in (shop / "Dockerfile").read_text()
    settings = SETTINGS.replace('MEDIA_ROOT = BASE_DIR / "uploads"', 'MEDIA_ROOT = os.environ.get("MEDIA_ROOT", "up")')
    (shop / "shop/settings.py").write_text(settings)
    outgrow("deploy", "init")
    assert 'volumes: ["media:/srv/site/media"]' in (shop / "compose.prod.yaml").read_text()
