"""The admin, and a shop of two pages."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from tests.legacy.shop import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("orders/", views.orders),
    path("orders/new/", views.order),
]
