"""P4: GitHub workflows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from outgrow.deploy.checking.catalogue import fault
from outgrow.deploy.checking.fault import Fault
from outgrow.deploy.checking.yamls import Items, Table

_TESTS = re.compile(
    r"\b(?:pytest|tox|nox|manage\.py test|make (?:test|check)|unittest|\.ci/run|npm test|coverage run)\b"
)
_DEPLOYS = re.compile(
    r"\bssh\b|\bscp\b|\brsync\b(?:[^\n]|\\\n)*:|ssm send-command|kubectl|deploy\.(?:sh|py)|remote\.sh|"
    r"ecs (?:deploy|update-service)|flyctl deploy|kamal deploy|eb deploy|cap production"
)
_COMPOSE = re.compile(r"\bdocker(?:-| .*\b)compose .*\bup\b")
_ELSEWHERE = re.compile(r"DOCKER_HOST|docker context use|--context\b|\bdocker(?:-| )\S* ?(?:-H|--host)\b")
_DEPLOYING_ACTIONS = (
    "appleboy/ssh-action", "appleboy/scp-action", "aws-actions/amazon-ecs-deploy", "easingthemes/ssh-deploy",
    "azure/webapps-deploy", "akhileshns/heroku-deploy", "superfly/flyctl-actions",
)  # fmt: skip
_SECRET = re.compile(r"\$\{\{\s*secrets\.(\w+)\s*\}\}")


def judge(file: str, document: Any, others: Mapping[str, Any]) -> Iterator[Fault]:
    """``others``: the documents of all workflows by path, for those that call each other."""
    if not isinstance(document, Table) or not isinstance(document.get("jobs"), Table):
        return
    jobs = {name: job for name, job in document["jobs"].items() if isinstance(job, Table)}
    deploying = {name: job for name, job in jobs.items() if _deploys(job)}
    yield from _steps(file, jobs)
    yield from _called(file, jobs, others)
    yield from _rights(file, document, jobs)
    yield from _strangers(file, document, jobs)
    if deploying:
        yield from _deployment(file, document, jobs, deploying)


def _deploys(job: Table) -> bool:
    for step, _ in _of(job):
        uses = str(step.get("uses") or "").lower()
        if uses.startswith(_DEPLOYING_ACTIONS) or _DEPLOYS.search(_run(step)) or _starts_a_site(job, step):
            return True
    return False


def _starts_a_site(job: Table, step: Table) -> bool:
    """By Compose, on a machine that is there after the job: one of GitHub's own is not, and has it for its tests."""
    if not _COMPOSE.search(_run(step)):
        return False
    runs_on = job.get("runs-on")
    machine = " ".join(map(str, runs_on)) if isinstance(runs_on, Items) else str(runs_on or "")
    said = f"{_run(step)}\n{step.get('env') or ''}\n{job.get('env') or ''}"
    return "self-hosted" in machine or bool(_ELSEWHERE.search(said))


def _of(job: Table) -> list[tuple[Table, int]]:
    steps = job.get("steps")
    if not isinstance(steps, Items):
        return []
    return [(step, line) for step, line in zip(steps, steps.lines, strict=True) if isinstance(step, Table)]


def _run(step: Table) -> str:
    with_ = step.get("with")
    script = str(with_.get("script") or "") if isinstance(with_, Table) else ""
    return f"{step.get('run') or ''}\n{script}"


def _steps(file: str, jobs: Mapping[str, Table]) -> Iterator[Fault]:
    for job in jobs.values():
        for step, line in _of(job):
            yield from _action(file, str(step.get("uses") or ""), step.at("uses") if "uses" in step else line)
            yield from _script(file, step)
        yield from _action(file, str(job.get("uses") or ""), job.at("uses"))


def _action(file: str, uses: str, line: int) -> Iterator[Fault]:
    if not uses or uses.startswith(("./", "docker://")):
        return
    if not re.search(r"@[0-9a-f]{40}$", uses):
        yield fault("P402", file, line, f"uses: {uses}")


def _script(file: str, step: Table) -> Iterator[Fault]:
    until = ""  # the word that ends a text on its way into a file
    for text, where in _lines(step):
        into_file = re.search(r">>?\s*(?!>|&|/dev/)\S|\btee\s", text) is not None
        if _SECRET.search(text) and (into_file or until):
            yield fault("P404", file, where, text)
        if begins := re.search(r"<<[-~]?\s*(['\"]?)(\w+)\1", text):
            until = begins[2] if into_file else ""
        elif text.strip() == until:
            until = ""
        if re.search(r"StrictHostKeyChecking[= ]no", text):
            yield fault("P410", file, where, text)
        remote = str(step.get("uses") or "").lower().startswith("appleboy/ssh-action")
        if re.search(r"\bssh\b.*(?:docker build|git pull)", text) or (
            remote and re.search(r"git pull|docker build|docker(?:-| )compose .*--build|deploy\.sh", text)
        ):
            yield fault("P412", file, where, text)
    for said in (step.get("env"), step.get("with")):
        if not isinstance(said, Table):
            continue
        for name, value in said.items():
            if "AWS_SECRET_ACCESS_KEY" in str(value) or str(name).lower() == "aws-secret-access-key":
                yield fault("P409", file, said.at(name), f"{name}: {value}")
            if str(name) in ("envs", "script"):
                continue
            stored = _SECRET.fullmatch(str(value).strip())
            if stored and re.fullmatch(r"(?:DOT_?)?ENV(?:_?(?:VARS|FILE|VARIABLES))?", stored[1]):
                yield fault("P404", file, said.at(name), f"{name}: {value}, a whole file in one secret")


def _lines(step: Table) -> Iterator[tuple[str, int]]:
    """Each line of a step's scripts with its number; the text of a block begins below its key."""
    with_ = step.get("with")
    for table, key in ((step, "run"), (with_, "script")):
        if isinstance(table, Table) and table.get(key):
            text = str(table[key])
            first = table.at(key) + ("\n" in text)
            yield from ((one, first + number) for number, one in enumerate(text.splitlines()))


def _called(file: str, jobs: Mapping[str, Table], others: Mapping[str, Any]) -> Iterator[Fault]:
    for job in jobs.values():
        uses = str(job.get("uses") or "")
        if uses.startswith("./"):
            other = others.get(uses.removeprefix("./"))
            if "workflow_call" not in _events(other):
                yield fault("P411", file, job.at("uses"), f"uses: {uses}")


def _events(document: Any) -> Mapping[str, Any]:
    said = document.get("on") if isinstance(document, Table) else None
    if isinstance(said, Table):
        return said
    if isinstance(said, Items):
        return dict.fromkeys(map(str, said))
    return {str(said): None} if said else {}


def _rights(file: str, document: Table, jobs: Mapping[str, Table]) -> Iterator[Fault]:
    if "permissions" in document or all("permissions" in job for job in jobs.values()):
        if document.get("permissions") == "write-all":
            yield fault("P405", file, document.at("permissions"), "permissions: write-all")
        return
    yield fault("P405", file, document.at("jobs"), "no permissions")


def _strangers(file: str, document: Table, jobs: Mapping[str, Table]) -> Iterator[Fault]:
    if "pull_request_target" not in _events(document):
        return
    for job in jobs.values():
        for step, line in _of(job):
            with_ = step.get("with")
            ref = str(with_.get("ref") or "") if isinstance(with_, Table) else ""
            if "checkout" in str(step.get("uses") or "") and "pull_request.head" in ref:
                yield fault("P408", file, line, f"on: pull_request_target, ref: {ref}")


def _deployment(
    file: str, document: Table, jobs: Mapping[str, Table], deploying: Mapping[str, Table]
) -> Iterator[Fault]:
    events = _events(document)
    push = events.get("push")
    if "push" in events and not (isinstance(push, Table) and ({"branches", "tags"} & set(push))):
        yield fault("P401", file, document.at("on"), "on: push, without branches")
    elif isinstance(push, Table) and isinstance(push.get("branches"), Items):
        for branch in push["branches"]:
            if str(branch) in ("*", "**"):
                yield fault("P401", file, push.at("branches"), f"branches: ['{branch}']")
    if not any(_tested(name, jobs) for name in deploying) and "workflow_run" not in events:
        name = next(iter(deploying))
        yield fault("P403", file, document["jobs"].at(name), f"{name} needs no job that runs tests")
    if "concurrency" not in document and not all("concurrency" in job for job in deploying.values()):
        yield fault("P406", file, document.at("jobs"), "no concurrency")
    for name, job in deploying.items():
        if "environment" not in job:
            yield fault("P407", file, document["jobs"].at(name), f"{name} has no environment")


def _tested(name: str, jobs: Mapping[str, Table], seen: frozenset[str] = frozenset()) -> bool:
    """Whether a job, or one that it needs, runs tests; a called workflow is taken at its name."""
    job = jobs.get(name)
    if job is None or name in seen:
        return False
    if any(_TESTS.search(_run(step)) for step, _ in _of(job)):
        return True
    if re.search(r"(?:^|[/_-])(?:ci|tests?|checks?)\b", str(job.get("uses") or "").rpartition("/")[2]):
        return True
    needs = job.get("needs")
    wanted = list(needs) if isinstance(needs, Items) else [needs] if needs else []
    return any(_tested(str(one), jobs, seen | {name}) for one in wanted)
