"""What is asked, and in which shares.

S is Meta's DjangoBench, whose shares follow the load that Instagram saw: 30 feed, 30 a profile's posts, 15 the tray of
stories, 20 the inbox, 5 writes. For V no public benchmark was found; its heartbeats follow PeerTube's players. B has
the shares of DeathStarBench's hotels: 60 searches, 39 recommendations, 0.5 logins, 0.5 bookings. All together are
60 % S, 30 % V and 10 % B. What is asked for is Zipf 0.8 distributed.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

ZIPF = 0.8
RETRIED = 0.2
"""So many of the POSTs with a key are sent twice."""


@dataclass(frozen=True)
class Ask:
    """One request; with a key it may be sent again, and must be answered the same."""

    name: str
    method: str
    path: str
    body: Any = None
    token: str = ""
    expected: tuple[int, ...] = (200,)
    is_keyed: bool = False
    proof: tuple[str, str] | None = None  # what is to be found in the database afterwards
    key: str = field(default_factory=lambda: str(uuid.uuid4()))


SHARES = 16
"""Rates of one stage at the most: each has media of its own."""


class Draw:
    """Things by Zipf's law, people evenly."""

    def __init__(self, cast: Mapping[str, Any], seed: int) -> None:
        self.cast, self.dice = cast, random.Random(seed)
        self._weights: dict[str, list[float]] = {}
        self._media = list(cast["free media"])[seed % SHARES :: SHARES]  # each is in one post, whatever rate it was

    def thing(self, kind: str) -> Any:
        things: Sequence[Any] = self.cast[kind]
        if kind not in self._weights:
            self._weights[kind] = list(accumulate((n + 1) ** -ZIPF for n in range(len(things))))
        return self.dice.choices(things, cum_weights=self._weights[kind])[0]

    def user(self) -> dict[str, Any]:
        return self.dice.choice(self.cast["users"])  # type: ignore[no-any-return]

    def token_of(self, number: int) -> str:
        return next(str(one["token"]) for one in self.cast["users"] if one["number"] == number)

    def medium(self) -> tuple[int, str] | None:
        """Each is in one post."""
        return tuple(self._media.pop()) if self._media else None


Make = Callable[[Draw], Ask]
SEEN = (200, 403, 404, 410)
"""Whoever blocks or is private is not seen by everybody."""


def get(name: str, path: Callable[[Draw], str], expected: tuple[int, ...] = (200,)) -> Make:
    return lambda draw: Ask(name, "GET", path(draw), token=draw.user()["token"], expected=expected)


def seen(draw: Draw) -> Ask:
    path = f"/api/stories/{draw.thing('stories')}/seen"
    return Ask("story: seen", "POST", path, {}, draw.user()["token"], (204, 403, 404, 410), is_keyed=True)


def like(draw: Draw) -> Ask:
    who, post = draw.user(), draw.thing("posts")
    return Ask("post: like", "PUT", f"/api/posts/{post}/like", None, who["token"], (204, 403, 404, 410),
               proof=("like", f"{post} {who['number']}"))  # fmt: skip


def comment(draw: Draw) -> Ask:
    said = f"load {uuid.uuid4()}"
    path = f"/api/posts/{draw.thing('open posts')}/comments"
    return Ask("post: comment", "POST", path, {"body": said}, draw.user()["token"], (201, 403, 404, 410),
               is_keyed=True, proof=("comment", said))  # fmt: skip


def follow(draw: Draw) -> Ask:
    path = f"/api/profiles/{draw.user()['profile']}/follow"
    return Ask("profile: follow", "POST", path, {}, draw.user()["token"], (200, 400, 404, 410, 422), is_keyed=True)


def post(draw: Draw) -> Ask:
    medium = draw.medium()
    if medium is None:
        return comment(draw)
    said = f"load {uuid.uuid4()}"
    return Ask("post: publish", "POST", "/api/posts", {"media": [medium[1]], "body": said}, draw.token_of(medium[0]),
               (201,), is_keyed=True, proof=("post", said))  # fmt: skip


def beat(draw: Draw) -> Ask:
    body = {"session_id": str(uuid.UUID(int=draw.dice.getrandbits(128))), "position": draw.dice.random() * 600}
    return Ask("video: heartbeat", "POST", f"/api/videos/{draw.thing('videos')}/views", body, draw.user()["token"],
               (202,))  # fmt: skip


def rate(draw: Draw) -> Ask:
    body = {"rating": draw.dice.choice(["like", "like", "like", "dislike", "none"])}
    return Ask("video: rate", "PUT", f"/api/videos/{draw.thing('videos')}/rating", body, draw.user()["token"])


def video_comment(draw: Draw) -> Ask:
    said = f"load {uuid.uuid4()}"
    return Ask("video: comment", "POST", f"/api/videos/{draw.thing('videos')}/comments", {"body": said},
               draw.user()["token"], (201, 403), is_keyed=True, proof=("video comment", said))  # fmt: skip


def draft(draw: Draw) -> Ask:
    owner, handle = draw.dice.choice(draw.cast["channels"])
    said = f"load {uuid.uuid4()}"
    return Ask("video: make", "POST", "/api/videos", {"channel": handle, "title": said}, draw.token_of(owner), (201,),
               is_keyed=True, proof=("video", said))  # fmt: skip


def log_in(draw: Draw) -> Ask:
    body = {"nickname": draw.dice.choice(draw.cast["logins"]), "password": draw.cast["password"]}
    return Ask("log in", "POST", "/api/auth/token", body)


def booked(restaurant: Callable[[Draw], str], name: str, days: int) -> Make:
    """A quarter of an hour in the evening; another may be first, or the party too large."""

    def make(draw: Draw) -> Ask:
        dice = draw.dice
        day = f"{draw.cast['day'][:8]}{1 + dice.randrange(days):02d}"
        at = f"{day}T{dice.randrange(12, 20):02d}:{dice.choice(['00', '15', '30', '45'])}:00Z"
        body = {"restaurant": restaurant(draw), "starts_at": at, "party_size": dice.randint(1, 4)}
        return Ask(name, "POST", "/api/bookings", body, draw.user()["token"], (201, 400, 409, 422), is_keyed=True)

    return make


def slots(draw: Draw) -> str:
    return f"/api/restaurants/{draw.thing('restaurants')}/slots?date={draw.cast['day']}&party={draw.dice.randint(1, 6)}"


S: list[tuple[float, Make]] = [
    (30, get("feed: home", lambda d: "/api/feed/home")),
    (30, get("profile: posts", lambda d: f"/api/profiles/{d.thing('users')['profile']}/posts", SEEN)),
    (15, get("stories: tray", lambda d: "/api/stories/tray")),
    (20, get("notifications", lambda d: "/api/notifications")),
    (3, seen), (1.2, like), (0.5, comment), (0.2, follow), (0.1, post),
]  # fmt: skip
V: list[tuple[float, Make]] = [
    (15, get("videos: list", lambda d: "/api/videos")),
    (5, get("videos: search", lambda d: f"/api/videos/search?q={d.dice.choice(['a', 'coffee', 'the', 'sunset'])}")),
    (15, get("videos: subscriptions", lambda d: "/api/me/subscriptions/videos")),
    (30, get("video: detail", lambda d: f"/api/videos/{d.thing('videos')}")),
    (10, get("video: comments", lambda d: f"/api/videos/{d.thing('videos')}/comments")),
    (20, beat), (3, rate), (1, video_comment), (1, draft),
]  # fmt: skip
B: list[tuple[float, Make]] = [
    (60, get("restaurant: slots", slots)),
    (19.5, get("restaurants: list", lambda d: "/api/restaurants")),
    (19.5, get("restaurant: detail", lambda d: f"/api/restaurants/{d.thing('restaurants')}")),
    (0.5, log_in), (0.5, booked(lambda d: str(d.thing("restaurants")), "book", 20)),
]  # fmt: skip
HOT: list[tuple[float, Make]] = [(100, booked(lambda d: str(d.cast["hot"]), "book the hot one", 1))]


def _part(share: float, of: list[tuple[float, Make]]) -> list[tuple[float, Make]]:
    whole = sum(weight for weight, _ in of)
    return [(share * weight / whole, make) for weight, make in of]


PROFILES = {"S": S, "V": V, "B": B, "hot": HOT, "all": [*_part(60, S), *_part(30, V), *_part(10, B)]}
