"""The story of one database, from the driver to the last question, and where it stops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from outgrow.dialects.base import Session
from outgrow.dialects.inspecting import Inspection, Level, Refusal, Said, good, warning
from outgrow.doctor import network

Found = Iterator[tuple[str, Said]]
Further = Callable[[Session], Found]  # what the caller asks of a session besides


def examine(inspection: Inspection, *, deep: bool, further: Further) -> Found:
    """(check, answer) one by one, as they come; ends early where the next makes no sense."""
    driver = inspection.driver()
    yield "D101", driver
    if driver.level is Level.FAILED:
        return
    try:
        for check, said in network.knock(inspection):
            yield check, said
            if said.level is Level.FAILED:
                return
        session = inspection.log_in()
    except Refusal as refusal:
        yield refusal.check, refusal.said
        return
    with session:
        if misplaced := inspection.misplaced():
            yield "D107", misplaced
            return
        yield from _answers(inspection, (*inspection.questions, *(inspection.deep if deep else ())), session)
        yield from further(session)


def glance(inspection: Inspection) -> Found:
    """What costs nearly nothing: a login, and whether that server may be written to."""
    try:
        session = inspection.log_in()
    except Refusal as refusal:
        yield refusal.check, refusal.said
        return
    with session:
        yield from _answers(inspection, inspection.cheap, session)


def _answers(inspection: Inspection, questions: Sequence[tuple[str, str]], session: Session) -> Found:
    yield "D106", good("logged in")
    for check, question in questions:
        yield from _asked(inspection, check, question, session)


def _asked(inspection: Inspection, check: str, question: str, session: Session) -> Found:
    """A question that this login may not ask, or that the server does not know, is an answer too."""
    try:
        for said in inspection.ask(question, session):
            yield check, said
    except Refusal as refusal:
        yield refusal.check, refusal.said
    except Exception as error:
        session.rollback()
        yield (
            check,
            warning(
                f"This could not be asked ({type(error).__name__}): the login lacks a right, or the server is strange."
            ),
        )
