"""Posts: published from media that are ready, read, changed, archived and deleted; and what is liked."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import once, throttles, versions
from plaza.api.addresses import number, number_or_zero, one
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.prepared import prepared
from plaza.api.problems import Conflict, Unprocessable
from plaza.api.schema import problems
from plaza.api.views import IF_MATCH, ONCE, read, user_of
from plaza.social import counters, inbox, naming, quotas, removing, seeing
from plaza.social.api import forms, profiles, showing
from plaza.social.api.following import atomic, writer
from plaza.social.models import (
    Image,
    Liking,
    Location,
    Movie,
    Post,
    PostStats,
    ProfileStats,
    SocialRequest,
    Upload,
)  # fmt: skip

QUOTA = 50  # in 24 hours
MEDIA = re.compile(r"(image|movie)-([1-9][0-9]{0,17})")
MODELS: dict[str, type[Image] | type[Movie]] = {"image": Image, "movie": Movie}


def seen(rows: QuerySet[Post], text: str) -> Post:
    """A post that one may see, by its number as addresses have it."""
    return one(rows, pk=number(text))


def locked(request: Request, text: str, me: int) -> Post:
    """A post that one may see, with its counters locked."""
    post = seen(seeing.posts(me), text)
    if counters.lock_post(post.pk) is None:
        raise exceptions.NotFound
    return post


def own(text: str, me: int) -> Post:
    """One's own post with its and one's counters locked; another's is not there, or not one's to change.

    :raises PermissionDenied: one may see it, and it is another's
    """
    post = seen(seeing.posts(me), text)
    if post.author_id != me:
        raise exceptions.PermissionDenied("This post is not yours.")
    counters.lock_people(me)
    if counters.lock_post(post.pk) is None:
        raise exceptions.NotFound
    post.refresh_from_db()
    return post


def page_of_posts(rows: QuerySet[Post], request: Request, order: tuple[str, ...] = ("-created_at", "-id")) -> Response:
    """A page of posts. Which they are is asked of their table alone, in its index's order, and then what is shown of
    them: joined with a small table, MySQL would sort all posts there are."""
    me = user_of(request)

    def show(page: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        numbers = [row["id"] for row in page]
        found = {row["id"]: row for row in showing.post_rows(Post.objects.filter(pk__in=numbers), me)}
        return showing.posts([found[number] for number in numbers if number in found])

    return paged(request, rows.values("id", "created_at"), show, order)


def version(row: dict[str, Any]) -> str:
    """Of what its author can change: likes do not make his change stale."""
    names = ("id", "body", "location_id", "comments_open", "is_archived", "edited_at")
    return versions.etag("post", *(row[name] for name in names))


def answered(pk: int, me: int, status_: int = 200) -> Response:
    row = showing.post_rows(Post.objects.filter(pk=pk), me).get()
    (data,) = showing.posts([row])
    return Response(data, status=status_, headers={"ETag": versions.whole(version(row), data)})


class Posts(APIView):
    @extend_schema(operation_id="publish_post", tags=["social"], request=forms.NewPost, parameters=[ONCE],
                   responses={201: forms.PostAnswer, **problems(410)})  # fmt: skip
    @once.once(SocialRequest)
    def post(self, request: Request) -> Response:
        """Publish 1 to 10 pictures and movies that are ready; each can be in one post or story."""
        data = read(forms.NewPost, request)
        named = naming.named(data["body"])
        me = writer(request, *named)
        location = place(data["location"])
        media = [media_named(name, me) for name in data["media"]]
        quotas.spend(counters.lock_people(me)[me], "posts", QUOTA)
        post = Post.objects.create(
            author_id=me, location=location, body=data["body"], comments_open=data["comments_open"]
        )
        PostStats.objects.create(post=post)
        for position, (kind, pk) in enumerate(media):
            self._claim(MODELS[kind], pk, me, post, position)
        counters.add(ProfileStats, me, posts=1)
        naming.tag(post)
        naming.tell(named, me, post, key=inbox.mention_of(post.pk))
        return answered(post.pk, me, status.HTTP_201_CREATED)

    def _claim(self, model: type[Image] | type[Movie], pk: int, me: int, post: Post, position: int) -> None:
        """By one statement that names its own columns alone: of two posts one has it."""
        free = model._default_manager.filter(pk=pk, owner_id=me, post=None)
        if not free.update(post=post, position=position):
            raise Conflict(f"Media {position + 1} is in a post or a story already, or was deleted: upload it again.")


def media_named(name: str, me: int) -> tuple[str, int]:
    """("image", 1) for one's own media image-1, or by the id of its upload.

    :raises ValidationError: one has no such thing
    :raises Unprocessable: it is not ready
    """
    if said := MEDIA.fullmatch(name):
        kind, pk = said[1], int(said[2])
        if MODELS[kind]._default_manager.filter(pk=pk, owner_id=me).exists():
            return kind, pk
    else:
        upload = Upload.objects.filter(public_id=name, owner_id=me).first() if is_uuid(name) else None
        if upload is not None:
            if upload.state != Upload.State.READY:
                raise Unprocessable(f"The upload {name} is {upload.state}: wait until it is ready.")
            return upload.kind, int(upload.media.partition("-")[2])
    raise exceptions.ValidationError({"media": f"You have no media {name!r}."})


def is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def place(text: str | None) -> Location | None:
    found = Location.objects.filter(pk=number_or_zero(text)).first() if text else None
    if text is not None and found is None:
        raise exceptions.ValidationError({"location": "There is no such location: make it first."})
    return found


@prepared
def _one(me: int, post: int) -> QuerySet[Any, dict[str, Any]]:
    return showing.post_rows(seeing.posts(me).filter(pk=post), me)


class OnePost(APIView):
    @extend_schema(operation_id="get_post", tags=["social"], responses={200: forms.PostAnswer})
    def get(self, request: Request, post: str) -> Response:
        """A post. Its ETag is good for If-Match as long as its author does not change it."""
        me = user_of(request)
        rows = _one(me, number(post))
        if not rows:
            raise exceptions.NotFound
        (row,), (data,) = rows, showing.posts(rows)
        return versions.answer(request, data, versions.whole(version(row), data))

    @extend_schema(operation_id="change_post", tags=["social"], request=forms.PostChange, parameters=[IF_MATCH],
                   responses={200: forms.PostAnswer, **problems(410)})  # fmt: skip
    def patch(self, request: Request, post: str) -> Response:
        """Change what a post says, where it is, and whether it can be commented on."""
        data = read(forms.PostChange, request)
        named = naming.named(data.get("body", ""))
        with atomic():
            me = writer(request, *named)
            if "location" in data:
                data["location"] = place(data["location"])
            found = own(post, me)
            versions.require(request, version(vars(found)))
            self._change(found, data, named)
        return answered(found.pk, me)

    def _change(self, post: Post, data: dict[str, Any], named: list[int]) -> None:
        if data.get("body", post.body) != post.body:
            known = set(naming.mentioned(naming.named(post.body), post))
            post.edited_at = now()
            post.body = data["body"]
            naming.tag(post)
            naming.tell(named, post.author_id, post, key=inbox.mention_of(post.pk), known=known)
        for name in ("location", "comments_open"):
            if name in data:
                setattr(post, name, data[name])
        post.save(update_fields=["body", "edited_at", "location", "comments_open"])

    @extend_schema(operation_id="delete_post", tags=["social"], responses={204: None, **problems(410)})
    def delete(self, request: Request, post: str) -> Response:
        """Delete a post with its comments, likes and files; one that is gone already is a 404."""
        with atomic():
            me = writer(request)
            removing.remove_post(own(post, me))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Archive(APIView):
    @extend_schema(operation_id="archive_post", tags=["social"], request=None, responses={204: None, **problems(410)})
    def put(self, request: Request, post: str) -> Response:
        """Hide a post from everybody else; doing it again changes nothing."""
        return self._set(request, post, is_archived=True)

    @extend_schema(operation_id="unarchive_post", tags=["social"], responses={204: None, **problems(410)})
    def delete(self, request: Request, post: str) -> Response:
        """Show a post again."""
        return self._set(request, post, is_archived=False)

    def _set(self, request: Request, post: str, *, is_archived: bool) -> Response:
        with atomic():
            me = writer(request)
            found = own(post, me)
            if Post.objects.filter(pk=found.pk).exclude(is_archived=is_archived).update(is_archived=is_archived):
                counters.add(ProfileStats, me, posts=-1 if is_archived else 1)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Archived(APIView):
    @extend_schema(operation_id="list_archived_posts", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.PostAnswer)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """One's own archived posts, the latest first."""
        return page_of_posts(Post.objects.filter(author_id=user_of(request), is_archived=True), request)


class PostsOfProfile(APIView):
    @extend_schema(operation_id="list_posts_of_profile", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.PostAnswer), **problems(410)})  # fmt: skip
    def get(self, request: Request, profile: uuid.UUID) -> Response:
        """What a profile posted, the latest first; of a private one its followers see it."""
        author = profiles.readable(profile, user_of(request))
        return page_of_posts(Post.objects.filter(author_id=author.pk, is_archived=False), request)


class Like(APIView):
    @extend_schema(operation_id="like_post", tags=["social"], request=None, responses={204: None, **problems(410)})
    def put(self, request: Request, post: str) -> Response:
        """Like a post, up to 500 in a day; doing it again changes nothing, and is not counted."""
        with atomic():
            me = writer(request)
            found = seen(seeing.posts(me), post)
            if not Liking.objects.filter(post_id=found.pk, user_id=me).exists():
                throttles.spend(request, "like")  # before the post is locked: nobody else who likes it waits for this
            if counters.lock_post(found.pk) is None:
                raise exceptions.NotFound
            _, is_new = Liking.objects.get_or_create(post_id=found.pk, user_id=me)
            if is_new:
                counters.add(PostStats, found.pk, likes=1)
                inbox.tell(found.author_id, inbox.Kind.LIKE, inbox.like_of(found.pk), me, post=found.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(operation_id="unlike_post", tags=["social"], responses={204: None, **problems(410)})
    def delete(self, request: Request, post: str) -> Response:
        """Take a like back, also of a post that one may not see any more; doing it again changes nothing."""
        with atomic():
            me = writer(request)
            liked = Liking.objects.filter(post_id=number(post), user_id=me).exists()
            found = Post.objects.get(pk=number(post)) if liked else seen(seeing.posts(me), post)
            if counters.lock_post(found.pk) is None:
                raise exceptions.NotFound
            removing.unlike(found.pk, found.author_id, me)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Likes(APIView):
    @extend_schema(operation_id="list_likes", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.LikeAnswer)})  # fmt: skip
    def get(self, request: Request, post: str) -> Response:
        """Who likes a post, the latest first."""
        me = user_of(request)
        rows = Liking.objects.filter(post_id=seen(seeing.posts(me), post).pk)
        return paged(request, seeing.unseen(rows, me, "user_id").values("id", "user_id", "created_at"), showing.likes)
