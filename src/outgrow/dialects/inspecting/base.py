"""The questions that ``outgrow doctor`` asks of an engine, and the form of an answer.

An answer is one sentence and what to type. Nothing here writes, and nothing holds a value of a row or a secret.
"""

from __future__ import annotations

import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from socket import socket
from typing import Any, ClassVar

from outgrow.dialects.base import Session, Settings
from outgrow.dialects.where import is_here
from outgrow.errors import OutgrowError


class Level(StrEnum):
    """How bad an answer is; ``FAILED`` alone makes the command leave with 1."""

    GOOD = "good"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Said:
    """``text``: what was found, what was expected, what to do. ``commands``: what to type for it, a line each."""

    level: Level
    text: str
    commands: tuple[str, ...] = ()


def good(text: str) -> Said:
    return Said(Level.GOOD, text)


def warning(text: str, *commands: str) -> Said:
    return Said(Level.WARNING, text, commands)


def failed(text: str, *commands: str) -> Said:
    return Said(Level.FAILED, text, commands)


class Refusal(OutgrowError):
    """A server did not let us in. ``check`` is the question that this answers: what it says belongs there."""

    def __init__(self, check: str, said: Said) -> None:
        super().__init__(said.text)
        self.check, self.said = check, said


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a port says before anybody logs in. ``tls``: None where the connection needs none, as through a socket."""

    server: str
    tls: ssl.SSLSocket | bool | None = None


class Inspection(ABC):
    """One engine's answers about one DATABASES entry."""

    title: ClassVar[str]  # what people call the engine
    port: ClassVar[int]
    in_file: ClassVar[bool] = False  # nothing listens anywhere

    tls_option: ClassVar[str]  # what makes the driver insist on TLS

    def __init__(self, settings: Settings, alias: str | None = None, most_lag: float | None = None) -> None:
        """``alias``: the project's, None for a URL. ``most_lag``: seconds a replica may lag, None for a primary."""
        self.settings, self.alias, self.most_lag = settings, alias, most_lag

    @abstractmethod
    def driver(self) -> Said:
        """Whether the driver can be imported, and which one it is."""

    @abstractmethod
    def address(self) -> tuple[str, int] | str:
        """(host, port) as the driver will take them, or the path of a socket."""

    @abstractmethod
    def greet(self, connection: socket, host: str, context: ssl.SSLContext | None) -> Greeting:
        """What listens there, and a TLS session by ``context`` if it offers one; Refusal for what is no such server."""

    @abstractmethod
    def wants_tls(self) -> str:
        """ "never", "maybe", "always" or "verified": what the settings ask of the driver."""

    @abstractmethod
    def authorities(self) -> str | None:
        """The file of certificate authorities that the settings name."""

    @abstractmethod
    def encrypted(self, session: Session) -> bool | None:
        """Whether this session is by TLS; None where it never leaves the machine."""

    @abstractmethod
    def log_in(self) -> Session:
        """A session by these settings; raises Refusal."""

    def misplaced(self) -> Said | None:
        """What is wrong with a database that is there and is none for an application."""
        return None

    # -- questions to the server, in the order in which they are asked: (id, method) ------------------------------
    questions: ClassVar[Sequence[tuple[str, str]]] = ()
    deep: ClassVar[Sequence[tuple[str, str]]] = ()  # those that read more than the catalog
    cheap: ClassVar[Sequence[tuple[str, str]]] = ()  # those of a health endpoint, asked every few seconds

    def connections(self, session: Session) -> tuple[str, int, int] | None:
        """(which server, connections that this login may have, open now), None where nothing limits them."""
        return None

    def encryption(self, session: Session) -> Iterator[Said]:
        """How this very session crosses the network."""
        encrypted, address = self.encrypted(session), self.address()
        if encrypted is None or isinstance(address, str):
            yield good("the connection is a socket of this machine")
        elif encrypted:
            yield good("the connection is encrypted")
        elif is_here(address[0]):
            yield good("the connection is plain text, and does not leave this machine")
        else:
            yield warning(
                f"The connection to {address[0]} is plain text: who can listen on the way reads every row, so insist "
                "on TLS.",
                self.tls_option,
            )

    def ask(self, question: str, session: Session) -> Iterator[Said]:
        """The answers to one of ``questions``, the name of a method."""
        method: Any = getattr(self, question)
        yield from method(session)
