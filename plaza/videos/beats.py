"""Heartbeats of players, the heaviest write of the whole service: kept in memory for a second, then written together.

Each process has a buffer in which a session's later beat takes the place of an earlier one; a thread writes what is in
it once a second, and at the process's end, in two statements however many there are. A process that is killed loses
a second of positions. Two processes may write one session in any order: the newer beat wins, by the upsert's condition.

A session counts as one view, once it has lasted for a while: its row is locked, marked, and the video's counter grows,
in one transaction. So no view is counted twice, and none without its mark.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import Error, IntegrityError, connections, router, transaction
from django.db.models import Q

from plaza.api import people
from plaza.api.retries import retried
from plaza.videos import counters, upserts
from plaza.videos.models import Person, Video, VideoStats, Viewing, Watcher, WatchHistory

AT_ONCE = 500  # beats of one statement
MOST = 20_000  # beats that wait while the database is away
WHILE = timedelta(seconds=10)  # or half of a video that is shorter

log = logging.getLogger(__name__)


class Beat(NamedTuple):
    video: int
    session: uuid.UUID
    at: datetime
    position: timedelta
    length: timedelta | None  # of the video
    user: int | None = None
    ip: str | None = None
    person: Mapping[str, Any] | None = None  # what the user's token says of him

    def is_enough(self, lasted: timedelta) -> bool:
        return lasted >= (min(WHILE, self.length / 2) if self.length else WHILE)

    @property
    def fraction(self) -> float:
        return min(1.0, self.position / self.length) if self.length else 0.0


class Buffer:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._began: dict[tuple[int, uuid.UUID], datetime] = {}
        self._last: dict[tuple[int, uuid.UUID], Beat] = {}
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    def add(self, beat: Beat) -> None:
        with self._lock:
            self._put(beat, beat.at)
            is_full = len(self._last) >= AT_ONCE
            if settings.BEATS_SECONDS and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="beats", daemon=True)
                self._thread.start()
        if not settings.BEATS_SECONDS:
            self.flush()
        elif is_full:
            self._wake.set()

    def _put(self, beat: Beat, began: datetime) -> None:
        key = (beat.video, beat.session)
        self._began[key] = min(began, self._began.get(key, began))
        known = self._last.get(key)
        if known is None or known.at <= beat.at:
            self._last[key] = beat

    def flush(self) -> int:
        """Write what is here; returns how many beats. What cannot be written now waits for the next time."""
        with self._writing:  # one at a time, so that what waits is not written out of order
            with self._lock:
                last, began = self._last, self._began
                self._last, self._began = {}, {}
            beats = sorted(last.values(), key=lambda beat: (beat.session, beat.video))
            for start in range(0, len(beats), AT_ONCE):
                some = beats[start : start + AT_ONCE]
                try:
                    write(some, began)
                except Error as error:
                    log.warning("%d heartbeats wait: %s", len(beats) - start, type(error).__name__)
                    self._keep(beats[start:], began)
                    return start
        return len(beats)

    def _keep(self, beats: list[Beat], began: dict[tuple[int, uuid.UUID], datetime]) -> None:
        with self._lock:
            for beat in beats[: max(0, MOST - len(self._last))]:
                self._put(beat, began[beat.video, beat.session])

    def _run(self) -> None:
        using = router.db_for_write(Viewing)
        while True:
            self._wake.wait(settings.BEATS_SECONDS)
            self._wake.clear()
            if self._last:
                self.flush()
                connections[using].close_if_unusable_or_obsolete()


def write(beats: list[Beat], began: dict[tuple[int, uuid.UUID], datetime]) -> None:
    """One that is of a video that has just gone is left out."""
    try:
        _write(beats, began)
    except IntegrityError:
        _write(beats, began)  # what has gone meanwhile is seen now


@retried
def _write(beats: list[Beat], began: dict[tuple[int, uuid.UUID], datetime]) -> None:
    with transaction.atomic(using=router.db_for_write(Viewing)):
        known = people.here(Person, {beat.user: beat.person for beat in beats if beat.user is not None})
        gone = {number for number, person in known.items() if person.status == Person.Status.DELETED}
        there = set(Video.objects.filter(pk__in={beat.video for beat in beats}).values_list("pk", flat=True))
        beats = [beat for beat in beats if beat.video in there]
        if not beats:
            return
        sessions = [(b.video, b.session, began[b.video, b.session], b.at, False) for b in beats]
        names = ("video", "session_id", "started_at", "seen_at", "is_counted")
        upserts.newest(
            Viewing, sessions, names, key=("session_id", "video"), moment="seen_at", kept=("started_at", "is_counted")
        )
        _remember([beat for beat in beats if beat.user is not None and beat.user not in gone])
        _count(beats)


def _remember(beats: list[Beat]) -> None:
    """The history of those who are not paused, from when they last cleared it or took the video out."""
    newest: dict[tuple[int, int], Beat] = {}
    wishes = {w.pk: w for w in Watcher.objects.filter(pk__in={beat.user for beat in beats})} if beats else {}
    for beat in sorted(beats, key=lambda beat: beat.at):
        wish = wishes.get(beat.user)
        if wish is None or wish.keeps(beat.video, beat.at):
            newest[beat.user or 0, beat.video] = beat
    if not newest:
        return
    names = ("user", "video", "session_id", "ip", "position", "fraction", "watched_at", "is_counted")
    rows = [(b.user, b.video, b.session, b.ip, b.position, b.fraction, b.at, False) for _, b in sorted(newest.items())]
    upserts.newest(WatchHistory, rows, names, key=("user", "video"), moment="watched_at", kept=("is_counted",))


def _count(beats: list[Beat]) -> None:
    known = {(beat.video, beat.session): beat for beat in beats}
    rows = Viewing.objects.filter(session_id__in={beat.session for beat in beats}, is_counted=False)
    due = {
        row.pk: known[row.video_id, row.session_id]
        for row in rows
        if (row.video_id, row.session_id) in known
        and known[row.video_id, row.session_id].is_enough(row.seen_at - row.started_at)
    }
    if not due:
        return
    locked = Viewing.objects.select_for_update().filter(pk__in=due, is_counted=False).order_by("pk")
    mine = list(locked.values_list("pk", flat=True))
    Viewing.objects.filter(pk__in=mine).update(is_counted=True)
    _mark(due[pk] for pk in mine)
    for video, views in sorted(Counter(due[pk].video for pk in mine).items()):
        counters.add(VideoStats, video, views=views)


def _mark(beats: Iterable[Beat]) -> None:
    """In the history too."""
    seen = [Q(user=beat.user, video=beat.video) for beat in beats if beat.user is not None]
    for start in range(0, len(seen), 50):
        WatchHistory.objects.filter(Q(*seen[start : start + 50], _connector=Q.OR)).update(is_counted=True)


buffer = Buffer()


def _anew() -> None:
    """In a new process, which has none of its parent's threads."""
    global buffer
    buffer = Buffer()


os.register_at_fork(after_in_child=_anew)
atexit.register(lambda: buffer.flush())
