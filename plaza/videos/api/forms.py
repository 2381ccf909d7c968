"""What is sent to videos and answered by it. Answers are made by ``cards``; here is what they look like."""

from __future__ import annotations

import re
from typing import Any

from django.utils.timezone import now
from rest_framework import serializers

from plaza.api.forms import Someone
from plaza.videos.models import WITHOUT_PASSWORD, Category, Comments, Licence, Playlist, Privacy, Upload, Video

HANDLE = re.compile(r"[a-z0-9][a-z0-9_-]{2,59}")
RESERVED = frozenset({"admin", "api", "channel", "channels", "me", "new", "plaza", "search", "subscriptions", "support",
                      "system", "videos"})  # fmt: skip
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
SENT_IN_A_HEADER = re.compile(r"[!-~]([ -~]*[!-~])?")
LONGEST_TITLE = 200
LONGEST_TEXT = 5_000
LONGEST_COMMENT = 10_000


class Sparse(serializers.Serializer):
    """An answer of which ``?fields=`` takes a part: only its id is always there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.required = name == "id"


# -- channels ---------------------------------------------------------------------------------------------------------
class ChannelChange(serializers.Serializer):
    handle = serializers.CharField(max_length=60, help_text="3 to 60 of a-z, 0-9, _ and -, kept in lower case")
    title = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)

    def validate_handle(self, value: str) -> str:
        handle = value.lower()
        if not HANDLE.fullmatch(handle):  # letters of one alphabet: none looks like another's
            raise serializers.ValidationError("Expected 3 to 60 of a-z, 0-9, _ and -, the first a letter or digit.")
        if handle in RESERVED:
            raise serializers.ValidationError("This handle is reserved: choose another.")
        return handle


class ChannelName(serializers.Serializer):
    id = serializers.CharField()
    handle = serializers.CharField()
    title = serializers.CharField()


class ChannelCard(ChannelName):
    description = serializers.CharField()
    banner = serializers.CharField(allow_null=True)
    is_verified = serializers.BooleanField()
    subscribers = serializers.IntegerField()
    videos = serializers.IntegerField(help_text="that everybody finds")
    created_at = serializers.DateTimeField()


class ChannelDetail(ChannelCard):
    owner = Someone()
    is_mine = serializers.BooleanField()
    is_subscribed = serializers.BooleanField()


# -- videos -----------------------------------------------------------------------------------------------------------
class VideoChange(serializers.Serializer):
    title = serializers.CharField(max_length=LONGEST_TITLE)
    description = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    privacy = serializers.ChoiceField(Privacy.choices, required=False)
    category = serializers.ChoiceField(Category.choices, required=False)
    licence = serializers.ChoiceField(Licence.choices, required=False)
    language = serializers.CharField(max_length=12, required=False, allow_blank=True, help_text="such as ko or pt-BR")
    comments_are = serializers.ChoiceField(Comments.choices, required=False)
    publish_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="not before this, once it is processed; null: as soon as it is"
    )

    def validate_language(self, value: str) -> str:
        if value and not LANGUAGE.fullmatch(value):
            raise serializers.ValidationError("Expected a language as BCP 47 has it, such as ko or pt-BR.")
        return value

    def validate_publish_at(self, value: Any) -> Any:
        if value is not None and not 0 <= (value - now()).days < 3_660:
            raise serializers.ValidationError("Expected a moment to come, in ten years at most.")
        return value


class VideoWish(VideoChange):
    privacy = serializers.ChoiceField(WITHOUT_PASSWORD, required=False)
    channel = serializers.CharField(max_length=60, help_text="the handle of one of your channels")


class VideoCard(Sparse):
    id = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(Video.State.choices)
    privacy = serializers.ChoiceField(Privacy.choices)
    category = serializers.ChoiceField(Category.choices)
    duration = serializers.FloatField(allow_null=True, help_text="seconds")
    views = serializers.IntegerField()
    likes = serializers.IntegerField()
    channel = ChannelName()
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)


class VideoChannel(ChannelName):
    subscribers = serializers.IntegerField()
    is_subscribed = serializers.BooleanField()
    owner = Someone()


class VideoDetail(VideoCard):
    description = serializers.CharField()
    licence = serializers.ChoiceField(Licence.choices)
    language = serializers.CharField()
    comments_are = serializers.ChoiceField(Comments.choices)
    dislikes = serializers.IntegerField()
    comments = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    frame_rate = serializers.FloatField(allow_null=True)
    channel = VideoChannel()
    my_rating = serializers.ChoiceField(["like", "dislike", "none"])
    publish_at = serializers.DateTimeField(allow_null=True, help_text="shown to the channel's owner")
    failure = serializers.CharField(help_text="why it failed; shown to the channel's owner")
    size = serializers.IntegerField(help_text="bytes; shown to the channel's owner")


class VideoPassword(serializers.Serializer):
    password = serializers.CharField(
        min_length=6, max_length=100, trim_whitespace=False, write_only=True,
        help_text="of ASCII, for it is sent in a header, with no space at its ends",
    )  # fmt: skip

    def validate_password(self, value: str) -> str:
        if not SENT_IN_A_HEADER.fullmatch(value):
            raise serializers.ValidationError("Expected letters, digits and signs of ASCII, with no space at the ends.")
        return value


class PlaybackToken(serializers.Serializer):
    token = serializers.CharField()
    url = serializers.CharField(help_text="of the file, with the token")
    expires_at = serializers.DateTimeField()


class VideoCaptions(serializers.Serializer):
    language = serializers.CharField(help_text="as BCP 47 has it, such as ko or pt-BR")
    url = serializers.CharField(help_text="of the text, WebVTT")
    size = serializers.IntegerField(help_text="bytes")
    changed_at = serializers.DateTimeField()


class VideoChapter(serializers.Serializer):
    title = serializers.CharField(max_length=100)
    start = serializers.FloatField(min_value=0, max_value=10_000_000, help_text="seconds")

    def validate_start(self, value: float) -> float:
        return round(value, 3)


class VideoChapters(serializers.Serializer):
    chapters = VideoChapter(
        many=True, max_length=100, help_text="the first at 0, each after the one before; [] for none"
    )

    def validate_chapters(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """``context["duration"]`` is the video's, where it is known."""
        length, before = self.context.get("duration"), None
        faults: list[dict[str, str]] = []
        for one in value:
            start, said = one["start"], {}
            if before is None and start != 0:
                said = {"start": "Expected 0: the first chapter begins with the video."}
            elif before is not None and start <= before:
                said = {"start": f"Expected more than {before:g}, where the chapter before it begins."}
            elif length is not None and start and start >= length:
                said = {"start": f"Expected less than {length:g}, where the video ends."}
            faults.append(said)
            before = start
        if any(faults):
            raise serializers.ValidationError(faults)
        return value


class VideoRating(serializers.Serializer):
    rating = serializers.ChoiceField(["like", "dislike", "none"])


class VideoRated(VideoRating):
    likes = serializers.IntegerField()
    dislikes = serializers.IntegerField()


class VideoChoice(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()


class VideoChoices(serializers.Serializer):
    categories = VideoChoice(many=True)
    licences = VideoChoice(many=True)


# -- uploads ----------------------------------------------------------------------------------------------------------
class VideoUploadWish(VideoChange):
    """A new video in a channel, or a draft or failed one that exists."""

    privacy = serializers.ChoiceField(WITHOUT_PASSWORD, required=False)
    title = serializers.CharField(max_length=LONGEST_TITLE, required=False, help_text="else the file's name")
    channel = serializers.CharField(max_length=60, required=False, help_text="for a new video: one of your channels")
    video = serializers.UUIDField(required=False, help_text="instead of a channel: a draft, or one that failed")
    name = serializers.CharField(max_length=255, help_text="of the file")
    size = serializers.IntegerField(min_value=1, max_value=2**53, help_text="bytes")
    type = serializers.CharField(max_length=100, help_text="such as video/mp4")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("video" in attrs) == ("channel" in attrs):
            raise serializers.ValidationError({"channel": "Send either a channel, for a new video, or a video."})
        if "video" in attrs and (told := [name for name in VideoChange().fields if name in attrs]):
            raise serializers.ValidationError(dict.fromkeys(told, "This is the video's own: change the video."))
        if "channel" in attrs and "title" not in attrs and len(attrs["name"]) > LONGEST_TITLE:
            raise serializers.ValidationError(
                {"title": f"Send one: the file's name has over {LONGEST_TITLE} characters."}
            )
        return attrs


class VideoUpload(serializers.Serializer):
    id = serializers.CharField()
    url = serializers.CharField(help_text="where the bytes are sent by PUT")
    state = serializers.ChoiceField(Upload.State.choices)
    received = serializers.IntegerField(help_text="bytes; the next ones begin here")
    size = serializers.IntegerField()
    chunk_least = serializers.IntegerField(help_text="bytes of a chunk that is not the last")
    chunk_most = serializers.IntegerField()
    expires_at = serializers.DateTimeField()
    video = serializers.CharField(help_text="its id")


class VideoQuota(serializers.Serializer):
    limit = serializers.IntegerField(help_text="bytes")
    used = serializers.IntegerField()
    reserved = serializers.IntegerField(help_text="for uploads that are open")


# -- comments ---------------------------------------------------------------------------------------------------------
class VideoCommentText(serializers.Serializer):
    body = serializers.CharField(max_length=LONGEST_COMMENT)


class VideoReply(serializers.Serializer):
    id = serializers.CharField()
    author = Someone()
    body = serializers.CharField()
    is_approved = serializers.BooleanField(allow_null=True, help_text="null: it waits for the channel's owner")
    is_removed = serializers.BooleanField()
    is_mine = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class VideoThread(VideoReply):
    replies = serializers.IntegerField()


# -- watching ---------------------------------------------------------------------------------------------------------
class Heartbeat(serializers.Serializer):
    session_id = serializers.UUIDField(help_text="made by the player for each time that a video is opened")
    position = serializers.FloatField(min_value=0, max_value=10_000_000, help_text="seconds")


class Watched(serializers.Serializer):
    video = VideoCard()
    position = serializers.FloatField(help_text="seconds")
    fraction = serializers.FloatField()
    watched_at = serializers.DateTimeField()


class HistoryPause(serializers.Serializer):
    is_paused = serializers.BooleanField()


# -- subscriptions and playlists --------------------------------------------------------------------------------------
class SubscriptionWish(serializers.Serializer):
    notify = serializers.BooleanField(required=False)


class Subscribed(serializers.Serializer):
    channel = ChannelCard()
    notify = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class PlaylistWish(serializers.Serializer):
    title = serializers.CharField(max_length=150)
    privacy = serializers.ChoiceField(WITHOUT_PASSWORD, required=False)


class PlaylistCard(serializers.Serializer):
    id = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(Playlist.Kind.choices)
    privacy = serializers.ChoiceField(WITHOUT_PASSWORD)
    created_at = serializers.DateTimeField()
    is_mine = serializers.BooleanField()


class PlaylistDetail(PlaylistCard):
    owner = Someone()
    items = serializers.IntegerField()


class PlaylistItemWish(serializers.Serializer):
    video = serializers.UUIDField()
    starts = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=10_000_000)
    stops = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=10_000_000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        starts, stops = attrs.get("starts"), attrs.get("stops")
        if starts is not None and stops is not None and stops <= starts:
            raise serializers.ValidationError({"stops": "Expected a moment after `starts`."})
        return attrs


class PlaylistItem(serializers.Serializer):
    id = serializers.CharField()
    video = VideoCard(allow_null=True, help_text="null for the list's owner where he may not see it any more")
    starts = serializers.FloatField(allow_null=True, help_text="seconds")
    stops = serializers.FloatField(allow_null=True)
    added_at = serializers.DateTimeField()


class PlaylistPlace(serializers.Serializer):
    after = serializers.CharField(allow_null=True, max_length=20, help_text="the item before it; null: it is the first")
