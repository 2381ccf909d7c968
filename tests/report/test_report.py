"""The report says what the ledger holds, and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from outgrow.ledger import ChunkRecord, Ledger, State
from outgrow.report import Report, build, throughput
from outgrow.report.html import as_html
from outgrow.report.text import as_text
from outgrow.report.words import moment, number, seconds, size
from tests.report.conftest import EVIL


@pytest.fixture
def report(ledger: Ledger) -> Report:
    return build(ledger.record())


def test_it_adds_up_what_the_chunks_did(report: Report) -> None:
    assert (report.rows, report.bytes, report.copy_seconds, report.seconds) == (1000, 10_000, 4.0, 5.0)
    assert report.rows_per_second == 250
    assert [(t.name, t.rows, t.chunks, t.proof) for t in report.tables] == [
        ("shop_order", 1000, 2, "verified"),
        ("shop_empty", 0, 0, "verified"),
    ]


def test_it_keeps_apart_what_was_found_and_what_could_not_be_judged(report: Report) -> None:
    assert [f.rule for f in report.findings] == ["A306"]
    assert [f.rule for f in report.not_judged] == ["A405"]
    assert report.fixes == (("A101", "cut", "shop_order", 2),)
    assert report.others == (("cache", "skipped", "a cache"),)
    assert (report.restored, report.set_aside) == (1, 1)


def test_throughput_spreads_a_chunk_over_its_own_seconds(report: Report) -> None:
    width = report.throughput[1].at
    assert sum(b.rows_per_second * width for b in report.throughput) == pytest.approx(1000)
    assert report.throughput[0].rows_per_second == pytest.approx(200)
    assert report.throughput[-1].rows_per_second == pytest.approx(300)


def test_two_workers_at_once_add_up() -> None:
    both = [ChunkRecord("t", n, rows=100, seconds=1.0, finished_at=11.0) for n in (0, 1)]
    assert [round(b.rows_per_second) for b in throughput(both)] == [200] * 60
    assert throughput([ChunkRecord("t", 0)]) == ()


def test_a_chunk_that_took_no_time_is_not_lost() -> None:
    instant = throughput([ChunkRecord("t", 0, rows=100, seconds=0.0, finished_at=11.0)])
    assert sum(b.rows_per_second * instant[1].at for b in instant) == pytest.approx(100)


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_sentence_and_only_verified_says_so(ledger: Ledger, state: State) -> None:
    sentence = build(replace(ledger.record(), state=state.value)).sentence
    assert sentence.endswith(".")
    assert ("and verified" in sentence) == (state is State.VERIFIED)


def test_rows_that_were_rejected_are_no_part_of_every_row(ledger: Ledger) -> None:
    ledger.fact("rejects", "outgrow-rejects-1.csv")
    report = build(replace(ledger.record(), altered={("A501", "reject", "shop_order"): 2}))
    said = as_text(report)
    assert said.startswith(
        "Every row but 2 rejected by --fix was copied and verified: source and target are equal but for these."
    )
    assert "A501=reject in shop_order: 2 rows" in said
    assert "the rejected rows are named in outgrow-rejects-1.csv" in said
    assert "outgrow-rejects-1.csv" in as_html(report)


def test_a_table_that_differs_says_so_everywhere(ledger: Ledger) -> None:
    ledger.table_state("shop_order", state="differs", equal=False, note="shop_order 4: 3 characters, #aa")
    report = build(ledger.record())
    assert report.tables[0].proof == "differs"
    assert "DIFFER" in as_text(report)
    assert 'class="differs">differ<' in as_html(report)
    assert "shop_order 4: 3 characters, #aa" in as_text(report)


def test_a_difference_on_the_second_path_alone_is_a_difference(ledger: Ledger) -> None:
    ledger.table_state("shop_order", sampled_equal=False)
    assert build(ledger.record()).tables[0].proof == "differs"


def test_the_json_is_json(report: Report) -> None:
    value: dict[str, Any] = json.loads(json.dumps(report.as_dict()))
    assert value["tables"][0]["source_digest"] == "1000:0f"
    assert len(value["throughput"]) == 60


def test_the_text_tells_the_whole_story(report: Report) -> None:
    text = as_text(report)
    for part in (
        "Every row was copied and verified", "1,000 in 2 tables, 10 kB, copied in 4.0 s", "PostgreSQL 18.4", "COPY",
        "online backup", "shop_order", "equal (1,000)", "cache: skipped (a cache)", "A101=cut in shop_order: 2 values",
        "A306", "keys: 17, (1, x)", "Not judged", "A405", 'os.environ["DATABASE_PASSWORD"]',
    ):  # fmt: skip
        assert part in text


class Page(HTMLParser):
    """Collects what a browser would fetch or run, and whether tags are closed."""

    VOID = {"meta", "line", "polygon", "polyline", "br"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.fetched += [f"{name}={value}" for name, value in attrs if name in ("src", "href", "action", "srcset")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone(report: Report) -> None:
    text = as_html(report)
    page = Page(text)
    assert page.fetched == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert page.open == []
    assert not re.search(r"url\(|@import|https?://", text)


def test_the_page_escapes_what_comes_from_a_database(report: Report) -> None:
    assert EVIL not in as_html(report)
    assert "&lt;script&gt;" in as_html(report)


def test_the_page_shows_the_chart_the_steps_and_every_table(report: Report) -> None:
    text = as_html(report)
    assert text.count("<polyline") == 1
    for part in ("1,000", "shop_order", "shop_empty", "online backup", "no rows", "A405", "DATABASE_PASSWORD"):
        assert part in text
    assert "hunter2" not in text


def test_a_run_that_has_only_begun_can_be_reported(ledger: Ledger) -> None:
    record = replace(ledger.record(), steps=(), tables=(), chunks=(), findings=(), facts={}, set_aside=(), altered={})
    report = build(replace(record, state="planned"))
    assert "no row has been copied yet" in as_text(report)
    assert "<polyline" not in as_html(report)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (number(1_005_914), "1,005,914"), (size(999), "999 bytes"), (size(1_450), "1.4 kB"),
        (size(145_000_000), "145 MB"), (size(None), "unknown"), (seconds(0.041), "0.04 s"),
        (seconds(3.14), "3.1 s"), (seconds(125), "2 min 5 s"),
        (seconds(3_780), "1 h 3 min"), (moment(None), ""),
    ],
)  # fmt: skip
def test_numbers_are_spoken(shown: str, expected: str) -> None:
    assert shown == expected
