"""Which package manager this machine has: what to type depends on it, and on nothing else of the system."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Mapping

MANAGERS = ("apt-get", "dnf", "apk", "brew")
WINDOWS = "windows"


def manager() -> str:
    """One of ``MANAGERS``, "windows", or "" where none is known."""
    if platform.system() == "Windows":
        return WINDOWS
    return next((name for name in MANAGERS if shutil.which(name)), "")


def to_install(packages: Mapping[str, str], then: str) -> tuple[str, ...]:
    """The lines to type: the system's packages first, where there are any for it, and then ``then``."""
    found = manager()
    names = packages.get(found, "")
    lines = {
        "apt-get": f"sudo apt-get install -y {names}",
        "dnf": f"sudo dnf install -y {names}",
        "apk": f"apk add {names}",
        "brew": f"brew install {names}",
    }
    return (*([lines[found]] if names and found in lines else []), then)
