"""MySQL and MariaDB: what the driver's exceptions mean, and how they are said without values or secrets."""

from __future__ import annotations

import re
from collections.abc import Sequence

from outgrow.dialects.base import Trouble
from outgrow.dialects.mysql.session import MySQLdb

_TROUBLES: dict[Trouble, tuple[int, ...]] = {
    Trouble.DATA: (
        1048, 1062, 1138, 1216, 1217, 1242, 1263, 1264, 1265, 1292, 1300, 1364, 1366, 1367, 1406, 1411, 1416, 1451,
        1452, 1525, 1557, 1586, 1690, 1761, 1762, 3140, 3141, 3144, 3156, 3819, 3854, 3903, 4025, 4078,
        1118, 1153, 1644,
    ),
    Trouble.LOST: (1047, 1053, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1927, 2002, 2003, 2006, 2013, 2055, 4031),
    Trouble.BUSY: (1020, 1099, 1205, 1213, 1412, 1637, 3101, 3572),
    Trouble.RIGHTS: (1044, 1045, 1095, 1142, 1143, 1148, 1227, 1290, 1370, 1410, 1419, 1698, 1792, 1836, 3948, 4166),
    Trouble.SPACE: (28, 1021, 1041, 1114, 3019, 3675),
    Trouble.STORAGE: (
        2, 3, 1016, 1023, 1024, 1026, 1030, 1033, 1034, 1035, 1194, 1195, 1712, 1812, 1814, 1878, 1932,
    ),
}  # fmt: skip
_NO_SPACE = re.compile(r"(?:error|errno:|errcode:) \"?28\b|no space left", re.IGNORECASE)
_BY_CODE = {code: trouble for trouble, codes in _TROUBLES.items() for code in codes}


class Warned(Exception):
    """The server took a statement with warnings: rows were altered or left out, so the chunk is rolled back."""

    def __init__(self, found: str, warnings: Sequence[tuple[str, int, str]] = ()) -> None:
        self.warnings = tuple(warnings)
        first = f" ({clause(warnings[0][1], warnings[0][2])})" if warnings else ""
        super().__init__(f"{found}{first}")


def trouble(error: BaseException) -> Trouble:
    if isinstance(error, Warned):
        return Trouble.DATA
    if isinstance(error, UnicodeError):
        return Trouble.DATA
    if MySQLdb is None or not isinstance(error, MySQLdb.Error):
        return Trouble.OTHER
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    found = _BY_CODE.get(code)
    if found is Trouble.STORAGE and _NO_SPACE.search(str(error)):
        return Trouble.SPACE
    if found is not None:
        return found
    if isinstance(error, (MySQLdb.IntegrityError, MySQLdb.DataError)):
        return Trouble.DATA
    # A connection that was closed under us: InterfaceError (0, '') and its like.
    return Trouble.LOST if isinstance(error, MySQLdb.InterfaceError) else Trouble.OTHER


_KEY = re.compile(r"for key '([^']*)'\s*$")
_COLUMN = re.compile(r"column '?([^' ]+|`[^ ]+`)'?(?: at row \d+)?\s*$|in value for column '([^']+)'")
_SAID: dict[int, str] = {
    1048: "a column that must not be empty got NULL",
    1062: "a second row has the same value in a unique key",
    1242: "the row that a foreign key refers to is missing",
    1263: "a column that must not be empty got NULL",
    1264: "a number is out of the column's range",
    1265: "a value was cut or not understood",
    1292: "a value has the wrong form",
    1300: "a text is not valid in the character set",
    1366: "a value has the wrong form or holds characters that the column's character set lacks",
    1406: "a value is too long for the column",
    1451: "another row still refers to the row",
    1452: "the row that a foreign key refers to is missing",
    1644: "a trigger refused the row",
    3140: "a text is not valid JSON",
    3819: "a check constraint is violated",
    4025: "a check constraint is violated",
    1153: "a row is larger than the server's max_allowed_packet",
}
_QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"")


def clause(code: int, message: str) -> str:
    """An error as one clause; names of keys and columns stay, values go."""
    named = _KEY.search(message) or _COLUMN.search(message)
    name = next((g for g in named.groups() if g), "").replace("`", "") if named else ""
    said = _SAID.get(code) or _QUOTED.sub("'…'", message.strip().partition("\n")[0])
    return f"{said}: {name}" if name and code in _SAID else said


def explain(error: BaseException, engine: str) -> str:
    if isinstance(error, Warned):
        return f"{engine} says: {error}"
    if MySQLdb is not None and isinstance(error, MySQLdb.Error) and len(error.args) > 1:
        code, message = error.args[0], str(error.args[1])
        return f"{engine} says: {clause(code, message)} (error {code})"
    return f"{engine} reports {type(error).__name__}"
