"""Who asks: the client's own address where PROXIES proxies stand in front, else the nearest one's."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle


def address(request: Request) -> str | None:
    """The address itself; None where what was sent is none, as behind a socket of this machine."""
    said = BaseThrottle().get_ident(request) or ""
    try:
        return str(ip_address(said))
    except ValueError:
        return None


def network(request: Request) -> str:
    """What the limits count by: an address of IPv4, or the /64 of one of IPv6: its client has all of it (RFC 6177)."""
    said = BaseThrottle().get_ident(request) or ""
    try:
        found = ip_address(said)
    except ValueError:
        return said
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
