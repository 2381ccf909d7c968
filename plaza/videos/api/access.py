"""Who may see what, and who writes: others' private things are not there, nor what is of somebody blocked."""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef, Q, QuerySet
from rest_framework import exceptions
from rest_framework.request import Request

from plaza.api import people
from plaza.api.addresses import one
from plaza.videos.models import Channel, Person, Playlist, Privacy, Video

LISTED = Q(state=Video.State.PUBLISHED, privacy=Privacy.PUBLIC)
LINKED = Q(state=Video.State.PUBLISHED, privacy__in=[Privacy.PUBLIC, Privacy.UNLISTED])


def writer(request: Request) -> Person:
    """Who writes, in a transaction; nobody who is blocked or gone does."""
    return people.writer(Person, request)


def allowed(request: Request) -> int:
    """The number of who may write: for what only deletes, and before a file is read."""
    return people.allowed(Person, request)


def is_out(owner: str) -> Exists:
    """Whether the user of this column is blocked or gone."""
    return Exists(Person.objects.filter(pk=OuterRef(owner)).exclude(status=Person.Status.VALID))


def listed(videos: QuerySet[Video] | None = None) -> QuerySet[Video]:
    """What everybody finds."""
    rows = Video.objects.all() if videos is None else videos
    return rows.filter(LISTED, ~is_out("channel__owner_id"))


def seen(viewer: int | None) -> QuerySet[Video]:
    """What this viewer may open by its address."""
    found = LINKED & ~Q(is_out("channel__owner_id"))
    return Video.objects.filter(found | Q(channel__owner=viewer) if viewer else found)


def seen_in(prefix: str, viewer: int | None) -> Q:
    """The same for rows that point at a video."""
    linked = Q(**{f"{prefix}__{name}": value for name, value in LINKED.children})  # type: ignore[misc]
    found = linked & ~Q(is_out(f"{prefix}__channel__owner_id"))
    return found | Q(**{f"{prefix}__channel__owner": viewer}) if viewer else found


def my_channel(me: int, handle: str, *, lock: bool = False) -> Channel:
    """One of one's own: 404 where there is none of this handle, 403 where it is another's."""
    rows = Channel.objects.select_for_update() if lock else Channel.objects.all()
    channel: Channel = one(rows, handle=handle.lower())
    if channel.owner_id != me:
        raise exceptions.PermissionDenied("This channel is not yours.")
    return channel


def my_video(me: int, video: uuid.UUID, *, lock: bool = False) -> Video:
    """404 where it is not there for me, 403 where it is another's that I may see."""
    found: Video | None = seen(me).filter(public_id=video).select_related("channel").first()
    if found is None:
        raise exceptions.NotFound
    if found.channel.owner_id != me:
        raise exceptions.PermissionDenied("This video is not yours.")
    if lock:
        return one(Video.objects.select_for_update(), pk=found.pk)
    return found


def my_playlist(me: int, playlist: uuid.UUID, *, lock: bool = False) -> Playlist:
    """404 where it is not there for me, 403 where it is another's that I may see."""
    rows = Playlist.objects.select_for_update() if lock else Playlist.objects.all()
    found: Playlist = one(rows, public_id=playlist)
    if found.owner_id == me:
        return found
    if found.privacy == Privacy.PRIVATE:
        raise exceptions.NotFound
    raise exceptions.PermissionDenied("This list is not yours.")
