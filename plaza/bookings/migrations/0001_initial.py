import datetime
import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from plaza import compat


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("social", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Restaurant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("about", models.TextField(blank=True)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("website", models.URLField(blank=True)),
                ("timezone", models.CharField(default="UTC", max_length=50)),
                ("cuisines", models.JSONField(blank=True, default=list)),
                ("min_party", models.PositiveSmallIntegerField(default=1)),
                ("max_party", models.PositiveSmallIntegerField(default=12)),
                ("turn_time", models.DurationField(default=datetime.timedelta(seconds=5400))),
                ("approves_by_hand", models.BooleanField(default=False)),
                (
                    "deposit",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True),
                ),
                ("rating", models.FloatField(blank=True, null=True)),
                ("opened_on", models.DateField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "location",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="restaurants",
                        to="social.location",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restaurants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    compat.check(
                        condition=models.Q(("max_party__gte", models.F("min_party"))),
                        name="bookings_restaurant_party",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField()),
                ("opens_at", models.TimeField()),
                ("closes_at", models.TimeField()),
                ("valid_from", models.DateField(blank=True, null=True)),
                ("valid_until", models.DateField(blank=True, null=True)),
                (
                    "restaurant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="bookings.restaurant",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "opening hours",
                "constraints": [
                    compat.check(
                        condition=models.Q(("weekday__gte", 0), ("weekday__lte", 6)),
                        name="bookings_openinghours_weekday",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Table",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=20)),
                ("seats", models.PositiveSmallIntegerField()),
                ("is_joinable", models.BooleanField(default=False)),
                (
                    "restaurant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tables",
                        to="bookings.restaurant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("restaurant", "label"), name="bookings_table_label"
                    ),
                    compat.check(
                        condition=models.Q(("seats__gte", 1)), name="bookings_table_seats"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("guest_name", models.CharField(max_length=80)),
                ("party_size", models.PositiveSmallIntegerField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "Held"),
                            ("requested", "Requested"),
                            ("reserved", "Reserved"),
                            ("seated", "Seated"),
                            ("finished", "Finished"),
                            ("cancelled", "Cancelled"),
                            ("no_show", "No Show"),
                        ],
                        default="held",
                        max_length=10,
                    ),
                ),
                ("is_live", models.BooleanField(blank=True, default=True, null=True)),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "price",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True),
                ),
                ("note", models.TextField(blank=True)),
                ("requested_from", models.GenericIPAddressField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "guest",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bookings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="bookings.table",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("table", "starts_at", "is_live"), name="bookings_booking_one_live"
                    ),
                    compat.check(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="bookings_booking_ends_later",
                    ),
                    compat.check(
                        condition=models.Q(
                            ("is_live", True), ("is_live__isnull", True), _connector="OR"
                        ),
                        name="bookings_booking_live",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitlistEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("voucher", models.UUIDField(blank=True, null=True, unique=True)),
                ("party_size", models.PositiveSmallIntegerField()),
                ("wanted_on", models.DateField()),
                ("earliest", models.TimeField(blank=True, null=True)),
                ("latest", models.TimeField(blank=True, null=True)),
                ("priority", models.SmallIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("offered", "Offered"),
                            ("accepted", "Accepted"),
                            ("left", "Left"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "booking",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="from_waitlist",
                        to="bookings.booking",
                    ),
                ),
                (
                    "guest",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waiting",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "restaurant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waitlist",
                        to="bookings.restaurant",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "waitlist entries",
                "indexes": [
                    models.Index(
                        fields=["restaurant", "wanted_on", "-priority"],
                        name="bookings_waitlist_order",
                    )
                ],
            },
        ),
    ]
