"""What is sent to social and answered by it.

Answers are dicts that ``showing`` builds, for a page of them must be quick; the forms of answers say to OpenAPI what
is in them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.drainage import set_override
from rest_framework import serializers

from plaza.api.forms import Someone
from plaza.social import inbox, texts
from plaza.social.models import Notification, Upload

CAPTION = 2200  # characters
MOST_MEDIA = 10


class Form(serializers.Serializer):
    """Named after social in OpenAPI, for videos have comments and uploads as well."""

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        set_override(cls, "component_name", f"Social{cls.__name__.removesuffix('Answer')}")


# -- answers ----------------------------------------------------------------------------------------------------------


class Relationship(Form):
    """Of oneself to another profile."""

    id = serializers.CharField()
    following = serializers.BooleanField()
    requested = serializers.BooleanField(help_text="one asked to follow, and there is no answer yet")
    followed_by = serializers.BooleanField()
    blocking = serializers.BooleanField()


class ProfileAnswer(Someone, Form):
    is_private = serializers.BooleanField()
    posts = serializers.IntegerField()
    followers = serializers.IntegerField()
    following = serializers.IntegerField()
    relationship = Relationship(allow_null=True, help_text="null for oneself")


class FollowRequestAnswer(Form):
    id = serializers.CharField()
    sender = Someone()
    created_at = serializers.DateTimeField()


class Place(Form):
    id = serializers.CharField()
    name = serializers.CharField()


class LocationAnswer(Place):
    provider = serializers.CharField()
    external_id = serializers.CharField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()


class MediaAnswer(Form):
    id = serializers.CharField()
    kind = serializers.ChoiceField(["image", "movie"])
    url = serializers.CharField(help_text="good for one to two days")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    alt_text = serializers.CharField(allow_blank=True)
    duration = serializers.FloatField(allow_null=True, help_text="seconds")


class PostAnswer(Form):
    id = serializers.CharField()
    author = Someone()
    body = serializers.CharField(allow_blank=True)
    media = MediaAnswer(many=True)
    tags = serializers.ListField(child=serializers.CharField())
    location = Place(allow_null=True)
    likes = serializers.IntegerField()
    comments = serializers.IntegerField()
    liked = serializers.BooleanField(help_text="by oneself")
    comments_open = serializers.BooleanField()
    is_archived = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)


class LikeAnswer(Someone, Form):
    created_at = serializers.DateTimeField()


class CommentAnswer(Form):
    id = serializers.CharField()
    post = serializers.CharField()
    parent = serializers.CharField(allow_null=True)
    author = Someone()
    body = serializers.CharField(allow_blank=True)
    is_removed = serializers.BooleanField()
    replies = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class StoryAnswer(Form):
    id = serializers.CharField()
    author = Someone()
    kind = serializers.ChoiceField(["image", "movie"])
    url = serializers.CharField(help_text="good until the story is over")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    duration = serializers.FloatField(allow_null=True, help_text="seconds")
    caption = serializers.CharField(allow_blank=True)
    seen = serializers.BooleanField(help_text="by oneself")
    views = serializers.IntegerField(allow_null=True, help_text="for its author alone")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class TrayAnswer(Form):
    author = Someone()
    stories = serializers.IntegerField()
    unseen = serializers.IntegerField()
    latest_at = serializers.DateTimeField()


class ViewerAnswer(Someone, Form):
    seen_at = serializers.DateTimeField()


class UploadAnswer(Form):
    id = serializers.CharField()
    kind = serializers.ChoiceField(Upload.Kind.choices)
    state = serializers.ChoiceField(Upload.State.choices)
    put = serializers.CharField(allow_null=True, help_text="where to PUT the bytes, while they are waited for")
    media = serializers.CharField(allow_null=True, help_text="for a post or a story, once it is ready")
    error = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class NotificationAbout(Form):
    """What bookings, videos or accounts tell: their own ids, and enough to show a line of it."""

    event = serializers.ChoiceField(inbox.EVENTS)
    booking = serializers.CharField(allow_null=True)
    state = serializers.CharField(allow_null=True, help_text="of the booking")
    restaurant = serializers.CharField(allow_null=True)
    restaurant_name = serializers.CharField(allow_null=True)
    starts_at = serializers.DateTimeField(allow_null=True)
    party_size = serializers.IntegerField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True, help_text="when an offer of the waiting list ends")
    video = serializers.CharField(allow_null=True)
    title = serializers.CharField(allow_null=True, help_text="of the video")
    channel = serializers.CharField(allow_null=True, help_text="its handle")
    thread = serializers.CharField(allow_null=True, help_text="the comment of the video that was replied to")
    video_comment = serializers.CharField(allow_null=True)


class NotificationAnswer(Form):
    id = serializers.CharField()
    kind = serializers.ChoiceField(Notification.Kind.choices)
    actor = Someone(allow_null=True, help_text="the last one; none where the service itself tells of something")
    amount = serializers.IntegerField(help_text="how many likes, comments or replies it stands for")
    post = serializers.CharField(allow_null=True)
    comment = serializers.CharField(allow_null=True)
    about = NotificationAbout(allow_null=True, help_text="of another app than social; none in what social tells")
    is_read = serializers.BooleanField()
    updated_at = serializers.DateTimeField()


class MarkerAnswer(Form):
    read_until = serializers.DateTimeField(allow_null=True)
    version = serializers.CharField()


# -- what is sent -----------------------------------------------------------------------------------------------------


def of_few_names(text: str) -> str:
    """A text that names no more than may be named."""
    if len(texts.mentions(text)) > texts.MOST_MENTIONS:
        raise serializers.ValidationError(f"At most {texts.MOST_MENTIONS} people can be mentioned.")
    if len(texts.tags(text)) > texts.MOST_TAGS:
        raise serializers.ValidationError(f"At most {texts.MOST_TAGS} hashtags are taken.")
    return text


class NewUpload(Form):
    kind = serializers.ChoiceField(Upload.Kind.choices)
    size_bytes = serializers.IntegerField(min_value=1, max_value=2**40)
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z", required=False, help_text="of the bytes, in hexadecimal")
    alt_text = serializers.CharField(max_length=300, required=False, allow_blank=True)


class NewPost(Form):
    media = serializers.ListField(
        child=serializers.CharField(max_length=40), min_length=1, max_length=MOST_MEDIA,
        help_text="of uploads that are ready, in the order in which they are shown",
    )  # fmt: skip
    body = serializers.CharField(max_length=CAPTION, required=False, allow_blank=True, default="")
    location = serializers.CharField(max_length=20, required=False, allow_null=True, default=None)
    comments_open = serializers.BooleanField(required=False, default=True)

    def validate_media(self, value: list[str]) -> list[str]:
        if len(set(value)) < len(value):
            raise serializers.ValidationError("Each can be shown once.")
        return value

    def validate_body(self, value: str) -> str:
        return of_few_names(value)


class PostChange(Form):
    body = serializers.CharField(max_length=CAPTION, required=False, allow_blank=True)
    location = serializers.CharField(max_length=20, required=False, allow_null=True)
    comments_open = serializers.BooleanField(required=False)

    def validate_body(self, value: str) -> str:
        return of_few_names(value)


class NewComment(Form):
    body = serializers.CharField(max_length=CAPTION)
    parent = serializers.CharField(max_length=20, required=False, allow_null=True, default=None)

    def validate_body(self, value: str) -> str:
        return of_few_names(value)


class NewLocation(Form):
    provider = serializers.RegexField(r"^[a-z0-9_.-]{1,20}\Z")
    external_id = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=200)
    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)


class NewStory(Form):
    media = serializers.CharField(max_length=40, help_text="of an upload that is ready")
    caption = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class MarkerChange(Form):
    read_until = serializers.DateTimeField()
    version = serializers.RegexField(r"^[0-9]{1,18}\Z", help_text="as it was read")

    def validate_read_until(self, value: Any) -> datetime:
        """A moment that every database can keep."""
        if not datetime(2000, 1, 1, tzinfo=UTC) <= value <= datetime(2100, 1, 1, tzinfo=UTC):
            raise serializers.ValidationError("Expected a moment of this century.")
        return value
