"""Comments: first-level ones of a post, and replies to these."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import once, people
from plaza.api.addresses import number, number_or_zero, one
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.problems import Conflict
from plaza.api.schema import problems
from plaza.api.views import ONCE, read, user_of
from plaza.social import counters, inbox, naming, removing, seeing
from plaza.social.api import forms, showing
from plaza.social.api.following import atomic, writer
from plaza.social.api.posts import locked, seen
from plaza.social.models import Comment, Person, Post, PostStats, SocialRequest

COMMENT = ("id", "post_id", "parent_id", "author_id", "body", "is_removed", "created_at", "answers")


def rows(comments: QuerySet[Comment], me: int) -> QuerySet[Any, dict[str, Any]]:
    """What is shown of comments, with how many replies each has that one sees."""
    replies = seeing.unseen(Comment.objects.filter(parent_id=OuterRef("pk"), is_removed=False), me, "author_id")
    counted = replies.order_by().values("parent_id").annotate(n=Count("pk")).values("n")
    return comments.annotate(answers=Coalesce(Subquery(counted, IntegerField()), Value(0))).values(*COMMENT)


class Comments(APIView):
    @extend_schema(operation_id="list_comments", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.CommentAnswer)})  # fmt: skip
    def get(self, request: Request, post: str) -> Response:
        """First-level comments of a post, the latest first. One that was removed stays while somebody replied."""
        me = user_of(request)
        of_post = Comment.objects.filter(post_id=seen(seeing.posts(me), post).pk, parent=None)
        replied = Exists(Comment.objects.filter(parent_id=OuterRef("pk"), is_removed=False))
        there = seeing.unseen(of_post.filter(is_removed=False), me, "author_id")
        empty = of_post.filter(replied, is_removed=True)
        return paged(request, rows(of_post.filter(Q(pk__in=there.values("pk")) | Q(pk__in=empty.values("pk"))), me),
                     showing.comments)  # fmt: skip

    @extend_schema(operation_id="comment", tags=["social"], request=forms.NewComment, parameters=[ONCE],
                   responses={201: forms.CommentAnswer, **problems(410)})  # fmt: skip
    @once.once(SocialRequest)
    def post(self, request: Request, post: str) -> Response:
        """Comment on a post, or reply to a first-level comment of it; who is named is told."""
        data = read(forms.NewComment, request)
        named = naming.named(data["body"])
        me = writer(request, *named)
        found = locked(request, post, me)
        found.refresh_from_db(fields=["comments_open"])  # under the lock
        if not found.comments_open and found.author_id != me:
            raise exceptions.PermissionDenied("Comments of this post are closed.")
        parent = self._parent(data["parent"], found, me)
        comment = Comment.objects.create(post=found, author_id=me, parent=parent, body=data["body"])
        counters.add(PostStats, found.pk, comments=1)
        self._tell(comment, parent, found, named)
        row = rows(Comment.objects.filter(pk=comment.pk), me).get()
        return Response(showing.comments([row])[0], status=status.HTTP_201_CREATED)

    def _parent(self, text: str | None, post: Post, me: int) -> Comment | None:
        if text is None:
            return None
        of_post = Comment.objects.filter(post=post)
        parent = seeing.unseen(of_post.filter(pk=number_or_zero(text)), me, "author_id").first()
        if parent is None:
            raise exceptions.ValidationError({"parent": "This post has no such comment."})
        if parent.parent_id is not None:
            raise exceptions.ValidationError({"parent": "This is a reply: reply to the comment that it belongs to."})
        if parent.is_removed:
            raise Conflict("The comment was deleted.")
        return parent

    def _tell(self, comment: Comment, parent: Comment | None, post: Post, named: list[int]) -> None:
        me, known = comment.author_id, {comment.author_id, post.author_id}
        inbox.tell(post.author_id, inbox.Kind.COMMENT, inbox.comments_of(post.pk), me, post=post.pk,
                   comment=comment.pk)  # fmt: skip
        if parent is not None:
            known.add(parent.author_id)
            inbox.tell(parent.author_id, inbox.Kind.REPLY, inbox.replies_to(parent.pk), me, post=post.pk,
                       comment=comment.pk)  # fmt: skip
        naming.tell(named, me, post, key=inbox.mention_in(comment.pk), comment=comment.pk, known=known)


def seen_comment(text: str, me: int) -> Comment:
    """A comment of a post that one may see, of somebody whom one sees."""
    rows = Comment.objects.filter(pk=number(text))
    found = one(rows)
    if not found.is_removed and not seeing.unseen(rows, me, "author_id").exists():
        raise exceptions.NotFound
    if not seeing.posts(me).filter(pk=found.post_id).exists():
        raise exceptions.NotFound
    return found


class Replies(APIView):
    @extend_schema(operation_id="list_replies", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.CommentAnswer)})  # fmt: skip
    def get(self, request: Request, comment: str) -> Response:
        """Replies to a comment, the earliest first."""
        me = user_of(request)
        replies = Comment.objects.filter(parent=seen_comment(comment, me), is_removed=False)
        return paged(request, rows(seeing.unseen(replies, me, "author_id"), me), showing.comments,
                     order=("created_at", "id"))  # fmt: skip


class OneComment(APIView):
    @extend_schema(operation_id="delete_comment", tags=["social"], responses={204: None, **problems(410)})
    def delete(self, request: Request, comment: str) -> Response:
        """Delete a comment of one's own, or any of one's own post; replies to it stay."""
        me = people.allowed(Person, request)
        found = Comment.objects.filter(pk=number(comment)).first()
        if found is None or (found.author_id != me and not seeing.posts(me).filter(pk=found.post_id).exists()):
            raise exceptions.NotFound
        owner = Post.objects.values_list("author_id", flat=True).get(pk=found.post_id)
        if me not in (found.author_id, owner):
            raise exceptions.PermissionDenied("Neither this comment nor its post is yours.")
        with atomic():
            if counters.lock_post(found.post_id) is not None:
                removing.remove_comment(found, owner)
        return Response(status=status.HTTP_204_NO_CONTENT)
