"""`outgrow deploy`: the files that a Django project is deployed by, written (`init`) and judged (`check`).

`init` is :func:`outgrow.deploy.planning.plan`, a value that says what becomes of each file, and then
:func:`outgrow.deploy.planning.write`. `check` is :func:`outgrow.deploy.checking.check`, which reads any files, ours or
not.
"""

from __future__ import annotations

from outgrow.deploy.checking import Fault, Weight, check
from outgrow.deploy.manifest import PLACE as MANIFEST
from outgrow.deploy.planning import Change, Fate, Plan, plan, write
from outgrow.deploy.site import ENGINES, root

__all__ = ["ENGINES", "MANIFEST", "Change", "Fate", "Fault", "Plan", "Weight", "check", "plan", "root", "write"]
