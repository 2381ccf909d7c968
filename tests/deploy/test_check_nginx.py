"""Each rule about nginx with a mistaken configuration, and with the right one."""

from __future__ import annotations

import pytest

from outgrow.deploy.checking import nginx

GOOD = """
http {
    resolver 127.0.0.11 valid=2s;
    upstream app {
        zone app 64k;
        server web:8000 resolve;
        server 10.0.0.7:8000;
    }
    server {
        location / {   # a comment; { with signs
            proxy_pass http://app;
            proxy_set_header Host $http_host;
            proxy_next_upstream error timeout;
        }
    }
}
"""


def found(text: str) -> dict[str, int]:
    return {one.id: one.line for one in nginx.judge("nginx.conf", text)}


def test_nothing_is_wrong_with_a_good_one() -> None:
    assert found(GOOD) == {}


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ("P301", "server web:8000 resolve;", "server web:8000;"),
        ("P301", "proxy_pass http://app;", "proxy_pass http://web:8000;"),
        ("P302", "proxy_next_upstream error timeout;", ""),
        ("P303", "error timeout;", "error timeout non_idempotent;"),
        ("P304", "proxy_set_header Host $http_host;", ""),
        ("P305", "proxy_next_upstream error timeout;", "proxy_next_upstream off;"),
    ],
)
def test_the_mistaken_line_is_found_and_the_right_one_is_not(rule: str, right: str, wrong: str) -> None:
    mistaken = GOOD.replace(right, wrong)
    assert list(found(mistaken)) == [rule]
    line = GOOD[: GOOD.index(right)].count("\n") + 1
    assert not wrong or found(mistaken)[rule] == line


def test_addresses_variables_and_sockets_are_no_names() -> None:
    for where in ("127.0.0.1:8000", "unix:/run/app.sock", "$backend", "[::1]:8000"):
        assert "P301" not in found(GOOD.replace("http://app", f"http://{where}"))


def test_a_file_without_a_proxy_is_left_alone() -> None:
    assert found("server { listen 80; root /srv; }") == {}
