"""What a rehearsal found, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from outgrow.rehearse.allowed import AllowList, Verdict
from outgrow.rehearse.record import Met, Record

SHOWN = 30  # findings in full; the rest is in the JSON
SQL_SHOWN = 600


def as_dict(record: Record, verdict: Verdict) -> dict[str, Any]:
    """All findings, allowed or not, and the counts of each pair of owners."""
    allowed = {met.finding.key for met in verdict.listed}
    findings = [
        {
            **met.finding.as_json(), "count": met.count, "met_by": sorted(met.labels),
            "allowed": met.finding.key in allowed,
        }
        for met in record.in_order()
    ]  # fmt: skip
    pairs = [
        {"owners": list(pair), "findings": sum(kinds.values()), "by_kind": dict(sorted(kinds.items()))}
        for pair, kinds in record.pairs().items()
    ]
    return {
        "clean": verdict.clean, "pairs": pairs, "findings": findings, "problems": list(verdict.problems),
        "unjudged_entries": verdict.unjudged,
    }  # fmt: skip


def as_text(record: Record, verdict: Verdict) -> str:
    """For a person: how far the owners are from being split, then every finding that is not allowed."""
    return "\n".join(_lines(record, verdict))


def recorded_text(made: AllowList) -> str:
    """What a recording run has to say."""
    text = f"{_plural(len(made.entries), 'entry', 'entries')} in {made.path}"
    return f"{text}; {made.without_link} without an issue: put its URL into each." if made.without_link else f"{text}."


def finding_text(met: Met) -> str:
    """One finding in full."""
    return "\n".join(_finding(met))


def _lines(record: Record, verdict: Verdict) -> Iterator[str]:
    pairs = record.pairs()
    if not pairs:
        yield "Nothing crosses the owners."
    for pair, kinds in pairs.items():
        listed = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        crossings = _plural(sum(kinds.values()), "crossing")
        yield f"{pair[0]} and {pair[1]}: {crossings} to cure before they can be split ({listed})"
    if verdict.listed:
        yield f"{_plural(len(verdict.listed), 'crossing')} of them allowed by the list."
    for met in verdict.unlisted[:SHOWN]:
        yield ""
        yield from _finding(met)
    if len(verdict.unlisted) > SHOWN:
        yield ""
        yield f"and {len(verdict.unlisted) - SHOWN} more, which the JSON report has."
    if verdict.problems:
        yield ""
        yield from verdict.problems
    if verdict.unjudged:
        entries = _plural(verdict.unjudged, "entry", "entries")
        yield f"{entries} of the allow-list not judged: what met them did not run."


def _finding(met: Met) -> Iterator[str]:
    finding = met.finding
    yield f"{finding.kind}  {finding.place}  ({_plural(met.count, 'time')})"
    yield f"    {finding.message}"
    if finding.sql:
        yield f"    {finding.sql[:SQL_SHOWN]}{' …' if len(finding.sql) > SQL_SHOWN else ''}"
    for n, cure in enumerate(finding.cures, 1):
        yield f"    {n}. {cure}"
    if met.labels:
        yield f"    met by {', '.join(sorted(met.labels))}"


def _plural(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
