"""Who asks: the client's own address where PROXIES proxies stand in front, else the nearest one's."""

from __future__ import annotations

from ipaddress import ip_address

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle


def address(request: Request) -> str | None:
    """The address that the limits count by; None where what was sent is none, as behind a socket of this machine."""
    said = BaseThrottle().get_ident(request) or ""
    try:
        return str(ip_address(said))
    except ValueError:
        return None
