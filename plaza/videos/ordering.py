"""The order of a playlist: positions with gaps, under the lock of the list's row.

A move writes one row, the middle of its new neighbours. Where no room is left between them all are numbered anew,
above or below every position that is used now, or one after the other where there is no room for that: unique positions
are checked row by row, and none meets another.
"""

from __future__ import annotations

from django.db import router, transaction
from django.db.models import F, Max

from plaza.api.retries import retried
from plaza.videos.models import Playlist, PlaylistItem

GAP = 1_024
HIGHEST = 2**31 - 1
MOST = 5_000


def lock(playlist: int) -> None:
    """In a transaction; everything that changes a list's items begins with it, and with its new version."""
    Playlist.objects.filter(pk=playlist).update(version=F("version") + 1)


def append(playlist: int, video: int, **more: object) -> PlaylistItem:
    """Under the list's lock."""
    last = PlaylistItem.objects.filter(playlist=playlist).aggregate(last=Max("position"))["last"] or 0
    if last + GAP > HIGHEST:
        _number_anew(playlist)
        last = PlaylistItem.objects.filter(playlist=playlist).aggregate(last=Max("position"))["last"] or 0
    return PlaylistItem.objects.create(playlist_id=playlist, video_id=video, position=last + GAP, **more)


def move(playlist: int, item: int, after: int | None) -> bool:
    """Under the list's lock: put an item behind another, or first; False where one of them is not in the list."""
    for _ in range(2):
        order = dict(PlaylistItem.objects.filter(playlist=playlist).order_by("position").values_list("pk", "position"))
        if item not in order or (after is not None and after not in order) or item == after:
            return False
        others = [pk for pk in order if pk != item]
        place = 0 if after is None else others.index(after) + 1
        before = order[others[place - 1]] if place else 0
        behind = order[others[place]] if place < len(others) else min(before + 2 * GAP, HIGHEST)
        if behind - before >= 2:
            PlaylistItem.objects.filter(pk=item).update(position=(before + behind) // 2)
            return True
        _number_anew(playlist)
    raise AssertionError("positions that were just numbered have room")


def _number_anew(playlist: int) -> None:
    rows = list(PlaylistItem.objects.filter(playlist=playlist).order_by("position"))
    needed = (len(rows) + 1) * GAP
    base = 0 if rows[0].position > needed else rows[-1].position
    if base + needed > HIGHEST:  # no room above all of them nor below: each for itself, so that none meets another
        targets = [(row, number * GAP) for number, row in enumerate(rows, 1)]
        down, up = ([one for one in targets if (one[1] < one[0].position) is way] for way in (True, False))
        for row, position in (*down, *reversed(up)):
            PlaylistItem.objects.filter(pk=row.pk).update(position=position)
        return
    for number, row in enumerate(rows, 1):
        row.position = base + number * GAP
    PlaylistItem.objects.bulk_update(rows, ["position"], batch_size=500)


@retried
def remove(playlist: int, item: int) -> None:
    """A second time changes nothing."""
    with transaction.atomic(using=router.db_for_write(PlaylistItem)):
        if PlaylistItem.objects.filter(playlist=playlist, pk=item).exists():
            lock(playlist)
            PlaylistItem.objects.filter(playlist=playlist, pk=item).delete()
