"""Files that commands write for people."""

from __future__ import annotations

import os
from pathlib import Path

from outgrow.errors import Refused


def write(path: Path, text: str) -> None:
    """A report may name tables and keys: only its owner may read the file."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise Refused(f"The file {path} cannot be written ({error.strerror}): choose another place for it.") from error
