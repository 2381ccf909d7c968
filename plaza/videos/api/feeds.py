"""The newest videos of the channels that a user subscribes to: pulled, in three queries, however many videos there are.

The newest k videos are those of the k channels that published last, so one look at ``ChannelStats.newest_at`` leaves
few channels; of each the index gives the newest k, and the database merges them. Asking for `channel IN (…)` instead
reads and sorts all that these channels ever published. Far down, where too many channels have published since, that is
what is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connections, models, router
from django.db.models import Q, QuerySet

from plaza.api import asking
from plaza.api.places import Place
from plaza.api.prepared import prepared
from plaza.videos.api import access
from plaza.videos.models import Privacy, Subscription, Video

MERGED = 150  # branches of one query; SQLite takes 500


def newest(user: int, after: Place | None, amount: int) -> list[Place]:
    """Up to this many, the newest first."""
    channels = candidates(_published(user), after, amount)
    if not channels:
        return []
    return merged(channels, after, amount) if len(channels) <= MERGED else sorted_(channels, after, amount)


@prepared
def _published(user: int) -> QuerySet[Any, tuple[int, datetime]]:
    mine = Subscription.objects.filter(~access.is_out("channel__owner_id"), user=user)
    published = mine.filter(channel__stats__newest_at__isnull=False)
    return published.values_list("channel_id", "channel__stats__newest_at")


def candidates(known: Iterable[tuple[int, datetime]], after: Place | None, amount: int) -> list[int]:
    """Channels that can have one of the next videos. Those that published since may have anything below."""
    rows = sorted(known, key=lambda row: row[1], reverse=True)
    late = [row for row in rows if after is not None and row[1] >= after.moment]
    early = rows[len(late) :]
    if len(early) > amount:
        last = early[amount - 1][1]
        early = [row for row in early if row[1] >= last]
    return [channel for channel, _ in (*late, *early)]


def merged(channels: list[int], after: Place | None, amount: int) -> list[Place]:
    """The newest of each, by the index, and of these the newest."""
    connection = connections[router.db_for_read(Video)]
    quote, table = connection.ops.quote_name, Video._meta.db_table
    columns = {name: quote(Video._meta.get_field(name).column) for name in
               ("id", "channel", "state", "privacy", "published_at")}  # fmt: skip
    order = f"ORDER BY {columns['published_at']} DESC, {columns['id']} DESC LIMIT {amount:d}"
    where = f"{columns['state']} = %s AND {columns['privacy']} = %s"
    values: list[Any] = [Video.State.PUBLISHED.value, Privacy.PUBLIC.value]
    if after is not None:
        where += f" AND {columns['published_at']} <= %s AND ({columns['published_at']} < %s OR {columns['id']} < %s)"
        moment = connection.ops.adapt_datetimefield_value(after.moment)
        values += [moment, moment, after.pk]
    one = (
        f"SELECT {columns['id']}, {columns['published_at']} FROM {quote(table)} WHERE {where} AND {columns['channel']}"
    )
    if connection.vendor == "postgresql":  # plans a branch for each channel as slowly as it carries it out
        sql = f"SELECT v.* FROM unnest(%s::bigint[]) AS c(id) CROSS JOIN LATERAL ({one} = c.id {order}) v"
        parameters = [channels, *values]
    else:
        branches = [f"SELECT * FROM ({one} = %s {order}) b{number}" for number in range(len(channels))]
        sql = " UNION ALL ".join(branches)
        parameters = [value for channel in channels for value in (*values, channel)]
    found = asking.rows(connection, f"{sql} {order}", parameters)
    field: models.Field[Any, Any] = Video._meta.get_field("published_at")  # type: ignore[assignment]
    read = [*connection.ops.get_db_converters(field.get_col(table)), *field.get_db_converters(connection)]
    return [Place(_converted(moment, read, connection), pk) for pk, moment in found]


def _converted(value: Any, converters: list[Any], connection: Any) -> Any:
    for convert in converters:
        value = convert(value, None, connection)
    return value


def sorted_(channels: list[int], after: Place | None, amount: int) -> list[Place]:
    """All of these channels' videos, and of these the newest."""
    rows = Video.objects.filter(access.LISTED, channel__in=channels)
    if after is not None:
        rows = rows.filter(Q(published_at__lt=after.moment) | Q(pk__lt=after.pk), published_at__lte=after.moment)
    return [Place(*row) for row in rows.order_by("-published_at", "-pk").values_list("published_at", "pk")[:amount]]
