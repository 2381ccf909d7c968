"""`outgrow deploy check`: reads the files that are there, ours or anybody's, and says what is wrong with each line.

One module a kind of file; what each rule is about, why it matters and what to write instead stands in the catalogue.
"""

from __future__ import annotations

from outgrow.deploy.checking.fault import Fault, Weight
from outgrow.deploy.checking.running import check

__all__ = ["Fault", "Weight", "check"]
