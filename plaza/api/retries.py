"""A transaction that the database broke off for another one's sake is done anew: nothing of it was kept.

InnoDB ends one of two that wait for each other, and so does PostgreSQL; a fixed order of locks makes that rare, and
where rows are inserted and deleted at one unique key InnoDB cannot rule it out.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError

ATTEMPTS = 6
POSTGRESQL = {"40001", "40P01"}  # serialization failure, deadlock
MYSQL = {1213, 1020}  # deadlock, record has changed since last read

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def is_broken_off(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in POSTGRESQL or bool(error.args and error.args[0] in MYSQL)


def retried(act: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Decorate what opens a transaction, and is not called inside of one."""

    @wraps(act)
    def again(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        for attempt in range(1, ATTEMPTS):
            try:
                return act(*args, **kwargs)
            except OperationalError as error:
                if not is_broken_off(error):
                    raise
                time.sleep(random.random() * 0.02 * 2**attempt)
        return act(*args, **kwargs)

    return again
