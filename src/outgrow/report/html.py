"""The report as one HTML file: nothing is fetched, nothing is run, and it can be mailed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from django.template import Context, Engine

from outgrow import __version__
from outgrow.report import Bucket, Report, words

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 200, 64, 24, 12


def as_html(report: Report) -> str:
    """The whole page. Django's template engine escapes what comes from the database."""
    page = files("outgrow.report").joinpath("page.html").read_text(encoding="utf-8")
    return Engine(autoescape=True).from_string(page).render(Context(_context(report)))


def _context(report: Report) -> dict[str, Any]:
    return {
        "report": report,
        "version": __version__,
        "figures": [(name, value) for name, value in _figures(report) if value],
        "facts": [(name, value) for name, value in _facts(report) if value],
        "steps": [(s, words.seconds(s.seconds), f"{s.share * 100:.1f}") for s in report.steps],
        "tables": [_table(t) for t in report.tables],
        "findings": [
            (title, [(f, [words.key(key) for key in f.sample[:10]]) for f in rows])
            for title, rows in (("What the audits found", report.findings), ("Not judged", report.not_judged))
        ],
        "chart": chart(report.throughput),
    }


def _figures(report: Report) -> list[tuple[str, str]]:
    verified = sum(t.proof == "verified" for t in report.tables)
    return [
        ("rows", words.number(report.rows)),
        ("tables verified", f"{verified} of {len(report.tables)}"),
        ("copied in", words.seconds(report.copy_seconds)),
        ("rows a second", words.number(report.rows_per_second) if report.copy_seconds else ""),
        ("all steps", words.seconds(report.seconds)),
    ]


def _facts(report: Report) -> list[tuple[str, str]]:
    return [
        ("Source", f"{report.source} {_version(report.source_version)}"),
        ("Target", f"{report.target} {_version(report.target_version)}"),
        ("Begun", words.moment(report.started)),
        ("Ended", words.moment(report.finished)),
        ("Resumed", words.plural(report.taken_over, "time") if report.taken_over else ""),
        ("Source read from", report.snapshot),
        ("Rows written by", ", ".join(report.ways)),
        ("Data", words.size(report.bytes)),
        ("Indexes, keys and triggers", f"{report.restored} of {report.set_aside} restored" if report.set_aside else ""),
        ("Rejected rows are named in", report.rejects),
        ("Workers", str(report.options.get("jobs", ""))),
    ]


def _version(version: str) -> str:
    return f"({version})" if version else ""


def _table(t: Any) -> dict[str, Any]:
    return {
        "line": t,
        "rows": words.number(t.rows),
        "size": words.size(t.bytes),
        "seconds": words.seconds(t.seconds) if t.seconds else "",
        "sampled": words.number(t.sampled),
        "digests": [d[: d.find(":") + 13] for d in (t.source_digest, t.target_digest)],
    }


def chart(buckets: Sequence[Bucket]) -> dict[str, Any] | None:
    """Coordinates of the throughput chart: an area, and the lines and labels of both axes."""
    if not buckets:
        return None
    top = _round_up(max(b.rows_per_second for b in buckets))
    width = buckets[1].at - buckets[0].at if len(buckets) > 1 else 1.0
    span = width * len(buckets)

    def x(at: float) -> float:
        return LEFT + (WIDTH - LEFT - 8) * at / span

    def y(rate: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - rate / top)

    steps = " ".join(
        f"{x(b.at):.1f},{y(b.rows_per_second):.1f} {x(b.at + width):.1f},{y(b.rows_per_second):.1f}" for b in buckets
    )
    floor = f"{y(0):.1f}"
    return {
        "line": steps,
        "area": f"{x(0):.1f},{floor} {steps} {x(span):.1f},{floor}",
        "levels": [(f"{y(top * n / 4):.1f}", words.number(top * n / 4)) for n in range(5)],
        "ticks": [(f"{x(span * n / 4):.1f}", words.seconds(span * n / 4) if n else "0") for n in range(5)],
        "width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - 8, "bottom": HEIGHT - 6, "floor": floor,
    }  # fmt: skip


def _round_up(value: float) -> float:
    """The next 1, 2, 4 or 8 times a power of ten, so that quarters of it are round."""
    magnitude = 1.0
    while magnitude * 10 < value:
        magnitude *= 10
    return next(m * magnitude for m in (1, 2, 4, 8, 10) if m * magnitude >= value)
