"""E001, E016: OUTGROW itself can be read."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured

from outgrow import conf
from outgrow.checks.fault import Fault, nearest
from outgrow.routing.owners import Owners, WrongRoutes

UNREADABLE = Fault("E001", "What OUTGROW declares cannot be read.")
MISSPELT = Fault("E016", "A key of OUTGROW is misspelt.")

KEYS = ("OWNERS", "REPLICAS", "LOOSE", "REHEARSE", "WORKERS", *conf.REPLICA_KEYS)


def check() -> Iterator[CheckMessage]:
    declared = conf.outgrow()
    for key in declared:
        near = nearest(str(key), KEYS, 0.8)
        if key not in KEYS and near is not None and near not in declared:
            yield MISSPELT(
                f'OUTGROW has the key "{key}", which nothing reads; did you mean "{near}"?', f'Rename it to "{near}".'
            )
    owners, replicas = conf.routes()
    if conf.loose() not in (None, conf.CROSSING):
        yield UNREADABLE(
            f'OUTGROW["LOOSE"] is {conf.loose()!r}; expected "{conf.CROSSING}".',
            f'Write "{conf.CROSSING}" to make the foreign keys that cross owners loose, or leave LOOSE out.',
        )
    for read, otherwise in (
        (conf.replicas, "the first read from a replica would raise it"),
        (conf.workers, "`outgrow deploy init` would refuse it"),
    ):
        try:
            read()
        except ImproperlyConfigured as error:
            yield UNREADABLE(str(error), f"Correct it; {otherwise}.")
    if owners is None:
        if replicas is not None:
            yield UNREADABLE(
                'OUTGROW["REPLICAS"] is declared without OUTGROW["OWNERS"], and nothing routes.',
                'Add "OWNERS": {"default": "*"} to OUTGROW, or the owners as they are.',
            )
        return
    try:
        Owners.parse(owners, replicas)
    except WrongRoutes as error:
        yield UNREADABLE(str(error), "Correct it; no other check of the owners runs before that.")
