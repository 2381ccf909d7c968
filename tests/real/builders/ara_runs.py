"""Fills ara by its own API client and its own factories. Runs in ara's virtual environment, never imported here."""

from __future__ import annotations

import datetime as dt
import random
import uuid

from ara.clients.offline import AraOfflineClient

HOSTS = ("db-01", "DB-02", "web-α", "서버-3", "edge 🚀", "localhost")
STATUSES = ("ok", "failed", "skipped", "unreachable")
START = dt.datetime(2024, 3, 31, 1, 59, 59, 999999, dt.UTC)


def moment(minutes: float) -> str:
    """A time as the API takes it, with microseconds."""
    return (START + dt.timedelta(minutes=minutes)).isoformat()


def record(client: AraOfflineClient, number: int, chance: random.Random) -> None:
    """One playbook run as Ansible's callback would report it."""

    def post(kind: str, **values: object) -> dict:
        made = client.post(f"/api/v1/{kind}", **values)
        assert "id" in made, made
        return made

    minute = number * 97.000013
    playbook = post(
        "playbooks", started=moment(minute), status="running", path=f"/plays/배포-{number}.yml", ansible_version="2",
        arguments={"check": True, "tags": ["всё", "🚀"]}, labels=[f"run {number % 3}", "Ünïcode"], client_version="1.7",
        python_version="3.12", controller="localhost" if number % 4 else "control\tnode\\1",
    )["id"]  # fmt: skip
    content = f"---\n# {'ƒ' * number}\n- hosts: all\r\n\ttasks: []\n"
    file = post("files", playbook=playbook, path=f"/plays/{number}.yml", content=content)["id"]
    post("records", playbook=playbook, key=f"key {number}", value={"n": number, "π": 3.14}, type="json")
    hosts = [
        post("hosts", playbook=playbook, name=name, facts={"ansible_fqdn": name, "cpus": chance.random()})["id"]
        for name in HOSTS
    ]
    play = post(
        "plays", playbook=playbook, name=f"play {number}", uuid=str(uuid.UUID(int=chance.getrandbits(128))),
        started=moment(minute), status="running",
    )["id"]  # fmt: skip
    for line in range(4):
        task = post(
            "tasks", playbook=playbook, play=play, file=file, name=None if line == 3 else f"task {line} 한글",
            uuid=str(uuid.UUID(int=chance.getrandbits(128))), action="debug", lineno=line, handler=line == 2,
            tags=["always"], started=moment(minute + line), status="running",
            warnings=["a \\ and a \"quote\"", {"deep": [1.5, None, True]}], exceptions=[] if line else [{"at": "ñ"}],
        )["id"]  # fmt: skip
        for host in hosts:
            post(
                "results", playbook=playbook, play=play, task=task, host=host, status=chance.choice(STATUSES),
                changed=chance.random() < 0.3, started=moment(minute + line), ended=moment(minute + line + 0.123457),
                content={"msg": "x" * chance.randrange(2000), "stdout": "a\0b\n"}, delegated_to=hosts[: line % 3],
            )  # fmt: skip
        client.patch(f"/api/v1/tasks/{task}", status="completed", ended=moment(minute + line + 0.5))
    client.patch(f"/api/v1/playbooks/{playbook}", status="completed", ended=moment(minute + 31 * 24 * 60))


def main() -> None:
    chance = random.Random(8)
    client = AraOfflineClient(run_sql_migrations=False)
    for number in range(4):
        record(client, number, chance)
    from ara.api.tests.factories import RecordFactory, ResultFactory, TaskFactory

    ResultFactory()
    TaskFactory(name=None, uuid=None)
    RecordFactory(key="made by ara's own factory")


if __name__ == "__main__":
    main()
