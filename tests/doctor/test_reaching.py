"""Name, port, what answers there, and TLS: before anybody logs in, on sockets and servers that really are so."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trustme

from outgrow.dialects.inspecting import Level
from outgrow.doctor import Answer
from tests.doctor.conftest import Made, answer, examined, troubles, until
from tests.engines import PrivateServer, Server, origins, start_private

BOTH = pytest.mark.parametrize("scheme", ["postgres", "mysql"])


@contextmanager
def listener(speak: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port at which ``speak`` is done to each caller."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    caller, _ = server.accept()
                except OSError:
                    return
                with caller, contextlib.suppress(OSError):  # a caller that only knocks
                    speak(caller)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


@BOTH
def test_a_port_at_which_nothing_listens(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    found = examined(f"{scheme}://app:x@127.0.0.1:{port}/shop")
    assert answer(found, "D103").text == (
        f"Nothing listens at port {port} of 127.0.0.1: the server does not run, listens at another port, or only at "
        "its own machine (bind-address, listen_addresses)."
    )
    assert found[-1].id == "D103"


@BOTH
def test_a_name_that_does_not_resolve(scheme: str) -> None:
    found = examined(f"{scheme}://app:x@no-such-host.invalid/shop")
    assert answer(found, "D102").text.startswith("The name no-such-host.invalid does not resolve: correct HOST")
    assert found[-1].id == "D102"


@BOTH
def test_a_port_that_opens_and_says_nothing(scheme: str) -> None:
    with listener(lambda caller: time.sleep(6)) as port:
        begun = time.monotonic()
        found = examined(f"{scheme}://app:x@127.0.0.1:{port}/shop")
    assert answer(found, "D104").text.startswith(f"Port {port} of 127.0.0.1 is open and says nothing within 4 s")
    assert time.monotonic() - begun < 10


@BOTH
def test_a_web_server_at_the_port(scheme: str) -> None:
    def http(caller: socket.socket) -> None:
        caller.sendall(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n")
        caller.recv(100)

    with listener(http) as port:
        said = answer(examined(f"{scheme}://app:x@127.0.0.1:{port}/shop"), "D104")
    assert said.level is Level.FAILED
    assert "correct HOST and PORT" in said.text


@BOTH
def test_a_port_that_closes_at_once(scheme: str) -> None:
    with listener(lambda caller: None) as port:
        said = answer(examined(f"{scheme}://app:x@127.0.0.1:{port}/shop"), "D104")
    assert said.level is Level.FAILED


def test_the_other_engine_at_the_port(postgresql: Server, mysql: Server) -> None:
    said = answer(examined(f"postgres://app:x@127.0.0.1:{mysql.port}/shop"), "D104")
    assert said.text.startswith("What listens at this port answered as no PostgreSQL does")


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_a_socket_that_is_not_there(engine: str, tmp_path: Path) -> None:
    entry = {"HOST": str(tmp_path / "x.sock") if engine == "mysql" else str(tmp_path), "PORT": ""}
    scheme = "postgres" if engine == "postgresql" else engine
    said = answer(examined(f"{scheme}://app@localhost/shop", **entry), "D103")
    assert said.text.startswith(f"There is no socket {tmp_path}")


@pytest.fixture(scope="module")
def dropped() -> Iterator[str]:
    """The address of a host in a network namespace of ours, whose firewall drops what comes to 3306 and 5432."""
    if os.getuid():
        pytest.skip("only root makes network namespaces")
    name, here, there = f"outgrow-{os.getpid()}", f"oh{os.getpid()}", f"ot{os.getpid()}"
    net = f"10.213.{os.getpid() % 256}"  # two of these tests may run at once
    commands = [
        f"ip netns add {name}",
        f"ip link add {here} type veth peer name {there} netns {name}",
        f"ip addr add {net}.1/30 dev {here}",
        f"ip link set {here} up",
        f"ip -n {name} addr add {net}.2/30 dev {there}",
        f"ip -n {name} link set {there} up",
        f"ip netns exec {name} iptables -A INPUT -p tcp -j DROP",
    ]
    try:
        for command in commands:
            subprocess.run(command.split(), check=True, capture_output=True)
        yield f"{net}.2"
    finally:  # the pair by itself: with its namespace it goes some time later, and its name is not free until then
        for ended in (["link", "del", here], ["netns", "del", name]):
            subprocess.run(["ip", *ended], check=False, capture_output=True)


@pytest.mark.parametrize(("scheme", "port"), [("postgres", 5432), ("mysql", 3306)])
def test_a_firewall_that_drops_the_port(dropped: str, scheme: str, port: int) -> None:
    begun = time.monotonic()
    found = examined(f"{scheme}://app:x@{dropped}:{port}/shop")
    assert time.monotonic() - begun < 10
    assert answer(found, "D103").text == (
        f"Port {port} of {dropped} does not answer within 4 s: a firewall or security group drops port {port} from "
        "this host, so let this host's address (or its security group) through, and nobody else's."
    )


# -- TLS --------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def encrypted(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateServer]:
    """A PostgreSQL with TLS, whose certificate each test puts there."""
    with start_private("postgresql") as server:
        certify(server, authority.issue_cert("127.0.0.1"))
        yield server


def certify(server: PrivateServer, certificate: trustme.LeafCert) -> None:
    """Put a certificate in place, and wait until new connections are shown it."""
    folder = Path(server.sql("SHOW data_directory")[0][0])
    owner = folder.stat()
    key = folder / "server.key"
    for path, text in (
        (key, certificate.private_key_pem.bytes()),
        (folder / "server.crt", certificate.cert_chain_pems[0].bytes()),
    ):
        path.write_bytes(text)
        path.chmod(0o600)
        shutil.chown(path, owner.st_uid, owner.st_gid)
    server.sql("ALTER SYSTEM SET ssl = on")
    server.sql("SELECT pg_reload_conf()")
    time.sleep(0.3)


def verifying(authority: trustme.CA, tmp_path: Path) -> dict[str, str]:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return {"sslmode": "verify-full", "sslrootcert": str(tmp_path / "ca.pem")}


def test_a_certificate_that_holds(
    encrypted: PrivateServer, authority: trustme.CA, account: Made, tmp_path: Path
) -> None:
    one = account(encrypted)
    certify(encrypted, authority.issue_cert("127.0.0.1"))
    found = until(
        lambda: examined(one.url(), OPTIONS=verifying(authority, tmp_path)), lambda found: "D105" not in troubles(found)
    )
    assert answer(found, "D105").text.startswith("TLSv1.3, with a certificate that holds until ")
    assert answer(found, "D108").text == "the connection is encrypted"


def test_a_certificate_that_has_expired(
    encrypted: PrivateServer, authority: trustme.CA, account: Made, tmp_path: Path
) -> None:
    one = account(encrypted)
    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    certify(encrypted, authority.issue_cert("127.0.0.1", not_before=past - datetime.timedelta(days=9), not_after=past))
    found = until(
        lambda: examined(one.url(), OPTIONS=verifying(authority, tmp_path)),
        lambda found: "expired" in troubles(found).get("D105", ""),
    )
    assert found[-1].text == "The server's certificate has expired: renew it on the server."
    assert found[-1].level is Level.FAILED


def test_a_certificate_that_will_soon_end(
    encrypted: PrivateServer, authority: trustme.CA, account: Made, tmp_path: Path
) -> None:
    one = account(encrypted)
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=5, hours=1)
    certify(encrypted, authority.issue_cert("127.0.0.1", not_after=soon))
    found = until(
        lambda: examined(one.url(), OPTIONS=verifying(authority, tmp_path)),
        lambda found: "5 days" in troubles(found).get("D105", ""),
    )
    assert (
        answer(found, "D105").text
        == f"The server's certificate is good until {soon:%Y-%m-%d}, 5 days from now: renew it."
    )


def test_a_certificate_of_another_name(
    encrypted: PrivateServer, authority: trustme.CA, account: Made, tmp_path: Path
) -> None:
    one = account(encrypted)
    certify(encrypted, authority.issue_cert("db.example"))
    found = until(
        lambda: examined(one.url(), OPTIONS=verifying(authority, tmp_path)),
        lambda found: "another name" in troubles(found).get("D105", ""),
    )
    said = answer(found, "D105")
    assert (
        said.text
        == "The server's certificate is of another name than 127.0.0.1: connect by the name that stands in it."
    )
    assert said.level is Level.FAILED


def test_a_certificate_of_an_authority_that_nobody_knows(
    encrypted: PrivateServer, authority: trustme.CA, account: Made
) -> None:
    one = account(encrypted)
    certify(encrypted, authority.issue_cert("127.0.0.1"))
    found = until(
        lambda: examined(one.url(), OPTIONS={"sslmode": "require"}),
        lambda found: "authority" in troubles(found).get("D105", ""),
    )
    said = answer(found, "D105")
    assert said.level is Level.WARNING
    assert said.text.startswith("The server's certificate is of an authority that this machine does not know")


Put = Callable[[trustme.LeafCert], None]


@pytest.fixture(params=["mysql", "mariadb"])
def certified(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[tuple[PrivateServer, Put]]:
    """A server, and what puts another certificate into its files and lets it read them again."""

    def write(place: Path, certificate: trustme.LeafCert) -> None:
        for name, text in (
            ("ca.pem", authority.cert_pem.bytes()),
            ("server-key.pem", certificate.private_key_pem.bytes()),
            ("server-cert.pem", certificate.cert_chain_pems[0].bytes()),
        ):
            (place / name).write_bytes(text)
            (place / name).chmod(0o644)

    if request.param == "mysql":  # has made itself such files, and may see no folder but its own
        with start_private("mysql") as server:
            data = Path(origins.find("mysql").root or "/") / str(server.sql("SELECT @@datadir")[0][0]).strip("/")

            def put(certificate: trustme.LeafCert) -> None:
                write(data, certificate)
                server.sql("ALTER INSTANCE RELOAD TLS")

            yield server, put
        return
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server runs as somebody else
        write(folder, authority.issue_cert("127.0.0.1"))
        files = {"ssl_ca": "ca.pem", "ssl_cert": "server-cert.pem", "ssl_key": "server-key.pem"}
        with start_private("mariadb", {name: str(folder / file) for name, file in files.items()}) as server:

            def put_there(certificate: trustme.LeafCert) -> None:
                write(folder, certificate)
                server.sql("FLUSH SSL")

            yield server, put_there


def test_certificates_of_mysql_and_mariadb_are_judged_alike(
    certified: tuple[PrivateServer, Put], authority: trustme.CA, account: Made, tmp_path: Path
) -> None:
    server, put = certified
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    one, verified = account(server), {"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": f"{tmp_path}/ca.pem"}}

    def said(name: str, not_after: datetime.datetime | None = None, wait: float = 0) -> Answer:
        put(authority.issue_cert(name, not_after=not_after))
        time.sleep(wait)
        return answer(examined(one.url(), OPTIONS=verified), "D105")

    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=5, hours=1)
    held = said("127.0.0.1")
    assert (held.level, "holds until" in held.text) == (Level.GOOD, True)
    late = said("127.0.0.1", not_after=soon)
    assert late.text == f"The server's certificate is good until {soon:%Y-%m-%d}, 5 days from now: renew it."
    # MySQL reads none that has ended already
    over = said("127.0.0.1", not_after=datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=3), wait=4)
    assert over.level is Level.FAILED
    assert over.text == "The server's certificate has expired: renew it on the server."
    other = said("db.example")
    assert (other.level, "another name than 127.0.0.1" in other.text) == (Level.FAILED, True)


def test_a_file_of_authorities_that_is_not_there(encrypted: PrivateServer, account: Made) -> None:
    found = examined(account(encrypted).url(), OPTIONS={"sslmode": "verify-full", "sslrootcert": "/nowhere/ca.pem"})
    assert (
        answer(found, "D105").text
        == "The file of authorities /nowhere/ca.pem cannot be read: correct its path in OPTIONS."
    )


def test_tls_that_is_insisted_on_and_not_offered(postgresql: Server, account: Made) -> None:
    found = examined(account(postgresql).url(), OPTIONS={"sslmode": "require"})
    assert answer(found, "D105").text == (
        "The settings insist on TLS and the server offers none: switch it on there, with a certificate."
    )


def test_a_server_that_takes_encrypted_logins_alone() -> None:
    with start_private("mysql") as server, contextlib.closing(server.connect()) as administrator:
        cursor, url = administrator.cursor(), server.create_database()
        cursor.execute("SET GLOBAL require_secure_transport = ON")
        found = examined(url)
        certain = examined(url, OPTIONS={"ssl_mode": "REQUIRED"})
        cursor.execute("SET GLOBAL require_secure_transport = OFF")
        said = next(a for a in found if a.level is Level.FAILED)
        assert said.text.startswith(
            "The server takes encrypted connections alone (require_secure_transport), and the settings"
        )
        assert answer(certain, "D106").level is Level.GOOD
        assert answer(certain, "D108").text == "the connection is encrypted"


def test_the_addresses_of_a_host_are_told() -> None:
    found = examined("postgres://app:x@localhost:1/shop")
    numbers = answer(found, "D102").text.removeprefix("localhost is ").split(", ")
    assert all(ipaddress.ip_address(number).is_loopback for number in numbers)
