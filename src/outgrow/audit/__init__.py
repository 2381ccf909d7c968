"""The audit: every row and schema object that the target would refuse or change, found before anything is written.

It runs twice: on models and source rows before anything is made, and against the target's live tables before any row.
One rule a file, registered here by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from outgrow.audit.a101_text_too_long import TextTooLong
from outgrow.audit.a102_nul_in_text import NulInText
from outgrow.audit.a103_invalid_utf8 import InvalidUtf8
from outgrow.audit.a104_outside_charset import OutsideCharset
from outgrow.audit.a105_indexed_text_too_long import IndexedTextTooLong
from outgrow.audit.a106_value_too_large import ValueTooLarge
from outgrow.audit.a107_index_too_long import IndexTooLong
from outgrow.audit.a108_telling_apart import TellingApart
from outgrow.audit.a201_invalid_json import InvalidJson
from outgrow.audit.a202_nul_in_json import NulInJson
from outgrow.audit.a203_json_number import JsonNumber
from outgrow.audit.a204_json_duplicate_keys import JsonDuplicateKeys
from outgrow.audit.a205_lone_surrogate import LoneSurrogate
from outgrow.audit.a206_deep_json import DeepJson
from outgrow.audit.a301_integer_out_of_range import IntegerOutOfRange
from outgrow.audit.a302_wrong_type import WrongType
from outgrow.audit.a303_decimal import DecimalUnfit
from outgrow.audit.a304_endless_float import FloatUnfit
from outgrow.audit.a305_boolean import BooleanOdd
from outgrow.audit.a306_rounded_decimal import RoundedDecimal
from outgrow.audit.a307_negative_zero import NegativeZero
from outgrow.audit.a401_date import DateUnfit
from outgrow.audit.a402_ambiguous_moment import AmbiguousMoment
from outgrow.audit.a403_duration import DurationUnfit
from outgrow.audit.a404_moment_that_never_was import MomentThatNeverWas
from outgrow.audit.a405_finer_time import FinerTime
from outgrow.audit.a501_orphans import Orphans
from outgrow.audit.a502_collisions import Collisions
from outgrow.audit.a503_new_uniques import NewUniques
from outgrow.audit.a504_new_checks import NewChecks
from outgrow.audit.a505_null_in_key import NullInKey
from outgrow.audit.a601_uuid import UuidRefused
from outgrow.audit.a602_address import AddressRefused
from outgrow.audit.a701_long_names import LongNames
from outgrow.audit.a702_row_size import RowSize
from outgrow.audit.a703_missing import Missing
from outgrow.audit.a704_extra_columns import ExtraColumns
from outgrow.audit.a705_migrations import Migrations
from outgrow.audit.a706_other_engines_fields import OtherEnginesFields
from outgrow.audit.a707_storage import Storage
from outgrow.audit.a708_index_width import IndexWidth
from outgrow.audit.a801_other_writers import OtherWriters
from outgrow.audit.a802_no_key import NoKey
from outgrow.audit.a803_unknown_zone import UnknownZone
from outgrow.audit.rule import SOURCE, TARGET, CellRule, Rule, Stage, StageRule
from outgrow.audit.scan import scan
from outgrow.dialects.base import Dialect, Session
from outgrow.dialects.suspects import suspects_of
from outgrow.events import Event, Watch, silent, step
from outgrow.findings import AuditResult, Finding, NotJudged, Severity, in_order
from outgrow.plan import Plan
from outgrow.project import Project

CELL_RULES: tuple[CellRule, ...] = (
    TextTooLong(),
    NulInText(),
    InvalidUtf8(),
    OutsideCharset(),
    IndexedTextTooLong(),
    ValueTooLarge(),
    InvalidJson(),
    NulInJson(),
    JsonNumber(),
    JsonDuplicateKeys(),
    LoneSurrogate(),
    DeepJson(),
    IntegerOutOfRange(),
    WrongType(),
    DecimalUnfit(),
    FloatUnfit(),
    BooleanOdd(),
    RoundedDecimal(),
    NegativeZero(),
    DateUnfit(),
    AmbiguousMoment(),
    DurationUnfit(),
    MomentThatNeverWas(),
    FinerTime(),
    Orphans(),
    NullInKey(),
    UuidRefused(),
    AddressRefused(),
)
STAGE_RULES: tuple[StageRule, ...] = (
    Collisions(),
    NewUniques(),
    NewChecks(),
    LongNames(),
    RowSize(),
    Missing(),
    ExtraColumns(),
    Migrations(),
    OtherEnginesFields(),
    Storage(),
    IndexWidth(),
    IndexTooLong(),
    TellingApart(),
    OtherWriters(),
    NoKey(),
    UnknownZone(),
)
RULES: dict[str, Rule] = {rule.id: rule for rule in sorted((*CELL_RULES, *STAGE_RULES), key=lambda r: r.id)}

__all__ = ["RULES", "AuditResult", "Finding", "NotJudged", "Severity", "audit_source", "audit_target"]


def audit_source(
    dialect: Dialect,
    sessions: Callable[[], Session],
    plan: Plan,
    target: Dialect | None,
    jobs: int = 2,
    watch: Watch = silent,
    *,
    project: Project | None = None,
) -> AuditResult:
    """Before anything is made: models and source rows, against what the target's engine is known to take.

    ``sessions`` gives new sessions of one snapshot. The target is asked for its limits, and to compare texts.
    """
    stage = Stage(SOURCE, plan, dialect, suspects_of(dialect), sessions, project=project)
    with asking(stage, target), step(watch, f"audit {SOURCE}"):
        return examine(stage, jobs, watch)


def audit_target(
    dialect: Dialect,
    sessions: Callable[[], Session],
    target: Dialect,
    plan: Plan,
    jobs: int = 2,
    watch: Watch = silent,
    *,
    project: Project | None = None,
    before: AuditResult | None = None,
) -> AuditResult:
    """Against the target's live tables (``plan`` paired with them), before any row is copied.

    What ``before`` (the source's audit) has already asked, limit by limit, is not asked again.
    """
    stage = Stage(TARGET, plan, dialect, suspects_of(dialect), sessions, project=project)
    for finding in before.findings if before else ():
        stage.known.setdefault((finding.id, finding.table, finding.column), set()).update(finding.keys)
    with asking(stage, target), step(watch, f"audit {TARGET}"):
        return examine(stage, jobs, watch, before)


@contextmanager
def asking(stage: Stage, target: Dialect | None) -> Iterator[None]:
    """A session on the target for its limits and for trials in temporary tables."""
    if target is None:
        yield
        return
    stage.target, stage.there = target, suspects_of(target)
    with target.connect() as session:
        target.prepare_writer(session)
        stage.session = session
        stage.limits = target.limits(session)
        stage.charset = stage.there.default_charset(session)
        stage.collation = stage.there.default_collation(session)
        yield


def examine(stage: Stage, jobs: int, watch: Watch, before: AuditResult | None = None) -> AuditResult:
    """All rules of the stage."""
    watch(Event("total", step=f"audit {stage.name}", rows=stage.plan.rows, bytes=stage.plan.bytes))
    found: list[Finding] = []
    open_questions: list[NotJudged] = []
    for rule in STAGE_RULES:
        for result in rule.examine(stage) if stage.name in rule.stages else ():
            found.append(result) if isinstance(result, Finding) else open_questions.append(result)
    cells = scan(stage, CELL_RULES, jobs, watch, before.judged if before else frozenset())
    return AuditResult(in_order([*found, *cells.findings]), tuple(open_questions), cells.judged)
