"""Content types are read where they are.

Django's generic keys ask for a content type in the database of the row that has the key
(``ContentType.objects.db_manager(instance._state.db)``), and no router is asked. Once content types have an owner, that
finds no table, or an old copy of it; worse, it makes a new content type there. So the manager goes to the owner,
whatever database is named.
"""

from __future__ import annotations

from typing import Any

from outgrow.routing.declared import declared


def read_where_they_are() -> None:
    """Install it, once for the process; without declared owners it changes nothing."""
    from django.contrib.contenttypes.models import ContentTypeManager

    plain = ContentTypeManager.db_manager
    if getattr(plain, "by_owner", False):
        return

    def db_manager(self: Any, using: str | None = None, hints: Any = None) -> Any:
        owners = declared()
        if owners is not None and using is not None and self.model is not None:
            owner = owners.of_model(self.model)
            if owners.primary(using) != owner:
                using = owner
        return plain(self, using, hints)

    db_manager.by_owner = True  # type: ignore[attr-defined]
    ContentTypeManager.db_manager = db_manager  # type: ignore[method-assign]
