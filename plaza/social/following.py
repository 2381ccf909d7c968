"""Follows and requests to follow. Whoever changes one holds the counters of both users: see plaza.social.models."""

from __future__ import annotations

from django.db import router, transaction

from plaza.api import locks
from plaza.social import counters, inbox
from plaza.social.models import Follow, FollowRequest, Notification, Person, ProfileStats

CAP = 7500  # that one user follows


def begin(follower: int, followed: int) -> bool:
    """Whether the follow is new; what was asked before is settled by it. Both must be locked."""
    FollowRequest.objects.filter(sender_id=follower, target_id=followed).delete()
    _forget_request(follower, followed)
    if Follow.objects.filter(follower_id=follower, followed_id=followed).exists():
        return False
    Follow.objects.create(follower_id=follower, followed_id=followed)
    counters.add(ProfileStats, follower, following=1)
    counters.add(ProfileStats, followed, followers=1)
    inbox.tell(followed, inbox.Kind.FOLLOW, inbox.follow_by(follower), follower)
    return True


def end(follower: int, followed: int) -> bool:
    """Whether there was a follow; a request goes as well. Both must be locked."""
    FollowRequest.objects.filter(sender_id=follower, target_id=followed).delete()
    _forget_request(follower, followed)
    gone, _ = Follow.objects.filter(follower_id=follower, followed_id=followed).delete()
    if gone:
        counters.add(ProfileStats, follower, following=-1)
        counters.add(ProfileStats, followed, followers=-1)
        Notification.objects.filter(user_id=followed, key=inbox.follow_by(follower)).delete()
    return bool(gone)


def ask(sender: int, target: int) -> None:
    """Ask a private profile; a second time changes nothing. Both must be locked."""
    _, is_new = FollowRequest.objects.get_or_create(sender_id=sender, target_id=target)
    if is_new:
        inbox.tell(target, inbox.Kind.REQUEST, inbox.request_by(sender), sender)


def refuse(sender: int, target: int) -> bool:
    _forget_request(sender, target)
    return bool(FollowRequest.objects.filter(sender_id=sender, target_id=target).delete()[0])


def open_up(user: int) -> None:
    """A profile is not private any more: whoever asked follows it, unless he is blocked or gone.

    Whoever asks holds the profile's row, so that nobody asks any more once it is told that it is open.
    """
    using = router.db_for_write(Follow)
    requests = FollowRequest.objects.filter(target_id=user)
    for sender in list(requests.order_by("pk").values_list("sender_id", flat=True)):
        with transaction.atomic(using=using):
            found = locks.held(Person, [sender, user])
            stats = counters.lock_people(sender, user)
            is_open = all(one.status == Person.Status.VALID for one in found.values()) and not found[user].is_private
            if is_open and requests.filter(sender_id=sender).exists() and stats[sender].following < CAP:
                begin(sender, user)


def _forget_request(sender: int, target: int) -> None:
    Notification.objects.filter(user_id=target, key=inbox.request_by(sender)).delete()
