"""The allow-list: crossings that are known, each with the issue where it is being solved. It can only become shorter.

    [
      {
        "kind": "join", "owners": ["auth_db", "default"], "tables": ["auth_user", "shop_order"],
        "where": "shop/reports.py::monthly", "issue": "https://tracker.example/7", "until": "2027-01",
        "met_by": ["shop/tests/test_reports.py::test_monthly"]
      }
    ]

A recording run writes it. An entry without a link fails, so does one that nobody meets any more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outgrow.errors import Refused
from outgrow.exemptions import is_link, last_day
from outgrow.rehearse.findings import Key, Kind
from outgrow.rehearse.record import Met, Record

_FIELDS = {"kind", "owners", "tables", "where", "issue", "until", "met_by"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list."""

    key: Key
    issue: str = ""
    until: str | None = None
    met_by: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        kind, owners, tables, where = self.key
        value = {"kind": kind, "owners": list(owners), "tables": list(tables), "where": where, "issue": self.issue}
        return {**value, **({"until": self.until} if self.until else {}), "met_by": list(self.met_by)}

    def __str__(self) -> str:
        kind, owners, _, where = self.key
        return f"{kind} of {' and '.join(owners)} at {where}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run says of the list. ``problems`` are sentences; ``unjudged`` entries belong to what did not run."""

    unlisted: tuple[Met, ...] = ()
    listed: tuple[Met, ...] = ()
    problems: tuple[str, ...] = ()
    unjudged: int = 0

    @property
    def clean(self) -> bool:
        return not self.unlisted and not self.problems


@dataclass(frozen=True)
class AllowList:
    """The entries of one file; no file, or none yet, is an empty list."""

    entries: Mapping[Key, Entry] = field(default_factory=dict)
    path: Path | None = None

    @classmethod
    def read(cls, path: Path | None, *, must_exist: bool = False) -> AllowList:
        """Raises Refused, in one sentence, for a file that is not such a list."""
        if path is None or (not path.exists() and not must_exist):
            return cls({}, path)
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Refused(f"The allow-list {path} cannot be read ({error}): it has to be a JSON list.") from error
        if not isinstance(found, list):
            raise Refused(f"The allow-list {path} holds {type(found).__name__}; expected a list of entries.")
        entries = [_entry(path, number, value) for number, value in enumerate(found, 1)]
        return cls({entry.key: entry for entry in entries}, path)

    def __contains__(self, key: Key) -> bool:
        return key in self.entries

    def judge(self, record: Record, ran: Callable[[str], bool]) -> Verdict:
        """``ran``: whether a test or command was part of this run, so that not meeting an entry means something."""
        unlisted = tuple(met for met in record.in_order() if met.finding.key not in self.entries)
        listed = tuple(met for met in record.in_order() if met.finding.key in self.entries)
        unmet = [entry for key, entry in self.entries.items() if key not in record.met]
        stale = [entry for entry in unmet if all(map(ran, entry.met_by))]
        problems = [
            *(_fault(entry) for entry in self.entries.values()),
            *(f"{entry} was not met any more: take it off {self.path}." for entry in stale),
            *(f"{text[0].upper()}{text[1:]}" for text in record.exemptions.values()),
        ]
        return Verdict(unlisted, listed, tuple(filter(None, problems)), len(unmet) - len(stale))

    def recorded(self, record: Record, ran: Callable[[str], bool]) -> AllowList:
        """The list that a recording run writes: links are kept, what is new has none yet, what is stale is gone."""
        unmet = {k: e for k, e in self.entries.items() if k not in record.met and not all(map(ran, e.met_by))}
        met = {
            key: replace(self.entries.get(key, Entry(key)), met_by=tuple(sorted(m.labels)))
            for key, m in record.met.items()
        }
        return AllowList(dict(sorted({**unmet, **met}.items())), self.path)

    def check_writable(self) -> None:
        """Raise Refused before a long run where its record could not be kept."""
        if self.path is None:
            raise Refused("A recording run needs the file to write: name the allow-list.")
        if not self.path.parent.is_dir():
            raise Refused(f"The allow-list {self.path} cannot be written: its folder does not exist.")

    def write(self) -> None:
        self.check_writable()
        assert self.path is not None
        text = json.dumps([entry.as_json() for entry in self.entries.values()], indent=2, ensure_ascii=False) + "\n"
        new = self.path.with_name(self.path.name + ".new")
        try:
            new.write_text(text, encoding="utf-8")
            os.replace(new, self.path)
        except OSError as error:
            raise Refused(
                f"The allow-list {self.path} cannot be written ({error.strerror}): choose another place for it."
            ) from error

    @property
    def without_link(self) -> int:
        return sum(not is_link(entry.issue) for entry in self.entries.values())


def _fault(entry: Entry) -> str:
    if not is_link(entry.issue):
        return f"{entry} has no issue: put the URL of the one that solves it into the allow-list."
    if entry.until and datetime.now(UTC).date() > last_day(entry.until):
        return f"{entry} was allowed until {entry.until} for {entry.issue}: solve it, or agree on a later date."
    return ""


def _entry(path: Path, number: int, value: Any) -> Entry:
    try:
        unknown = set(value) - _FIELDS
        if unknown:
            raise ValueError(f"it has {', '.join(sorted(unknown))}")
        key = (str(Kind(value["kind"])), _names(value["owners"]), _names(value["tables"]), str(value["where"]))
        until = value.get("until")
        if until:
            last_day(until)
        return Entry(key, str(value.get("issue", "")), until, _names(value.get("met_by", [])))
    except (AttributeError, KeyError, TypeError, ValueError, Refused) as error:
        raise Refused(
            f"Entry {number} of the allow-list {path} cannot be read ({error}): expected kind, owners, tables, where "
            "and issue, as a recording run writes them."
        ) from error


def _names(found: Iterable[Any]) -> tuple[str, ...]:
    if isinstance(found, str):
        raise ValueError(f"{found!r} is no list")
    return tuple(sorted(str(name) for name in found))
