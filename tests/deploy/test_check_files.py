"""Which files `outgrow deploy check` reads, Terraform, and how it says what it found."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from outgrow.deploy.checking import check, scripts, terraform
from outgrow.deploy.checking.catalogue import RULES, fault
from outgrow.deploy.checking.ends import ended, split_image
from outgrow.deploy.ignoring import ignored
from outgrow.errors import Refused
from tests.deploy.conftest import ROOT, Run

RDS = """\
resource "aws_db_instance" "main" {
  publicly_accessible         = false
  storage_encrypted           = true
  deletion_protection         = true
  backup_retention_period     = 7
  manage_master_user_password = true
}
resource "aws_security_group" "db" {
  ingress {
    from_port       = 3306
    to_port         = 3306
    security_groups = [aws_security_group.web.id]
  }
  egress {
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""


@pytest.mark.parametrize(
    ("rule", "right", "wrong", "line"),
    [
        ("P601", "publicly_accessible         = false", "publicly_accessible = true", 2),
        ("P602", "security_groups = [aws_security_group.web.id]", 'cidr_blocks = ["0.0.0.0/0"]', 12),
        ("P602", "security_groups = [aws_security_group.web.id]", 'ipv6_cidr_blocks = ["::/0"]', 12),
        ("P603", "storage_encrypted           = true", "storage_encrypted = false", 3),
        ("P604", "backup_retention_period     = 7", "backup_retention_period = 1", 5),
        ("P605", "  deletion_protection         = true\n", "", 1),
        ("P606", "manage_master_user_password = true", 'password = "hunter2"', 6),
    ],
)
def test_a_database_of_terraform_that_is_open(rule: str, right: str, wrong: str, line: int) -> None:
    assert list(terraform.judge("rds.tf", RDS)) == []
    assert [(one.id, one.line) for one in terraform.judge("rds.tf", RDS.replace(right, wrong))] == [(rule, line)]


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ('to_port = 3306\nfrom_port = 3306\ncidr_blocks = ["0.0.0.0/0"]', [5]),
        ('from_port = 0\nto_port = 0\nprotocol = "-1"\ncidr_blocks = [\n"0.0.0.0/0",\n]', [7]),
        (
            'from_port = 443\nto_port = 443\ncidr_blocks = ["0.0.0.0/0"]\n}\ningress {\nfrom_port = 0\nto_port = 65535',
            [],
        ),
    ],
)
def test_the_ports_of_a_rule_are_those_of_its_block(rule: str, lines: list[int]) -> None:
    text = f'resource "aws_security_group" "x" {{\ningress {{\n{rule}\n}}\n}}\n'
    assert [one.line for one in terraform.judge("a.tf", text)] == lines


@pytest.mark.parametrize(
    "line",
    [
        "CMD mysqladmin ping -uroot -phunter2",
        "DATABASE_URL=mysql://root:hunter2@db/shop python manage.py migrate",
        "DB_PASSWORD='hunter2' ./start",
        "aws-secret-access-key: hunter2",
    ],
)
def test_a_secret_of_a_line_is_not_shown(line: str) -> None:
    assert "hunter2" not in fault("P204", "compose.yaml", 1, line).found
    assert fault("P404", "a.yml", 1, 'echo "A_KEY=${{ secrets.A }}" >> .env').found.endswith('secrets.A }}" >> .env')


@pytest.mark.parametrize(
    ("file", "rule", "wrong", "right"),
    [
        (
            "docker/entrypoint.sh", "P110", 'set -e\npython manage.py migrate\nexec "$@"\n',
            '# python manage.py migrate is a job of its own\nexec "$@"\n',
        ),
        ("start", "P110", "set -e\n./manage.py migrate\ngunicorn a.wsgi\n", "./manage.py migrate --check\ngunicorn\n"),
        ("start", "P110", "cd /app\npython manage.py migrate --noinput\ngunicorn shop.wsgi\n", "gunicorn shop.wsgi\n"),
        (
            "config/scripts/deploy.sh", "P412", "cd srv\nsudo docker-compose -f a.prod.yml up --build -d\n",
            "docker compose -f compose.prod.yaml up -d\n",
        ),
        ("deploy.sh", "P412", "cd srv\ngit pull\n", "python3 deploy/deploy.py deploy $1\n"),
    ],
)  # fmt: skip
def test_scripts_that_start_servers_or_deploy(file: str, rule: str, wrong: str, right: str) -> None:
    assert scripts.NAMES.match(file.rpartition("/")[2])
    assert [(one.id, one.line) for one in scripts.judge(file, wrong)] == [(rule, 2)]
    assert list(scripts.judge(file, right)) == []


def test_the_files_of_a_walkthrough_are_found_where_they_lie(tmp_path: Path) -> None:
    for path, text in {
        "Dockerfile": "FROM python:3.8.3-alpine\nCOPY . /app\n",
        "docker-compose.yml": "services: {db: {image: 'mysql:5.7'}}\n",
        "docker-compose.prod.yml": "services: {web: {command: gunicorn x, container_name: web}}\n",
        "config/nginx/nginx.conf": "server { location / { proxy_pass http://web:8000; } }\n",
        ".github/workflows/deploy.yml": "on: [push]\njobs: {a: {steps: [{uses: actions/checkout@master}]}}\n",
        "node_modules/x/Dockerfile": "FROM python\n",
        "compose.test.yaml": "services: {db: {image: mysql}}\n",
        "start": "no script, for it does not begin as one\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    files, faults = check(tmp_path, date(2026, 11, 29))
    assert files == [
        ".github/workflows/deploy.yml",
        "Dockerfile",
        "config/nginx/nginx.conf",
        "docker-compose.prod.yml",
        "docker-compose.yml",
    ]
    assert {(one.file, one.id) for one in faults} >= {
        (".github/workflows/deploy.yml", "P402"),
        ("Dockerfile", "P101"),
        ("Dockerfile", "P106"),
        (".gitignore", "P501"),
        ("config/nginx/nginx.conf", "P301"),
        ("docker-compose.prod.yml", "P213"),
        ("docker-compose.yml", "P201"),
    }


def test_env_has_to_be_ignored_by_git(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    (tmp_path / ".gitignore").write_text("*.sqlite3\n.env\n")
    assert check(tmp_path)[1] == []
    (tmp_path / ".gitignore").write_text("*.sqlite3\n")
    assert [(one.id, one.file, one.line) for one in check(tmp_path)[1]] == [("P501", ".gitignore", 1)]


def test_a_folder_with_nothing_to_check_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"Nothing is to be checked .* write them with `outgrow deploy init`"):
        check(tmp_path)


def test_a_file_that_is_no_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  a: [\n")
    with pytest.raises(Refused, match=r"compose.yaml is no YAML, as line \d+ shows"):
        check(tmp_path)


def test_the_command_says_file_line_why_and_what_instead(shop: Path, outgrow: Run) -> None:
    (shop / ".gitignore").write_text(".env\n")
    (shop / "Dockerfile").write_text("FROM python:3.13.15-slim\nCMD python manage.py runserver\n")
    said = outgrow("deploy", "check")
    assert said.returncode == 1
    assert (
        "Dockerfile:2  P108  severe: the development server\n    CMD python manage.py runserver\n    Why: "
        in said.stdout
    )
    assert "\n    Instead: CMD [" in said.stdout
    assert said.stdout.strip().endswith("1 file read: 2 severe, 1 warning.")
    result = json.loads(outgrow("deploy", "check", "--json").stdout)
    assert {"P104", "P105", "P108"} == {one["id"] for one in result["faults"]}


def test_warnings_alone_leave_the_exit_code_at_zero(shop: Path, outgrow: Run) -> None:
    (shop / ".gitignore").write_text(".env\n")
    (shop / "Dockerfile").write_text("FROM python:3.13.15-slim\nUSER 1000\nCMD gunicorn shop.wsgi\n")
    assert outgrow("deploy", "check").returncode == 0


def test_every_rule_is_in_the_page_and_in_a_test() -> None:
    page = (ROOT / "docs/deploy.md").read_text()
    tests = "".join(file.read_text() for file in (ROOT / "tests/deploy").glob("test_check_*.py"))
    for id_, rule in RULES.items():
        assert re.search(rf"^\| {id_} \| {re.escape(rule.title)} \|", page, re.MULTILINE), id_
        assert f'"{id_}"' in tests, id_
    assert set(re.findall(r"^\| (P\d+) \|", page, re.MULTILINE)) == set(RULES)


def test_rules_read_as_sentences() -> None:
    for id_, rule in RULES.items():
        assert rule.why[0].isupper(), id_
        assert rule.why.endswith("."), id_
        assert rule.instead.endswith("."), id_


def test_ends_of_versions() -> None:
    today = date(2026, 11, 29)
    assert ended("python", "3.8.3-alpine", today) == date(2024, 10, 7)
    assert ended("mysql", "5.7.44", today)
    assert ended("mysql", "8.0", today)
    assert ended("mysql", "9.7", today) is None
    assert ended("postgres", "14-alpine", today)
    assert ended("postgres", "15.2", today) is None
    assert ended("mariadb", "10.6", today)
    assert ended("mariadb", "10.11", today) is None
    assert split_image("ghcr.io:443/a/python:3.13@sha256:00") == ("python", "3.13", "sha256:00")


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        (".env", True),
        ("/.env", True),
        (".env*", True),
        ("*.env", True),
        ("**/.env", True),
        ("# .env", False),
        (".env\n!.env", False),
        (".envrc", False),
        ("", False),
    ],
)
def test_what_an_ignore_file_leaves_out(text: str, left_out: bool) -> None:
    assert ignored(".env", text) is left_out
