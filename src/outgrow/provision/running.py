"""The story: look, work out every statement, write the passwords down, carry out, prove.

Every statement is worked out from what is there, so that a second run has none and one that broke off is completed by
the next. Roles can log in from the last statements on: one half made cannot be used.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from outgrow import events, places
from outgrow.dialects import family
from outgrow.dialects.base import Session, Settings
from outgrow.dialects.inspecting import Refusal, inspection_for
from outgrow.dialects.provisioning import ROLES, Provisioning, Standing, Step, Wanted, provisioning_for
from outgrow.dialects.where import is_here, where
from outgrow.environment import variable
from outgrow.errors import OutgrowError, Refused, Unreachable
from outgrow.events import Event, Watch, silent
from outgrow.options import ProvisionOptions
from outgrow.provision import envfile, naming, urls
from outgrow.provision.envfile import EnvFile
from outgrow.provision.outcome import Lacking, Outcome
from outgrow.provision.proving import Proof

STEP = "provision"
_SECONDS = 5.0


def provision(asked: ProvisionOptions, watch: Watch = silent) -> Outcome:
    """Make what is missing and prove it; with ``dry_run`` only work it out."""
    place = places.resolve(asked.on, whole_server=True)
    if place.warning:
        watch(Event("warning", STEP, text=place.warning))
    engine = provisioning_for(place.settings)
    wanted = Wanted(
        naming.checked(asked.name, engine), naming.checked_clients(asked.clients), asked.tls, asked.collation,
        naming.checked_roles(asked.roles, asked.name, engine),
    )  # fmt: skip
    file = envfile.read(Path(asked.env)) if asked.env else None
    with engine.dialect.connect() as session, contextlib.nullcontext() if asked.dry_run else _alone(engine, wanted):
        _see_about_tls(engine, wanted, watch)
        run = _Run(asked, engine, wanted, session, file, watch)
        try:
            return run.carry_out()
        finally:
            run.close()


def _see_about_tls(engine: Provisioning, wanted: Wanted, watch: Watch) -> None:
    """Refused where the roles could not be held to TLS, or would be held to what is not there."""
    server = spoken(engine.settings, engine.title)
    if wanted.tls and not _offers_tls(engine.settings):
        raise Refused(
            f"{server} offers no TLS, without which passwords' proofs and every row cross the network in the open: "
            f"switch it on ({engine.tls_line}), or add --without-tls for a server of this very machine."
        )
    if not wanted.tls and not is_here(str(engine.settings.get("HOST") or "")):
        text = f"{server} is another machine, and the roles may reach it without TLS: who listens on the way reads all."
        watch(Event("warning", STEP, text=text))


def _offers_tls(settings: Settings) -> bool:
    """By the first bytes that the server sends, before anybody logs in; False where it does not get so far."""
    inspection = inspection_for(settings, None, None)
    address = inspection.address()
    try:
        if isinstance(address, str):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(_SECONDS)
                connection.connect(address)
                return bool(inspection.greet(connection, "", None).tls)
        with socket.create_connection(address, _SECONDS) as connection:
            return bool(inspection.greet(connection, address[0], None).tls)
    except (OSError, Refusal):
        return False


def purpose(name: str) -> str:
    """Of the lock: each database has its own, and its name is too long for that of a lock."""
    return STEP + blake2b(name.encode(), digest_size=4).hexdigest()


@contextmanager
def _alone(engine: Provisioning, wanted: Wanted) -> Iterator[None]:
    lock = engine.dialect.exclusive(purpose(wanted.database))
    try:
        if not lock.take():
            who = f" ({holder})" if (holder := lock.holder()) else ""
            raise Refused(f"Another process provisions {wanted.database} at the moment{who}: wait until it has ended.")
        yield
    finally:
        lock.close()


@dataclass
class _Run:
    asked: ProvisionOptions
    engine: Provisioning
    wanted: Wanted
    session: Session
    file: EnvFile | None
    watch: Watch
    _inside: Session | None = None
    passwords: dict[str, str] = field(default_factory=dict, repr=False)  # that are known, kept and new ones alike

    def carry_out(self) -> Outcome:
        there = self.engine.exists(self.session, self.wanted)
        new = self._decide()
        steps = self._plan(there, new)
        if found := self.engine.lacking(self.session, self.wanted, steps):
            raise Lacking(found)
        outcome = Outcome(
            server=f"{self.engine.dialect.version(self.session)} on {_host(self.engine.settings)}",
            database=self.wanted.database,
            choice="" if there else self.engine.choice(self.session, self.wanted),
            dry_run=self.asked.dry_run,
            steps=steps,
            env=self.asked.env,
        )
        if not self.asked.dry_run:
            with events.step(self.watch, STEP):
                outcome.urls = self._urls()
                outcome.env_changed = self._write_down(outcome)
                for number, step in enumerate(steps):
                    self._do(step, number, len(steps))
        if not (steps and self.asked.dry_run):  # some of them may be what the statements mend
            outcome.differences += self.engine.differences(self.session, self._in(), self.wanted)
        if not self.asked.dry_run:
            self._prove(outcome)
        return outcome

    def close(self) -> None:
        if self._inside is not None and self._inside is not self.session:
            self._inside.close()

    def _in(self) -> Session:
        if self._inside is None:
            self._inside = self.engine.inside(self.session, self.wanted)
        return self._inside

    # -- passwords ------------------------------------------------------------------------------------------------
    def _decide(self) -> list[str]:
        """The roles that get a password now: those that nobody can log in as yet, all of them for --new-passwords."""
        standing = {which: self.engine.standing(self.session, self.wanted, which) for which in ROLES}
        known = self._known()
        new = [which for which in ROLES if standing[which] is not Standing.OPEN or self.asked.new_passwords]
        unknown = [self.wanted.role(which) for which in ROLES if which not in new and which not in known]
        if unknown and self.file is not None:
            raise Refused(
                f"{' and '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} there already, and "
                f"{self.file.path} does not have the password: name the file that has it, or add --new-passwords, "
                "after which the old one is no longer good."
            )
        for which in ROLES:
            if which in new and (self.asked.new_passwords or which not in known):
                self.passwords[which] = urls.password()
            elif which in known:
                self.passwords[which] = known[which]
        places.hide(*self.passwords.values())
        return new

    def _known(self) -> dict[str, str]:
        """Passwords of the file's URLs; Refused for a URL of another database in their place."""
        found = {}
        for which in ROLES if self.file is not None else ():
            name = self._variable(which)
            if settings := self._held(name):
                if _login(settings) != _login(self._entry(which)):
                    raise Refused(
                        f"{self.asked.env} has a {name} already, of {places.describe(settings)} as "
                        f"{settings['USER'] or 'nobody'}: take that line out, or give this database another alias by "
                        "--alias."
                    )
                found[which] = str(settings["PASSWORD"])
        return {which: password for which, password in found.items() if password}

    def _held(self, name: str) -> Settings | None:
        """The entry of a URL that the file has."""
        value = self.file.values.get(name) if self.file is not None else None
        if not value:
            return None
        try:
            return places.complete(places.read_url(value, f"{name} in {self.asked.env}")[0])
        except OutgrowError as error:
            raise Refused(f"{str(error).rstrip('.')}; or take the line out.") from None

    def _variable(self, which: str) -> str:
        return variable(self.asked.alias, "" if which == "app" else which)

    def _entry(self, which: str) -> dict[str, Any]:
        return {**self.engine.settings, "NAME": self.wanted.database, "USER": self.wanted.role(which)}

    def _urls(self) -> dict[str, str]:
        """Of the roles whose password is known; what somebody changed in the file's own stays."""
        query = self.engine.tls_query(self.session, self.wanted)
        made = {}
        for which in ROLES:
            name = self._variable(which)
            if which not in self.passwords:
                continue
            if (held := self._held(name)) and held["PASSWORD"]:
                old = self.file.values[name] if self.file else ""
                made[name] = urls.with_password(old, str(held["PASSWORD"]), self.passwords[which])
            else:
                login = (self.wanted.role(which), self.passwords[which])
                made[name] = urls.url(self.engine.scheme(), self.engine.settings, self.wanted.database, login, query)
        return made

    def _write_down(self, outcome: Outcome) -> bool:
        """Before the first statement: a password that only a dead process knew would be lost."""
        if self.file is None:
            return False
        same = all(self.file.values.get(name) == url for name, url in outcome.urls.items())
        if same and not self.file.was_open:
            return False
        self.file.write(outcome.urls)
        if envfile.may_be_committed(self.file.path):
            outcome.notes.append(
                f"git does not ignore {self.asked.env}, and its passwords would be committed: put it into .gitignore."
            )
        if self.file.was_open:
            outcome.notes.append(f"{self.asked.env} was open to others, and is now its owner's alone (0600).")
        return not same

    # -- statements -----------------------------------------------------------------------------------------------
    def _plan(self, there: bool, new: list[str]) -> tuple[Step, ...]:
        engine, session, wanted = self.engine, self.session, self.wanted
        making = tuple(engine.making(session, wanted, self.passwords))
        granting = tuple(engine.granting(session, self._in() if there else None, wanted))
        opening = tuple(engine.opening(session, wanted, which, self.passwords[which]) for which in new)
        steps = (*making, *granting, *opening)
        places.hide(*(step.secret for step in steps))
        return steps

    def _do(self, step: Step, number: int, total: int) -> None:
        self.watch(Event("note", STEP, table=self.wanted.database, text=step.sql))
        session = self._in() if step.inside else self.session
        try:
            session.execute(step.sent)
        except Exception as error:
            raise Unreachable(
                f"{self.engine.dialect.explain(error)}, at statement {number + 1} of {total} ({step.sql}): mend that, "
                "and run the same command again, which goes on from there."
            ) from None

    # -- the proof ------------------------------------------------------------------------------------------------
    def _prove(self, outcome: Outcome) -> None:
        logins = {}
        for which in ROLES:
            if url := outcome.urls.get(self._variable(which)):
                logins[which] = places.complete(places.read_url(url, self._variable(which))[0])
        if len(logins) < len(ROLES):
            lost = [self.wanted.role(which) for which in ROLES if which not in logins]
            outcome.notes.append(
                f"The password of {' and '.join(lost)} is kept and not known here, so that nothing was proved: name "
                "the file that has it by --env, or add --new-passwords, after which the old one is no longer good."
            )
            return
        proof = Proof(self.engine, self.session, self.wanted, logins)
        proof.carry_out()
        outcome.proved += proof.proved
        outcome.notes += proof.notes
        outcome.differences += [each for each in proof.differences if each not in outcome.differences]


def _login(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes two entries the same login: server, database and user."""
    return (*where(family(settings), "", settings), str(settings["USER"]))


def spoken(settings: Settings, title: str) -> str:
    return f"{title} on {_host(settings)}"


def _host(settings: Settings) -> str:
    host, port = str(settings.get("HOST") or "localhost"), settings.get("PORT")
    return f"{host}:{port}" if port else host
