"""What videos tell by their outbox: whoever subscribes of a video that is new to all, and who is answered of comments.

Subscribers may be many: videos tell themselves to tell of a video, and each time do so to one batch of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from plaza.api import outbox
from plaza.api.retries import whole
from plaza.videos import counters
from plaza.videos.models import Comment, Privacy, Subscription, Video, VideosMessage

APP = "videos"
APPEARED, PUBLISHED, SEEN = "videos.appeared", "videos.published", "videos.seen"
COMMENTED, UNCOMMENTED = "videos.commented", "videos.uncommented"
THREAD, REPLY = "video_comment", "video_reply"
BATCH = 500
HIDDEN = (Privacy.PRIVATE, Privacy.PASSWORD)
"""What is told of these is not shown: not to subscribers who were told before, either."""
State = Video.State


def changed(video: Video, state: str, privacy: str) -> None:
    """A video is in another state, or for others to see, than in the state and privacy that it comes from."""
    if video.state != State.PUBLISHED:
        return
    if video.privacy == Privacy.PUBLIC and (state, privacy) != (State.PUBLISHED, Privacy.PUBLIC):
        outbox.tell(VideosMessage, APPEARED, video=video.pk, after=0)
    was_hidden, is_hidden = privacy in HIDDEN, video.privacy in HIDDEN
    if state == State.PUBLISHED and was_hidden != is_hidden:
        _seen(video.channel.owner_id, [video.public_id], version=video.version, is_seen=not is_hidden)


def deleted(owner: int, videos: Iterable[UUID]) -> None:
    found = list(videos)
    for first in range(0, len(found), BATCH):
        _seen(owner, found[first : first + BATCH], is_deleted=True)


def _seen(owner: int, videos: list[UUID], *, version: int = 0, is_seen: bool = False, is_deleted: bool = False) -> None:
    outbox.tell(
        VideosMessage, SEEN, owner_id=owner, videos=[str(one) for one in videos], version=version, is_seen=is_seen,
        is_deleted=is_deleted,
    )  # fmt: skip


@whole(VideosMessage)
def tell_subscribers(told: Mapping[str, Any]) -> None:
    """The next of them who want to be told, and then the rest by another message; nobody where it is gone by now."""
    video = Video.objects.filter(counters.LISTED, pk=told["video"]).select_related("channel").first()
    if video is None:
        return
    wanted = Subscription.objects.filter(channel=video.channel_id, notify=True, user_id__gt=told["after"])
    users = list(wanted.order_by("user_id").values_list("user_id", flat=True)[:BATCH])
    if users:
        outbox.tell(
            VideosMessage,
            PUBLISHED,
            users=users,
            owner_id=video.channel.owner_id,
            version=video.version,
            **_about(video),
        )
    if len(users) == BATCH:
        outbox.tell(VideosMessage, APPEARED, video=video.pk, after=users[-1])


def commented(comment: Comment) -> None:
    """The channel's owner is told of a thread, also of one that waits for him; its author of a reply that is shown."""
    video = Video.objects.select_related("channel").get(pk=comment.video_id)
    if comment.parent_id is None:
        event = "commented" if comment.is_approved else "waiting"
    elif comment.is_approved:
        event = "replied"
    else:
        return
    outbox.tell(VideosMessage, COMMENTED, event=event, **_who(comment, video), **_about(video))


def uncommented(comment: Comment) -> None:
    """It was removed; in the transaction that does it, and before it is gone."""
    video = Video.objects.select_related("channel").get(pk=comment.video_id)
    outbox.tell(VideosMessage, UNCOMMENTED, **_who(comment, video))


def _who(comment: Comment, video: Video) -> dict[str, Any]:
    root = comment.parent
    return {
        "kind": REPLY if root else THREAD,
        "author_id": comment.author_id,
        "reader_id": root.author_id if root else video.channel.owner_id,
        "video_comment": str(comment.pk),
        "thread": str(root.pk) if root else None,
    }


def _about(video: Video) -> dict[str, Any]:
    return {"video": str(video.public_id), "title": video.title, "channel": video.channel.handle}
