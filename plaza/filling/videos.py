"""Channels, videos and their viewers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import repeat

from plaza.filling.accounts import PERSON, addresses, persons
from plaza.filling.dice import Dice, paired_rows, pairs
from plaza.filling.sheets import Row, Sheet, World
from plaza.filling.words import LATIN_NAMES

STATES = ["published"] * 14 + ["draft", "draft", "uploading", "processing", "failed"]
PRIVACY = ["public"] * 7 + ["unlisted", "unlisted", "private"]
OF_VIDEOS = PRIVACY * 4 + ["password"]
OPEN_SESAME = "pbkdf2_sha256$1000$plaza$mggqZ0LxmvEOzY1l50P5MrKfyoX57McrNBJroFV4pxg="
"""Of "open sesame", by a hasher that is in a hurry."""
FRAME_RATES = [23.976023976023978, 24.0, 25.0, 29.97002997002997, 59.94005994005994, 60.0, None]
CATEGORIES = ["other", "comedy", "education", "film", "food", "games", "music", "news", "science", "sports", "travel"]
LICENCES = ["standard"] * 8 + ["cc-by", "public-domain"]
LANGUAGES = ["ko", "ko", "en", "ja", "pt-BR", "zh-Hant", ""]
SIZES = [(1920, 1080), (1280, 720), (1080, 1920), (3840, 2160), (640, 480)]
POLICIES = ["open"] * 8 + ["approved", "closed"]
GAP = 1_024
MEGABYTES = 1_000_000


def channels(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "videos.Channel"), world.counts["videos.Channel"]
    chosen = ["{}", json.dumps({"autoplay": True, "tags": ["요리", "🎮"]}), '{"autoplay": false}']
    for pk, created in enumerate(dice.moments(total), 1):
        yield (pk, dice.uuid(), 1 + dice.below(world.users), f"{dice.pick(LATIN_NAMES)}-{pk}",
               world.phrases.line(dice, 100), dice.pick(world.phrases.posts),
               dice.file("banners", "png") if dice.chance(0.5) else "", dice.chance(0.05),
               dice.pick(chosen), created, 1 + dice.below(4))  # fmt: skip


def channel_stats(world: World) -> Iterator[Row]:
    """Counted at the end: here are the rows."""
    return ((pk, 0, 0, None) for pk in range(1, world.counts["videos.ChannelStats"] + 1))


def videos(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "videos.Video"), world.counts["videos.Video"]
    channels, texts = world.counts["videos.Channel"], world.phrases.posts
    facts, subtitles = [metadata(dice) for _ in range(400)], [captions(dice) for _ in range(100)]
    parts = [chapters(dice) for _ in range(100)]
    for pk, created in enumerate(dice.moments(total), 1):
        state = dice.pick(STATES)
        done = state == "published"
        yield (pk, dice.uuid(), 1 + int(channels * dice.roll() ** 2), world.phrases.line(dice, 200),
               dice.pick(texts), state, privacy := dice.pick(OF_VIDEOS), dice.file("videos", "mp4"),
               f"https://example.org/원본/{pk}?v=1&t=2" if dice.chance(0.3) else "",
               dice.below(40_000_000_000), length(dice) if done else None, dice.pick(FRAME_RATES),
               dice.roll() * 5 if done and dice.chance(0.7) else None,
               f"{dice.below(10_000_000) / 100:.2f}" if dice.chance(0.2) else None,
               dice.pick(facts), dice.pick(subtitles), dice.pick(parts), created,
               published := dice.after(created, 86_400) if done else None, None, published,
               "This movie cannot be read: it is damaged." if state == "failed" else "",
               *(dice.pick(SIZES) if done else (0, 0)), dice.pick(CATEGORIES), dice.pick(LICENCES),
               dice.pick(LANGUAGES), dice.pick(POLICIES), 1 + dice.below(3),
               OPEN_SESAME if privacy == "password" else None)  # fmt: skip


def video_stats(world: World) -> Iterator[Row]:
    """Views cannot be counted anew; the others are, at the end."""
    dice, total = Dice(world.seed, "videos.VideoStats"), world.counts["videos.VideoStats"]
    return ((pk, int(30 / (dice.roll() + 0.000001)), 0, 0, 0) for pk in range(1, total + 1))


def length(dice: Dice) -> int:
    """Power-law: most take minutes, a few take days."""
    return int(3_000_000 / (dice.roll() + 0.00001))


def metadata(dice: Dice) -> str:
    return json.dumps(
        {
            "codec": dice.pick(["h264", "vp9", "av1"]),
            "bitrate": dice.below(20_000_000),
            "loudness": -dice.roll() * 30,
            "제목": dice.pick(['서울 "야경"', "back\\slash", "tab\tnewline\n", "👩‍💻", ""]),
            "gps": None if dice.chance(0.7) else [dice.roll() * 90, -dice.roll() * 180],
            "streams": [{"index": nth, "default": nth == 0} for nth in range(dice.below(3))],
        }
    )


def captions(dice: Dice) -> str | None:
    """Where they lie, as those of uploads do: the files themselves are not made."""
    if dice.chance(0.6):
        return None
    return json.dumps(
        {
            language: {"file": dice.file("captions", "vtt"), "size": dice.below(100_000),
                       "digest": f"{dice.bits(256):064x}", "changed_at": "2026-11-02T08:30:00.123456Z"}
            for language in ("ko", "en", "zh-Hant-TW")[: 1 + dice.below(3)]
        }
    )  # fmt: skip


def chapters(dice: Dice) -> str | None:
    if dice.chance(0.7):
        return None
    titles = ["Intro", "본론 👩‍💻", 'The "end"', "…"]
    return json.dumps([{"start": nth * 90.25, "title": titles[nth]} for nth in range(2 + dice.below(3))])


def comments(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "videos.Comment"), world.counts["videos.Comment"]
    videos, texts, newest = world.counts["videos.Video"], world.phrases.comments, {}
    for pk, created in enumerate(dice.moments(total), 1):
        video = 1 + int(videos * dice.roll() ** 2)
        parent = newest.get(video) if dice.chance(0.3) else None
        if parent is None:
            newest[video] = pk
        yield (pk, video, 1 + dice.below(world.users), parent, dice.pick(texts),
               dice.pick([1, 1, 1, 0, None]), 0, created)  # fmt: skip


def reactions(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "videos.Reaction"), world.counts["videos.Reaction"]
    found = pairs(dice, world.counts["videos.Video"], world.users, total)
    values = (1 if dice.roll() < 0.9 else -1 for _ in repeat(None))
    return paired_rows(found, values, dice.moments(total))


def subscriptions(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "videos.Subscription"), world.counts["videos.Subscription"]
    found = pairs(dice, world.counts["videos.Channel"], world.users, total)
    return paired_rows(found, (dice.chance(0.6) for _ in repeat(None)), dice.moments(total))


def playlists(world: World) -> Iterator[Row]:
    """At most one "watch later" for each user."""
    dice, total = Dice(world.seed, "videos.Playlist"), world.counts["videos.Playlist"]
    for pk, created in enumerate(dice.moments(total), 1):
        later = pk <= world.users and pk % 2 == 1
        title = "나중에 볼 동영상" if later else world.phrases.line(dice, 150)
        yield (pk, dice.uuid(), (pk - 1) % world.users + 1, title, "later" if later else "normal",
               "private" if later else dice.pick(PRIVACY), created, 1 + dice.below(9),
               pk if later else None)  # fmt: skip


def playlist_items(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "videos.PlaylistItem"), world.counts["videos.PlaylistItem"]
    playlists, videos = world.counts["videos.Playlist"], world.counts["videos.Video"]
    for nth, added in enumerate(dice.moments(total)):
        starts = dice.below(600) * 1_000_000 if dice.chance(0.1) else None
        stops = starts + length(dice) if starts and dice.chance(0.5) else None
        yield (nth + 1, nth % playlists + 1, 1 + dice.below(videos), (nth // playlists + 1) * GAP,
               starts, stops, added)  # fmt: skip


def watch_history(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "videos.WatchHistory"), world.counts["videos.WatchHistory"]
    known = addresses(dice)
    found = paired_rows(pairs(dice, world.counts["videos.Video"], world.users, total), dice.moments(total))
    for video, user, pk, watched in found:
        fraction = dice.roll()
        yield (pk, user, video, dice.uuid() if fraction < 0.8 else None, dice.pick(known),
               int(fraction * 900_000_000), fraction, int(fraction > 0.5), watched)  # fmt: skip


def watchers(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "videos.Watcher"), world.counts["videos.Watcher"]
    for pk, cleared in enumerate(dice.moments(total), 1):
        yield pk, dice.chance(0.4), cleared if dice.chance(0.5) else None, None


def viewings(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "videos.Viewing"), world.counts["videos.Viewing"]
    videos = world.counts["videos.Video"]
    for pk, started in enumerate(dice.moments(total), 1):
        yield pk, 1 + int(videos * dice.roll() ** 2), dice.uuid(), started, dice.after(started, 900), dice.chance(0.6)


def quotas(world: World) -> Iterator[Row]:
    """What is used is counted at the end."""
    dice, total = Dice(world.seed, "videos.Quota"), world.counts["videos.Quota"]
    return ((pk, dice.pick([None, 50_000 * MEGABYTES]), 0, 0) for pk in range(1, total + 1))


def uploads(world: World) -> Iterator[Row]:
    """Of long ago: most are done, some were never ended."""
    dice, total = Dice(world.seed, "videos.Upload"), world.counts["videos.Upload"]
    videos = world.counts["videos.Video"]
    for pk, created in enumerate(dice.moments(total), 1):
        size, done = MEGABYTES * (1 + dice.below(900)), dice.chance(0.8)
        yield (pk, dice.uuid(), 1 + dice.below(world.users), 1 + dice.below(videos),
               f"{dice.pick(['여행', 'MOV_0042', 'my video (final)'])}.mp4", "video/mp4", "mp4", size,
               size if done else size // 2, "done" if done else "open", None, done, created,
               dice.after(created, 86_400))  # fmt: skip


def upload_chunks(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "videos.UploadChunk"), world.counts["videos.UploadChunk"]
    uploads, size = world.counts["videos.Upload"], 8 * MEGABYTES
    for nth in range(total):
        start = nth // uploads * size
        yield (nth + 1, nth % uploads + 1, start, size, f"{dice.bits(256):064x}",
               f"uploads/{dice.bits(64):016x}/{start:016d}-{dice.bits(48):012x}")  # fmt: skip


def blocked(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "videos.Blocked"), world.counts["videos.Blocked"]
    everybody = range(1, world.users + 1)
    for row in paired_rows(pairs(dice, world.users, world.users - 1, total, everybody), dice.moments(total)):
        yield (*row, 0, 0)


def requests(world: World) -> Iterator[Row]:
    dice, total = Dice(world.seed, "videos.VideosRequest"), world.counts["videos.VideosRequest"]
    for pk, created in enumerate(dice.moments(total), 1):
        said = json.dumps({"id": dice.uuid(), "title": world.phrases.line(dice, 150), "is_mine": True})
        yield pk, 1 + dice.below(world.users), dice.uuid(), f"{dice.bits(256):064x}", 201, said, created


SHEETS = [
    Sheet("videos.Person", 20, PERSON, persons),
    Sheet(
        "videos.Channel",
        8,
        ("id", "public_id", "owner_id", "handle", "title", "description", "banner",
         "is_verified", "options", "created_at", "version"),
        channels,
    ),
    Sheet("videos.ChannelStats", 8, ("channel_id", "subscribers", "videos", "newest_at"), channel_stats),
    Sheet(
        "videos.Video",
        30,
        ("id", "public_id", "channel_id", "title", "description", "state", "privacy", "file",
         "source_url", "size_bytes", "duration", "frame_rate", "average_rating", "price",
         "metadata", "captions", "chapters", "created_at", "published_at", "publish_at", "processed_at", "failure",
         "width", "height", "category", "licence", "language", "comments_are", "version", "password"),
        videos,
    ),
    Sheet("videos.VideoStats", 30, ("video_id", "views", "likes", "dislikes", "comments"), video_stats),
    Sheet(
        "videos.Comment",
        50,
        ("id", "video_id", "author_id", "parent_id", "body", "is_approved", "is_removed", "created_at"),
        comments,
    ),
    Sheet("videos.Reaction", 80, ("video_id", "user_id", "id", "value", "changed_at"), reactions),
    Sheet(
        "videos.Subscription",
        60,
        ("channel_id", "user_id", "id", "notify", "created_at"),
        subscriptions,
    ),
    Sheet(
        "videos.Playlist",
        15,
        ("id", "public_id", "owner_id", "title", "kind", "privacy", "created_at", "version", "later_of"),
        playlists,
    ),
    Sheet(
        "videos.PlaylistItem",
        40,
        ("id", "playlist_id", "video_id", "position", "starts", "stops", "added_at"),
        playlist_items,
    ),
    Sheet(
        "videos.WatchHistory",
        117,
        ("id", "user_id", "video_id", "session_id", "ip", "position", "fraction", "is_counted",
         "watched_at"),
        watch_history,
    ),
    Sheet("videos.Watcher", 2, ("user_id", "is_paused", "cleared_at", "taken_out"), watchers),
    Sheet("videos.Viewing", 10, ("id", "video_id", "session_id", "started_at", "seen_at", "is_counted"), viewings),
    Sheet("videos.Quota", 2, ("user_id", "limit", "used", "reserved"), quotas),
    Sheet(
        "videos.Upload",
        3,
        ("id", "public_id", "user_id", "video_id", "name", "content_type", "extension", "size", "received",
         "state", "leased_until", "attempts", "created_at", "expires_at"),
        uploads,
    ),
    Sheet("videos.UploadChunk", 6, ("id", "upload_id", "start", "size", "sha256", "file"), upload_chunks),
    Sheet("videos.Blocked", 3, ("blocker_id", "blocked_id", "id", "created_at", "version", "is_lifted"), blocked),
    Sheet(
        "videos.VideosRequest",
        3,
        ("id", "user_id", "key", "request", "status", "answer", "created_at"),
        requests,
    ),
]  # fmt: skip
