from __future__ import annotations

from django.urls import URLPattern, path

from plaza.bookings.api import reservations, restaurants, reviews, waitlist

PLACE = "restaurants/<uuid:restaurant>"
urlpatterns: list[URLPattern] = [
    path("restaurants", restaurants.Restaurants.as_view()),
    path("me/restaurants", restaurants.MyRestaurants.as_view()),
    path(PLACE, restaurants.OneRestaurant.as_view()),
    path(f"{PLACE}/hours", restaurants.AllHours.as_view()),
    path(f"{PLACE}/tables", restaurants.Tables.as_view()),
    path(f"{PLACE}/tables/<str:table>", restaurants.OneTable.as_view()),
    path(f"{PLACE}/blocks", restaurants.Blocks.as_view()),
    path(f"{PLACE}/blocks/<str:block>", restaurants.OneBlock.as_view()),
    path(f"{PLACE}/slots", reservations.Slots.as_view()),
    path(f"{PLACE}/bookings", reservations.OwnersDay.as_view()),
    path(f"{PLACE}/waitlist", waitlist.Line.as_view()),
    path(f"{PLACE}/waitlist/offer", waitlist.NextInLine.as_view()),
    path(f"{PLACE}/waitlist/<str:entry>", waitlist.OneInLine.as_view()),
    path(f"{PLACE}/reviews", reviews.Reviews.as_view()),
    path("holds", reservations.Holds.as_view()),
    path("bookings", reservations.Bookings.as_view()),
    path("me/bookings", reservations.MyBookings.as_view()),
    path("bookings/<uuid:booking>", reservations.OneBooking.as_view()),
    path("bookings/<uuid:booking>/review", reviews.MakeReview.as_view()),
    *(path(f"bookings/<uuid:booking>/{name}", view.as_view()) for name, view in reservations.STEPS.items()),
    path("me/waitlist", waitlist.MyLines.as_view()),
    path("waitlist/<str:entry>", waitlist.MyLine.as_view()),
    path("waitlist/<str:entry>/accept", waitlist.Accept.as_view()),
]
