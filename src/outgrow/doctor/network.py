"""Name, port, what answers there, and its certificate: all before anybody logs in."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from datetime import UTC, datetime

from outgrow.dialects.inspecting import Inspection, Refusal, Said, failed, good, warning
from outgrow.dialects.where import is_here

NAME_SECONDS, PORT_SECONDS = 4.0, 4.0
SOON = 21  # days in which a certificate is said to end
_EXPIRED, _WRONG_NAME = 10, (62, 64)  # X509_V_ERR_…, OpenSSL's verify(1): of a name, of a number

Found = Iterator[tuple[str, Said]]


def knock(inspection: Inspection) -> Found:
    """D102 to D105; raises Refusal where nobody can go on."""
    address = inspection.address()
    if inspection.in_file:
        return
    if isinstance(address, str):
        yield "D103", _socket_file(inspection, address)
        return
    host, port = address
    numbers = _numbers(host)
    yield "D102", good(host if numbers == [host] else f"{host} is {', '.join(numbers[:3])}")
    number = _open(inspection, host, port, numbers)
    yield "D103", good(f"port {port} of {host} is open")
    yield from _greeted(inspection, host, (number, port))


def _socket_file(inspection: Inspection, path: str) -> Said:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PORT_SECONDS)
            connection.connect(path)
    except FileNotFoundError:
        raise Refusal(
            "D103",
            failed(
                f"There is no socket {path}, at which {inspection.title} is reached where HOST is empty or localhost: "
                "start the server, or name its address in HOST (127.0.0.1 for this machine)."
            ),
        ) from None
    except OSError as error:
        raise Refusal(
            "D103",
            failed(
                f"The socket {path} cannot be opened ({os.strerror(error.errno or 0)}): start the server, or correct "
                "HOST."
            ),
        ) from None
    return good(f"the socket {path} is open")


def _numbers(host: str) -> list[str]:
    """The host's addresses; a resolver that does not answer keeps a thread, not us."""
    pool = ThreadPoolExecutor(1)
    try:
        found = pool.submit(socket.getaddrinfo, host, None, 0, socket.SOCK_STREAM).result(NAME_SECONDS)
    except (TooLate, OSError, UnicodeError) as error:
        slow = isinstance(error, TooLate)
        what = f"was not answered within {NAME_SECONDS:.0f} s" if slow else "does not resolve"
        raise Refusal(
            "D102",
            failed(
                f"The name {host} {what}: correct HOST, or look at this machine's name servers (in a container: at "
                "the service's name and network).",
                f"getent hosts {host}",
            ),
        ) from None
    finally:
        pool.shutdown(wait=False)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _open(inspection: Inspection, host: str, port: int, numbers: list[str]) -> str:
    """The first address whose port opens; else a Refusal that tells a firewall from a server that is down."""
    refused = False
    reason = ""
    for number in numbers:
        try:
            socket.create_connection((number, port), PORT_SECONDS / len(numbers)).close()
            return number
        except ConnectionRefusedError:
            refused = True
        except TimeoutError:
            reason = reason or "time"
        except OSError as error:
            reason = os.strerror(error.errno or 0)
    if refused:
        said = failed(
            f"Nothing listens at port {port} of {host}: the server does not run, listens at another port, or only at "
            "its own machine (bind-address, listen_addresses).",
            f"ss -ltn 'sport = :{port}'",
        )
    elif reason == "time":
        said = failed(
            f"Port {port} of {host} does not answer within {PORT_SECONDS:.0f} s: a firewall or security group drops "
            f"port {port} from this host, so let this host's address (or its security group) through, and nobody "
            "else's.",
        )
    else:
        said = failed(f"{host} cannot be reached ({reason}): look at the network between, or correct HOST.")
    raise Refusal("D103", said)


def _greeted(inspection: Inspection, host: str, address: tuple[str, int]) -> Found:
    """What answers, and whether its certificate holds."""
    try:
        with socket.create_connection(address, PORT_SECONDS) as connection:
            greeting = inspection.greet(connection, host, None)
    except TimeoutError:
        raise Refusal(
            "D104",
            failed(
                f"Port {address[1]} of {host} is open and says nothing within {PORT_SECONDS:.0f} s: the server hangs, "
                "or what listens is a proxy without one behind it."
            ),
        ) from None
    except (OSError, ValueError) as error:
        raise Refusal(
            "D104", failed(f"The server at port {address[1]} of {host} broke off ({_reason(error)}): see its log.")
        ) from None
    yield "D104", good(greeting.server)
    yield "D105", _tls(inspection, host, address, offered=bool(greeting.tls))


def _reason(error: BaseException) -> str:
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else type(error).__name__


def _tls(inspection: Inspection, host: str, address: tuple[str, int], *, offered: bool) -> Said:
    wanted = inspection.wants_tls()
    if not offered:
        if wanted in ("always", "verified"):
            return failed(
                "The settings insist on TLS and the server offers none: switch it on there, with a certificate."
            )
        if is_here(host):
            return good("the server offers no TLS, and the connection does not leave this machine")
        return warning(
            f"The server offers no TLS: who can listen between here and {host} reads the password's exchange and every "
            "row; switch it on there, with a certificate."
        )
    if wanted == "never":
        say = good if is_here(host) else warning
        return say("The settings switch TLS off, though the server offers it: let it be used." if say is warning
                   else "the settings switch TLS off, and the connection does not leave this machine")  # fmt: skip
    return _certificate(inspection, host, address, insists=wanted == "verified")


def _certificate(inspection: Inspection, host: str, address: tuple[str, int], *, insists: bool) -> Said:
    authorities = inspection.authorities()
    try:
        named = authorities if authorities and authorities != "system" else None
        context = ssl.create_default_context(cafile=named)
    except (OSError, ssl.SSLError):
        return failed(f"The file of authorities {authorities} cannot be read: correct its path in OPTIONS.")
    try:
        with socket.create_connection(address, PORT_SECONDS) as connection:
            tls = inspection.greet(connection, host, context).tls
            assert isinstance(tls, ssl.SSLSocket)
            with contextlib.closing(tls):
                return _ends(tls)
    except ssl.SSLCertVerificationError as error:
        return _unverified(error, host, insists=insists)
    except OSError as error:
        say = failed if insists else warning
        reason = getattr(error, "reason", None) or _reason(error)
        return say(f"The server offers TLS and the handshake fails ({reason}): see the versions that both allow.")


def _ends(tls: ssl.SSLSocket) -> Said:
    """A certificate that holds: until when."""
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str((tls.getpeercert() or {})["notAfter"])), UTC)
    days = (until - datetime.now(UTC)).days
    if days < SOON:
        return warning(f"The server's certificate is good until {until:%Y-%m-%d}, {days} days from now: renew it.")
    return good(f"{tls.version()}, with a certificate that holds until {until:%Y-%m-%d}")


def _unverified(error: ssl.SSLCertVerificationError, host: str, *, insists: bool) -> Said:
    say = failed if insists else warning
    if error.verify_code == _EXPIRED:
        return say(
            "The server's certificate has expired: renew it on the server.",
            "openssl x509 -enddate -noout -in server.crt",
        )
    if error.verify_code in _WRONG_NAME:
        return say(f"The server's certificate is of another name than {host}: connect by the name that stands in it.")
    return say(
        "The server's certificate is of an authority that this machine does not know: encryption holds off who "
        "listens, and not who answers in its place; name its authority in the settings.",
    )
