from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "plaza.bookings"
    label = "bookings"

    def ready(self) -> None:
        from plaza.bookings import consumers  # noqa: F401
