"""``outgrow doctor``: each database's answers, the worst first to be seen, and what to type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from outgrow import doctor as doctor_
from outgrow.cli.progress import Display, write_json
from outgrow.dialects.inspecting import Level
from outgrow.doctor import Answer, Diagnosis
from outgrow.options import DoctorOptions, Options
from outgrow.report import words

Given = Mapping[str, Any]
_MARKS = {Level.GOOD: "ok", Level.WARNING: "warning", Level.FAILED: "FAILED"}


def doctor(options: Options, display: Display, given: Given) -> int:
    """Exit code 1 if anything failed; warnings are for people."""
    asked = DoctorOptions(
        tuple(given.get("places") or ()), bool(given.get("deep")), given["web_servers"], given.get("processes"),
        given.get("threads"), given["traceback"],
    )  # fmt: skip
    with display:
        found = doctor_.diagnose(asked, display)
    if given.get("json"):
        write_json({"kind": "result", "databases": [diagnosis.as_dict() for diagnosis in found]})
    else:
        print(text(found, all_of_it=given["verbosity"] > 0))
    return int(any(diagnosis.worst() is Level.FAILED for diagnosis in found))


def text(found: Sequence[Diagnosis], *, all_of_it: bool = True) -> str:
    """One paragraph a database; with ``-v 0`` what is good is left out."""
    return "\n\n".join([*(_paragraph(diagnosis, all_of_it) for diagnosis in found), _sum(found)])


def _paragraph(diagnosis: Diagnosis, all_of_it: bool) -> str:
    head = diagnosis.spoken if diagnosis.label == diagnosis.spoken else f"{diagnosis.label} ({diagnosis.spoken})"
    lines = [f"{head}, {words.seconds(diagnosis.seconds)}"]
    for answer in diagnosis.answers:
        if all_of_it or answer.level is not Level.GOOD:
            lines += _lines(answer)
    return "\n".join(lines)


def _lines(answer: Answer) -> list[str]:
    return [
        f"  {_MARKS[answer.level]:<8}{answer.id}  {answer.title}: {answer.text}",
        *(f"{'':16}{command}" for command in answer.commands),
    ]


def _sum(found: Sequence[Diagnosis]) -> str:
    answers = [answer for diagnosis in found for answer in diagnosis.answers]
    failed = sum(answer.level is Level.FAILED for answer in answers)
    warned = sum(answer.level is Level.WARNING for answer in answers)
    head = f"{words.plural(len(found), 'database')}: "
    if failed:
        return f"{head}{words.plural(failed, 'check')} failed, {words.plural(warned, 'warning')}."
    return f"{head}nothing failed, {words.plural(warned, 'warning')}." if warned else f"{head}all is well."
