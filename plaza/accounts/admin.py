from django.contrib import admin

from plaza.accounts.models import Profile
from plaza.administration import PlazaAdmin


@admin.register(Profile)
class ProfileAdmin(PlazaAdmin):
    list_display = ["nickname", "name", "user", "status", "is_private", "created_at"]
    list_filter = ["status", "is_private"]
    search_fields = ["nickname", "name"]
