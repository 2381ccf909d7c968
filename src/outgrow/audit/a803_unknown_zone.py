"""A803: the project's time zone, which the target's server cannot compute with."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow import conf
from outgrow.audit.rule import SOURCE, Stage, StageRule
from outgrow.findings import Finding, NotJudged, Severity


class UnknownZone(StageRule):
    """MySQL without its time-zone tables: CONVERT_TZ is NULL, and ``created__date=today`` finds no row, without a word.

    Django asks the server only where the current zone is not the connection's (docs: databases, MySQL, time zones).
    """

    id = "A803"
    title = "The target's server does not know the project's time zone, so that lookups by date find nothing."
    severity = Severity.WARNING
    stages = (SOURCE,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        if stage.target is None or stage.there is None or stage.project is None or not conf.use_tz():
            return
        zone, connection = stage.project.time_zone, stage.target.settings.get("TIME_ZONE") or "UTC"
        if zone == connection:
            return
        with stage.target.connect(read_only=True) as session:
            unknown = [z for z in (connection, zone) if not stage.there.knows_zone(session, z)]
        if unknown:
            yield self.finding(
                "", "", f"the target's server does not know {' and '.join(unknown)}: lookups by date find no row",
                len(unknown), "load its time-zone tables with mysql_tzinfo_to_sql (MariaDB: mariadb-tzinfo-to-sql)",
            )  # fmt: skip
