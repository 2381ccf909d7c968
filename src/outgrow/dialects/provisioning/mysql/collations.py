"""MySQL and MariaDB: the collation of a new database, by what the server has, and why.

It ignores case, as Django on these engines expects: its iexact and icontains are nothing but = and LIKE here.
"""

from __future__ import annotations

from difflib import get_close_matches

from outgrow.dialects.base import Session
from outgrow.errors import Refused

CHOICES = {
    "mysql": ("utf8mb4_0900_ai_ci", "utf8mb4_unicode_520_ci"),
    "mariadb": ("utf8mb4_uca1400_ai_ci", "utf8mb4_unicode_520_ci"),
}
_WHY = {
    "utf8mb4_0900_ai_ci": (
        "Unicode 9, this server's own for utf8mb4 and so that of every connection: every emoji is a letter of its own"
    ),
    "utf8mb4_uca1400_ai_ci": (
        "Unicode 14, the newest that this server has: every emoji is a letter of its own; to general_ci all are one"
    ),
    "utf8mb4_unicode_520_ci": (
        "Unicode 5.2, the newest that this server has: to general_ci, its own, all emoji are one and the same letter"
    ),
}
_COMMON = (
    "upper and lower case and accents are equal in comparisons and unique keys, as Django's iexact and icontains need "
    "here; SQLite told them apart, so let `outgrow audit` list what would collide"
)


def choose(session: Session, engine: str, asked: str | None) -> str:
    """The collation asked for, or the first of ours that the server has. Refused for one that it has not."""
    if asked is None:
        return next(name for name in CHOICES[engine] if has(session, name))
    if not has(session, asked):
        names = [str(row[0]) for row in session.query("SHOW COLLATION")]
        names = [f"utf8mb4_{name}" if name.startswith("uca1400") else name for name in names]
        near = get_close_matches(asked, [name for name in names if name.startswith("utf8mb4_")], 1, 0.5)
        raise Refused(
            f"The server has no collation {asked} of utf8mb4"
            + (f"; did you mean '{near[0]}'?" if near else ": see SHOW COLLATION LIKE 'utf8mb4%'.")
        )
    return asked


def has(session: Session, name: str) -> bool:
    if not name.replace("_", "").isalnum():
        return False
    try:
        session.query(f"SELECT _utf8mb4'' COLLATE {name}")
    except Exception:  # 1273 unknown, 1253 of another character set
        return False
    return True


def why(name: str) -> str:
    reason = _WHY.get(name)
    if reason is None:
        return f"utf8mb4 with {name}, as asked."
    return f"utf8mb4 with {name} ({reason}); {_COMMON}."
