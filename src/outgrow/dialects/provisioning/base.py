"""What provisioning needs to know of an engine: what is there, what is missing, and how a role logs in.

Reading and doing are apart: a :class:`Step` is one statement, worked out before the first is carried out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from outgrow.dialects.base import Dialect, Session, Settings

HIDDEN = "'…'"
"""What stands in a statement, wherever it is shown, for a password's verifier."""

ROLES = ("app", "migrator", "reader")


class Standing(StrEnum):
    """``CLOSED``: made, and nobody can log in as it yet; it is opened when all the rest is done."""

    ABSENT = "absent"
    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be there in the end."""

    database: str
    clients: str = "%"  # from where the accounts may log in; an engine that does not tell ignores it
    tls: bool = True
    collation: str | None = None  # asked for; None where we choose
    roles: str = ""  # what their names begin with, where that is not the database's

    def role(self, which: str) -> str:
        """The name of one of ``ROLES``: tablebooking_app."""
        return f"{self.roles or self.database}_{which}"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(map(self.role, ROLES))


@dataclass(frozen=True, slots=True)
class Step:
    """One statement. ``sql`` may be shown; ``secret`` stands in it for HIDDEN when it is sent."""

    sql: str
    why: str
    inside: bool = False  # in the new database, where the engine has a session for each
    secret: str = field(default="", repr=False)

    @property
    def sent(self) -> str:
        return self.sql.replace(HIDDEN, f"'{self.secret}'") if self.secret else self.sql


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not as it should be and was left as it is; ``commands``: what to type."""

    text: str
    commands: tuple[str, ...] = ()


class Provisioning(ABC):
    """One server, by an administrator's login."""

    title: ClassVar[str]
    longest: ClassVar[int]  # letters of a database's name
    longest_role: ClassVar[int]  # letters of NAME, so that NAME_migrator is a role's name
    reserved: ClassVar[frozenset[str]]
    tls_line: ClassVar[str]  # how TLS is switched on

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.settings = dialect.settings

    def dialect_of(self, settings: Settings) -> Dialect:
        """The same engine by another login."""
        return type(self.dialect)(settings)

    def letters(self, name: str) -> int:
        """How many letters of the longest a database's name takes."""
        return len(name)

    # -- what is there --------------------------------------------------------------------------------------------
    @abstractmethod
    def exists(self, session: Session, wanted: Wanted) -> bool:
        """Whether the database is there."""

    @abstractmethod
    def standing(self, session: Session, wanted: Wanted, which: str) -> Standing: ...

    @abstractmethod
    def inside(self, session: Session, wanted: Wanted) -> Session:
        """A session in the database that is there: a new one, or ``session`` where the engine needs no other."""

    @abstractmethod
    def choice(self, session: Session, wanted: Wanted) -> str:
        """The order of texts that a new database gets, and why, as one sentence."""

    # -- what is missing ------------------------------------------------------------------------------------------
    @abstractmethod
    def lacking(self, session: Session, wanted: Wanted, steps: tuple[Step, ...]) -> list[Difference]:
        """Rights that the administrator would need for these steps and does not have, each with its grant."""

    @abstractmethod
    def making(self, session: Session, wanted: Wanted, passwords: Mapping[str, str]) -> Iterator[Step]:
        """The database and the roles, which are closed; ``passwords``: of those that are absent."""

    @abstractmethod
    def granting(self, session: Session, inside: Session | None, wanted: Wanted) -> Iterator[Step]:
        """The rights of the three; ``inside`` is None where the database is still to be made."""

    @abstractmethod
    def opening(self, session: Session, wanted: Wanted, which: str, password: str) -> Step:
        """A role gets its password and may log in."""

    @abstractmethod
    def differences(self, session: Session, inside: Session, wanted: Wanted) -> Iterator[Difference]:
        """What is beyond what was wanted, or other, and cannot be mended without somebody losing something."""

    # -- logging in as a role -------------------------------------------------------------------------------------
    @abstractmethod
    def scheme(self) -> str:
        """Of the URLs that are written."""

    @abstractmethod
    def tls_query(self, session: Session, wanted: Wanted) -> dict[str, str]:
        """The options of a role's URL: what the administrator's says of TLS, but never less than ``wanted``."""

    @abstractmethod
    def in_the_open(self, settings: Settings) -> Settings:
        """The same login without TLS."""

    @abstractmethod
    def let_in_openly(self, session: Session, role: str) -> Difference | str:
        """What it means that a role was let in without TLS: a difference, or a note where it is no role's affair."""

    @abstractmethod
    def why_refused(self, session: Session, wanted: Wanted, role: str) -> Difference | None:
        """A trap of this engine because of which a role with the right password is not let in."""

    scratch: ClassVar[str]  # CREATE TABLE of the proof's table, with a key that counts by itself
