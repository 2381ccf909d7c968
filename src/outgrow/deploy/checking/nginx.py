"""P3: nginx's configuration, as statements with their lines; enough of its grammar to know where each one stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from outgrow.deploy.checking.catalogue import fault
from outgrow.deploy.checking.fault import Fault

_TOKEN = re.compile(r"#[^\n]*|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\$\{\w+\}|[{};]|[^\s{};]+")
_NUMBERS = re.compile(r"^(?:unix:|\d{1,3}(?:\.\d{1,3}){3}|\[|localhost\b|\$)")


@dataclass(frozen=True, slots=True)
class Statement:
    """``words``: the directive and its arguments; ``inside``: the blocks around it, the outermost first."""

    words: tuple[str, ...]
    line: int
    inside: tuple[str, ...]


def statements(text: str) -> list[Statement]:
    found: list[Statement] = []
    words: list[str] = []
    blocks: list[str] = []
    first = 1
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token.startswith("#"):
            continue
        if token in ("{", ";"):
            if words:
                found.append(Statement(tuple(words), first, tuple(blocks)))
            if token == "{":
                blocks.append(" ".join(words))
            words = []
        elif token == "}":
            words = []
            if blocks:
                blocks.pop()
        else:
            if not words:
                first = text.count("\n", 0, match.start()) + 1
            words.append(token)
    return found


def judge(file: str, text: str) -> Iterator[Fault]:
    found = statements(text)
    upstreams = {s.words[1] for s in found if s.words[0] == "upstream" and len(s.words) > 1}
    included = any(s.words[0] == "include" for s in found)
    passes = [s for s in found if s.words[0] == "proxy_pass" and len(s.words) > 1]
    yield from _names(file, found, passes, upstreams, included=included)
    yield from _retries(file, found, passes)
    if (
        passes
        and not any(s.words[0] == "proxy_set_header" and s.words[1:2] == ("Host",) for s in found)
        and not (any(s.words[0] == "include" and "proxy" in " ".join(s.words) for s in found))
    ):
        yield fault("P304", file, passes[0].line, " ".join(passes[0].words))


def _names(
    file: str, found: list[Statement], passes: list[Statement], upstreams: set[str], *, included: bool
) -> Iterator[Fault]:
    """A host by its name, which is not an upstream of this file (or of an included one), and no `resolve`."""
    for one in found:
        inside_upstream = bool(one.inside) and one.inside[-1].startswith("upstream")
        is_server = one.words[0] == "server" and inside_upstream and len(one.words) > 1
        if is_server and not _NUMBERS.match(one.words[1]) and "resolve" not in one.words:
            yield fault("P301", file, one.line, " ".join(one.words))
    for one in passes:
        host = re.sub(r"^\w+://", "", one.words[1]).partition("/")[0]
        name = host.partition(":")[0]
        if not _NUMBERS.match(host) and name not in upstreams and not (included and ":" not in host):
            yield fault("P301", file, one.line, " ".join(one.words))


def _retries(file: str, found: list[Statement], passes: list[Statement]) -> Iterator[Fault]:
    said = [s for s in found if s.words[0] == "proxy_next_upstream"]
    for one in said:
        if "non_idempotent" in one.words:
            yield fault("P303", file, one.line, " ".join(one.words))
        if one.words[1:] == ("off",):
            yield fault("P305", file, one.line, " ".join(one.words))
    if passes and not said:
        yield fault("P302", file, passes[0].line, " ".join(passes[0].words))
