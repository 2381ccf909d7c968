"""What is sent to accounts and answered by it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, Literal

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.timezone import now
from rest_framework import serializers

from plaza.accounts.models import Export, Login, Profile
from plaza.media.links import link

NAME = re.compile(r"[a-z0-9][a-z0-9_.]{1,28}[a-z0-9_]")  # as it can be mentioned before a full stop
RESERVED = frozenset({"admin", "api", "auth", "me", "plaza", "root", "static", "media", "support", "system", "deleted"})


def good_password(password: str, user: User | None = None) -> str:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise serializers.ValidationError(error.messages) from None
    return password


class AddressField(serializers.EmailField):
    """An address in lower case, and its domain as the mail goes to it (xn--…): engines differ in whether é is e."""

    def to_internal_value(self, data: Any) -> str:
        local, _, domain = super().to_internal_value(data).rpartition("@")
        if not local.isascii():  # Django's own pattern lets letters pass that are s or k in another case
            raise serializers.ValidationError("Expected an address whose part before the @ is of plain letters.")
        try:
            return f"{local}@{domain.encode('idna').decode()}".lower()
        except UnicodeError:
            raise serializers.ValidationError("This domain cannot be written as mail needs it: check it.") from None


class Registration(serializers.Serializer):
    nickname = serializers.CharField(
        max_length=30, help_text="3 to 30 of a-z, 0-9, _ and ., no . at an end; kept in lower case"
    )
    email = AddressField(max_length=191)
    password = serializers.CharField(max_length=128, write_only=True, trim_whitespace=False)
    name = serializers.CharField(max_length=80, required=False, allow_blank=True)

    def validate_nickname(self, value: str) -> str:
        name = value.lower()
        if not NAME.fullmatch(name):  # letters of one alphabet: none looks like another's
            raise serializers.ValidationError(
                "Expected 3 to 30 of a-z, 0-9, _ and ., the first a letter or digit, the last no full stop."
            )
        if name in RESERVED:
            raise serializers.ValidationError("This name is reserved: choose another.")
        return name

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        likeness = User(username=attrs["nickname"], email=attrs["email"])
        try:
            good_password(attrs["password"], likeness)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"password": error.detail}) from None
        return attrs


class Registered(serializers.Serializer):
    nickname = serializers.CharField()
    detail = serializers.CharField()


class Credentials(serializers.Serializer):
    nickname = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=128, write_only=True, trim_whitespace=False)
    otp = serializers.CharField(
        max_length=40, required=False, allow_blank=True, write_only=True,
        help_text="a code of the authenticator, or a recovery code, for whoever has two-factor authentication",
    )  # fmt: skip


class Tokens(serializers.Serializer):
    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="seconds for which access is good")
    session = serializers.CharField()


class Refresh(serializers.Serializer):
    refresh = serializers.CharField(max_length=2000, write_only=True)


class Verification(serializers.Serializer):
    token = serializers.CharField(max_length=500, write_only=True)


class Email(serializers.Serializer):
    email = AddressField(max_length=191, write_only=True)


class EmailChange(serializers.Serializer):
    email = AddressField(max_length=191, write_only=True)
    password = serializers.CharField(max_length=128, write_only=True, trim_whitespace=False)


class PasswordChange(serializers.Serializer):
    old = serializers.CharField(max_length=128, write_only=True, trim_whitespace=False)
    new = serializers.CharField(max_length=128, write_only=True, trim_whitespace=False)


class Password(serializers.Serializer):
    password = serializers.CharField(max_length=128, write_only=True, trim_whitespace=False)


class Authenticator(serializers.Serializer):
    secret = serializers.CharField(help_text="to be typed into an authenticator; it is shown once")
    url = serializers.CharField(help_text="the same as otpauth://…, to be shown as a QR code")


class Code(serializers.Serializer):
    code = serializers.CharField(
        max_length=40, write_only=True, help_text="six digits, as the authenticator shows them"
    )


class RecoveryCodes(serializers.Serializer):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(), help_text="each good for one login; they are shown once"
    )


class PasswordAndCode(Password):
    code = serializers.CharField(max_length=40, write_only=True, help_text="of the authenticator, or a recovery code")


class Session(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id", read_only=True)
    is_this = serializers.SerializerMethodField()

    class Meta:
        model = Login
        fields = ["id", "client", "ip", "created_at", "used_at", "expires_at", "is_this"]

    def get_is_this(self, login: Login) -> bool:
        return str(login.public_id) == self.context.get("session")


class Exported(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id", read_only=True)
    status = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField(help_text="the address of the zip, as soon as it is ready")

    class Meta:
        model = Export
        fields = ["id", "status", "file", "created_at", "ready_at", "expires_at"]

    def get_status(self, export: Export) -> Literal["ordered", "ready"]:
        return "ready" if export.name else "ordered"

    def get_file(self, export: Export) -> str | None:
        return link(export.name, until=export.expires_at) if export.name else None


class Me(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id", read_only=True)
    email = serializers.SerializerMethodField()
    is_verified = serializers.SerializerMethodField()
    has_two_factor = serializers.SerializerMethodField(help_text="whether a login wants a code besides the password")
    bio = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    image = serializers.SerializerMethodField(help_text="its address, good for a day or two")

    class Meta:
        model = Profile
        fields = ["id", "nickname", "name", "bio", "image", "is_private", "birth_date", "email", "is_verified",
                  "has_two_factor", "created_at"]  # fmt: skip
        read_only_fields = ["nickname", "created_at"]

    def validate_birth_date(self, value: date | None) -> date | None:
        if value is not None and value > now().date() + timedelta(days=1):  # it is tomorrow somewhere already
            raise serializers.ValidationError("This day has not come yet.")
        return value

    def get_image(self, profile: Profile) -> str | None:
        return link(profile.image.name) if profile.image else None

    def get_email(self, profile: Profile) -> str:
        address = getattr(profile.user, "address", None)
        return address.email if address else profile.user.email

    def get_is_verified(self, profile: Profile) -> bool:
        address = getattr(profile.user, "address", None)
        return bool(address and address.verified_at)

    def get_has_two_factor(self, profile: Profile) -> bool:
        second = getattr(profile.user, "two_factor", None)
        return bool(second and second.confirmed_at)
