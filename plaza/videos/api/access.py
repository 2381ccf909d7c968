"""Who may see what, and who writes: others' private things are not there, nor what is of somebody blocked."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from rest_framework import exceptions
from rest_framework.request import Request

from plaza.api import people
from plaza.api.addresses import one
from plaza.api.views import viewer as asking
from plaza.videos.api import passes, passwords
from plaza.videos.models import Channel, Person, Playlist, Privacy, Video

LISTED = Q(state=Video.State.PUBLISHED, privacy=Privacy.PUBLIC)
LINKED = Q(state=Video.State.PUBLISHED, privacy__in=[Privacy.PUBLIC, Privacy.UNLISTED])
REACHED = Q(state=Video.State.PUBLISHED, privacy__in=[Privacy.PUBLIC, Privacy.UNLISTED, Privacy.PASSWORD])
OPENING = [passwords.PASSWORD, passes.TOKEN]
"""Parameters of what asks ``opened``."""

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


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
    """What this viewer may open by its address alone. What has a password is not among it: no list asks for one."""
    found = LINKED & ~Q(is_out("channel__owner_id"))
    return Video.objects.filter(found | Q(channel__owner=viewer) if viewer else found)


def reached(viewer: int | None) -> QuerySet[Video]:
    """The same and what has a password: ``passwords.check`` is asked about each row, before it is shown."""
    found = REACHED & ~Q(is_out("channel__owner_id"))
    return Video.objects.filter(found | Q(channel__owner=viewer) if viewer else found)


def opened(
    request: Request, video: uuid.UUID, *columns: str, is_player: bool = False, **only: Any
) -> Mapping[str, Any]:
    """The one video of an address, as far as whoever asks may see it, with its password where it has one: its pk, these
    columns and those of ``passwords.GATE``, in one query. A player is who its token was made for.

    :raises NotFound: 404
    :raises PasswordRequired: 403, and PasswordWrong
    """
    ticket, looker = passes.shown(request, video), asking(request)
    if is_player:
        looker = ticket.user or looker
    rows = reached(looker).filter(**only).values("pk", *passwords.GATE, *columns)
    found: Mapping[str, Any] = one(rows, public_id=video)
    passwords.check(request, found, looker, ticket.mark)
    return found


def hashed_first(
    act: Callable[Concatenate[Any, Request, uuid.UUID, Given], Answer],
) -> Callable[Concatenate[Any, Request, uuid.UUID, Given], Answer]:
    """Decorate what asks ``opened`` in a transaction: a password is hashed before, and nobody waits for that."""

    @wraps(act)
    def done(view: Any, request: Request, video: uuid.UUID, *args: Given.args, **kwargs: Given.kwargs) -> Answer:
        if passwords.HEADER in request.headers:
            opened(request, video)
        return act(view, request, video, *args, **kwargs)

    return done


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
