from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import User
from django.db import router, transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from plaza.accounts import blocking, changing, telling
from plaza.accounts.api import leaving
from plaza.accounts.models import AccountsMessage, AccountsRequest, Address, Export, Login, Profile, TwoFactor
from plaza.administration import PlazaAdmin

admin.site.unregister(User)


class PasswordForm(AdminPasswordChangeForm):
    """Whose password somebody else changes is told of it, as of his own change."""

    def save(self, commit: bool = True) -> User:
        with transaction.atomic(using=router.db_for_write(User)):
            user: User = super().save(commit)
            telling.password(user.pk)
            changing.forget(user.pk)
        return user


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Who has a profile is deleted as by himself: his row would take along what others' counters count."""

    change_password_form = PasswordForm

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        has_profile = obj is not None and Profile.objects.filter(user_id=obj.pk).exists()
        return [*super().get_readonly_fields(request, obj), *(["username"] if has_profile else [])]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Themselves: what they have lies in several databases, and goes by the outbox."""
        names = [str(one) for one in objs]
        return names, {User._meta.verbose_name_plural: len(names)}, set(), []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        if Profile.objects.filter(user_id=obj.pk).exists():
            leaving.delete_account(obj.pk)
        else:
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for one in queryset:
            self.delete_model(request, one)


@admin.register(Profile)
class ProfileAdmin(PlazaAdmin):
    list_display = ["nickname", "name", "user", "status", "is_private", "created_at"]
    list_filter = ["status", "is_private"]
    search_fields = ["nickname", "name"]
    readonly_fields = ["status"]  # blocking and deleting are more than this column
    actions = ["block", "unblock"]

    def get_readonly_fields(self, request: HttpRequest, obj: Profile | None = None) -> Any:
        """The name is what its user logs in with, and stands in the tokens that he holds."""
        return [*super().get_readonly_fields(request, obj), *(["user", "nickname"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Profile, form: Any, change: bool) -> None:
        """The other databases are told, as of a change by the user himself."""
        with transaction.atomic(using=router.db_for_write(Profile)):
            super().save_model(request, obj, form, change)
            telling.tell([obj])

    def delete_model(self, request: HttpRequest, obj: Profile) -> None:
        """As the user himself would: a tombstone stays, and nothing is left elsewhere."""
        leaving.delete_account(obj.user_id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Profile]) -> None:
        for user_id in list(queryset.values_list("user_id", flat=True)):
            leaving.delete_account(user_id)

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


@admin.register(TwoFactor)
class TwoFactorAdmin(PlazaAdmin):
    """Deleted for whoever has lost his authenticator and his recovery codes; nothing here helps to log in as him."""

    list_display = ["user", "confirmed_at", "created_at"]
    readonly_fields = ["confirmed_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: TwoFactor | None = None) -> Any:
        """Another user's authenticator would be his."""
        return [*super().get_readonly_fields(request, obj), *(["user"] if obj else [])]


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
