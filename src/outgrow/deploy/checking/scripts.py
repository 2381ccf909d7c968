"""P1 and P4 in shell scripts: what an image runs at its start, and what a host runs to deploy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from outgrow.deploy.checking.catalogue import fault
from outgrow.deploy.checking.fault import Fault

NAMES = re.compile(r"^(?:docker[-_])?(?:entrypoint|entry|start|run|boot|deploy|release)[\w-]*(?:\.sh|\.bash)?$")
_SERVES = re.compile(r"\b(?:gunicorn|runserver|uwsgi|uvicorn|daphne|hypercorn)\b|^\s*exec \"\$@\"")
_MIGRATES = re.compile(r"\b(?:manage\.py|django-admin|outgrow) migrate\b(?!.*\s--(?:check|plan)\b)")
_BUILDS = re.compile(r"\bdocker(?:-| )compose\b.*--build\b|\bdocker build\b|^\s*(?:sudo )?git pull\b")


def judge(file: str, text: str) -> Iterator[Fault]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if not line.lstrip().startswith("#")]
    if any(_SERVES.search(line) for _, line in lines):
        yield from (fault("P110", file, number, line) for number, line in lines if _MIGRATES.search(line))
    if "deploy" in file.rpartition("/")[2]:
        yield from (fault("P412", file, number, line) for number, line in lines if _BUILDS.search(line))
