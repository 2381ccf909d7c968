"""Numbers, sizes and times as people read them."""

from __future__ import annotations

import time

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def size(value: float | None) -> str:
    """Bytes in powers of a thousand: "145 MB"."""
    if value is None:
        return "unknown"
    amount, unit = float(value), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {_UNITS[unit]}" if unit == 0 or amount >= 10 else f"{amount:.1f} {_UNITS[unit]}"


def seconds(value: float | None) -> str:
    """A duration: "0.04 s", "3.1 s", "2 min 5 s", "1 h 3 min"."""
    if value is None:
        return ""
    if value < 60:
        return f"{value:.2f} s" if value < 1 else f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def moment(value: float | None) -> str:
    """A point in time, in this machine's zone and with its offset."""
    return "" if value is None else time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(value))


def plural(amount: int, noun: str) -> str:
    return f"{number(amount)} {noun}" if amount == 1 else f"{number(amount)} {noun}s"


def key(value: object) -> str:
    """A row's key: "12", or "(3, 12)" where it has several columns."""
    if isinstance(value, list | tuple):
        return str(value[0]) if len(value) == 1 else f"({', '.join(map(str, value))})"
    return str(value)
