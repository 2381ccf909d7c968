"""The allow-list can only become shorter: links are demanded, stale entries fail, exemptions end."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

import outgrow
from outgrow import exemptions
from outgrow.errors import Refused
from outgrow.rehearse.allowed import AllowList
from outgrow.rehearse.findings import Finding, Kind
from outgrow.rehearse.frames import Place
from outgrow.rehearse.record import Record

ISSUE = "https://tracker.example/7"


def finding(function: str = "monthly", line: int = 3, tables: tuple[str, ...] = ("auth_user", "shop_order")) -> Finding:
    place = Place("shop/reports.py", line, function)
    return Finding(Kind.JOIN, ("auth_db", "default"), tables, place, "SELECT ?", "a join", ("a cure",))


def entry(**changed: Any) -> dict[str, Any]:
    return {
        "kind": "join", "owners": ["auth_db", "default"], "tables": ["auth_user", "shop_order"],
        "where": "shop/reports.py::monthly", "issue": ISSUE, "met_by": ["test_monthly"], **changed,
    }  # fmt: skip


def listed(tmp_path: Path, *entries: Any) -> AllowList:
    path = tmp_path / "allowed.json"
    path.write_text(json.dumps(entries))
    return AllowList.read(path)


def record(*findings: Finding, label: str = "test_monthly") -> Record:
    made = Record(label)
    for each in findings:
        made.found(each)
    return made


def everything(label: str) -> bool:
    return True


def test_a_listed_finding_is_allowed_wherever_its_line_has_moved(tmp_path: Path) -> None:
    verdict = listed(tmp_path, entry()).judge(record(finding(line=400)), everything)
    assert verdict.clean
    assert len(verdict.listed) == 1


@pytest.mark.parametrize("other", [finding("weekly"), finding(tables=("auth_group", "shop_order"))])
def test_another_function_or_table_is_not_allowed(tmp_path: Path, other: Finding) -> None:
    verdict = listed(tmp_path, entry()).judge(record(finding(), other), everything)
    assert [met.finding for met in verdict.unlisted] == [other]
    assert not verdict.clean


@pytest.mark.parametrize("issue", ["", "todo", "PROJ-7", "https://", "ftp://tracker.example/7", "https://a b/c"])
def test_an_entry_without_a_link_fails(tmp_path: Path, issue: str) -> None:
    verdict = listed(tmp_path, entry(issue=issue)).judge(record(finding()), everything)
    assert verdict.problems == (
        "join of auth_db and default at shop/reports.py::monthly has no issue: put the URL of the one that solves it "
        "into the allow-list.",
    )
    assert not verdict.clean


def test_an_entry_that_nobody_meets_any_more_fails_unless_its_tests_did_not_run(tmp_path: Path) -> None:
    allowed = listed(tmp_path, entry(met_by=["test_monthly", "test_yearly"]))
    stale = allowed.judge(record(), everything)
    assert stale.problems == (
        f"join of auth_db and default at shop/reports.py::monthly was not met any more: take it off {allowed.path}.",
    )
    some = allowed.judge(record(), "test_monthly".__eq__)
    assert (some.clean, some.unjudged) == (True, 1)


def test_an_entry_ends_with_its_date(tmp_path: Path) -> None:
    assert listed(tmp_path, entry(until="2999-01")).judge(record(finding()), everything).clean
    [problem] = listed(tmp_path, entry(until="2020-01")).judge(record(finding()), everything).problems
    assert problem.endswith(f"was allowed until 2020-01 for {ISSUE}: solve it, or agree on a later date.")


def test_a_recording_run_keeps_links_adds_what_is_new_and_drops_what_is_stale(tmp_path: Path) -> None:
    allowed = listed(
        tmp_path, entry(until="2999-01"), entry(where="gone.py::f"), entry(where="rare.py::f", met_by=["test_rare"])
    )
    made = allowed.recorded(record(finding(), finding("weekly")), lambda label: label != "test_rare")
    made.write()
    again = AllowList.read(allowed.path)
    found = {e.key[3]: (e.issue, e.until, e.met_by) for e in again.entries.values()}
    assert found == {
        "shop/reports.py::monthly": (ISSUE, "2999-01", ("test_monthly",)),
        "shop/reports.py::weekly": ("", None, ("test_monthly",)),
        "rare.py::f": (ISSUE, None, ("test_rare",)),
    }
    assert again.without_link == 1
    made.write()
    assert AllowList.read(allowed.path).entries == again.entries


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([{"kind": "join"}], "Entry 1 of the allow-list"),
        ([entry(kind="jion")], "'jion' is not a valid Kind"),
        ([entry(reason="x")], "it has reason"),
        ([entry(until="soon")], "until='soon' is no date"),
        ([entry(owners="auth_db")], "'auth_db' is no list"),
        (["x"], "Entry 1"),
    ],
)
def test_an_entry_that_cannot_be_read_is_named(tmp_path: Path, entries: Any, says: str) -> None:
    with pytest.raises(Refused, match=says):
        listed(tmp_path, *entries)


def test_a_file_that_is_no_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "allowed.json"
    for text, says in (("{", "has to be a JSON list"), ("{}", "holds dict; expected a list")):
        path.write_text(text)
        with pytest.raises(Refused, match=says):
            AllowList.read(path)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"issue": "todo"}, "expected the URL of the issue where this is being solved"),
        ({"issue": ISSUE, "until": "January"}, "until='January' is no date"),
        ({"issue": ISSUE, "until": "2027-13"}, "until='2027-13' is no date"),
        ({"issue": ISSUE, "until": "2027-02-30"}, "until='2027-02-30' is no date"),
    ],
)
def test_an_exemption_needs_a_link_and_a_date(arguments: dict[str, str], says: str) -> None:
    with pytest.raises(Refused, match=says):
        outgrow.allow_cross_database(**arguments)  # type: ignore[arg-type]


def test_an_exemption_holds_through_its_last_day(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(exemptions.last_day("2027-02")) == "2027-02-28"
    assert str(exemptions.last_day("2028-02")) == "2028-02-29"
    assert str(exemptions.last_day("2027-02-03")) == "2027-02-03"
    today = exemptions.datetime.now(exemptions.UTC).date().isoformat()
    assert not exemptions.Exemption(ISSUE, today).expired
    assert exemptions.Exemption(ISSUE, "2026-01-01").expired


def test_an_exemption_is_the_coroutines_own() -> None:
    async def inside() -> bool:
        with outgrow.allow_cross_database(issue=ISSUE):
            await asyncio.sleep(0.01)
            return exemptions.current() is not None

    @outgrow.allow_cross_database(issue=ISSUE)
    async def decorated() -> bool:
        await asyncio.sleep(0)
        return exemptions.current() is not None

    async def outside() -> bool:
        await asyncio.sleep(0.005)
        return exemptions.current() is not None

    async def all_at_once() -> list[bool]:
        return list(await asyncio.gather(inside(), outside(), decorated(), outside()))

    assert asyncio.run(all_at_once()) == [True, False, True, False]
    assert exemptions.current() is None


def test_the_inner_of_two_exemptions_holds_and_one_that_ended_does_not_hide_the_other() -> None:
    ended = outgrow.allow_cross_database(issue="https://tracker.example/8", until="2020-01")
    with outgrow.allow_cross_database(issue=ISSUE), ended:
        found = exemptions.current()
    assert found is not None
    assert found.issue == ISSUE


def test_forked_processes_are_read_from_their_file(tmp_path: Path) -> None:
    made = Record("parent", tmp_path / "forked.jsonl")
    made.found(finding())
    made._process = -1  # as in a child
    made.found(finding())
    made.found(finding("weekly"))
    made.expired(exemptions.Exemption(ISSUE, "2020-01"))
    assert {met.finding.place.function: met.count for met in made.in_order()} == {"monthly": 1}
    made.read_spool()
    assert {met.finding.place.function: met.count for met in made.in_order()} == {"monthly": 2, "weekly": 1}
    assert list(made.exemptions) == [ISSUE]
