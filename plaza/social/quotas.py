"""How much somebody publishes in 24 hours, also what he has deleted since.

Its moments stand in the row of his counters, which is locked whenever he publishes: rows of posts and stories could be
counted, but not those that are gone. There are as many as the quota at most, for older ones are left out.
"""

from __future__ import annotations

from django.utils.timezone import now

from plaza.api.problems import Unprocessable
from plaza.social.models import ProfileStats

DAY = 24 * 3600


def spend(stats: ProfileStats, what: str, most: int) -> None:
    """Publish one of ``what``: "posts" or "stories". With the row locked.

    :raises Unprocessable: so many were published
    """
    moment, known = int(now().timestamp()), stats.published or {}
    lately = [one for one in known.get(what, []) if one > moment - DAY]
    if len(lately) >= most:
        raise Unprocessable(f"{most} {what} can be published in 24 hours.")
    ProfileStats.objects.filter(pk=stats.pk).update(published={**known, what: [*lately, moment]})
