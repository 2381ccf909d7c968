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
    if said.get("publicly_accessible", ("", 0))[0] == "true":
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
    text = "\n".join(lines)
    outwards = re.search(r'type\s*=\s*"egress"|_egress_rule"', text)
    ports = [
        (int(low), int(high))
        for low, high in re.findall(
            r"from_port\s*=\s*(\d+)[^}]*?to_port\s*=\s*(\d+)", re.sub(r"egress\s*{[^}]*}", "", text)
        )
    ]
    if outwards or not any(low <= port <= high for low, high in ports for port in _PORTS):
        return
    for number, line in enumerate(lines):
        if re.search(r'"(?:0\.0\.0\.0/0|::/0)"', line.partition("#")[0]) and not _in_egress(lines, number):
            yield fault("P602", file, start + number, line)


def _in_egress(lines: list[str], number: int) -> bool:
    before = "\n".join(lines[: number + 1])
    opened = before.rfind("egress")
    return opened >= 0 and "}" not in before[opened:]


def _setting(line: str) -> re.Match[str] | None:
    return re.match(r"\s*(\w+)\s*=\s*(\"[^\"]*\"|[^\s#]+)", line)
