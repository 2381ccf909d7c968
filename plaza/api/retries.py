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

from django.db import IntegrityError, OperationalError, models, router, transaction

ATTEMPTS = 6
POSTGRESQL = {"40001", "40P01"}  # serialization failure, deadlock
MYSQL = {1213, 1020}  # deadlock, record has changed since last read

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def is_broken_off(error: Exception) -> bool:
    if not isinstance(error, OperationalError):
        return False
    return getattr(error.__cause__, "sqlstate", None) in POSTGRESQL or bool(error.args and error.args[0] in MYSQL)


def retried(act: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Decorate what opens a transaction, and is not called inside of one."""
    return _again(act, is_broken_off)


def whole(model: type[models.Model]) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Decorate what is one transaction of this model's database, and is not called inside of one."""

    def decorate(act: Callable[Given, Answer]) -> Callable[Given, Answer]:
        @retried
        @wraps(act)
        def done(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            with transaction.atomic(using=router.db_for_write(model)):
                return act(*args, **kwargs)

        return done

    return decorate


def persistent(act: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The same for what deletes a row and all that points at it: something new may point at it meanwhile.

    A lock of the row keeps it from that, but not in MySQL 9.7, whose inserts do not wait for the lock of a row that
    they point at.
    """
    return _again(act, lambda error: isinstance(error, IntegrityError) or is_broken_off(error))


def _again(act: Callable[Given, Answer], is_to_be_retried: Callable[[Exception], bool]) -> Callable[Given, Answer]:
    @wraps(act)
    def again(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        for attempt in range(1, ATTEMPTS):
            try:
                return act(*args, **kwargs)
            except (OperationalError, IntegrityError) as error:
                if not is_to_be_retried(error):
                    raise
                time.sleep(random.random() * 0.02 * 2**attempt)
        return act(*args, **kwargs)

    return again
