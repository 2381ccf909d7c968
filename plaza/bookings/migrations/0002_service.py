import datetime

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from plaza import compat


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0001_initial"),
        ("social", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="BookingsMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("topic", models.CharField(max_length=60)),
                ("consumer", models.CharField(max_length=30)),
                ("payload", models.JSONField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BookingsRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user_id", models.BigIntegerField()),
                ("key", models.CharField(max_length=255)),
                ("request", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("answer", models.TextField()),
                (
                    "created_at",
                    models.DateTimeField(db_index=True, default=django.utils.timezone.now),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Bucket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("parties", models.PositiveIntegerField(default=0)),
                ("seats", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("public_id", models.UUIDField(unique=True)),
                ("nickname", models.CharField(db_index=True, max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("image", models.CharField(blank=True, max_length=100)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("valid", "Valid"),
                            ("suspended", "Suspended"),
                            ("deleted", "Deleted"),
                        ],
                        default="valid",
                        max_length=10,
                    ),
                ),
                ("is_private", models.BooleanField(default=False)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RestaurantStats",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reviews", models.PositiveIntegerField(default=0)),
                ("stars", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "restaurant stats",
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stars", models.PositiveSmallIntegerField()),
                ("body", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="SpecialHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("opens_at", models.TimeField(blank=True, null=True)),
                ("closes_at", models.TimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "special hours",
            },
        ),
        migrations.AddField(
            model_name="restaurant",
            name="books_ahead",
            field=models.PositiveSmallIntegerField(default=90),
        ),
        migrations.AddField(
            model_name="restaurant",
            name="cancel_before",
            field=models.DurationField(default=datetime.timedelta(seconds=7200)),
        ),
        migrations.AddField(
            model_name="restaurant",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="restaurant",
            name="max_parties",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="restaurant",
            name="max_seats",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="restaurant",
            name="revision",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="restaurant",
            name="turn_times",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="table",
            name="is_active",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="waitlistentry",
            name="offered_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="booking",
            name="state",
            field=models.CharField(
                choices=[
                    ("held", "Held"),
                    ("requested", "Requested"),
                    ("reserved", "Reserved"),
                    ("seated", "Seated"),
                    ("finished", "Finished"),
                    ("cancelled", "Cancelled"),
                    ("no_show", "No Show"),
                    ("declined", "Declined"),
                    ("expired", "Expired"),
                ],
                default="held",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="waitlistentry",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("offered", "Offered"),
                    ("accepted", "Accepted"),
                    ("left", "Left"),
                    ("expired", "Expired"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["guest", "-starts_at"], name="bookings_booking_by_guest"),
        ),
        migrations.AddIndex(
            model_name="restaurant",
            index=models.Index(fields=["-created_at"], name="bookings_restaurant_newest"),
        ),
        migrations.AddField(
            model_name="block",
            name="restaurant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="blocks",
                to="bookings.restaurant",
            ),
        ),
        migrations.AddField(
            model_name="block",
            name="table",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="blocks",
                to="bookings.table",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookingsrequest",
            constraint=models.UniqueConstraint(
                fields=("user_id", "key"), name="bookings_request_once"
            ),
        ),
        migrations.AddField(
            model_name="bucket",
            name="restaurant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="buckets",
                to="bookings.restaurant",
            ),
        ),
        migrations.AddField(
            model_name="restaurantstats",
            name="restaurant",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="stats",
                to="bookings.restaurant",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="restaurant_reviews",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="booking",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="review",
                to="bookings.booking",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="restaurant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reviews",
                to="bookings.restaurant",
            ),
        ),
        migrations.AddField(
            model_name="specialhours",
            name="restaurant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="special_hours",
                to="bookings.restaurant",
            ),
        ),
        migrations.AddIndex(
            model_name="block",
            index=models.Index(fields=["restaurant", "starts_at"], name="bookings_block_from"),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=compat.check(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="bookings_block_ends_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="bucket",
            constraint=models.UniqueConstraint(
                fields=("restaurant", "starts_at"), name="bookings_bucket_once"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["restaurant", "-created_at"], name="bookings_review_newest"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=compat.check(
                condition=models.Q(("stars__gte", 1), ("stars__lte", 5)),
                name="bookings_review_stars",
            ),
        ),
        migrations.AddIndex(
            model_name="specialhours",
            index=models.Index(fields=["restaurant", "day"], name="bookings_specialhours_day"),
        ),
        migrations.AddConstraint(
            model_name="specialhours",
            constraint=compat.check(
                condition=models.Q(
                    models.Q(("closes_at__isnull", True), ("opens_at__isnull", True)),
                    models.Q(("closes_at__isnull", False), ("opens_at__isnull", False)),
                    _connector="OR",
                ),
                name="bookings_specialhours_both",
            ),
        ),
    ]
