"""WebVTT, as far as it has to be right before a player is given it: signature, blocks, and the times of cues.

Nothing that plaza requires reads it, and what cues say and how they look is the player's (it escapes what it shows): of
the format (https://www.w3.org/TR/webvtt1/#syntax) what is checked here fits into a page. Browsers skip what they cannot
read without a word, so a fault is said with its line while its author can still mend it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, takewhile

MOST_CUES = 20_000
ARROW = "-->"
OTHER = re.compile(r"(NOTE|STYLE|REGION)([ \t]|$)")
TIME = r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
TIMING = re.compile(rf"{TIME}[ \t]+-->[ \t]+{TIME}(?:[ \t]+\S.*)?[ \t]*", re.ASCII)


class NotCaptions(ValueError):
    """What is wrong, as a sentence for whoever wrote it."""


def check(data: bytes) -> int:
    """How many cues there are.

    :raises NotCaptions: it is no WebVTT
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotCaptions(f"Expected UTF-8; byte {error.start + 1} is none.") from None
    if "\0" in text:
        raise NotCaptions("Expected text; there is a zero byte in it.")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.fullmatch(r"WEBVTT([ \t].*)?", lines[0]):
        raise NotCaptions("Line 1: expected WEBVTT.")
    if any(ARROW in line for line in takewhile(bool, lines)):
        raise NotCaptions("Line 2: expected an empty line between WEBVTT and the first cue.")
    cues = sum(_is_cue(number, block) for number, block in _blocks(lines))
    if cues > MOST_CUES:
        raise NotCaptions(f"Expected at most {MOST_CUES:,} cues; there are {cues:,}.")
    return cues


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, its lines) of what stands between empty lines, after the header."""
    numbered = enumerate(lines, 1)
    for is_text, block in groupby(numbered, key=lambda one: bool(one[1])):
        (first, line), *others = block
        if is_text and first > 1:
            yield first, [line, *(text for _, text in others)]


def _is_cue(number: int, block: list[str]) -> bool:
    """Whether a block is a cue; else it is a note, a style or a region."""
    if OTHER.match(block[0]):
        at = next((number + nth for nth, line in enumerate(block) if ARROW in line), None)
        if at is not None:
            raise NotCaptions(f"Line {at}: expected no {ARROW} in a note or style: an empty line ends it.")
        return False
    has_name = ARROW not in block[0]
    if has_name and len(block) == 1:
        raise NotCaptions(f"Line {number}: expected a time such as 00:01.000 {ARROW} 00:04.000.")
    at = number + has_name
    said = TIMING.fullmatch(block[has_name])
    if said is None:
        raise NotCaptions(f"Line {at}: expected a time such as 00:01.000 {ARROW} 00:04.000.")
    parts = [int(one or 0) for one in said.groups()]
    if not _milliseconds(parts[:4]) < _milliseconds(parts[4:]):
        raise NotCaptions(f"Line {at}: expected an end after the start.")
    for nth, line in enumerate(block[has_name + 1 :], at + 1):
        if ARROW in line:
            raise NotCaptions(f"Line {nth}: expected no {ARROW} in what a cue says: an empty line ends it.")
    return True


def _milliseconds(parts: list[int]) -> int:
    hours, minutes, seconds, rest = parts
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest
