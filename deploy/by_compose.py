"""Versions as containers of compose.prod.yaml: the services blue and green, each with its replicas."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from state import (
    COLOURS,
    SERVES,
    Failed,
    State,
    Unchanged,
    Version,
    configuration,
    keep,
    listen,
    put_aside,
    replaced,
    see_that_it_is,
    served,
    upstream,
    write,
)
from stopping import Stopped, finish

ROOT = Path(__file__).resolve().parent.parent

# `resolve`: the names are asked again while nginx runs, so that a replica that was added or replaced is found. Who has
# a connection open at a reload may have just sent a request on it: the old workers wait so long before they close it.
RESOLVER = "resolver 127.0.0.11 valid=2s ipv6=off;\nkeepalive_min_timeout 2s;\n"
SERVER = "    server {colour}:8000 resolve max_fails=0{state};"
MIGRATION = "plaza-migration"  # a container of its own, so that it can be ended
INSIDE = "http://127.0.0.1:8080"  # nginx in its container
SITE = "/etc/nginx/site"  # there it has state/live
NGINX = ("exec", "-T", "nginx", "nginx", "-p", "/srv/site/", "-c")
OWN = {"nginx.conf": "deploy/nginx.conf", "compose.prod.yaml": "compose.prod.yaml"}  # what a version brings along
REPLICA = '{{.State}}/{{.Health}}/{{.Label "com.docker.compose.oneoff"}}'
_LABEL = '{{index .Config.Labels "com.docker.compose.%s"}}'
WORKER = f"{_LABEL % 'oneoff'} {_LABEL % 'service'} {{{{.State.Running}}}} {{{{.RestartCount}}}}"


class Compose:
    """Drives `docker compose`; the images of both colours stand in images.env, and what the workers are of the version
    that has them in workers.yaml, its own compose.prod.yaml: after a rollback the one of this folder is another's.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.live = state.folder / "live"
        self.workers = state.folder / "workers.yaml"

    def image(self, given: str) -> str:
        if "sha256:" not in given:
            raise Failed(
                f"{given} names no digest, and a tag may mean another image tomorrow, when a rollback "
                "looks for it: name NAME@sha256:..., or the id of an image that was built here"
            )
        return given

    def left(self) -> list[str]:
        own = ("--filter", "label=com.docker.compose.project=plaza")
        found = set(_docker("ps", *own, "--format", '{{.Label "com.docker.compose.service"}}').split())
        return sorted(name for name in found if name in (*COLOURS, "nginx") or name.startswith("worker-"))

    def migrate(self, version: Version) -> None:
        """The database is started if need be, and never made anew, which the version that serves would notice."""
        self._images(version)
        if "database" in self._run("config", "--services").split():  # else it is a managed one
            self._run("up", "--detach", "--wait", "--no-recreate", "database")
        _gone("rm", "--force", MIGRATION)  # of a deployment that was killed
        try:
            self._run("run", "--rm", "--name", MIGRATION, "--no-deps", "migrate")
        except BaseException:
            _gone("stop", MIGRATION)  # what was told to end is Docker's client alone
            raise

    def start(self, version: Version) -> None:
        self._images(version)
        live = self.state.live()
        for name in OWN:  # now, as going back must not need another container
            if live is not None:
                self._kept(live, name)
            self._file(version, name).unlink(missing_ok=True)
            self._kept(version, name)
        self._run("up", "--detach", "--no-deps", "--force-recreate", version.colour)

    def ready(self, version: Version) -> bool:
        """Whether every replica's own HEALTHCHECK, which asks for readiness, has succeeded; no `compose run` is one."""
        said = self._run("ps", "--all", "--format", REPLICA, version.colour).split()
        replicas = [one for one in said if not one.endswith("/True")]
        return bool(replicas) and all(one.startswith("running/healthy/") for one in replicas)

    def publish(self, version: Version) -> None:
        self._write(NEW_IMAGE=version.image)
        self._run("run", "--rm", "--no-deps", "static")

    def switch(self, version: Version) -> None:
        """Reloaded from inside: Docker takes a container that got a signal from outside, whichever, for one that was
        stopped by hand, and does not start it after a reboot (moby #41302).
        """
        try:
            settings = _dotenv(ROOT / ".env")
            body, behind_tls = settings.get("MAX_BODY") or "25m", settings.get("BEHIND_TLS") == "1"
            port, main = listen("8080", body, behind_tls=behind_tls), self._kept(version, "nginx.conf").read_text()
            files, mark = configuration(main, _servers(version.colour), port, version.colour)
            if runs := bool(self._run("ps", "--quiet", "nginx").strip()):
                self._run(*NGINX, f"{SITE}/{put_aside(self.live, files)}", "-t")
        except (Failed, OSError) as error:
            raise Unchanged(str(error)) from None
        with self._known(version.colour) if runs else nullcontext(), served(self.live, files):
            if runs:
                self._run(*NGINX, f"{SITE}/nginx.conf", "-s", "reload")
            else:
                self._run("up", "--detach", "--no-deps", "--wait", "nginx")
            see_that_it_is(mark, self._named, self.state.watch_seconds)

    @contextmanager
    def _known(self, colour: str) -> Iterator[None]:
        """In here nginx, as it was, knows the colour's addresses. It accepts before it has asked for those of a name
        that is new to it, and the requests of those milliseconds fail (1.30.6: for 57 ms at a DNS that takes 50).
        """
        had = self._named().partition("-")[0]
        if had not in COLOURS or had == colour:
            yield
            return
        with replaced(self.live / "upstream.conf", _servers(had, colour)):
            self._run(*NGINX, f"{SITE}/nginx.conf", "-s", "reload")
            time.sleep(self.state.resolve_seconds)
            yield

    def close(self) -> None:
        self._run("rm", "--stop", "--force", "nginx")

    def serves(self) -> bool:
        return self._asked("/readyz", "-o", "/dev/null", "-w", "%{http_code}") == "200"

    def work(self, version: Version | None) -> list[str]:
        """One version's at a time: two schedulers would do everything twice. What was said stays in workers.log."""
        new = self.state.folder / "workers.yaml.next"
        names = []
        if version is not None:  # first, as what Docker cannot read is to cost no worker
            write(new, self._kept(version, "compose.prod.yaml").read_text())
            names = self._workers(new)
        if gone := self._workers():
            self._keep("workers", self._of_workers, *gone)
            self._of_workers("rm", "--stop", "--force", "--volumes", *gone)
        if version is None:
            self.workers.unlink(missing_ok=True)
            return []
        new.replace(self.workers)
        self._write(WORKER_IMAGE=version.image)
        if names:
            self._of_workers("up", "--detach", "--no-deps", *names)
        return names

    def works(self) -> bool:
        names = self._workers()
        containers = self._of_workers("ps", "--all", "--quiet", *names).split()
        found = []
        try:
            said = _docker("inspect", "--format", WORKER, *containers) if containers else ""
        except Failed:  # one has gone since, as somebody's `docker compose run` does
            return False
        for line in said.splitlines():
            one_off, name, runs, restarts = line.split()
            if one_off == "True":  # of somebody's `docker compose run`
                continue
            if (runs, restarts) != ("true", "0"):
                raise Failed(f"{name} has ended, see {self.state.folder / 'workers.log'}")
            found.append(name)
        return set(found) == set(names)  # each as often as its replicas

    def drained(self) -> bool:
        """Whether nginx's workers of before the switch have ended. The brackets keep grep from finding itself."""
        old = "grep -ls 'shutting[ ]down' /proc/[0-9]*/cmdline || true"
        try:
            return not self._run("exec", "-T", "nginx", "sh", "-c", old).strip()
        except Failed:  # there is no nginx to wait for
            return True

    def stop(self, version: Version) -> None:
        self._run("stop", version.colour)
        self._keep(version.colour, self._run, version.colour)
        self._run("rm", "--force", version.colour)

    def _file(self, version: Version, name: str) -> Path:
        return self.state.folder / f"{version.colour}.{name}"

    def _kept(self, version: Version, name: str) -> Path:
        """A file as the version has it: the one of this folder is the newest's, also when nginx goes back."""
        file = self._file(version, name)
        if not file.exists():
            write(file, _docker("run", "--rm", "--entrypoint", "cat", version.image, OWN[name]))
        return file

    def _keep(self, name: str, run: Callable[..., str], *services: str) -> None:
        """What they have said stays in NAME.log, as with the container its own log is gone. Where the disk is full, or
        Docker cannot read a log that was cut off (moby #29511), it does not stay.
        """
        with suppress(Failed, OSError):
            keep(self.state.folder / f"{name}.log", run("logs", "--no-color", "--tail", "1000", *services))

    def _named(self) -> str:
        return self._asked(SERVES)

    def _asked(self, path: str, *options: str) -> str:
        """What nginx answers in its container to who comes as from outside; nothing if it does not."""
        as_if = ("-H", f"Host: {_host()}", "-H", "X-Forwarded-Proto: https")
        with suppress(Failed):
            return self._run("exec", "-T", "nginx", "curl", "-s", "-m", "5", *as_if, *options, INSIDE + path).strip()
        return ""

    def _workers(self, file: Path | None = None) -> list[str]:
        """The names of those that there are, or that a file has; none before the first deployment that has some."""
        file = file or self.workers
        known = self._compose(str(file), "config", "--services").split() if file.exists() else []
        return [name for name in known if name.startswith("worker-")]

    def _images(self, new: Version) -> None:
        live = self.state.live() or new
        colours = {f"{version.colour.upper()}_IMAGE": version.image for version in (live, new)}
        self._write(**colours, NEW_IMAGE=new.image, WORKER_IMAGE=live.image)

    def _write(self, **images: str) -> None:
        """Keep what is known, but for these."""
        file = self.state.folder / "images.env"
        write(file, "".join(f"{name}={image}\n" for name, image in sorted({**_dotenv(file), **images}.items())))

    def _run(self, *arguments: str) -> str:
        return self._compose("compose.prod.yaml", *arguments)

    def _of_workers(self, *arguments: str) -> str:
        return self._compose(str(self.workers), *arguments)

    def _compose(self, file: str, *arguments: str) -> str:
        """By a file whose paths are relative to this folder, wherever it lies itself."""
        options = ["--project-directory", str(ROOT), "-f", file, "--profile", "green", "--env-file", ".env"]
        images = self.state.folder / "images.env"
        options += ["--env-file", str(images)] if images.exists() else []
        return _docker("compose", *options, *arguments, known_as=f"docker compose {' '.join(arguments)}")


def _docker(*arguments: str, known_as: str = "") -> str:
    done = finish(["docker", *arguments], ROOT)
    if done.returncode:
        last = " ".join(done.stderr.split()[-60:]) or f"exit code {done.returncode}"
        raise Failed(f"`{known_as or 'docker ' + ' '.join(arguments)}` failed: {last}")
    return done.stdout


def _servers(colour: str, next_colour: str = "") -> str:
    """live/upstream.conf: a colour's, and of the next the addresses alone: nginx asks for those of a `down` one too."""
    lines = [SERVER.format(colour=colour, state="")]
    if next_colour:
        lines.append(SERVER.format(colour=next_colour, state=" down"))
    return RESOLVER + upstream("\n".join(lines))


def _gone(*arguments: str) -> None:
    """Of a container that may not be there."""
    try:
        _docker(*arguments)
    except Stopped:
        raise
    except Failed:
        pass


def _host() -> str:
    """A name that ALLOWED_HOSTS lets pass."""
    settings = {**_dotenv(ROOT / ".env"), **os.environ}
    first = (settings.get("READY_HOST") or settings.get("ALLOWED_HOSTS", "")).split(",")[0].strip().lstrip(".")
    return first if first and first != "*" else "localhost"


def _dotenv(file: Path) -> dict[str, str]:
    """NAME=VALUE lines; quotes around a value are not part of it."""
    lines = file.read_text().splitlines() if file.exists() else []
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}
