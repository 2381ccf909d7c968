"""The legacy project in processes of its own: its databases, its OUTGROW, its commands, code inside it."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import forks

ROOT = Path(__file__).resolve().parents[2]
BEGIN = """
import json, os, sys
import django
django.setup()
def answer(value):
    sys.__stdout__.write("\\nANSWER " + json.dumps(value) + "\\n")
"""


@dataclass(frozen=True)
class Legacy:
    """One way to run it. ``databases``: alias → URL; ``outgrow``: its setting OUTGROW, without which nothing routes."""

    databases: Mapping[str, str]
    outgrow: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    module: str = "tests.legacy.settings"

    @property
    def environment(self) -> dict[str, str]:
        away = ("DATABASE_URL", "PYTHONWARNINGS")
        known = {k: v for k, v in os.environ.items() if k not in away and not k.startswith("LEGACY_")}
        declared = {} if self.outgrow is None else {"LEGACY_OUTGROW": json.dumps(self.outgrow)}
        return {
            **known, **declared, "LEGACY_DATABASES": json.dumps(dict(self.databases)),
            "LEGACY_SETTINGS": json.dumps(dict(self.settings)), "DJANGO_SETTINGS_MODULE": self.module,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        }  # fmt: skip

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """``python ARGUMENTS`` in the project's environment, from the repository's root."""
        return forks.run(arguments, cwd=ROOT, env={**self.environment, **more}, timeout=300)

    def manage(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """``manage.py ARGUMENTS``."""
        return self.run("-m", "django", *arguments, **more)

    def inside(self, code: str, **more: str) -> Any:
        """Run code in the loaded project; what it gives to ``answer(…)`` comes back."""
        done = self.run("-c", BEGIN + textwrap.dedent(code), **more)
        assert done.returncode == 0, done.stderr
        answers = [line.removeprefix("ANSWER ") for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
        return json.loads(answers[-1]) if answers else None
