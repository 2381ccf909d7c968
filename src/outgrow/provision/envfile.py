"""The file of ``NAME=value`` lines that the passwords go into: only its owner may read it, and other lines stay."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from outgrow.errors import Refused

MODE = 0o600
_LINE = re.compile(r"^\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=(?P<value>.*)$")
_PLAIN = re.compile(r"[\w:/@%?=.,+~\[\]-]*", re.ASCII)  # means itself to a shell, to systemd and to Docker


@dataclass(frozen=True, slots=True)
class EnvFile:
    """A file as it was read. ``mode`` is None where there was none."""

    path: Path
    lines: tuple[str, ...] = field(default=(), repr=False)
    mode: int | None = None

    @property
    def values(self) -> dict[str, str]:
        """Every variable; the last line of a name counts, as it does to a shell."""
        found = (_LINE.match(line) for line in self.lines)
        return {match["name"]: _bare(match["value"]) for match in found if match}

    @property
    def was_open(self) -> bool:
        """Whether others than its owner could read or write it."""
        return self.mode is not None and bool(self.mode & 0o077)

    def with_values(self, values: Mapping[str, str]) -> list[str]:
        """The lines with these variables in them, each where it stood, the new ones at the end."""
        left, lines = dict(values), list(self.lines)
        for number in range(len(lines) - 1, -1, -1):  # from the end: the last of a name is the one that counts
            match = _LINE.match(lines[number])
            if match and match["name"] in left:
                lines[number] = lines[number][: match.start("value")] + quoted(left.pop(match["name"]))
        return [*lines, *(f"{name}={quoted(values[name])}" for name in values if name in left)]

    def write(self, values: Mapping[str, str]) -> None:
        """A new file that only its owner may read; one that is there is replaced in one step."""
        path = Path(os.path.realpath(self.path))
        new = path if self.mode is None else path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        try:
            with os.fdopen(os.open(new, flags, MODE), "w", encoding="utf-8") as file:
                file.write("\n".join(self.with_values(values)) + "\n")
                file.flush()
                os.fsync(file.fileno())
            if new != path:
                with contextlib.suppress(PermissionError):  # not root: it is ours already, or becomes so
                    owner = path.stat()
                    os.chown(new, owner.st_uid, owner.st_gid)
                new.replace(path)
        except OSError as error:  # also where somebody has made one meanwhile
            raise _unusable(self.path, error) from None
        finally:
            if new != path:
                with contextlib.suppress(OSError):
                    new.unlink(missing_ok=True)


def read(path: Path) -> EnvFile:
    """The file, or an empty one that is still to be made; Refused where neither will do."""
    try:
        state = path.stat()
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise Refused(f"--env {path}: there is no folder {path.parent}; make it, or correct the path.") from None
        return EnvFile(path)
    except OSError as error:
        raise _unusable(path, error) from None
    if not stat.S_ISREG(state.st_mode):
        raise Refused(f"--env {path} is no file: name one, such as --env .env.")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise _unusable(path, error) from None
    return EnvFile(path, tuple(lines), stat.S_IMODE(state.st_mode))


def quoted(value: str) -> str:
    """As it is wherever that means itself; `docker run --env-file` takes quotes for a part of the value."""
    return value if _PLAIN.fullmatch(value) else "'" + value.replace("'", "'\\''") + "'"


def _bare(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return re.split(r"\s#", value, maxsplit=1)[0].rstrip()


def _unusable(path: Path, error: Exception) -> Refused:
    reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
    return Refused(f"The file {path} cannot be used ({reason}): choose another place for it with --env.")


def may_be_committed(path: Path) -> bool:
    """Whether it lies in a git repository that does not ignore it; where there is no git, nobody can tell."""
    try:
        asked = subprocess.run(
            ["git", "check-ignore", "--quiet", path.name], cwd=path.parent, capture_output=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 1  # 0: ignored; 128: no repository
