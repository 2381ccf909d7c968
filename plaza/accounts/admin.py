from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from plaza.accounts import blocking
from plaza.accounts.models import AccountsMessage, AccountsRequest, Address, Export, Login, Profile
from plaza.administration import PlazaAdmin


@admin.register(Profile)
class ProfileAdmin(PlazaAdmin):
    list_display = ["nickname", "name", "user", "status", "is_private", "created_at"]
    list_filter = ["status", "is_private"]
    search_fields = ["nickname", "name"]
    actions = ["block", "unblock"]

    @admin.action(description="Block: end all sessions, and let nobody log in", permissions=["change"])
    def block(self, request: HttpRequest, queryset: QuerySet[Profile]) -> None:
        self.message_user(request, f"{blocking.block(queryset)} blocked.")

    @admin.action(description="Unblock", permissions=["change"])
    def unblock(self, request: HttpRequest, queryset: QuerySet[Profile]) -> None:
        self.message_user(request, f"{blocking.unblock(queryset)} unblocked.")


@admin.register(Address)
class AddressAdmin(PlazaAdmin):
    list_display = ["email", "user", "verified_at", "created_at"]
    search_fields = ["email"]


@admin.register(Login)
class LoginAdmin(PlazaAdmin):
    list_display = ["public_id", "user", "client", "ip", "used_at", "ended_at"]


@admin.register(Export)
class ExportAdmin(PlazaAdmin):
    list_display = ["public_id", "user", "created_at", "ready_at", "expires_at", "attempts", "error"]


@admin.register(AccountsRequest)
class AccountsRequestAdmin(PlazaAdmin):
    list_display = ["key", "user_id", "status", "created_at"]


@admin.register(AccountsMessage)
class AccountsMessageAdmin(PlazaAdmin):
    list_display = ["topic", "consumer", "due_at", "attempts", "error"]
    list_filter = ["topic", "consumer"]
