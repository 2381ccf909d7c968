"""Locust's side: one user who lets requests begin at their times, Poisson distributed, and waits for none of them.

Locust's own users each wait for an answer before they ask again, so that a slow service is asked less: it looks better
than it is. Here a request's time runs from when it should have begun, so that waiting in this process counts as well.
"""

from __future__ import annotations

import json
import os
import random
import time
from typing import Any

import gevent
from gevent.pool import Pool
from geventhttpclient import HTTPClient
from locust import User, events, task
from locust.env import Environment

from benchmarks.load.profiles import PROFILES, RETRIED, Ask, Draw

PLAN = json.loads(os.environ["LOAD_PLAN"])
"""port, profile, rate, seconds, warm, seed, cast, out."""
MOST_AT_ONCE = 400
PATIENCE = 30.0  # seconds

samples: list[dict[str, Any]] = []
acked: list[tuple[str, str]] = []


@events.request.add_listener
def _keep(request_type: str, name: str, response_time: float, context: dict[str, Any], **more: Any) -> None:
    samples.append({"name": name, "ms": round(response_time, 2), **context})


@events.quitting.add_listener
def _write(environment: Environment, **more: Any) -> None:
    with open(PLAN["out"], "w") as file:
        json.dump({"samples": samples, "acked": acked}, file)


class Arrivals(User):
    @task
    def all_of_them(self) -> None:
        with open(PLAN["cast"]) as file:
            draw = Draw(json.load(file), PLAN["seed"])
        weights, makes = zip(*PROFILES[PLAN["profile"]], strict=True)
        self.client = HTTPClient(
            "127.0.0.1", PLAN["port"], concurrency=MOST_AT_ONCE, connection_timeout=PATIENCE, network_timeout=PATIENCE
        )
        dice, pool = random.Random(PLAN["seed"] + 1), Pool(MOST_AT_ONCE)
        began = time.perf_counter()
        due, over = began, began + PLAN["warm"] + PLAN["seconds"]
        while (due := due + dice.expovariate(PLAN["rate"])) < over:
            gevent.sleep(max(0.0, due - time.perf_counter()))
            ask = dice.choices(makes, weights)[0](draw)
            pool.spawn(self.send, ask, due, due < began + PLAN["warm"], dice.random() < RETRIED)
        pool.join(PATIENCE * 2)
        runner = self.environment.runner
        assert runner is not None
        gevent.spawn(runner.quit)
        gevent.sleep(PATIENCE)

    def send(self, ask: Ask, due: float, is_warming: bool, is_retried: bool) -> None:
        status, body, error = self.one(ask)
        self.told(ask, due, status, error, is_warming)
        if status < 300 and ask.proof is not None:
            acked.append(ask.proof)
        if ask.is_keyed and is_retried and status < 300:
            again, same, error = self.one(ask)
            if not error and (again, same) != (status, body):
                error = f"the retry was answered {again}, otherwise than {status} before"
            if error:
                self.told(ask, time.perf_counter(), again, error, is_warming)

    def one(self, ask: Ask) -> tuple[int, bytes, str]:
        headers = {"Host": "localhost", "Content-Type": "application/json"}
        if ask.token:
            headers["Authorization"] = f"Bearer {ask.token}"
        if ask.is_keyed:
            headers["Idempotency-Key"] = ask.key
        said = b"" if ask.body is None else json.dumps(ask.body).encode()
        try:
            answer = self.client.request(ask.method, ask.path, said, headers)
            text = bytes(answer.read())
        except Exception as error:  # a connection that breaks or takes too long
            return 0, b"", f"{type(error).__name__}: {error}"
        status = int(answer.status_code)
        return status, text, "" if status in ask.expected else f"{status} {text[:200].decode(errors='replace')}"

    def told(self, ask: Ask, due: float, status: int, error: str, is_warming: bool) -> None:
        self.environment.events.request.fire(
            request_type=ask.method, name=ask.name, response_time=(time.perf_counter() - due) * 1000,
            response_length=0, exception=AssertionError(error) if error else None,
            context={"status": status, "error": error, "warming": is_warming},
        )  # fmt: skip
