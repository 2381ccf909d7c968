"""A705: pending migrations, and a history that lies."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.audit.rule import SOURCE, Stage, StageRule
from outgrow.findings import Finding, NotJudged, Severity


class Migrations(StageRule):
    """The target gets every migration on disk: a source that lags behind has other columns."""

    id = "A705"
    title = "The source's tables are not those that its migrations describe."
    stages = (SOURCE,)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        project = stage.project
        if project is None:
            return
        if project.unread:
            yield self.not_judged("django_migrations", "", f"pending migrations: {project.unread}")
        if project.pending:
            shown = ", ".join(project.pending[:5]) + (", …" if len(project.pending) > 5 else "")
            yield self.finding(
                "django_migrations", "", f"{len(project.pending)} migration(s) are not applied to the source: {shown}",
                len(project.pending), "run migrate on the source first",
            )  # fmt: skip
        if project.elsewhere:
            shown = ", ".join(project.elsewhere[:5]) + (", …" if len(project.elsewhere) > 5 else "")
            yield self.finding(
                "", "", f"{len(project.elsewhere)} model(s) live in another database: {shown}",
                severity=Severity.NOTE, remedy="their rows are not part of this move: move that database by itself",
            )  # fmt: skip
        for sentence in project.lying:
            yield self.finding(
                "django_migrations", "", sentence, severity=Severity.NOTE,
                remedy="nothing is there to be lost; correct the history when you can",
            )  # fmt: skip
        for sentence in project.notes:
            yield self.finding("", "", sentence, severity=Severity.NOTE, remedy="nothing has to be done for the move")
