"""Posts and what hangs on them. Likings, follows, comments and viewings are most of it."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from itertools import repeat
from uuid import UUID

from plaza.filling.accounts import PERSON, persons
from plaza.filling.dice import Dice, next_day, paired_rows, pairs
from plaza.filling.sheets import Row, Sheet, World
from plaza.filling.words import PLACES, TAG_WORDS, large_rows

IMAGES_OF_A_POST = [0, 0, 0, 1, 1, 1, 1, 1, 2, 3]
WIDTHS = [640, 1_080, 1_440, 4_032]
FINAL = 2**40  # see plaza.social.hearing
FROM_SOCIAL = (0, "", None)  # version, subject and details of a notification: other apps have them


def follows(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "social.Follow"), world.counts["social.Follow"]
    users = world.users
    found = pairs(dice, users, users - 1, total, unlike=range(1, users + 1))
    return paired_rows(found, dice.moments(total))


def locations(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "social.Location"), world.counts["social.Location"]
    for pk, created in enumerate(dice.moments(total), 1):
        place = f"{dice.pick(PLACES)} {pk}" if dice.chance(0.9) else world.phrases.line(dice, 200)
        yield (pk, dice.pick(["osm", "naver", "kakao"]), f"n{pk * 7_919}", place,
               f"{dice.below(180_000_001) / 1e6 - 90:.6f}",
               f"{dice.below(360_000_001) / 1e6 - 180:.6f}", created)  # fmt: skip


def tags(world: World) -> Iterator[Row]:
    for pk in range(1, world.counts["social.Tag"] + 1):
        word, again = TAG_WORDS[pk % len(TAG_WORDS)], pk // len(TAG_WORDS)
        yield pk, f"{word}{again}" if again else word


def posts(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "social.Post"), world.counts["social.Post"]
    roll, pick, texts, phrases = dice.roll, dice.pick, world.phrases.posts, world.phrases
    users, places, large = world.users, world.counts["social.Location"], large_rows(total)
    for pk, created in enumerate(dice.moments(total), 1):
        chance = roll()
        yield (
            pk,
            1 + int(users * roll() ** 2),
            1 + int(places * roll() ** 2) if chance < 0.4 else None,
            phrases.megabyte(dice) if pk in large else pick(texts),
            int(chance < 0.02),
            int(chance < 0.95),
            created,
            dice.after(created, 86_400) if chance < 0.1 else None,
        )


def posts_tags(world: World) -> Iterator[Row]:
    dice, counts = Dice(world.seed, "social.Post_tags"), world.counts
    return paired_rows(pairs(dice, counts["social.Tag"], counts["social.Post"], counts["social.Post_tags"]))


def images(world: World) -> Iterator[Row]:
    """Images in the order of their posts; those left over are uploads no post has claimed."""
    dice, total = Dice(world.seed, "social.Image"), world.counts["social.Image"]
    roll, pick, bits, users, lines = dice.roll, dice.pick, dice.bits, world.users, world.phrases.lines
    claims = (
        (post, position)
        for post in range(1, world.counts["social.Post"] + 1)
        for position in range(pick(IMAGES_OF_A_POST))
    )
    for pk, created in enumerate(dice.moments(total), 1):
        post, position = next(claims, (None, 0))
        alt = pick(lines)[:300] if roll() < 0.3 else ""
        yield (pk, 1 + int(users * roll()), position, pick(WIDTHS), pick(WIDTHS),
               20_000 + bits(23), created, post, f"images/{bits(64):016x}.jpg", alt)  # fmt: skip


def movies(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "social.Movie"), world.counts["social.Movie"]
    posts, step = world.counts["social.Post"], dice.stride(world.counts["social.Post"])
    for nth, created in enumerate(dice.moments(total)):
        post = nth * step % posts + 1 if dice.chance(0.98) else None
        yield (nth + 1, 1 + dice.below(world.users), 0, 1_080, 1_920,
               1_000_000 + dice.below(6_000_000_000), created, post, dice.file("movies", "mp4"),
               1_000_000 + dice.below(3_600_000_000))  # fmt: skip


def comments(world: World) -> Iterator[Row]:
    """Three in ten answer the newest first-level comment of their post."""
    dice, total = Dice(world.seed, "social.Comment"), world.counts["social.Comment"]
    posts, step = world.counts["social.Post"], dice.stride(world.counts["social.Post"])
    roll, pick, texts, phrases = dice.roll, dice.pick, world.phrases.comments, world.phrases
    users, large, newest = world.users, large_rows(total), array("Q", bytes(8 * posts))
    for pk, created in enumerate(dice.moments(total), 1):
        chance, post = roll(), int(posts * roll() ** 3) * step % posts
        parent = newest[post] if chance < 0.3 else 0
        if not parent:
            newest[post] = pk
        body = phrases.megabyte(dice) if pk in large else pick(texts)
        yield (pk, post + 1, 1 + int(users * roll()), parent or None, body, int(chance > 0.99),
               created)  # fmt: skip


def likings(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "social.Liking"), world.counts["social.Liking"]
    found = pairs(dice, world.counts["social.Post"], world.users, total)
    return paired_rows(found, dice.moments(total))


def authors_of_stories(world: World) -> array[int]:
    dice, users = Dice(world.seed, "social.Story/authors"), world.users
    return array("Q", [1 + dice.below(users) for _ in range(world.counts["social.Story"])])


def stories(world: World) -> Iterator[Row]:
    """Each is to be seen for 24 hours."""
    dice, total = Dice(world.seed, "social.Story"), world.counts["social.Story"]
    authors = authors_of_stories(world)
    for pk, (author, created) in enumerate(zip(authors, dice.moments(total), strict=True), 1):
        caption = world.phrases.line(dice, 500) if dice.chance(0.5) else ""
        yield (pk, author, dice.file("stories", "jpg"), "image", 1_080, 1_920, None, caption, created,
               next_day(created))  # fmt: skip


def viewings(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "social.ViewingStory"), world.counts["social.ViewingStory"]
    found = pairs(dice, world.counts["social.Story"], world.users - 1, total, unlike=authors_of_stories(world))
    liked = (dice.chance(0.15) for _ in repeat(None))
    return paired_rows(found, liked, dice.moments(total))


def no_counts(world: World) -> Iterator[Row]:
    """Counted at the end."""
    return ((pk, 0, 0, 0, None) for pk in range(1, world.users + 1))


def no_counts_of_posts(world: World) -> Iterator[Row]:
    return ((pk, 0, 0) for pk in range(1, world.counts["social.Post"] + 1))


def met(world: World, label: str) -> Iterator[Row]:
    """Distinct pairs of users that are not the same one."""
    dice, total = Dice(world.seed, label), world.counts[label]
    found = pairs(dice, world.users, world.users - 1, total, unlike=range(1, world.users + 1))
    return paired_rows(found, dice.moments(total))


def requests_to_follow(world: World) -> Iterator[Row]:
    return met(world, "social.FollowRequest")


def blocks(world: World) -> Iterator[Row]:
    return met(world, "social.Block")


def uploads(world: World) -> Iterator[Row]:
    """Those that nobody completed: what is complete is an image or a movie."""
    dice, total = Dice(world.seed, "social.Upload"), world.counts["social.Upload"]
    for pk, created in enumerate(dice.moments(total), 1):
        state, public_id = dice.pick(["waiting", "received", "failed"]), dice.uuid()
        raw = f"uploads/{public_id}-{dice.bits(32):08x}" if state == "received" else ""
        error = "There is no picture in this movie." if state == "failed" else ""
        kind = "movie" if state == "failed" else dice.pick(["image", "image", "movie"])
        yield (pk, public_id, 1 + dice.below(world.users), kind, 20_000 + dice.bits(23),
               f"{dice.bits(256):064x}" if dice.chance(0.5) else "", world.phrases.line(dice, 300), state, raw, "", "",
               error, created, dice.after(created, 3_600))  # fmt: skip


def notifications(world: World) -> Iterator[Row]:
    """To the authors of likes, most of which stand for several, and of new followers."""
    dice, total = Dice(world.seed, "social.Notification"), world.counts["social.Notification"]
    users = world.users
    for nth, (post, created) in enumerate(zip(posts(world), dice.moments(total), strict=False)):
        if dice.chance(0.7):
            author, updated = post[1], dice.after(created, 86_400 * 5)
            actor = 1 + (author + dice.below(users - 1)) % users
            yield (nth + 1, author, f"like:{post[0]}", "like", actor, 1 + dice.below(40), post[0], None, created,
                   updated, *FROM_SOCIAL)  # fmt: skip
        else:
            user = 1 + nth % users
            actor = 1 + (user + nth // users) % users
            yield nth + 1, user, f"follow:{actor}", "follow", actor, 1, None, None, created, created, *FROM_SOCIAL


def withdrawn(world: World) -> Iterator[Row]:
    """Videos that were deleted, by the version that none comes after."""
    dice, total = Dice(world.seed, "social.Withdrawn"), world.counts["social.Withdrawn"]
    for changed in dice.moments(total):
        yield f"video:{UUID(dice.uuid())}", FINAL, 0, changed


def markers(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "social.Marker"), world.counts["social.Marker"]
    for pk, read in enumerate(dice.moments(total), 1):
        yield pk, read, 1 + dice.below(50)


def requests(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "social.SocialRequest"), world.counts["social.SocialRequest"]
    for pk, created in enumerate(dice.moments(total), 1):
        said = json.dumps({"id": str(pk), "body": dice.pick(world.phrases.comments)[:200]})
        yield pk, 1 + dice.below(world.users), dice.uuid(), f"{dice.bits(256):064x}", 201, said, created


MEDIA = ("id", "owner_id", "position", "width", "height", "size_bytes", "created_at", "post_id", "file")
PAIR = ("id", "created_at")
SHEETS = [
    Sheet("social.Person", 20, PERSON, persons),
    Sheet("social.ProfileStats", 20, ("user_id", "posts", "followers", "following", "published"), no_counts),
    Sheet("social.Follow", 150, ("followed_id", "follower_id", "id", "created_at"), follows),
    Sheet(
        "social.Location",
        7,
        ("id", "provider", "external_id", "name", "latitude", "longitude", "created_at"),
        locations,
    ),
    Sheet("social.Tag", 3, ("id", "name"), tags),
    Sheet(
        "social.Post",
        100,
        ("id", "author_id", "location_id", "body", "is_archived", "comments_open", "created_at",
         "edited_at"),
        posts,
    ),
    Sheet("social.PostStats", 100, ("post_id", "likes", "comments"), no_counts_of_posts),
    Sheet("social.Post_tags", 50, ("tag_id", "post_id", "id"), posts_tags),
    Sheet("social.Image", 100, (*MEDIA, "alt_text"), images),
    Sheet("social.Movie", 10, (*MEDIA, "duration"), movies),
    Sheet(
        "social.Comment",
        150,
        ("id", "post_id", "author_id", "parent_id", "body", "is_removed", "created_at"),
        comments,
    ),
    Sheet("social.Liking", 250, ("post_id", "user_id", "id", "created_at"), likings),
    Sheet(
        "social.Story",
        20,
        ("id", "author_id", "file", "kind", "width", "height", "duration", "caption", "created_at", "expires_at"),
        stories,
    ),
    Sheet(
        "social.ViewingStory",
        120,
        ("story_id", "viewer_id", "id", "liked", "viewed_at"),
        viewings,
    ),
    Sheet("social.FollowRequest", 5, ("target_id", "sender_id", *PAIR), requests_to_follow),
    Sheet("social.Block", 3, ("blocked_id", "blocker_id", *PAIR), blocks),
    Sheet(
        "social.Upload",
        5,
        ("id", "public_id", "owner_id", "kind", "size_bytes", "sha256", "alt_text", "state", "raw", "kept", "media",
         "error", "created_at", "changed_at"),
        uploads,
    ),
    Sheet(
        "social.Notification",
        60,
        ("id", "user_id", "key", "kind", "actor_id", "amount", "post_id", "comment_id", "created_at", "updated_at",
         "version", "subject", "details"),
        notifications,
    ),
    Sheet("social.Withdrawn", 1, ("subject", "version", "is_lifted", "changed_at"), withdrawn),
    Sheet("social.Marker", 1, ("user_id", "read_until", "version"), markers),
    Sheet(
        "social.SocialRequest",
        3,
        ("id", "user_id", "key", "request", "status", "answer", "created_at"),
        requests,
    ),
]  # fmt: skip
