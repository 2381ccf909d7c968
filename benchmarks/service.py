"""The parts of docs/benchmarks.md about plaza: what its reads cost, and how it does under load."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.costs.limits import GROWTH, LIMITS, MEMORY, QUERIES

Results = Mapping[str, Mapping[str, Any]]
COSTS, GROWN, LOAD = "plaza-costs", "plaza-growth", "load-"

ABOUT_COSTS = """## What plaza's reads cost

Times the *floor*, a bare Django view with one indexed query, through the WSGI handler of one process, in turn; medians
of the rounds' ratios. In brackets: queries, at most {queries} expected. *Feed grown*: the home feed's ratio with
{many:,} posts by that with {few:,}, of the same users who follow the same; at most {growth:g} expected. *Worker*: PSS
of the largest gunicorn worker after requests of every kind and pictures; at most {memory} MB expected.
"""

ABOUT_LOAD = """## plaza under load

`make load LAYOUT=L1 WEB=2 RATE="10 20 40"`: Poisson arrivals at a fixed rate that wait for nobody's answer (an open
loop), 60 % social, 30 % videos, 10 % bookings (see `benchmarks/load/profiles.py`); a request's time runs from when it
was due. Servers, databases, nginx and the load itself are on **one host with two cores: relative numbers only**. *Held*
is the highest rate with P99 ≤ 500 ms and errors ≤ 0.1 %. After every run: counters equal a recount, no two bookings
overlap, the outboxes are empty, every answered write is there once (a fifth were sent twice), nothing is left of
accounts that were deleted.
"""


def on_the_page(found: Results) -> dict[str, Mapping[str, Any]]:
    return {what: result for what, result in found.items() if what in (COSTS, GROWN) or what.startswith(LOAD)}


def sections(found: Results) -> Iterable[str]:
    if COSTS in found:
        yield _costs(found[COSTS], found.get(GROWN, {}))
    if loads := [found[what] for what in sorted(found) if what.startswith(LOAD)]:
        yield _loads(loads)


def _costs(result: Mapping[str, Any], grown: Mapping[str, Any]) -> str:
    few, many = grown.get("posts", result["posts"])
    growth: Mapping[str, Any] = grown.get("engines", {})
    engines: Mapping[str, Any] = result["engines"]
    rows = [
        [kind, f"≤ {limit:g}", *(_cost(found.get("reads", {}).get(kind), limit) for found in engines.values())]
        for kind, limit in LIMITS.items()
    ]
    feeds = [growth.get(engine, {}).get("growth", {}).get("grown") for engine in engines]
    rows.append(["feed grown", f"≤ {GROWTH:g}", *(_figure(feed, GROWTH, "{:.2f}") for feed in feeds)])
    rows.append(["worker, MB", f"≤ {MEMORY}", *(_figure(found.get("memory"), MEMORY, "{:.0f}")
                                                for found in engines.values())])  # fmt: skip
    floors = [f"{found['reads']['floor']['ms']:.2f} ms" if "reads" in found else "" for found in engines.values()]
    rows.append(["the floor itself", "", *floors])
    about = ABOUT_COSTS.format(queries=QUERIES, few=few, many=many, growth=GROWTH, memory=MEMORY)
    return f"{about}\n{_grid(['', 'must', *engines], rows)}"


def _cost(figures: Mapping[str, Any] | None, limit: float) -> str:
    if figures is None:
        return "not measured"
    queries = f"{figures['queries']}" if figures["queries"] <= QUERIES else f"**{figures['queries']}**"
    return f"{_figure(figures['ratio'], limit, '{:.2f}')} ({queries})"


def _figure(value: float | None, limit: float, form: str) -> str:
    if value is None:
        return "not measured"
    return form.format(value) if value <= limit else f"**{form.format(value)}**"


def _loads(found: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for result in found:
        bad = [gate for gate, wrong in result["gates"].items() if wrong]
        for step in result["steps"]:
            all_ = step["all"]
            rows.append([
                result["layout"], str(result["web"]), result["profile"], f"{step['rate']:g}", f"{all_['requests']:,}",
                *(f"{all_[f'P{part}, ms']:,.0f}" for part in (50, 95, 99)), f"{all_['errors']:.2%}",
                f"{result['held']:g}" if result["held"] is not None else "none", "; ".join(bad) or "all hold",
            ])  # fmt: skip
    head = ["layout", "WEB", "profile", "rate, 1/s", "requests", "P50, ms", "P95, ms", "P99, ms", "errors", "held, 1/s",
            "gates"]  # fmt: skip
    return f"{ABOUT_LOAD}\n{_grid(head, rows)}"


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines) + "\n"
