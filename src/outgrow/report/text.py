"""The report as text for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from outgrow.ledger.records import FindingRecord
from outgrow.report import Report, TableLine, words


def as_text(report: Report) -> str:
    """All of it, in the order a reader asks: did it work, what was moved, what was found, how long did it take."""
    parts = [
        _head(report), _tables(report), _others(report), _fixes(report), _findings("Findings", report.findings),
        _findings("Not judged", report.not_judged), _steps(report), _settings(report),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(report: Report) -> str:
    facts = [
        ("source", _place(report.source, report.source_version)),
        ("target", _place(report.target, report.target_version)),
        ("run", f"{report.run}, begun {words.moment(report.started)}{_taken_over(report)}"),
        ("rows", f"{words.number(report.rows)} in {words.plural(len(report.tables), 'table')}, {_speed(report)}"),
        ("split", report.split),
        ("snapshot", report.snapshot),
        ("written by", ", ".join(report.ways)),
        ("restored", f"{report.restored} of {report.set_aside} indexes, keys and triggers" if report.set_aside else ""),
    ]  # fmt: skip
    width = max(len(name) for name, _ in facts)
    return "\n".join([report.sentence, *(f"  {name:<{width}}  {value}" for name, value in facts if value)])


def _place(spoken: str, version: str) -> str:
    return f"{spoken} ({version})" if version else spoken


def _taken_over(report: Report) -> str:
    return f", resumed {words.plural(report.taken_over, 'time')}" if report.taken_over else ""


def _speed(report: Report) -> str:
    if not report.copy_seconds:
        return words.size(report.bytes)
    return f"{words.size(report.bytes)}, copied in {words.seconds(report.copy_seconds)}"


def _tables(report: Report) -> str:
    if not report.tables:
        return ""
    head = ("table", "rows", "size", "digests", "sample", "state")
    return table(head, [_row(t) for t in report.tables], right=(1, 2)) + "".join(
        f"\n  {t.name}: {t.note}" for t in report.tables if t.note
    )


def _row(t: TableLine) -> tuple[str, ...]:
    sample = (
        "" if t.sampled_equal is None else f"{'equal' if t.sampled_equal else 'DIFFER'} ({words.number(t.sampled)})"
    )
    digests = {None: "", True: "equal", False: "DIFFER"}[t.equal]
    return (t.name, words.number(t.rows), words.size(t.bytes), digests, sample, t.proof)


def _others(report: Report) -> str:
    if not report.others:
        return ""
    return "Not copied\n" + "\n".join(f"  {name}: {action} ({reason})" for name, action, reason in report.others)


def _fixes(report: Report) -> str:
    if not report.fixes:
        return ""
    lines = [
        f"  {rule}={policy} in {name}: {words.plural(n, 'row' if policy == 'reject' else 'value')}"
        for rule, policy, name, n in report.fixes
    ]
    if report.rejects:
        lines.append(f"  the rejected rows are named in {report.rejects}")
    return "Fixes applied\n" + "\n".join(lines)


def _findings(title: str, rows: Sequence[FindingRecord]) -> str:
    return title + "\n" + findings(rows) if rows else ""


def findings(rows: Iterable[FindingRecord]) -> str:
    """One finding a paragraph: id and line, where, sample keys, remedy."""
    return "\n".join(_finding(row) for row in rows)


def _finding(f: FindingRecord) -> str:
    lines = [f"  {f.rule}  {f.line}"]
    if f.sample:
        shown = ", ".join(words.key(k) for k in f.sample[:5])
        more = f" and {words.number(f.amount - 5)} more" if f.amount > 5 else ""
        lines.append(f"        keys: {shown}{more}")
    if f.remedy:
        lines.append(f"        {f.remedy}")
    if f.policy:
        lines.append(f"        fixed by {f.rule}={f.policy}")
    return "\n".join(lines)


def _steps(report: Report) -> str:
    if not report.steps:
        return ""
    rows = [(s.name, words.seconds(s.seconds), "" if s.state == "finished" else s.state) for s in report.steps]
    return table(("step", "time", ""), rows, right=(1,))


def _settings(report: Report) -> str:
    if not report.settings_block:
        return ""
    return "Settings to use from now on\n\n" + "\n".join(f"    {line}" for line in report.settings_block.splitlines())


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Columns as wide as they need to be."""
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]

    def line(row: Sequence[str]) -> str:
        cells = (f"{c:>{widths[n]}}" if n in right else f"{c:<{widths[n]}}" for n, c in enumerate(row))
        return ("  " + "  ".join(cells)).rstrip()

    return "\n".join([line(head), *map(line, rows)])
