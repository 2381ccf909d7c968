"""P6: Terraform, as far as a database's doors can be read off its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from outgrow.deploy.checking.catalogue import fault
from outgrow.deploy.checking.fault import Fault

_BLOCK = re.compile(r'^\s*(?:resource|module)\s+"([^"]+)"')
_PORTS = {3306, 5432, 33060}


def judge(file: str, text: str) -> Iterator[Fault]:
    for kind, start, lines in _blocks(text):
        if kind in ("aws_db_instance", "aws_rds_cluster"):
            yield from _instance(file, start, lines)
        if "security_group" in kind:
            yield from _open(file, start, lines)


def _blocks(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """Each resource with the number of its first line."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        match = _BLOCK.match(lines[number])
        if not match:
            number += 1
            continue
        start, depth = number, 0
        while number < len(lines):
            code = lines[number].partition("#")[0]
            depth += code.count("{") - code.count("}")
            number += 1
            if depth <= 0:
                break
        yield match[1], start + 1, lines[start:number]


def _instance(file: str, start: int, lines: list[str]) -> Iterator[Fault]:
    said = {match[1]: (match[2], start + n) for n, line in enumerate(lines) if (match := _setting(line))}
    if said.get("publicly_accessible", ("", 0))[0].strip('"') == "true":
        yield fault("P601", file, said["publicly_accessible"][1], "publicly_accessible = true")
    if "replicate_source_db" not in said:
        for id_, name, good in (
            ("P603", "storage_encrypted", "true"), ("P605", "deletion_protection", "true"),
        ):  # fmt: skip
            value, line = said.get(name, ("", start))
            if value != good and not value.startswith("var."):
                yield fault(id_, file, line, f"{name} = {value}" if value else f"no {name}")
        value, line = said.get("backup_retention_period", ("", start))
        if not value or (value.isdigit() and int(value) < 7):
            yield fault(
                "P604", file, line, f"backup_retention_period = {value}" if value else "no backup_retention_period"
            )
    value, line = said.get("password", said.get("master_password", ("", 0)))
    if value.startswith('"') and "${" not in value:
        yield fault("P606", file, line, "password = a text")


def _open(file: str, start: int, lines: list[str]) -> Iterator[Fault]:
    """A rule inwards with everybody's addresses and a database's port, in one resource or one block of it."""
    if re.search(r'type\s*=\s*"egress"|_egress_rule"', "\n".join(lines)):
        return
    for number, line in enumerate(lines):
        everybody = re.search(r'"(?:0\.0\.0\.0/0|::/0)"', line.partition("#")[0])
        if everybody and not _in_egress(lines, number) and _reaches_a_database(_block_around(lines, number)):
            yield fault("P602", file, start + number, line)


def _block_around(lines: list[str], number: int) -> str:
    """The innermost block that a line stands in."""
    first = last = number
    depth = 0
    while first > 0 and depth <= 0:
        first -= 1
        depth += lines[first].count("{") - lines[first].count("}")
    depth = 0
    while last < len(lines) - 1 and depth <= 0:
        last += 1
        depth += lines[last].count("}") - lines[last].count("{")
    return "\n".join(lines[first : last + 1])


def _reaches_a_database(rule: str) -> bool:
    if re.search(r'protocol\s*=\s*"?(?:-1|all)\b', rule):
        return True
    low, high = (re.search(rf"{name}_port\s*=\s*(\d+)", rule) for name in ("from", "to"))
    return low is not None and high is not None and any(int(low[1]) <= port <= int(high[1]) for port in _PORTS)


def _in_egress(lines: list[str], number: int) -> bool:
    before = "\n".join(lines[: number + 1])
    opened = before.rfind("egress")
    return opened >= 0 and "}" not in before[opened:]


def _setting(line: str) -> re.Match[str] | None:
    return re.match(r"\s*(\w+)\s*=\s*(\"[^\"]*\"|[^\s#]+)", line)
