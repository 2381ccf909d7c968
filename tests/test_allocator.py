"""What is free goes back to the system, where the system's allocator is glibc."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys

import pytest

from outgrow import allocator

GLIBC = platform.libc_ver()[0] == "glibc"

MEASURED = """
import threading
import psutil
from outgrow import allocator

allocator.share_one_arena()
memory = psutil.Process().memory_info
before = memory().rss

def work():  # small blocks, as values of rows are, and one at the top that keeps them
    held = [bytes(1000) for _ in range(60_000)]
    kept.append(bytes(1000))

kept = []
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
full = memory().rss
allocator.give_back()
print(full - before, memory().rss - before)
"""


@pytest.mark.skipif(not GLIBC, reason="another allocator")
def test_what_threads_have_let_go_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True)
    full, after = map(int, done.stdout.split())
    assert after < 20_000_000
    assert after <= full


def test_without_glibc_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str | None) -> None:
        raise OSError("no such library")

    monkeypatch.setattr(ctypes, "CDLL", none)
    allocator.share_one_arena()
    allocator.give_back()
