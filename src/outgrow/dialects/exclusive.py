"""A lock on a whole database that one process at a time can have, and that ends with its holder."""

from __future__ import annotations

from abc import ABC, abstractmethod


class Exclusive(ABC):
    """Not yet taken when made. It has a connection or file of its own, so it outlives every transaction of the work."""

    warning: str = ""  # one sentence where this connection makes it weaker than it should be

    @abstractmethod
    def take(self) -> bool:
        """Take it at once; False where somebody else has it."""

    @abstractmethod
    def held(self) -> bool:
        """Whether it is still ours. Asking keeps an idle connection alive."""

    @abstractmethod
    def holder(self) -> str:
        """Who has it, in a few words ("process 4711 on web1"), or "" where nobody knows."""

    @abstractmethod
    def close(self) -> None:
        """Give it up; never raises."""


class Unneeded(Exclusive):
    """For a database that no other process can reach."""

    def take(self) -> bool:
        return True

    def held(self) -> bool:
        return True

    def holder(self) -> str:
        return ""

    def close(self) -> None:
        return
