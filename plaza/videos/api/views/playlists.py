"""Playlists, what is in them and in which order; and "watch later", which everybody has once and for good."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, router, transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import once, people, versions
from plaza.api.addresses import number, number_or_zero, one
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.problems import Conflict, vanishing
from plaza.api.queries import IDS, ids
from plaza.api.retries import retried, whole
from plaza.api.schema import mapped, problems
from plaza.api.versions import tag
from plaza.api.views import IF_MATCH, ONCE, Anybody, read, user_of, viewer
from plaza.videos import ordering
from plaza.videos.api import access, cards, forms
from plaza.videos.api.access import allowed, writer
from plaza.videos.models import Person, Playlist, PlaylistItem, Privacy, VideosRequest

LATER = "Watch later"
CONTAINING = {
    "type": "object",
    "required": ["playlist", "item"],
    "properties": {"playlist": {"type": "string"}, "item": {"type": "string"}},
}
COLUMNS = ("id", "public_id", "owner_id", "title", "kind", "privacy", "created_at", "version")
ITEM = ("id", "starts", "stops", "added_at")


def seen(looker: int | None) -> QuerySet[Playlist]:
    found = Q(privacy__in=[Privacy.PUBLIC, Privacy.UNLISTED]) & ~Q(access.is_out("owner_id"))
    return Playlist.objects.filter(found | Q(owner=looker) if looker else found)


def card(row: cards.Row, looker: int | None) -> dict[str, Any]:
    return {
        "id": str(row["public_id"]),
        "title": row["title"],
        "kind": row["kind"],
        "privacy": row["privacy"],
        "created_at": row["created_at"],
        "is_mine": row["owner_id"] == looker,
    }


def answer_of(rows: QuerySet[Playlist], looker: int | None) -> tuple[dict[str, Any], str]:
    """A list as its viewer is shown it, and its ETag."""
    listed = access.seen_in("video", looker)
    if looker:  # an owner's list keeps the place of what he may not see any more
        listed |= Q(playlist__owner=looker)
    items = PlaylistItem.objects.filter(listed, playlist=OuterRef("pk"))
    counted = Subquery(items.order_by().values("playlist").annotate(total=Count("*")).values("total"))
    row = one(rows.annotate(total=Coalesce(counted, 0)).values(*COLUMNS, "total"))
    owner = people.shown(Person, [row["owner_id"]])[row["owner_id"]]
    shown = {**card(row, looker), "owner": owner, "items": row["total"]}
    return shown, tag("playlist", row["id"], row["version"], shown["items"], owner, shown["is_mine"])


def later(user: int) -> Playlist:
    """A user's "watch later", made when it is first asked for: of two requests that make it one does, on any engine."""
    found = Playlist.objects.filter(owner=user, kind=Playlist.Kind.LATER).order_by("pk").first()
    if found is not None:
        return found
    try:
        with transaction.atomic(using=router.db_for_write(Playlist)):
            return Playlist.objects.create(owner_id=user, title=LATER, kind=Playlist.Kind.LATER, later_of=user)
    except IntegrityError:
        return Playlist.objects.get(later_of=user)


class Playlists(APIView):
    @extend_schema(operation_id="make_playlist", tags=["videos"], request=forms.PlaylistWish, parameters=[ONCE],
                   responses={201: forms.PlaylistDetail, **problems(410)})  # fmt: skip
    @retried
    @once.once(VideosRequest)
    def post(self, request: Request) -> Response:
        """Make a list; it is private unless one says otherwise."""
        data = read(forms.PlaylistWish, request)
        user = writer(request).pk
        made = Playlist.objects.create(owner_id=user, **data)
        shown, etag = answer_of(Playlist.objects.filter(pk=made.pk), user)
        return Response(shown, status=status.HTTP_201_CREATED, headers={"ETag": etag})


class MyPlaylists(APIView):
    @extend_schema(operation_id="list_my_playlists", tags=["videos"], parameters=PAGE,
                   responses={200: page_of(forms.PlaylistCard)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """One's own lists, the newest first."""
        user = user_of(request)
        rows = Playlist.objects.filter(owner=user).values(*COLUMNS)
        return paged(request, rows, lambda page: [card(row, user) for row in page], ("-id",))


class WatchLater(APIView):
    @extend_schema(operation_id="get_watch_later", tags=["videos"],
                   responses={200: forms.PlaylistDetail, 304: None, **problems(410)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """One's "watch later"."""
        user = user_of(request)
        found = Playlist.objects.filter(owner=user, kind=Playlist.Kind.LATER).order_by("pk").first()
        found = found or self._made(request)
        shown, etag = answer_of(Playlist.objects.filter(pk=found.pk), user)
        return versions.answer(request, shown, etag)

    @whole(Playlist)
    def _made(self, request: Request) -> Playlist:
        return later(writer(request).pk)


class OnePlaylist(Anybody):
    @extend_schema(operation_id="get_playlist", tags=["videos"], responses={200: forms.PlaylistDetail, 304: None})
    def get(self, request: Request, playlist: uuid.UUID) -> Response:
        looker = viewer(request)
        shown, etag = answer_of(seen(looker).filter(public_id=playlist), looker)
        return versions.answer(request, shown, etag)

    @extend_schema(operation_id="change_playlist", tags=["videos"], request=forms.PlaylistWish, parameters=[IF_MATCH],
                   responses={200: forms.PlaylistDetail, **problems(409, 410)})  # fmt: skip
    @retried
    def patch(self, request: Request, playlist: uuid.UUID) -> Response:
        """Change a list's title, or who sees it; 409 for "watch later", which is private."""
        data = read(forms.PlaylistWish, request, partial=True)
        with transaction.atomic(using=router.db_for_write(Playlist)):
            user = writer(request).pk
            found = access.my_playlist(user, playlist, lock=True)
            versions.require(request, tag("playlist", found.pk, found.version))
            if found.kind == Playlist.Kind.LATER and data:
                raise Conflict("This list is one's own to watch later: it stays as it is.")
            Playlist.objects.filter(pk=found.pk).update(version=F("version") + 1, **data)
        shown, etag = answer_of(Playlist.objects.filter(pk=found.pk), user)
        return Response(shown, headers={"ETag": etag})

    @extend_schema(operation_id="delete_playlist", tags=["videos"], responses={204: None, **problems(409, 410)})
    @retried
    def delete(self, request: Request, playlist: uuid.UUID) -> Response:
        """Delete a list; 409 for "watch later"."""
        with transaction.atomic(using=router.db_for_write(Playlist)):
            user = writer(request).pk
            found = access.my_playlist(user, playlist, lock=True)
            if found.kind == Playlist.Kind.LATER:
                raise Conflict("This list is one's own to watch later: it cannot be deleted.")
            found.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class Items(Anybody):
    @extend_schema(operation_id="list_playlist_items", tags=["videos"], parameters=PAGE,
                   responses={200: page_of(forms.PlaylistItem)})  # fmt: skip
    def get(self, request: Request, playlist: uuid.UUID) -> Response:
        """What is in a list, in its order; what one may not see is left out, but for the list's owner."""
        looker = viewer(request)
        found = one(seen(looker), public_id=playlist)
        rows = PlaylistItem.objects.filter(playlist=found.pk)
        visible = access.seen_in("video", looker)
        if found.owner_id != looker:
            rows = rows.filter(visible)
        columns = cards.prefixed("video", cards.CARD)
        rows = rows.annotate(is_seen=Subquery(access.seen(looker).filter(pk=OuterRef("video_id")).values("pk")))
        rows_ = rows.values(*ITEM, "position", "is_seen", *columns)
        return paged(request, rows_, self._shown, ("position", "id"))

    def _shown(self, rows: list[cards.Row]) -> list[dict[str, Any]]:
        return [item(row) for row in rows]

    @extend_schema(operation_id="add_to_playlist", tags=["videos"], request=forms.PlaylistItemWish, parameters=[ONCE],
                   responses={201: forms.PlaylistItem, **problems(410)})  # fmt: skip
    @vanishing
    @retried
    @once.once(VideosRequest)
    def post(self, request: Request, playlist: uuid.UUID) -> Response:
        """Put a video at the end of a list; 409 where it is in it already, or the list is full."""
        data = read(forms.PlaylistItemWish, request)
        user = writer(request).pk
        found = access.my_playlist(user, playlist)
        video = one(access.seen(user), public_id=data["video"])
        ordering.lock(found.pk)
        rows = PlaylistItem.objects.filter(playlist=found.pk)
        if rows.filter(video=video.pk).exists():
            raise Conflict("This video is in the list already.")
        if rows.count() >= ordering.MOST:
            raise Conflict(f"A list has at most {ordering.MOST:,} videos.")
        made = ordering.append(found.pk, video.pk, starts=_length(data, "starts"), stops=_length(data, "stops"))
        row = PlaylistItem.objects.filter(pk=made.pk).values(*ITEM, *cards.prefixed("video", cards.CARD)).get()
        return Response(item({**row, "is_seen": video.pk}), status=status.HTTP_201_CREATED)


def item(row: cards.Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "video": cards.video(cards.within(row, "video", cards.CARD)) if row["is_seen"] else None,
        "starts": cards.seconds(row["starts"]),
        "stops": cards.seconds(row["stops"]),
        "added_at": row["added_at"],
    }


def _length(data: dict[str, Any], name: str) -> timedelta | None:
    return None if data.get(name) is None else timedelta(seconds=data[name])


class OneItem(APIView):
    @extend_schema(operation_id="remove_from_playlist", tags=["videos"], responses={204: None, **problems(410)})
    def delete(self, request: Request, playlist: uuid.UUID, item: str) -> Response:
        """Take an item out of a list; one that is not in it is no error."""
        found = access.my_playlist(allowed(request), playlist)
        ordering.remove(found.pk, number(item))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ItemPlace(APIView):
    @extend_schema(operation_id="move_in_playlist", tags=["videos"], request=forms.PlaylistPlace, parameters=[IF_MATCH],
                   responses={200: forms.PlaylistDetail, **problems(410)})  # fmt: skip
    @retried
    def put(self, request: Request, playlist: uuid.UUID, item: str) -> Response:
        """Put an item behind another, or first; of two who move at once the second is told to read the list anew."""
        after = read(forms.PlaylistPlace, request)["after"]
        with transaction.atomic(using=router.db_for_write(Playlist)):
            user = writer(request).pk
            found = access.my_playlist(user, playlist, lock=True)
            versions.require(request, tag("playlist", found.pk, found.version))
            ordering.lock(found.pk)
            behind = None if after is None else number_or_zero(after)
            if not PlaylistItem.objects.filter(playlist=found.pk, pk=number(item)).exists():
                raise exceptions.NotFound
            if not ordering.move(found.pk, number(item), behind):
                raise exceptions.ValidationError({"after": "Expected another item of this list, or null."})
        shown, etag = answer_of(Playlist.objects.filter(pk=found.pk), user)
        return Response(shown, headers={"ETag": etag})


class PlaylistsExist(APIView):
    @extend_schema(
        operation_id="which_playlists_have", tags=["videos"], parameters=IDS,
        responses={200: mapped({"type": "array", "items": CONTAINING})},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """In which of one's own lists each of these videos is."""
        wanted = ids(request)
        rows = PlaylistItem.objects.filter(playlist__owner=user_of(request), video__public_id__in=wanted)
        found: dict[str, list[dict[str, str]]] = {str(one): [] for one in wanted}
        for video, playlist, pk in rows.values_list("video__public_id", "playlist__public_id", "pk"):
            found[str(video)].append({"playlist": str(playlist), "item": str(pk)})
        return Response(found)
