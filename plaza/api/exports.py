"""What the service holds of a user, as a zip with a file for each app: JSON Lines, one document a line.

An app that holds something of its users' has a module ``export`` with ``documents(user)``: all of it, by the user's
number, from the app's own database.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import IO, Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

Documents = Callable[[int], Iterable[dict[str, Any]]]
PIECE = 500  # rows that are read at once


def contributors() -> dict[str, Documents]:
    """App → what it holds of a user."""
    names = [config.name for config in apps.get_app_configs() if config.name.startswith("plaza.")]
    return {
        name.rpartition(".")[2]: import_module(f"{name}.export").documents
        for name in names
        if find_spec(f"{name}.export") is not None
    }


def rows(kind: str, found: QuerySet[Any], *columns: str) -> Iterator[dict[str, Any]]:
    """A document for each row, in the order of its keys. MySQL's driver keeps all that a query answers, so that each
    piece is a query of its own."""
    piece = rows_ = found.order_by("pk").values("pk", *columns)
    while page := list(piece[:PIECE]):
        for row in page:
            last = row.pop("pk")
            yield {"kind": kind, **row}
        if len(page) < PIECE:
            return
        piece = rows_.filter(pk__gt=last)


def write(user_id: int, file: IO[bytes]) -> None:
    """The zip, in pieces: somebody's million likes need no memory."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for app, documents in contributors().items():
            with archive.open(f"{app}.jsonl", "w", force_zip64=True) as lines:
                for document in documents(user_id):
                    text = json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False)
                    lines.write(text.encode() + b"\n")
