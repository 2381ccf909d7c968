"""In production: a sample of transactions and statements, and a log line for each crossing in it.

    OUTGROW = {"OWNERS": {…}, "REHEARSE": {"SAMPLE": 0.01}}

Without the setting nothing is installed at all. ``REHEARSE`` may bring its own ``OWNERS``: a split that is only planned
must not route anything yet. Lines go to the logger ``outgrow.rehearse`` as warnings, with the finding in
``record.finding``.
"""

from __future__ import annotations

import logging
from typing import Any

from outgrow import conf
from outgrow.errors import Refused
from outgrow.exemptions import Exemption
from outgrow.rehearse import installing
from outgrow.rehearse.findings import Finding
from outgrow.rehearse.observer import Observer
from outgrow.rehearse.ownership import Ownership
from outgrow.routing import Owners, declared

logger = logging.getLogger("outgrow.rehearse")
_KNOWN = {"SAMPLE", "OWNERS", "MODE"}


class LogSink:
    """A sink of log lines."""

    def found(self, finding: Finding) -> None:
        logger.warning(
            "%s across %s at %s: %s", finding.kind, " and ".join(finding.owners), finding.place, finding.message,
            extra={"finding": finding.as_json()},
        )  # fmt: skip

    def expired(self, exemption: Exemption) -> None:
        """The finding's own line says so."""


def start_if_set() -> None:
    """Called when the project is loaded. Raises Refused for a setting that cannot be read."""
    settings = conf.rehearse()
    if settings is None:
        return
    unknown = set(settings) - _KNOWN if isinstance(settings, dict) else {type(settings).__name__}
    if unknown:
        raise Refused(f'OUTGROW["REHEARSE"] has {", ".join(sorted(unknown))}; expected a dict of SAMPLE, OWNERS, MODE.')
    sample: Any = settings.get("SAMPLE", 0.01)
    if isinstance(sample, bool) or not isinstance(sample, int | float) or not 0 <= sample <= 1:
        raise Refused(f'OUTGROW["REHEARSE"]["SAMPLE"] is {sample!r}; expected a share from 0 to 1, such as 0.01.')
    if sample:
        owners = Owners.parse(settings["OWNERS"]) if "OWNERS" in settings else declared()
        if owners is None:
            raise Refused('OUTGROW["REHEARSE"] needs owners: give it OWNERS of its own, or declare OUTGROW["OWNERS"].')
        observer = Observer(Ownership(owners), LogSink(), settings.get("MODE", "virtual"), float(sample))
        installing.start(observer)
