"""P1: Dockerfiles and what is copied into the image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from outgrow.deploy.checking.catalogue import fault
from outgrow.deploy.checking.ends import MOVING, ended, split_image
from outgrow.deploy.checking.fault import SETTING, Fault
from outgrow.deploy.checking.instructions import Instruction, Stage, stages
from outgrow.deploy.ignoring import ignored

SECRETS = (".env", ".git/config")
_SECRET_NAME = re.compile(
    r"\b(?:[A-Z0-9]+_)*(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY)(?:_[A-Z0-9_]+)?\b"
)

_LOGIN = re.compile(r"\w://[^\s/:@]+:[^\s/@$]+@")  # https://user:token@host; $TOKEN is of --mount=type=secret


def judge(file: str, text: str, ignoring: str | None, today: date) -> Iterator[Fault]:
    """``ignoring``: the text of .dockerignore, None where there is none."""
    found = stages(text)
    if not found:
        return
    for stage in found:
        if stage.parent is None:
            yield from _image(file, stage, today)
        yield from _copies(file, stage, ignoring)
        yield from _layers(file, stage)
    yield from _run(file, found[-1])
    yield from _bases(file, found)


def _image(file: str, stage: Stage, today: date) -> Iterator[Fault]:
    name, tag, digest = split_image(stage.image)
    if "$" in stage.image or name == "scratch":
        return
    if name == "python" and (end := ended(name, tag, today)):
        yield fault("P101", file, stage.line, f"FROM {stage.image}, which ended on {end}")
    if "alpine" in tag and name == "python":
        yield fault("P102", file, stage.line, f"FROM {stage.image}")
    if not digest and (not tag or tag in MOVING):
        yield fault("P103", file, stage.line, f"FROM {stage.image}")


def _copies(file: str, stage: Stage, ignoring: str | None) -> Iterator[Fault]:
    for one in stage.instructions:
        if one.name not in ("COPY", "ADD") or "--from=" in one.text:
            continue
        sources = [word for word in _words(one) if not word.startswith("--")][:-1]
        for source in sources:
            if source.strip("./") == "" and "." in source:
                if ignoring is None:
                    yield fault("P106", file, one.line, f"{one.name} {one.text}, and there is no .dockerignore")
                else:
                    for secret in SECRETS:
                        if not ignored(secret, ignoring):
                            yield fault(
                                "P107", file, one.line, f"{one.name} {one.text} with {secret.partition('/')[0]}"
                            )
            elif re.search(r"(?:^|/)\.env(?!\.example)|\.pem$|\.key$|id_rsa", source):
                yield fault("P109", file, one.line, f"{one.name} {one.text}")


def _layers(file: str, stage: Stage) -> Iterator[Fault]:
    for one in stage.instructions:
        if one.name == "RUN" and _LOGIN.search(one.text):
            yield fault("P109", file, one.line, "RUN with a login in a URL")
        if one.name not in ("ARG", "ENV"):
            continue
        names = _SECRET_NAME.findall(one.text.partition("=")[0] if one.name == "ARG" else one.text)
        if name := next((name for name in names if not SETTING.search(name)), ""):
            yield fault("P109", file, one.line, f"{one.name} {name}")


def _run(file: str, last: Stage) -> Iterator[Fault]:
    user = last.last("USER")
    if user is None or user.text.partition(":")[0] in ("root", "0"):
        yield fault("P104", file, user.line if user else last.line, f"USER {user.text}" if user else "no USER")
    check = last.last("HEALTHCHECK")
    if check is None or check.text.upper() == "NONE":
        yield fault("P105", file, check.line if check else last.line, "no HEALTHCHECK in the last stage")
    for name in ("CMD", "ENTRYPOINT"):
        one = last.last(name)
        if one is None:
            continue
        said = " ".join(_words(one))
        if "runserver" in said:
            yield fault("P108", file, one.line, f"{name} {one.text}")
        if re.search(r"\bmigrate\b", said) and re.search(r"gunicorn|runserver|uwsgi|uvicorn|daphne", said):
            yield fault("P110", file, one.line, f"{name} {one.text}")


def _bases(file: str, found: list[Stage]) -> Iterator[Fault]:
    bases = {stage.image: stage for stage in found if stage.parent is None and split_image(stage.image)[0] == "python"}
    if len(bases) > 1:
        first, *others = bases.values()
        for stage in others:
            yield fault("P111", file, stage.line, f"FROM {stage.image} beside FROM {first.image} in line {first.line}")


def _words(one: Instruction) -> list[str]:
    """What a COPY or CMD names; the list form and the shell's alike."""
    if one.text.startswith("["):
        return re.findall(r'"((?:[^"\\]|\\.)*)"', one.text)
    return one.text.split()
