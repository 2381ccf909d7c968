from collections import Counter

from django.db import migrations
from django.utils.timezone import now

from plaza.bookings.overlaps.operation import NoOverlap


def count_what_begins(apps, schema_editor):
    """Pacing knows the bookings that there are."""
    using = schema_editor.connection.alias
    live = apps.get_model("bookings", "Booking").objects.using(using).filter(is_live=True, starts_at__gt=now())
    parties, seats = Counter(), Counter()
    for restaurant, begins, party in live.values_list("table__restaurant_id", "starts_at", "party_size").iterator():
        parties[restaurant, begins] += 1
        seats[restaurant, begins] += party
    bucket = apps.get_model("bookings", "Bucket")
    bucket.objects.using(using).bulk_create(
        [
            bucket(restaurant_id=restaurant, starts_at=begins, parties=many, seats=seats[restaurant, begins])
            for (restaurant, begins), many in parties.items()
        ],
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [("bookings", "0002_service")]

    operations = [
        NoOverlap(),
        migrations.RunPython(count_what_begins, migrations.RunPython.noop),
    ]
