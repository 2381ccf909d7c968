"""What other apps tell users by their outboxes, each message once in the inbox of each reader.

A message may come twice, late, or after a newer one: each says the newest state with its version, and one that is not
newer than what is there changes nothing. Nothing is written for whoever is deleted, or whom social does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, router, transaction
from django.db.models import Q
from django.utils.timezone import now

from plaza.api import locks
from plaza.api.retries import whole
from plaza.social.inbox import ABOUT
from plaza.social.models import Block, Notification, Person, Withdrawn

Kind = Notification.Kind
OF_GUEST = ("reserved", "declined", "cancelled", "moved", "offered", "closed")
OF_OWNER = ("requested", "reserved", "cancelled", "moved")
BATCH = 500
FINAL = 2**40  # the version of what comes back no more


@whole(Notification)
def booking(told: Mapping[str, Any]) -> None:
    """Its guest learns what others do with it, and the owner of the restaurant what others than he do."""
    by, event, guest, owner = told["by"], told["event"], told["guest_id"], told["owner_id"]
    known = alive([guest, owner])
    was_heard_of = event != "cancelled" or told["was"] != "held"  # a hold is nothing to its restaurant
    readers = {(guest, Kind.BOOKING): event in OF_GUEST, (owner, Kind.GUEST): event in OF_OWNER and was_heard_of}
    for (reader, kind), concerns in readers.items():
        raises = concerns and by != reader
        is_later = told["revision"] > 1 and event in (*OF_GUEST, *OF_OWNER)  # than what else may be told of it
        if reader in known and (raises or is_later):
            state(reader, kind, f"{kind}:{told['booking']}", told["revision"], told, raises=raises)


@whole(Notification)
def password(told: Mapping[str, Any]) -> None:
    """His password was changed: he may not have done it."""
    user = told["user_id"]
    if user in alive([user]):
        state(user, Kind.ACCOUNT, "account:password", told["version"], {"event": "password_changed"})


@whole(Notification)
def published(told: Mapping[str, Any]) -> None:
    """A batch of a channel's subscribers learn of a video, each once, unless it was withdrawn since."""
    owner, users, subject = told["owner_id"], set(told["users"]), video_of(told["video"])
    known = alive([owner, *users])
    if owner not in known or _is_withdrawn([subject], told["version"]):
        return
    moment, about = now(), {**details(told), "event": "published"}
    rows = [
        Notification(
            user_id=user, key=subject, kind=Kind.VIDEO, actor_id=owner, subject=subject, details=about,
            version=told["version"], created_at=moment, updated_at=moment,
        )
        for user in sorted((known & users) - {owner} - _kept_apart(owner, users))
    ]  # fmt: skip
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


@whole(Notification)
def commented(told: Mapping[str, Any]) -> None:
    """The owner of a channel learns of a thread on his video, and who began a thread of a reply."""
    author, reader, subject, key = told["author_id"], told["reader_id"], video_of(told["video"]), comment_of(told)
    if author == reader or alive([author, reader]) != {author, reader}:
        return
    if not _is_withdrawn([subject, key], FINAL) and not _kept_apart(author, {reader}):
        state(reader, told["kind"], key, 1, told, actor_id=author, subject=subject)


def uncommented(told: Mapping[str, Any]) -> None:
    """A comment was removed: nobody is told of it any more."""
    _withdraw([comment_of(told)], FINAL)
    locks.outlasted(Person, told["author_id"])  # who was just telling of it has told
    Notification.objects.filter(user_id=told["reader_id"], key=comment_of(told)).delete()


def seen(told: Mapping[str, Any]) -> None:
    """Videos are not to be seen any more, or again; what is told of those that were deleted is deleted."""
    subjects = [video_of(one) for one in told["videos"]]
    _withdraw(subjects, FINAL if told["is_deleted"] else told["version"], is_lifted=told["is_seen"])
    if told["is_deleted"]:
        locks.outlasted(Person, told["owner_id"])
        rows = Notification.objects.filter(subject__in=subjects)
        while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
            Notification.objects.filter(pk__in=keys).delete()


@whole(Withdrawn)
def _withdraw(subjects: Iterable[str], version: int, *, is_lifted: bool = False) -> None:
    """By the newest version of each. Whoever tells of one holds its actor's row, and looks here after that."""
    values = {"version": version, "is_lifted": is_lifted, "changed_at": now()}
    rows = [Withdrawn(subject=subject, **values) for subject in sorted(subjects)]
    Withdrawn.objects.bulk_create(rows, ignore_conflicts=True)
    Withdrawn.objects.filter(subject__in=[row.pk for row in rows], version__lt=version).update(**values)


def _is_withdrawn(subjects: Iterable[str], version: int) -> bool:
    return Withdrawn.objects.filter(subject__in=subjects, version__gte=version, is_lifted=False).exists()


def _kept_apart(one: int, others: set[int]) -> set[int]:
    """Those of the others who block him, or whom he blocks."""
    found = Block.objects.filter(Q(blocker_id=one, blocked_id__in=others) | Q(blocked_id=one, blocker_id__in=others))
    return {number for pair in found.values_list("blocker_id", "blocked_id") for number in pair} - {one}


def video_of(video: str) -> str:
    return f"video:{video}"


def comment_of(told: Mapping[str, Any]) -> str:
    return f"{told['kind']}:{told['video_comment']}"


def state(
    user: int, kind: str, key: str, version: int, told: Mapping[str, Any], *, raises: bool = True, **more: Any
) -> None:
    """Write the newest state of something to a user's row of it, and raise it.

    Where it only has to be known, as what he did himself has, so that an older one that comes later is no news, the row
    stays where it is, and one that is new is not shown.
    """
    moment, mine = now(), Notification.objects.filter(user_id=user, key=key)
    values = {"version": version, "details": details(told)}
    again = {**values, "amount": 1, "updated_at": moment} if raises else values
    if mine.filter(version__lt=version).update(**again) or mine.exists():
        return
    try:
        with transaction.atomic(using=router.db_for_write(Notification)):
            Notification.objects.create(
                user_id=user,
                key=key,
                kind=kind,
                amount=int(raises),
                created_at=moment,
                updated_at=moment,
                **values,
                **more,
            )
    except IntegrityError:
        mine.filter(version__lt=version).update(**again)


def alive(numbers: Iterable[int | None]) -> set[int]:
    """Those of these users whom social knows, and who are not deleted before this transaction ends."""
    found = locks.held(Person, {number for number in numbers if number is not None})
    return {number for number, person in found.items() if person.status != Person.Status.DELETED}


def details(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in ABOUT if told.get(name) is not None}
