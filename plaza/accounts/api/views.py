"""The endpoints of accounts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import IntegrityError, router, transaction
from django.utils.timezone import now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.accounts import changing, exporting, mails, telling, two_factor
from plaza.accounts.api import forms, leaving, portrait, tokens
from plaza.accounts.models import AccountsRequest, Address, Export, Login, Profile
from plaza.api import clients, once, throttles, versions
from plaza.api.problems import Conflict, Gone
from plaza.api.schema import problems
from plaza.api.views import IF_MATCH, ONCE, Open, read
from plaza.media.receiving import Bytes, received

EXPORT_AT = OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[202])


def client_of(request: Request) -> dict[str, Any]:
    return {"client": request.headers.get("User-Agent", ""), "ip": clients.address(request)}


class Register(Open):
    """Make an account. Whether the address had one is told to its owner alone, by mail."""

    throttle_scope = "register"

    @extend_schema(operation_id="register", tags=["accounts"], request=forms.Registration, auth=[],
                   responses={202: forms.Registered}, parameters=[ONCE])  # fmt: skip
    @once.once(AccountsRequest)
    def post(self, request: Request) -> Response:
        data = read(forms.Registration, request)
        known = Address.objects.filter(email=data["email"]).first()
        if known is not None:
            make_password(data["password"])  # which takes long: else a quick answer would tell that it is known
            if User.objects.filter(username=data["nickname"]).exists():
                raise Conflict("This name is taken: choose another.")
            mails.order(known, mails.Kind.ALREADY)
        else:
            mails.order(self._make(data), mails.Kind.VERIFICATION)
        detail = "A mail is on its way to the address; log in with the name."
        return Response({"nickname": data["nickname"], "detail": detail}, status=status.HTTP_202_ACCEPTED)

    def _make(self, data: dict[str, Any]) -> Address:
        """Two at once: the unique keys decide, and the second learns that the name is taken."""
        name = data["nickname"]
        try:
            with transaction.atomic(using=router.db_for_write(User)):
                user = User.objects.create_user(name, data["email"], data["password"])
                telling.tell([Profile.objects.create(user=user, nickname=name, name=data.get("name") or name)])
                return Address.objects.create(user=user, email=data["email"])
        except IntegrityError:
            raise Conflict("This name is taken: choose another.") from None


class Verify(Open):
    throttle_scope = "token"

    @extend_schema(
        operation_id="verify_email",
        tags=["accounts"],
        request=forms.Verification,
        responses={204: None, **problems(409)},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Prove an address by the token that was mailed to it; a second time changes nothing.

        Where it is one's next address, it takes the place of the one before, by a token that is good once.
        """
        token = read(forms.Verification, request)["token"]
        if not (mails.verify(token) or changing.confirm(token)):
            raise exceptions.ValidationError(
                {"token": "This token is not good, or older than three days: ask for another."}
            )
        return Response(status=status.HTTP_204_NO_CONTENT)


class VerifyAgain(Open):
    throttle_scope = "mail"

    @extend_schema(
        operation_id="verify_email_again", tags=["accounts"], request=forms.Email, responses={202: None}, auth=[]
    )
    def post(self, request: Request) -> Response:
        """Send the mail once more; the answer is the same for an address that nobody has."""
        email = read(forms.Email, request)["email"]
        with transaction.atomic(using=router.db_for_write(Address)):
            for address in Address.objects.filter(email=email, verified_at=None):
                mails.order(address, mails.Kind.VERIFICATION)
        return Response(status=status.HTTP_202_ACCEPTED)


class Token(Open):
    throttle_scope = "token"

    @extend_schema(operation_id="log_in", tags=["accounts"], request=forms.Credentials,
                   responses={200: forms.Tokens, **problems(401)}, auth=[])  # fmt: skip
    def post(self, request: Request) -> Response:
        """Log in by name and password, and by a code where two-factor authentication is on.

        A problem of the type urn:plaza:code_wanted or urn:plaza:wrong_code says that the password was right.
        """
        data = read(forms.Credentials, request)
        name = data["nickname"].lower()
        user = authenticate(request._request, username=name, password=data["password"])
        if user is None or user.get_username().lower() != name:  # to MySQL é is e, and what has no width is nothing
            raise exceptions.AuthenticationFailed("Name and password do not belong together.")
        if not Profile.objects.filter(user_id=user.pk).exists():
            raise exceptions.AuthenticationFailed("This user has no profile and is for the admin alone: register one.")
        with transaction.atomic(using=router.db_for_write(User)):
            # Under the lock of who changes the password or blocks him: they end the sessions that there are by then.
            locked = User.objects.select_for_update().filter(pk=user.pk, is_active=True).first()
            is_same = locked is not None and locked.password == user.password  # else it was changed, or hashed anew
            if locked is None or not (is_same or locked.check_password(data["password"])):
                raise exceptions.AuthenticationFailed("Name and password do not belong together.")
            two_factor.require(request, locked.pk, data.get("otp", ""))
            pair = tokens.begin(locked, **client_of(request))
        return Response(pair.as_dict())


class ByRefreshToken(Open):
    """Each login has a limit of its own: all users of an office have one address, and come every few minutes."""

    throttle_scope = "refresh"

    def counted_by(self, request: Request) -> str:
        """A token that is not good is counted by its sender's address: he could make up any number."""
        form = forms.Refresh(data=request.data)
        session = tokens.session(form.validated_data["refresh"]) if form.is_valid() else None
        return f"session {session}" if session else throttles.asker(request)


class TokenRefresh(ByRefreshToken):
    @extend_schema(operation_id="refresh", tags=["accounts"], request=forms.Refresh,
                   responses={200: forms.Tokens, **problems(401)}, auth=[])  # fmt: skip
    def post(self, request: Request) -> Response:
        """The next pair of tokens. A refresh token is good once: sent again, it ends its session."""
        return Response(tokens.refresh(read(forms.Refresh, request)["refresh"]).as_dict())


class TokenRevoke(ByRefreshToken):
    @extend_schema(operation_id="log_out", tags=["accounts"], request=forms.Refresh, responses={204: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Log out; doing it twice is no error."""
        tokens.end(read(forms.Refresh, request)["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class Sessions(APIView):
    @extend_schema(operation_id="list_sessions", tags=["accounts"],
                   responses={200: forms.Session(many=True), **problems(410)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """Where one is logged in, the latest use first; up to 100 of them."""
        mine(request)
        open_ = Login.objects.filter(user_id=request.user.pk, ended_at=None, expires_at__gt=now())
        session = request.auth.get("session") if request.auth else None
        return Response(forms.Session(open_.order_by("-used_at")[:100], many=True, context={"session": session}).data)


class OneSession(APIView):
    @extend_schema(operation_id="end_session", tags=["accounts"], responses={204: None, **problems(410)})
    def delete(self, request: Request, session: str) -> Response:
        """Log one client out: its refresh token is not good any more."""
        mine(request)
        found = Login.objects.filter(public_id=session, user_id=request.user.pk)
        if not found.exists():
            raise exceptions.NotFound
        found.filter(ended_at=None).update(ended_at=now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Me(APIView):
    """Oneself."""

    @extend_schema(operation_id="get_me", tags=["accounts"], responses={200: forms.Me, **problems(410)})
    def get(self, request: Request) -> Response:
        return versions.answer(request, *shown(mine(request)))

    @extend_schema(operation_id="change_me", tags=["accounts"], request=forms.Me,
                   responses={200: forms.Me, **problems(410)}, parameters=[IF_MATCH])  # fmt: skip
    def patch(self, request: Request) -> Response:
        with transaction.atomic(using=router.db_for_write(Profile)):
            profile = mine(request, lock=True)
            versions.require(request, tag(profile))
            form = forms.Me(profile, data=request.data, partial=True)
            form.is_valid(raise_exception=True)
            telling.tell([form.save()])
        data, etag = shown(profile)
        return Response(data, headers={"ETag": etag})

    @extend_schema(operation_id="delete_me", tags=["accounts"], responses={204: None, **problems(410)})
    def delete(self, request: Request) -> Response:
        """Delete one's account: nobody logs in with it any more, and soon nothing of it is left elsewhere."""
        mine(request)
        leaving.delete_account(request.user.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Portrait(APIView):
    """One's picture."""

    parser_classes = [Bytes]

    @extend_schema(operation_id="put_my_image", tags=["accounts"], request={"image/*": OpenApiTypes.BINARY},
                   responses={200: forms.Me, **problems(410, 413, 422)})  # fmt: skip
    def put(self, request: Request) -> Response:
        """Send a JPEG, PNG or WebP; what a camera wrote into it, such as a place, is not kept."""
        profile = mine(request)
        with received(request, settings.MEDIA_LIMITS["image"]) as file:
            portrait.put(profile, file)
        data, etag = shown(profile)
        return Response(data, headers={"ETag": etag})

    @extend_schema(operation_id="delete_my_image", tags=["accounts"], responses={204: None, **problems(410)})
    def delete(self, request: Request) -> Response:
        portrait.remove(mine(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def mine(request: Request, *, lock: bool = False) -> Profile:
    """The profile of whoever asks.

    :raises Gone: the account was deleted
    :raises PermissionDenied: it is blocked
    :raises AuthenticationFailed: its session was ended; the token would be good for a few minutes more
    """
    found = Profile.objects.select_for_update() if lock else Profile.objects.all()
    profile = found.filter(user_id=request.user.pk).first()
    if profile is None or profile.status == Profile.Status.DELETED:
        raise Gone("This account was deleted.")
    if profile.status == Profile.Status.SUSPENDED:
        raise exceptions.PermissionDenied("This account is blocked.")
    session = request.auth.get("session")
    if not session or not Login.objects.filter(public_id=session, user_id=profile.user_id, ended_at=None).exists():
        raise exceptions.AuthenticationFailed("This session was ended: log in again.")
    return profile


def tag(profile: Profile) -> str:
    return versions.etag("profile", profile.pk, profile.updated_at.isoformat())


def shown(profile: Profile) -> tuple[dict[str, Any], str]:
    """A profile as its owner is shown it, and its ETag: his address may be verified, and an image's expires."""
    data = forms.Me(profile).data
    return data, versions.whole(tag(profile), *data.values())


class Exports(APIView):
    throttle_scope = "export"

    @extend_schema(operation_id="order_my_export", tags=["accounts"], request=None,
                   responses={202: forms.Exported, **problems(410)}, parameters=[ONCE, EXPORT_AT])  # fmt: skip
    def post(self, request: Request) -> Response:
        """Order all that the service holds of oneself; Location says where to look for it."""
        answer = self._order(request)
        answer["Location"] = f"/api/me/export/{answer.data['id']}"
        return answer

    @once.once(AccountsRequest)
    def _order(self, request: Request) -> Response:
        mine(request, lock=True)
        return Response(forms.Exported(exporting.order(request.user.pk)).data, status=status.HTTP_202_ACCEPTED)


class OneExport(APIView):
    @extend_schema(operation_id="get_my_export", tags=["accounts"], responses={200: forms.Exported, **problems(410)})
    def get(self, request: Request, export: str) -> Response:
        """Whether it is ready, and then its address; a week later it is gone."""
        mine(request)
        found = Export.objects.filter(public_id=export, user_id=request.user.pk).exclude(expires_at__lte=now()).first()
        if found is None:
            raise exceptions.NotFound
        return Response(forms.Exported(found).data)


class Password(APIView):
    throttle_scope = "token"

    @extend_schema(
        operation_id="change_password",
        tags=["accounts"],
        request=forms.PasswordChange,
        responses={204: None, **problems(410)},
    )
    def post(self, request: Request) -> Response:
        """Change one's password; every other session ends."""
        data = read(forms.PasswordChange, request)
        with transaction.atomic(using=router.db_for_write(User)):
            mine(request)
            user = User.objects.select_for_update().get(pk=request.user.pk)
            if not user.check_password(data["old"]):
                raise exceptions.ValidationError({"old": "This is not your password."})
            try:
                forms.good_password(data["new"], user)
            except exceptions.ValidationError as error:
                raise exceptions.ValidationError({"new": error.detail}) from None
            user.set_password(data["new"])
            user.save(update_fields=["password"])
            telling.password(user.pk)
            changing.forget(user.pk)
            others = Login.objects.filter(user_id=user.pk, ended_at=None)
            others.exclude(public_id=request.auth.get("session")).update(ended_at=now())
        return Response(status=status.HTTP_204_NO_CONTENT)
