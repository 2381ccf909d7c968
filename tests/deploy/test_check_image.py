"""Each rule about Dockerfiles with the walk-throughs' line, and with the right one."""

from __future__ import annotations

from datetime import date

import pytest

from outgrow.deploy.checking import dockerfiles
from outgrow.deploy.checking.instructions import instructions, stages

TODAY = date(2026, 11, 29)
IGNORING = ".env\n.env.*\n.git\n"
BASE = "python:3.13.15-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285"
GOOD = f"""FROM {BASE} AS base
WORKDIR /app
FROM base AS build
COPY . .
FROM base
COPY --from=build /app /app
USER 1000:1000
HEALTHCHECK CMD ["python", "deploy/ready.py"]
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py"]
"""


def found(text: str, ignoring: str | None = IGNORING) -> dict[str, int]:
    """The rules that it breaks, each with the line."""
    return {one.id: one.line for one in dockerfiles.judge("Dockerfile", text, ignoring, TODAY)}


def test_nothing_is_wrong_with_a_good_one() -> None:
    assert found(GOOD) == {}


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ("P101", "python:3.13.15-slim-trixie", "python:3.8.3-slim"),
        ("P101", "python:3.13.15-slim-trixie", "python:3.10-slim"),
        ("P102", "python:3.13.15-slim-trixie", "python:3.13-alpine"),
        ("P103", BASE, "python"),
        ("P103", BASE, "python:latest"),
        ("P104", "USER 1000:1000\n", ""),
        ("P104", "USER 1000:1000", "USER root"),
        ("P105", 'HEALTHCHECK CMD ["python", "deploy/ready.py"]\n', ""),
        ("P105", 'HEALTHCHECK CMD ["python", "deploy/ready.py"]', "HEALTHCHECK NONE"),
        (
            "P108",
            'CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py"]',
            "CMD python manage.py runserver 0.0.0.0:8000",
        ),
        ("P109", "WORKDIR /app", "ENV DJANGO_SECRET_KEY=abc"),
        ("P109", "WORKDIR /app", "ARG MYSQL_PASSWORD"),
        ("P109", "WORKDIR /app", "COPY .env /app/.env"),
        ("P109", "WORKDIR /app", "RUN pip install --extra-index-url https://ci:s3cret@pypi.example/simple shop"),
        (
            "P110",
            'CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py"]',
            "CMD python manage.py migrate && gunicorn shop.wsgi",
        ),
        ("P111", "FROM base\n", "FROM python:3.12-slim-bookworm\n"),
    ],
)
def test_the_mistaken_line_is_found_and_the_right_one_is_not(rule: str, right: str, wrong: str) -> None:
    assert right in GOOD
    mistaken = GOOD.replace(right, wrong)
    assert rule in found(mistaken)
    line = found(mistaken)[rule]
    assert not wrong or wrong.split()[0] in mistaken.splitlines()[line - 1] or rule in ("P104", "P105")


def test_a_word_that_begins_like_a_secret_is_none() -> None:
    assert found(GOOD.replace("WORKDIR /app", "ENV TOKENIZERS_PARALLELISM=false")) == {}
    assert found(GOOD.replace("WORKDIR /app", "ENV AWS_ACCESS_KEY_ID=AKIA")) == {"P109": 2}
    assert found(GOOD.replace("WORKDIR /app", "ENV PASSWORD_RESET_TIMEOUT=3")) == {}
    assert found(GOOD.replace("WORKDIR /app", "RUN pip install https://ci:$TOKEN@pypi.example/shop.whl")) == {}


def test_everything_copied_without_a_dockerignore() -> None:
    assert found(GOOD, None) == {"P106": 4}


def test_a_dockerignore_that_lets_secrets_pass() -> None:
    assert found(GOOD, ".git\n") == {"P107": 4}
    assert found(GOOD, ".git\n.env\n!.env\n") == {"P107": 4}
    assert found(GOOD, ".git\n**/.env*\n") == {}


def test_the_walkthroughs_dockerfile() -> None:
    text = "FROM python:3.8.3-alpine\nENV PYTHONUNBUFFERED 1\nRUN apk add mariadb-connector-c-dev\nCOPY . /app/\n"
    assert found(text, None) == {"P101": 1, "P102": 1, "P104": 1, "P105": 1, "P106": 4}


def test_what_a_stage_begins_with_counts_for_it() -> None:
    text = "FROM python:3.13.15-slim AS base\nUSER 1000\nHEALTHCHECK CMD true\nFROM base\nCOPY app /app\n"
    assert found(text) == {}


def test_arguments_are_put_into_from() -> None:
    assert stages("ARG V=3.8\nFROM python:${V}-slim\n")[0].image == "python:3.8-slim"
    assert stages("FROM python:${V:-3.9}\n")[0].image == "python:3.9"


def test_instructions_are_joined_and_heredocs_passed_by() -> None:
    text = "# escape=\\\nRUN a \\\n    # between\n    b\nRUN <<EOF\nFROM nothing\nEOF\nuser 5\n"
    assert [(one.name, one.line) for one in instructions(text)] == [("RUN", 2), ("RUN", 5), ("USER", 8)]
    assert instructions(text)[0].text.split() == ["a", "b"]
