"""Everything of videos that is somebody's own or private, and how somebody else would ask for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from django.utils.timezone import now
from rest_framework_simplejwt.tokens import AccessToken

from plaza.tests.conftest import Client
from plaza.videos.models import Channel, ChannelStats, Comment, Playlist, PlaylistItem, Upload, Video, VideoStats

Asked = tuple[str, str, Any]


class Own(NamedTuple):
    """What the owner has; all of it private where it can be."""

    channel: Channel
    video: Video
    listed: Video
    upload: Upload
    comment: Comment
    waiting: Comment
    playlist: Playlist
    item: PlaylistItem


def own(client: Client) -> Own:
    """Made for the user of this client."""
    user = int(AccessToken(client.tokens["access"])["user_id"])
    channel = Channel.objects.create(owner_id=user, handle=f"own-{user}", title="own")
    ChannelStats.objects.create(channel=channel)
    ready = {"state": "published", "published_at": now(), "file": "videos/x.mp4", "channel": channel}
    video = Video.objects.create(title="private", privacy="private", **ready)
    listed = Video.objects.create(title="public", **ready)
    for one in (video, listed):
        VideoStats.objects.create(video=one)
    upload = Upload.objects.create(
        user_id=user, video=video, name="x", content_type="video/mp4", size=9_999, expires_at=now() + timedelta(days=1)
    )
    comment = Comment.objects.create(video=video, author_id=user, body="x", is_approved=True)
    waiting = Comment.objects.create(video=listed, author_id=user, body="x", is_approved=None)
    playlist = Playlist.objects.create(owner_id=user, title="own")
    item = PlaylistItem.objects.create(playlist=playlist, video=listed, position=1_024)
    return Own(channel, video, listed, upload, comment, waiting, playlist, item)


def at(method: str, path: Callable[[Own], str], body: Callable[[Own], Any] | Any = None) -> Callable[[Client], Asked]:
    def make(owner: Client) -> Asked:
        has = own(owner)
        return method, f"/api/{path(has)}", body(has) if callable(body) else body

    return make


PRIVATE: list[tuple[str, Callable[[Client], Asked]]] = [
    ("a channel is changed", at("PATCH", lambda o: f"channels/{o.channel.handle}", {"title": "x"})),
    ("a channel is deleted", at("DELETE", lambda o: f"channels/{o.channel.handle}")),
    ("a banner is put", at("PUT", lambda o: f"channels/{o.channel.handle}/banner", {})),
    ("a banner is deleted", at("DELETE", lambda o: f"channels/{o.channel.handle}/banner")),
    ("a draft is made in a channel", at("POST", lambda _: "videos", lambda o: {
        "channel": o.channel.handle, "title": "x"})),
    ("a private video is read", at("GET", lambda o: f"videos/{o.video.public_id}")),
    ("a private video is changed", at("PATCH", lambda o: f"videos/{o.video.public_id}", {"title": "x"})),
    ("a private video is deleted", at("DELETE", lambda o: f"videos/{o.video.public_id}")),
    ("a video is changed", at("PATCH", lambda o: f"videos/{o.listed.public_id}", {"title": "x"})),
    ("a video is deleted", at("DELETE", lambda o: f"videos/{o.listed.public_id}")),
    ("a private video is played", at("GET", lambda o: f"videos/{o.video.public_id}/file")),
    ("captions of a private video are listed", at("GET", lambda o: f"videos/{o.video.public_id}/captions")),
    ("captions of a private video are read", at("GET", lambda o: f"videos/{o.video.public_id}/captions/en")),
    ("captions are put", at("PUT", lambda o: f"videos/{o.listed.public_id}/captions/en", {})),
    ("captions are deleted", at("DELETE", lambda o: f"videos/{o.listed.public_id}/captions/en")),
    ("chapters of a private video are read", at("GET", lambda o: f"videos/{o.video.public_id}/chapters")),
    ("chapters are put", at("PUT", lambda o: f"videos/{o.listed.public_id}/chapters", {"chapters": []})),
    ("a password is put", at("PUT", lambda o: f"videos/{o.listed.public_id}/password", {"password": "open sesame"})),
    ("a token is asked for", at("POST", lambda o: f"videos/{o.video.public_id}/token")),
    ("a private video is watched", at("POST", lambda o: f"videos/{o.video.public_id}/views",
                                      {"session_id": "0" * 32, "position": 1})),
    ("a private video is rated", at("PUT", lambda o: f"videos/{o.video.public_id}/rating", {"rating": "like"})),
    ("comments of a private video are read", at("GET", lambda o: f"videos/{o.video.public_id}/comments")),
    ("a private video is commented", at("POST", lambda o: f"videos/{o.video.public_id}/comments", {"body": "x"})),
    ("replies are read", at("GET", lambda o: f"videos/{o.video.public_id}/comments/{o.comment.pk}/replies")),
    ("a reply is written", at("POST", lambda o: f"videos/{o.video.public_id}/comments/{o.comment.pk}/replies",
                              {"body": "x"})),
    ("replies of a waiting comment are read",
     at("GET", lambda o: f"videos/{o.listed.public_id}/comments/{o.waiting.pk}/replies")),
    ("a comment is deleted", at("DELETE", lambda o: f"videos/{o.video.public_id}/comments/{o.comment.pk}")),
    ("a waiting comment is deleted", at("DELETE", lambda o: f"videos/{o.listed.public_id}/comments/{o.waiting.pk}")),
    ("a waiting comment is approved",
     at("PUT", lambda o: f"videos/{o.listed.public_id}/comments/{o.waiting.pk}/approval")),
    ("what waits is read", at("GET", lambda o: f"videos/{o.listed.public_id}/comments?waiting=1")),
    ("an upload is begun for a video", at("POST", lambda _: "videos/uploads", lambda o: {
        "video": str(o.video.public_id), "name": "x", "size": 9, "type": "video/mp4"})),
    ("an upload is read", at("GET", lambda o: f"videos/uploads/{o.upload.public_id}")),
    ("a chunk is sent", at("PUT", lambda o: f"videos/uploads/{o.upload.public_id}", {})),
    ("an upload is given up", at("DELETE", lambda o: f"videos/uploads/{o.upload.public_id}")),
    ("a private list is read", at("GET", lambda o: f"playlists/{o.playlist.public_id}")),
    ("a private list is changed", at("PATCH", lambda o: f"playlists/{o.playlist.public_id}", {"title": "x"})),
    ("a private list is deleted", at("DELETE", lambda o: f"playlists/{o.playlist.public_id}")),
    ("items are read", at("GET", lambda o: f"playlists/{o.playlist.public_id}/items")),
    ("an item is added", at("POST", lambda o: f"playlists/{o.playlist.public_id}/items", lambda o: {
        "video": str(o.listed.public_id)})),
    ("an item is removed", at("DELETE", lambda o: f"playlists/{o.playlist.public_id}/items/{o.item.pk}")),
    ("an item is moved", at("PUT", lambda o: f"playlists/{o.playlist.public_id}/items/{o.item.pk}/position",
                            {"after": None})),
]  # fmt: skip
"""(what is tried, what makes it for its owner and says how it is asked for); the others are about oneself:"""

MINE = [
    "me/channels", "me/videos", "me/quota", "me/subscriptions", "me/subscriptions/videos", "me/playlists",
    "me/playlists/later", "me/history", "me/history/pause",
    *(f"{path}?ids=00000000-0000-4000-8000-000000000000" for path in
      ("me/ratings", "me/subscriptions/exist", "playlists/exists")),
]  # fmt: skip
"""Read by everybody for himself, and by nobody for another: 401 without a token."""
