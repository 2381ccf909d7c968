"""Whether .gitignore or .dockerignore leaves a path out: the part of their rules that secrets are ignored by."""

from __future__ import annotations

from fnmatch import fnmatch


def ignored(path: str, text: str) -> bool:
    """The last line that matches decides; ``!`` takes a path in again."""
    found = False
    for line in text.splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        taken_in = pattern.startswith("!")
        if _matches(path, pattern.lstrip("!")):
            found = not taken_in
    return found


def _matches(path: str, pattern: str) -> bool:
    anchored = pattern.startswith("/")
    bare = pattern.strip("/").removeprefix("**/")
    if not bare:
        return False
    if fnmatch(path, bare) or path.startswith(f"{bare}/"):
        return True
    return not anchored and "/" not in bare and fnmatch(path.rpartition("/")[2], bare)
