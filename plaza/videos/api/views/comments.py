"""Comments in threads: at the top, and replies to what is there; shown at once, when approved, or refused."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import once, people
from plaza.api.addresses import number, one
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.problems import Conflict, vanishing
from plaza.api.queries import flag
from plaza.api.retries import retried
from plaza.api.schema import problems
from plaza.api.views import ONCE, Anybody, read, user_of, viewer
from plaza.videos import commenting
from plaza.videos.api import access, cards, forms
from plaza.videos.api.access import allowed, writer
from plaza.videos.models import Blocked, Comment, Comments, Person, Video, VideosRequest

COLUMNS = ("id", "author_id", "body", "is_approved", "is_removed", "created_at")
WAITING = [OpenApiParameter("waiting", bool, description="those that wait for approval; for the channel's owner")]


def video_of(request: Request, video: uuid.UUID) -> cards.Row:
    """With its channel's owner."""
    return access.opened(request, video, "comments_are", state=Video.State.PUBLISHED)


def shown_to(rows: QuerySet[Comment], looker: int | None) -> QuerySet[Comment]:
    """What a viewer sees: what is approved, and what he wrote; nothing of those who are out, or whom he blocks."""
    approved = Q(is_approved=True)
    rows = rows.filter(approved | Q(author=looker, is_approved=None) if looker else approved)
    rows = rows.filter(Q(is_removed=True) | ~Q(access.is_out("author_id")))
    return rows.exclude(_is_blocked(looker)) if looker else rows


def _is_blocked(looker: int) -> Exists:
    return Exists(Blocked.objects.filter(is_lifted=False, blocker=looker, blocked=OuterRef("author_id")))


def show(rows: list[cards.Row], looker: int | None, *, counted: bool = False) -> list[dict[str, Any]]:
    """Their authors in one query, and how many replies each has that one sees in another."""
    authors = people.shown(Person, [row["author_id"] for row in rows if not row["is_removed"]])
    replies: dict[int, int] = {}
    if counted and rows:
        below = shown_to(Comment.objects.filter(parent__in=[row["id"] for row in rows]), looker)
        replies = dict(below.order_by().values_list("parent").annotate(total=Count("*")))
    return [
        {
            "id": str(row["id"]),
            "author": people.NOBODY if row["is_removed"] else authors[row["author_id"]],
            "body": row["body"],
            "is_approved": row["is_approved"],
            "is_removed": row["is_removed"],
            "is_mine": row["author_id"] == looker,
            "created_at": row["created_at"],
            **({"replies": replies.get(row["id"], 0)} if counted else {}),
        }
        for row in rows
    ]


def write(request: Request, video: cards.Row, *, parent: int | None = None) -> Response:
    """In the transaction of the request's key."""
    body = read(forms.VideoCommentText, request)["body"]
    author, owner = writer(request).pk, video["channel__owner_id"]
    if video["comments_are"] == Comments.CLOSED:
        raise exceptions.PermissionDenied("Comments of this video are closed.")
    if Blocked.objects.filter(is_lifted=False, blocker=owner, blocked=author).exists():
        raise exceptions.PermissionDenied("The owner of this channel has blocked you.")
    waits = video["comments_are"] == Comments.APPROVED and author != owner
    comment = commenting.add(video["pk"], author, body, is_approved=None if waits else True, parent=parent)
    if comment is None:
        raise Conflict("This comment was removed: nothing can be added to it.")
    row = {name: getattr(comment, name) for name in COLUMNS}
    return Response(show([row], author, counted=parent is None)[0], status=status.HTTP_201_CREATED)


class VideoComments(Anybody):
    @extend_schema(operation_id="list_video_comments", tags=["videos"], parameters=[*PAGE, *WAITING, *access.OPENING],
                   responses={200: page_of(forms.VideoThread), **problems(403)})  # fmt: skip
    def get(self, request: Request, video: uuid.UUID) -> Response:
        """The threads of a video, the newest first."""
        looker = viewer(request)
        found = video_of(request, video)
        rows = Comment.objects.filter(video=found["pk"])
        if flag(request, "waiting"):
            if found["channel__owner_id"] != looker:
                raise exceptions.PermissionDenied("Only the channel's owner sees what waits.")
            rows = rows.filter(is_approved=None, is_removed=False)
        else:
            rows = shown_to(rows.filter(parent=None), looker)
        rows = rows.values(*COLUMNS)
        return paged(request, rows, lambda page: show(page, looker, counted=True), ("-id",))

    @extend_schema(operation_id="write_comment", tags=["videos"], request=forms.VideoCommentText,
                   parameters=[ONCE, *access.OPENING],
                   responses={201: forms.VideoThread, **problems(410)})  # fmt: skip
    @access.hashed_first
    @vanishing
    @retried
    @once.once(VideosRequest)
    def post(self, request: Request, video: uuid.UUID) -> Response:
        """Begin a thread; 403 where comments are closed, or the channel's owner has blocked one."""
        return write(request, video_of(request, video))


class Replies(Anybody):
    @extend_schema(operation_id="list_video_replies", tags=["videos"], parameters=[*PAGE, *access.OPENING],
                   responses={200: page_of(forms.VideoReply), **problems(403)})  # fmt: skip
    def get(self, request: Request, video: uuid.UUID, comment: str) -> Response:
        """The replies of a thread, the oldest first."""
        looker = viewer(request)
        root = self._root(looker, video_of(request, video), comment)
        rows = shown_to(Comment.objects.filter(parent=root), looker).values(*COLUMNS)
        return paged(request, rows, lambda page: show(page, looker), ("id",))

    @extend_schema(operation_id="write_reply", tags=["videos"], request=forms.VideoCommentText,
                   parameters=[ONCE, *access.OPENING],
                   responses={201: forms.VideoReply, **problems(410)})  # fmt: skip
    @access.hashed_first
    @vanishing
    @retried
    @once.once(VideosRequest)
    def post(self, request: Request, video: uuid.UUID, comment: str) -> Response:
        """Reply to a comment that is no reply itself; 409 where it was removed."""
        found = video_of(request, video)
        return write(request, found, parent=self._root(user_of(request), found, comment))

    def _root(self, looker: int | None, video: cards.Row, comment: str) -> int:
        rows = shown_to(Comment.objects.filter(video=video["pk"], parent=None), looker)
        return one(rows, pk=number(comment)).pk


class OneComment(APIView):
    @extend_schema(operation_id="delete_video_comment", tags=["videos"], parameters=access.OPENING,
                   responses={204: None, **problems(409, 410)})  # fmt: skip
    def delete(self, request: Request, video: uuid.UUID, comment: str) -> Response:
        """For who wrote it, also where he may not see the video any more, and the channel's owner; 409 where only its
        empty place is left.
        """
        user = allowed(request)
        row = Comment.objects.filter(video__public_id=video, author=user, pk=number(comment)).first()
        if row is None:
            found, row = _both(request, video, comment)
            if user != found["channel__owner_id"]:
                raise exceptions.PermissionDenied("This comment is not yours.")
        if not commenting.remove(row.pk, row.parent_id or row.pk):
            raise Conflict("This comment was removed.")
        return Response(status=status.HTTP_204_NO_CONTENT)


class Approval(APIView):
    @extend_schema(operation_id="approve_comment", tags=["videos"], request=None,
                   responses={204: None, **problems(410)})  # fmt: skip
    def put(self, request: Request, video: uuid.UUID, comment: str) -> Response:
        """Show a comment that waits; for the channel's owner, who refuses one by deleting it."""
        user = allowed(request)
        found, row = _both(request, video, comment)
        if user != found["channel__owner_id"]:
            raise exceptions.PermissionDenied("This channel is not yours.")
        commenting.approve(row.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _both(request: Request, video: uuid.UUID, comment: str) -> tuple[cards.Row, Comment]:
    """A video and its comment, as far as this user may know of it: the channel's owner of all."""
    found, user = video_of(request, video), user_of(request)
    rows = Comment.objects.filter(video=found["pk"])
    if found["channel__owner_id"] != user:
        rows = rows.filter(Q(is_approved=True) | Q(author=user))
    return found, one(rows, pk=number(comment))
