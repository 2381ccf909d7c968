from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "plaza.bookings"
    label = "bookings"
