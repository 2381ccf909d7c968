"""Who is who, who follows whom, who asked to, and who blocks whom. One table holds follows in both directions."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now

from plaza.api import records
from plaza.compat import check

USER = settings.AUTH_USER_MODEL


class Person(records.Person):
    """Who a user is, as accounts told."""

    class Meta:
        verbose_name_plural = "people"
        indexes = [
            models.Index(fields=["name"], name="social_person_name"),
            models.Index(fields=["status"], name="social_person_status"),
        ]


class Follow(models.Model):
    follower = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="following")
    followed = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="followers")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="social_follow_once"),
            check(~Q(follower=F("followed")), name="social_follow_not_self"),
        ]
        indexes = [
            models.Index(fields=["followed", "-created_at"], name="social_followers"),
            models.Index(fields=["follower", "-created_at"], name="social_following"),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} follows {self.followed_id}"


class FollowRequest(models.Model):
    """Somebody wants to follow a private profile, which has not decided yet."""

    sender = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    target = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sender", "target"], name="social_request_to_follow_once"),
            check(~Q(sender=F("target")), name="social_request_not_self"),
        ]
        indexes = [models.Index(fields=["target", "-created_at"], name="social_requests_to_follow")]

    def __str__(self) -> str:
        return f"{self.sender_id} asks to follow {self.target_id}"


class Block(models.Model):
    """Neither sees the other any more."""

    blocker = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    blocked = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="social_block_once"),
            check(~Q(blocker=F("blocked")), name="social_block_not_self"),
        ]
        indexes = [models.Index(fields=["blocker", "-created_at"], name="social_blocks")]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"


class ProfileStats(models.Model):
    """What is counted of a user; its row is the lock for whatever he does that has a limit."""

    user = models.OneToOneField(USER, on_delete=models.CASCADE, primary_key=True, related_name="+")
    posts = models.BigIntegerField(default=0)  # those that are not archived
    followers = models.BigIntegerField(default=0)
    following = models.BigIntegerField(default=0)
    published = models.JSONField(null=True, blank=True)  # when, lately: see plaza.social.quotas

    class Meta:
        verbose_name_plural = "stats of profiles"

    def __str__(self) -> str:
        return f"counters of user {self.pk}"
