"""All databases side by side, each within its time; and what only all of them together tell."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

from django.db import connections

from outgrow import conf
from outgrow.dialects import family
from outgrow.dialects.base import Session
from outgrow.dialects.inspecting import Inspection, Said, failed, inspection_for
from outgrow.doctor import budget, history
from outgrow.doctor.diagnosis import Answer, Diagnosis
from outgrow.doctor.examining import Found, Further, examine
from outgrow.errors import Unreachable
from outgrow.events import Watch, silent
from outgrow.migrating.order import replica_of
from outgrow.options import DoctorOptions
from outgrow.places import Place, known_secrets, resolve

SECONDS = 10.0  # for one database that does not answer; one that does takes a fraction
DEEP_SECONDS = 600.0


class Patient:
    """One database under examination, in a thread of its own."""

    def __init__(self, place: Place, options: DoctorOptions | None = None) -> None:
        self.place, self.options = place, options or DoctorOptions()
        self.diagnosis = Diagnosis(place.label, place.spoken)
        self.connections: budget.Connections | None = None
        self.error: Exception | None = None
        self.secrets = sorted(known_secrets())
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"doctor-{place.label}", daemon=True)
        self._begun = time.monotonic()

    @property
    def in_file(self) -> bool:
        return family(self.place.settings) == "sqlite"

    def start(self) -> None:
        self._thread.start()

    def finish(self, seconds: float) -> Diagnosis:
        """The answers that came in time; the thread of a server that hangs is left to itself."""
        self._thread.join(max(0.0, self._begun + seconds - time.monotonic()))
        with self._lock:
            self._closed = True
            if self._thread.is_alive():
                last = self.diagnosis.answers[-1].title if self.diagnosis.answers else "the driver"
                said = failed(
                    f"No further answer came within {seconds:.0f} s after {last!r}: the server hangs, or is overloaded."
                )
                self.diagnosis.answers.append(Answer.of("D901", said))
            self.diagnosis.seconds = time.monotonic() - self._begun
        return self.diagnosis

    def add(self, check: str, said: Said) -> None:
        with self._lock:
            if not self._closed:
                self.diagnosis.answers.append(Answer.of(check, said, self.secrets))

    def story(self, inspection: Inspection) -> Found:
        """The answers, one by one."""
        yield from examine(inspection, deep=self.options.deep, further=self._further(inspection))

    def _run(self) -> None:
        try:
            inspection = inspection_for(self.place.settings, self.place.alias, most_lag(self.place.alias))
            for check, said in self.story(inspection):
                self.add(check, said)
        except Unreachable as error:
            self.add("D101", failed(str(error)))
        except Exception as error:  # of a driver: its text may hold anything
            self.error = error
            what = f"The examination broke off ({type(error).__name__}): run it again with --traceback, and report it."
            self.add("D901", failed(what))
        finally:
            for connection in connections.all(initialized_only=True):  # of this thread
                connection.close()
        self.diagnosis.seconds = time.monotonic() - self._begun

    def _further(self, inspection: Inspection) -> Further:
        def ask(session: Session) -> Iterator[tuple[str, Said]]:
            self.connections = budget.count(inspection, session)
            if self.place.alias is not None and most_lag(self.place.alias) is None:
                yield from history.judge(self.place.alias)

        return ask


def diagnose(options: DoctorOptions, watch: Watch = silent) -> list[Diagnosis]:
    """A diagnosis for each database that was named, in their order, or for each of the project."""
    places = [resolve(text) for text in options.databases] or [resolve(alias) for alias in conf.databases()]
    patients = [Patient(place, options) for place in places]
    for patient in patients:
        patient.start()
    found = [patient.finish(DEEP_SECONDS if options.deep else SECONDS) for patient in patients]
    if options.traceback:
        for patient in patients:
            if patient.error is not None:
                raise patient.error
    _together(patients, options)
    return found


def _together(patients: Sequence[Patient], options: DoctorOptions) -> None:
    """The budget of each server, told at the first database that lies on it; and files that several machines need."""
    for patient in patients:
        if options.web_servers > 1 and patient.in_file:
            patient.diagnosis.answers.append(Answer.of("D804", _shared(options.web_servers)))
    servers: dict[str, list[Patient]] = {}
    for patient in patients:
        if patient.connections is not None:
            servers.setdefault(patient.connections.server, []).append(patient)
    for group in servers.values():
        said = budget.judge([p.place for p in group], [p.connections for p in group if p.connections], options)
        group[0].diagnosis.answers.append(Answer.of("D401", said))


def _shared(web_servers: int) -> Said:
    return failed(
        f"{web_servers} web servers cannot share a SQLite file: each would have its own, so that who logs in on one "
        "is unknown on the other; move to a server.",
        "outgrow provision --on env:ADMIN_URL --name …",
        "outgrow move --to env:DATABASE_URL",
    )


def most_lag(alias: str | None) -> float | None:
    """Seconds that a replica may lag before the router leaves it alone; None for what is no replica."""
    return conf.replicas().max_lag if alias is not None and replica_of(alias) else None
