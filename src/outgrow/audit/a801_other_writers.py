"""A801: others who can write to the source now."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.audit.rule import SOURCE, Stage, StageRule
from outgrow.errors import OutgrowError
from outgrow.findings import Finding, NotJudged, Severity


class OtherWriters(StageRule):
    """What they write after the snapshot is not copied; verify will say so."""

    id = "A801"
    title = "Others are connected to the source and may write while it is copied."
    severity = Severity.WARNING
    stages = (SOURCE,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        if stage.plan.freeze:
            return  # nobody writes, and the lock that a look would meet is our own
        try:
            with stage.source.connect(read_only=True) as session:
                writers = stage.source.other_writers(session)
        except OutgrowError as error:
            yield self.not_judged("", "", str(error))
            return
        if writers:
            shown = "; ".join(writers[:5]) + ("; …" if len(writers) > 5 else "")
            yield self.finding(
                "", "", f"the source has other writers: {shown}", len(writers),
                "stop the application and its workers, or move with --freeze",
            )  # fmt: skip
