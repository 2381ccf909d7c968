"""`outgrow deploy init` as a value: each file with what will become of it. Writing it is the last step."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from outgrow.deploy.ignoring import ignored
from outgrow.deploy.manifest import PLACE, Manifest, digest
from outgrow.deploy.pages import Page, pages
from outgrow.deploy.site import Site, look
from outgrow.errors import Refused


class Fate(StrEnum):
    """What becomes of a file."""

    NEW = "new"
    UPDATED = "updated"  # it is as we wrote it once, and the template has changed
    SAME = "same"
    KEPT = "kept"  # somebody changed it since we wrote it, or it was there before us
    REPLACED = "replaced"  # the same, with --force
    ADDED = "added to"  # lines at the end of a file that is not ours


@dataclass(frozen=True, slots=True)
class Change:
    """A file with its text before (None: there was none) and after."""

    page: Page
    before: str | None
    fate: Fate

    @property
    def writes(self) -> bool:
        return self.fate not in (Fate.SAME, Fate.KEPT)

    def diff(self) -> str:
        """As `diff -u` shows it."""
        old = (self.before or "").splitlines(keepends=True)
        name = "/dev/null" if self.before is None else f"a/{self.page.path}"
        return "".join(difflib.unified_diff(old, self.page.text.splitlines(keepends=True), name, f"b/{self.page.path}"))


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes, what will be remembered of them, and what the project lacks for them."""

    root: Path
    changes: tuple[Change, ...]
    manifest: Manifest
    notes: tuple[str, ...] = ()

    def of(self, *fates: Fate) -> list[Change]:
        return [change for change in self.changes if change.fate in fates]

    @property
    def nothing(self) -> bool:
        """Whether all is written already."""
        return not any(change.writes for change in self.changes)


def plan(root: Path, database: str | None = None, ci: str | None = None, *, force: bool = False) -> Plan:
    """What `init` would do. What is not said is as it was said last, and PostgreSQL the first time."""
    last = Manifest.read(root)
    engine = database or last.database or "postgresql"
    site = look(root, engine, last.aliases)
    chosen = ci or last.ci
    wanted = pages(site, chosen, last.files)
    changes = [_change(root, page, last.files.get(page.path), force=force) for page in wanted]
    files = {c.page.path: digest(c.page.text) for c in changes if c.fate is not Fate.KEPT}
    # of a file that was changed by hand the old digest stays: undone, it is ours again
    files |= {
        c.page.path: last.files[c.page.path] for c in changes if c.fate is Fate.KEPT and c.page.path in last.files
    }
    manifest = Manifest(engine, chosen, tuple(site.databases), files)
    changes += _gitignore(root)
    return Plan(root, (*changes, *_remembered(root, manifest)), manifest, _notes(site, changes))


def write(made: Plan) -> None:
    """Carry a plan out. Raises Refused where a file cannot be written."""
    for change in made.changes:
        if change.writes:
            file = made.root / change.page.path
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(change.page.text, encoding="utf-8", newline="\n")
                if change.page.executable:
                    file.chmod(file.stat().st_mode | 0o111)
            except OSError as error:
                raise Refused(
                    f"{file} cannot be written ({error.strerror}): make it writable and run this again."
                ) from error


def _change(root: Path, page: Page, ours: str | None, *, force: bool) -> Change:
    before = _read(root / page.path)
    if before is None:
        return Change(page, None, Fate.NEW)
    if before == page.text:
        return Change(page, before, Fate.SAME)
    if ours == digest(before):
        return Change(page, before, Fate.UPDATED)
    return Change(page, before, Fate.REPLACED if force else Fate.KEPT)


def _gitignore(root: Path) -> Iterator[Change]:
    """.env must not get into git; the file is the project's, so that a line is added and no more."""
    before = _read(root / ".gitignore")
    if not ignored(".env", before or ""):
        text = (before.rstrip("\n") + "\n\n" if before else "") + "# settings of one machine\n.env\n"
        yield Change(Page(".gitignore", text), before, Fate.NEW if before is None else Fate.ADDED)


def _remembered(root: Path, manifest: Manifest) -> Iterator[Change]:
    before, text = _read(root / PLACE), manifest.text()
    # the version in it is that of the last change: an update of Outgrow that changes no file is nothing to do
    same = before is not None and Manifest.read(root) == manifest
    fate = Fate.NEW if before is None else Fate.SAME if same else Fate.UPDATED
    yield Change(Page(PLACE, text), before, fate)


def _read(file: Path) -> str | None:
    if file.is_dir():
        raise Refused(f"{file} is a folder, and a file of that name is to be written: move it away.")
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read as text, so that it cannot be compared: move it away.") from error


def _notes(site: Site, changes: Sequence[Change]) -> tuple[str, ...]:
    notes = list(site.notes)
    kept = {change.page.path: change for change in changes if change.fate is Fate.KEPT}
    tests, deploys = ".github/workflows/ci.yml", ".github/workflows/deploy.yml"
    if tests in kept and deploys not in kept and "workflow_call" not in (kept[tests].before or ""):
        notes.append(f"{tests} is yours, and deploy.yml calls it: add `workflow_call:` to what it is `on`.")
    return tuple(notes)
