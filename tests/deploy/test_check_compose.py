"""Each rule about Compose files with the walk-throughs' line, and with the right one."""

from __future__ import annotations

from datetime import date
from textwrap import dedent, indent

import pytest

from outgrow.deploy.checking import compose, yamls

TODAY = date(2026, 11, 29)
WEB = "command: [gunicorn, shop.wsgi]\nstop_grace_period: 45s\n"
POSTGRES = "image: postgres:18.6\nhealthcheck: {test: [CMD, pg_isready, -h, 127.0.0.1]}\n"
MYSQL = "image: mysql:8.4.11\nhealthcheck: {test: [CMD, mysql, -h127.0.0.1, -e, SELECT 1]}\n"


def found(text: str, *, production: bool = True) -> dict[str, int]:
    document = yamls.load(text)
    return {one.id: one.line for one in compose.judge("compose.yaml", document, production=production, today=TODAY)}


def test_a_password_that_comes_from_outside_is_not_in_the_file() -> None:
    assert service(MYSQL + "environment: {MYSQL_PASSWORD: '${MYSQL_PASSWORD:?}'}\n") == set()
    assert service(WEB + "environment: {DATABASE_URL: 'mysql://app:${MYSQL_PASSWORD}@db/shop'}\n") == set()


@pytest.mark.parametrize(
    "image",
    ["bitnami/postgresql:18", "pgvector/pgvector:pg18", "timescale/timescaledb:2.22-pg18", "mysql/mysql-server:8.4"],
)
def test_a_database_is_known_by_other_images_too(image: str) -> None:
    assert service(f"image: {image}\nports: ['5432:5432']\n") == {"P203", "P211"}


def service(text: str, *, production: bool = True, beside: str = "") -> set[str]:
    """The rules that one service breaks."""
    body = "services:\n  it:\n" + indent(dedent(text), "    ") + beside
    return set(found(body, production=production))


@pytest.mark.parametrize(
    ("rule", "wrong", "right"),
    [
        ("P201", MYSQL.replace("8.4.11", "5.7"), MYSQL),
        ("P201", POSTGRES.replace("18.6", "14"), POSTGRES),
        ("P202", POSTGRES.replace(":18.6", ""), POSTGRES),
        ("P202", MYSQL.replace("8.4.11", "lts"), MYSQL),
        ("P203", "image: postgres:18.6\n", POSTGRES),
        ("P203", "image: postgres:18.6\nhealthcheck: {disable: true}\n", POSTGRES),
        ("P204", POSTGRES.replace(", -h, 127.0.0.1", ""), POSTGRES),
        ("P204", "image: mysql:8.4.11\nhealthcheck: {test: mysqladmin ping -h localhost}\n", MYSQL),
        ("P205", WEB + "depends_on:\n  - db\n", WEB + "depends_on: {db: {condition: service_healthy}}\n"),
        ("P205", WEB + "depends_on: {db: {condition: service_started}}\n", WEB),
        ("P206", "command: sh -c 'python manage.py migrate && gunicorn shop.wsgi'\n", WEB),
        (
            "P206",
            "command: bash -c 'python manage.py migrate && python manage.py runserver'\n",
            "command: [python, -m, outgrow, migrate]\n",
        ),
        ("P207", "command: python manage.py runserver 0.0.0.0:8000\nstop_grace_period: 45s\n", WEB),
        (
            "P208",
            MYSQL + "environment: {MYSQL_ROOT_PASSWORD: mysql}\n",
            MYSQL + "environment: {MYSQL_ROOT_PASSWORD_FILE: /run/secrets/root}\n",
        ),
        ("P208", WEB + "environment: [DATABASE_PASSWORD=mysql]\n", WEB + "environment: [DATABASE_PASSWORD]\n"),
        ("P208", WEB + "environment: [TOKEN=abc]\n", WEB + "environment: [ACCESS_TOKEN_LIFETIME=60]\n"),
        (
            "P208",
            WEB + "environment: {DATABASE_URL: 'mysql://app:pw@db/shop'}\n",
            WEB + "environment: {DATABASE_URL: '${DATABASE_URL}'}\n",
        ),
        (
            "P209",
            MYSQL + "environment: {MYSQL_ROOT_HOST: '%'}\n",
            MYSQL + "environment: {MYSQL_ROOT_HOST: localhost}\n",
        ),
        ("P210", WEB + "environment: {DATABASE_USER: root}\n", WEB + "environment: {DATABASE_USER: shop_app}\n"),
        ("P211", "image: redis:8.2\nports: ['6379:6379']\n", "image: redis:8.2\nexpose: [6379]\n"),
        ("P211", MYSQL + "ports: ['3307:3306']\n", MYSQL),
        ("P212", WEB + "volumes: ['.:/app']\n", WEB + "volumes: ['media:/app/media']\n"),
        ("P213", WEB + "container_name: web\n", WEB),
        ("P215", WEB + "environment: {DATABASE_NAME: mysql}\n", WEB + "environment: {DATABASE_NAME: shop}\n"),
        ("P216", "command: [gunicorn, shop.wsgi]\n", WEB),
        ("P217", POSTGRES + "environment: {POSTGRES_HOST_AUTH_METHOD: trust}\n", POSTGRES),
        ("P217", MYSQL + "environment: {MYSQL_ALLOW_EMPTY_PASSWORD: 'yes'}\n", MYSQL),
        (
            "P218",
            POSTGRES + "volumes: ['db:/var/lib/postgresql/data']\n",
            POSTGRES + "volumes: ['db:/var/lib/postgresql']\n",
        ),
        ("P219", WEB + "environment: {DJANGO_DEBUG: 1}\n", WEB + "environment: {DJANGO_DEBUG: 0}\n"),
    ],
)
def test_the_mistaken_line_is_found_and_the_right_one_is_not(rule: str, wrong: str, right: str) -> None:
    assert rule in service(wrong)
    assert service(right) == set()


def test_ports_on_a_web_server_behind_a_proxy() -> None:
    nginx = "  nginx: {image: 'nginx:1.30.4', ports: ['80:8080']}\n"
    assert service(WEB + "ports: ['8000:8000']\n", beside=nginx) == {"P214"}
    assert service(WEB, beside=nginx) == set()


def test_development_may_mount_its_source_and_run_the_development_server() -> None:
    text = "command: python manage.py runserver\nvolumes: ['.:/app']\ncontainer_name: web\nenvironment: {DEBUG: 1}\n"
    assert service(text, production=False) == set()
    assert service(MYSQL + "ports: ['127.0.0.1:3306:3306']\n", production=False) == set()
    assert service(MYSQL + "ports: ['3306:3306']\n", production=False) == {"P211"}


def test_the_walkthroughs_compose_file_with_the_lines() -> None:
    text = dedent("""\
        version: '3'
        services:
          db:
            container_name: db
            image: mysql:5.7
            restart: always
            environment:
              MYSQL_ROOT_HOST: '%'
              MYSQL_ROOT_PASSWORD: mysql
            expose:
              - 3306
            ports:
              - "3307:3306"
          web:
            container_name: web
            build: .
            command: sh -c "python manage.py migrate && python manage.py runserver 0.0.0.0:8000"
            environment:
              MYSQL_ROOT_PASSWORD: mysql
              DATABASE_NAME: mysql
              DATABASE_USER: 'root'
            restart: always
            ports:
              - "8000:8000"
            volumes:
              - .:/app
            depends_on:
              - db
    """)
    assert found(text) == {
        "P201": 5,
        "P203": 3,
        "P208": 19,
        "P209": 8,
        "P211": 13,
        "P213": 15,
        "P206": 17,
        "P207": 17,
        "P215": 20,
        "P210": 21,
        "P212": 26,
        "P205": 28,
        "P216": 14,
    }


def test_anchors_and_tags_of_compose_are_read() -> None:
    text = dedent("""\
        x-web: &web
          command: [gunicorn, shop.wsgi]
          stop_grace_period: 45s
        services:
          blue:
            <<: *web
            ports: !reset []
          green: *web
    """)
    assert found(text) == {}


def test_words_such_as_on_are_no_booleans() -> None:
    assert yamls.load("on: [push]\nyes: no\nflag: true\n") == {"on": ["push"], "yes": "no", "flag": True}
