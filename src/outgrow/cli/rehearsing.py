"""``manage.py outgrow rehearse -- COMMAND``: the command as ever, and afterwards what it did across the owners."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management import ManagementUtility

from outgrow.cli.files import write
from outgrow.cli.progress import Display
from outgrow.options import Options
from outgrow.rehearse import AllowList, Rehearsal, outcome


def rehearse(options: Options, display: Display, given: Mapping[str, Any]) -> int:
    """The command's own exit code; 1 where that is 0 and something crosses that is not allowed.

    Only the command writes to stdout: the report goes to stderr.
    """
    wrapped = list(given["wrapped"])
    label = f"manage.py {wrapped[0]}"
    allowed = Path(given["allow"]) if given["allow"] else None
    if given["record"]:
        AllowList({}, allowed).check_writable()
    rehearsal = Rehearsal(given["owners"], allowed, mode=given["mode"], label=label)
    with rehearsal.running():
        code = _run(wrapped)
    verdict = rehearsal.verdict(label.__eq__)
    if given["report"]:
        write(Path(given["report"]), json.dumps(outcome.as_dict(rehearsal.record, verdict), indent=2) + "\n")
    sys.stdout.flush()
    if given["record"]:
        made = rehearsal.allowed.recorded(rehearsal.record, label.__eq__)
        made.write()
        print(outcome.recorded_text(made), file=sys.stderr)
        return code
    print(outcome.as_text(rehearsal.record, verdict), file=sys.stderr)
    return code or (0 if verdict.clean else 1)


def _run(wrapped: Sequence[str]) -> int:
    """A command of manage.py in this process; the exit code that the interpreter would have left with."""
    try:
        ManagementUtility([sys.argv[0] or "manage.py", *wrapped]).execute()
    except SystemExit as ending:
        if ending.code is None or isinstance(ending.code, int):
            return ending.code or 0
        print(ending.code, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception:
        traceback.print_exc()
        return 1
    return 0
