"""Heartbeats, views that are counted once, and the history."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils.timezone import now
from pytest_django import fixtures

from plaza.tests.conftest import Client
from plaza.tests.videos.conftest import number_of
from plaza.videos import beats
from plaza.videos.models import Video, VideoStats, Viewing, WatchHistory

Make = Callable[..., Video]


def beat(client: Client, video: Video, session: uuid.UUID, position: float = 1) -> int:
    sent = {"session_id": str(session), "position": position}
    return int(client.post(f"/api/videos/{video.public_id}/views", sent).status_code)


def views(video: Video) -> int:
    return VideoStats.objects.get(pk=video.pk).views


def history(client: Client) -> list[tuple[str, float]]:
    return [(one["video"]["title"], one["position"]) for one in client.get("/api/me/history").json()["results"]]


def test_a_session_is_one_view_once_it_has_lasted_for_a_while(
    ben: Client, anybody: Client, ann: Client, video: Make
) -> None:
    one = video("ann")
    for client in (ben, anybody):
        session = uuid.uuid4()
        before = views(one)
        for _ in range(3):
            assert beat(client, one, session) == 202
        assert views(one) == before, "not yet"
        Viewing.objects.filter(session_id=session).update(started_at=now() - beats.WHILE)
        for _ in range(3):
            beat(client, one, session)
        assert views(one) == before + 1
    assert WatchHistory.objects.get().is_counted


def test_half_of_a_short_video_is_a_while(anybody: Client, ann: Client, video: Make) -> None:
    one, session = video("ann", duration=timedelta(seconds=4)), uuid.uuid4()
    beat(anybody, one, session)
    Viewing.objects.update(started_at=now() - timedelta(seconds=2))
    beat(anybody, one, session)
    assert views(one) == 1


def test_the_last_position_is_kept_also_where_it_goes_back(ben: Client, ann: Client, video: Make) -> None:
    one, other = video("ann", title="one"), video("ann", title="other")
    beat(ben, one, uuid.uuid4(), 50)
    beat(ben, other, uuid.uuid4(), 7)
    beat(ben, one, uuid.uuid4(), 20.5)
    assert history(ben) == [("one", 20.5), ("other", 7.0)]
    beat(ben, one, uuid.uuid4(), 9000)
    assert ben.get("/api/me/history").json()["results"][0]["fraction"] == 1.0


def test_of_two_processes_the_newer_beat_wins_in_whatever_order_they_write(
    ben: Client, ann: Client, video: Make
) -> None:
    one, user, moment = video("ann"), number_of("ben"), now()

    def write(seconds: int, position: int) -> None:
        session = uuid.UUID(int=1)
        it = beats.Beat(one.pk, session, moment + timedelta(seconds=seconds), timedelta(seconds=position), None, user)
        beats.write([it], {(one.pk, session): it.at})

    write(1, 10)
    write(5, 50)
    write(3, 30)
    kept = WatchHistory.objects.get()
    assert (kept.position.seconds, kept.watched_at) == (50, moment + timedelta(seconds=5))
    seen = Viewing.objects.get()
    assert (seen.started_at, seen.seen_at) == (moment + timedelta(seconds=1), moment + timedelta(seconds=5))


def test_beats_wait_in_memory_and_many_are_written_in_few_statements(
    ben: Client, ann: Client, video: Make, django_assert_max_num_queries: Callable[..., object]
) -> None:
    one, other, buffer, user = video("ann"), video("ann"), beats.Buffer(), number_of("ben")
    buffer._thread = threading.current_thread()  # none of its own: here is nothing but this transaction
    sessions = [uuid.uuid4() for _ in range(300)]
    begin = now()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beats.settings, "BEATS_SECONDS", 1.0)
        for second in range(5):
            for number, session in enumerate(sessions):
                at = begin + timedelta(seconds=second * 5)
                where = (one, other)[number % 2].pk
                buffer.add(
                    beats.Beat(where, session, at, timedelta(seconds=second), None, user if number < 2 else None)
                )
    assert not Viewing.objects.exists()
    from django.db import connections, router
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connections[router.db_for_write(Viewing)]) as asked:
        assert buffer.flush() == 300
    assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) <= 12
    assert (Viewing.objects.count(), views(one), views(other)) == (300, 150, 150)
    assert [h.position.seconds for h in WatchHistory.objects.all()] == [4, 4]
    assert buffer.flush() == 0


def test_beats_wait_while_the_database_is_away_and_those_of_a_video_that_went_are_left_out(
    ben: Client, ann: Client, video: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, gone, buffer = video("ann"), video("ann"), beats.Buffer()
    buffer._thread = threading.current_thread()
    monkeypatch.setattr(beats.settings, "BEATS_SECONDS", 1.0)
    for where in (one, gone):
        buffer.add(beats.Beat(where.pk, uuid.uuid4(), now(), timedelta(0), None, number_of("ben")))
    with monkeypatch.context() as patch:

        def away(*_: object) -> None:
            raise OperationalError("no way to 10.0.0.1")

        patch.setattr(beats, "write", away)
        assert buffer.flush() == 0
    gone.delete()
    assert buffer.flush() == 2
    assert [row.video_id for row in Viewing.objects.all()] == [one.pk]
    assert WatchHistory.objects.count() == 1


def test_a_history_is_paused_cleared_and_shortened(ben: Client, ann: Client, video: Make) -> None:
    one, other = video("ann", title="one"), video("ann", title="other")
    assert ben.get("/api/me/history/pause").json() == {"is_paused": False}
    assert ben.put("/api/me/history/pause", {"is_paused": True}).status_code == 200
    beat(ben, one, uuid.uuid4())
    assert (history(ben), Viewing.objects.count()) == ([], 1)
    ben.put("/api/me/history/pause", {"is_paused": False})
    for where in (one, other):
        beat(ben, where, uuid.uuid4())
    assert [ben.delete(f"/api/me/history/{one.public_id}").status_code for _ in range(2)] == [204, 204]
    assert history(ben) == [("other", 1.0)]
    waiting = beats.Beat(one.pk, uuid.uuid4(), now(), timedelta(0), None, number_of("ben"))
    assert ben.delete("/api/me/history").status_code == 204
    beats.write([waiting], {(one.pk, waiting.session): waiting.at})
    assert history(ben) == []
    beat(ben, one, uuid.uuid4())
    assert history(ben) == [("one", 1.0)]
    assert history(ann) == []


def test_a_beat_that_waited_brings_back_nothing_that_was_taken_out_of_the_history(
    ben: Client, ann: Client, video: Make
) -> None:
    one, other = video("ann", title="one"), video("ann", title="other")
    waiting = [beats.Beat(v.pk, uuid.uuid4(), now(), timedelta(0), None, number_of("ben")) for v in (one, other)]
    assert ben.delete(f"/api/me/history/{one.public_id}").status_code == 204
    beats.write(waiting, {(beat.video, beat.session): beat.at for beat in waiting})
    assert [title for title, _ in history(ben)] == ["other"]
    beat(ben, one, uuid.uuid4())  # and what comes afterwards is watched anew
    assert [title for title, _ in history(ben)] == ["one", "other"]


def test_what_one_may_not_see_any_more_is_not_in_the_history_and_takes_no_beats(
    ben: Client, ann: Client, anybody: Client, video: Make
) -> None:
    one = video("ann")
    beat(ben, one, uuid.uuid4())
    Video.objects.update(privacy="private")
    assert history(ben) == []
    assert [beat(client, one, uuid.uuid4()) for client in (ben, anybody, ann)] == [404, 404, 202]


@pytest.mark.parametrize("change", [{"session_id": "x"}, {"position": -1}, {"position": "NaN"}, {"position": 1e300},
                                    {"position": None}])  # fmt: skip
def test_a_beat_says_which_session_and_where(
    anybody: Client, ann: Client, video: Make, change: dict[str, object]
) -> None:
    sent = {"session_id": str(uuid.uuid4()), "position": 1, **change}
    answer = anybody.post(f"/api/videos/{video('ann').public_id}/views", sent)
    assert (answer.status_code, answer.json()["invalid-params"][0]["name"]) == (400, next(iter(change)))


def test_a_thread_writes_what_waits(settings: fixtures.Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BEATS_SECONDS = 0.05
    written, done = [], threading.Event()

    def write(some: list[beats.Beat], began: object) -> None:
        written.extend(some)
        done.set()

    monkeypatch.setattr(beats, "write", write)
    buffer = beats.Buffer()
    it = beats.Beat(1, uuid.uuid4(), now(), timedelta(0), None)
    buffer.add(it)
    assert done.wait(5)
    assert written == [it]
