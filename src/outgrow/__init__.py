"""Outgrow moves a Django project between database engines and proves every row."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from outgrow.environment import databases as databases
    from outgrow.exemptions import allow_cross_database as allow_cross_database
    from outgrow.routing.loose.across import CASCADE as CASCADE
    from outgrow.routing.loose.across import SET_NULL as SET_NULL
    from outgrow.routing.loose.field import LooseForeignKey as LooseForeignKey
    from outgrow.routing.reading import after as after
    from outgrow.routing.reading import position as position
    from outgrow.routing.reading import primary as primary
    from outgrow.routing.reading import reading as reading
    from outgrow.routing.reading import wrote as wrote

__version__ = "0.1.0"

# What a project may import from here, and the module that is loaded when it does: `import outgrow` alone loads none.
_LAZY = {
    "CASCADE": "outgrow.routing.loose.across",
    "LooseForeignKey": "outgrow.routing.loose.field",
    "SET_NULL": "outgrow.routing.loose.across",
    "after": "outgrow.routing.reading",
    "allow_cross_database": "outgrow.exemptions",
    "databases": "outgrow.environment",
    "position": "outgrow.routing.reading",
    "primary": "outgrow.routing.reading",
    "reading": "outgrow.routing.reading",
    "wrote": "outgrow.routing.reading",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
