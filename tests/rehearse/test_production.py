"""In production a sample is logged; without the setting nothing is installed at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.legacy.project import Legacy

OWNERS = {"auth_db": ["auth", "contenttypes", "sessions", "admin"], "default": "*"}
WATCH = """
import logging
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from tests.legacy.shop.models import Category, Order
lines = []
class Keep(logging.Handler):
    def emit(self, record):
        lines.append([record.levelname, record.getMessage(), getattr(record, "finding", {}).get("kind")])
logging.getLogger("outgrow.rehearse").addHandler(Keep())
call_command("migrate", verbosity=0)
lines.clear()
for n in range(200):
    list(Order.objects.filter(user__username="a secret"))
for n in range(200):
    with transaction.atomic():
        Category.objects.create(name=f"a secret {n}")
        Group.objects.create(name=f"a secret {n}")
answer([lines, len(connection.execute_wrappers), "outgrow.rehearse" in sys.modules,
        BaseDatabaseWrapper.on_commit.__module__, type(connection.atomic_blocks).__name__,
        hasattr(BaseDatabaseWrapper.on_commit, "__wrapped__")])
"""


UNSAMPLED = """
import logging, random
from django.core.management import call_command
from django.db import connection
lines = []
class Keep(logging.Handler):
    def emit(self, record):
        lines.append(record.getMessage())
logging.getLogger("outgrow.rehearse").addHandler(Keep())
random.random = lambda: 1.0
call_command("migrate", verbosity=0)
with connection.cursor() as cursor:
    for sampled, statement in (
        (False, " create temporary table picked as select id, user_id from shop_order"),
        (True, "select * from auth_user u join picked p on p.user_id = u.id"),
        (False, "drop table picked"),
        (False, "create table picked (id integer, user_id integer)"),
        (True, "select * from auth_user u join picked p on p.user_id = u.id"),
    ):
        random.random = (lambda: 0.0) if sampled else (lambda: 1.0)
        cursor.execute(statement)
        lines.append(statement)
answer(lines)
"""


def project(tmp_path: Path, outgrow: dict[str, Any]) -> Legacy:
    return Legacy({"default": f"sqlite:///{tmp_path}/one.sqlite3"}, None, {"OUTGROW": outgrow, "DATABASE_ROUTERS": []})


def test_without_the_setting_nothing_is_installed_and_nothing_imported(tmp_path: Path) -> None:
    found = project(tmp_path, {"OWNERS": {"default": "*"}}).inside(WATCH)
    assert found == [[], 0, False, "django.db.backends.base.base", "list", False]


def test_a_sample_is_logged_with_place_and_without_values(tmp_path: Path) -> None:
    lines, wrappers, *_ = project(tmp_path, {"REHEARSE": {"SAMPLE": 0.2, "OWNERS": OWNERS}}).inside(WATCH)
    assert wrappers == 1
    joins, transactions = ([line for line in lines if line[2] == kind] for kind in ("join", "transaction"))
    assert len(joins) + len(transactions) == len(lines)
    assert 10 < len(joins) < 90  # of 200; beyond six standard deviations on both sides
    assert 10 < len(transactions) < 90
    level, message, _ = joins[0]
    assert level == "WARNING"
    assert message.startswith("join across auth_db and default at <string>:")
    assert not any("a secret" in message for _, message, _ in lines)


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"SAMPLE": 2}, 'OUTGROW["REHEARSE"]["SAMPLE"] is 2; expected a share from 0 to 1, such as 0.01.'),
        ({"SAMPEL": 1}, 'OUTGROW["REHEARSE"] has SAMPEL; expected a dict of SAMPLE, OWNERS, MODE.'),
        ({"SAMPLE": 1}, 'OUTGROW["REHEARSE"] needs owners: give it OWNERS of its own, or declare OUTGROW["OWNERS"].'),
    ],
)
def test_a_wrong_setting_is_said_in_one_sentence(setting: Any, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from outgrow import conf
    from outgrow.errors import Refused
    from outgrow.rehearse import production

    monkeypatch.setattr(conf, "rehearse", lambda: setting)
    with pytest.raises(Refused) as error:
        production.start_if_set()
    assert str(error.value) == says


def test_a_temporary_table_that_was_made_outside_of_the_sample_is_nobodys_inside_of_it(tmp_path: Path) -> None:
    lines = project(tmp_path, {"REHEARSE": {"SAMPLE": 0.01, "OWNERS": OWNERS}}).inside(UNSAMPLED)
    found = [line for line in lines if line.startswith("join across")]
    assert len(found) == 1, lines
    assert lines[-2:] == [found[0], "select * from auth_user u join picked p on p.user_id = u.id"]
