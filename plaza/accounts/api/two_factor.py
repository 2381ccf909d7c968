"""Two-factor authentication of one's own account.

None of these has an Idempotency-Key: its row would keep the answer, and with it a secret.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import router, transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.accounts import two_factor
from plaza.accounts.api import forms, owner
from plaza.api.schema import problems
from plaza.api.views import read

UNKEPT = {"Cache-Control": "no-store"}


class TwoFactor(APIView):
    throttle_scope = "token"

    @extend_schema(operation_id="begin_two_factor", tags=["accounts"], request=forms.Password,
                   responses={200: forms.Authenticator, **problems(409, 410)})  # fmt: skip
    def post(self, request: Request) -> Response:
        """Get a secret for an authenticator, by the password; nothing changes until a code of it is confirmed."""
        data = read(forms.Password, request)
        with transaction.atomic(using=router.db_for_write(User)):
            found = two_factor.begin(owner.proved(request, data["password"]))
        return Response(found._asdict(), headers=UNKEPT)


class Confirm(APIView):
    throttle_scope = "token"

    @extend_schema(operation_id="confirm_two_factor", tags=["accounts"], request=forms.Code,
                   responses={200: forms.RecoveryCodes, **problems(409, 410)})  # fmt: skip
    def post(self, request: Request) -> Response:
        """Show that the authenticator has the secret: from now on a login wants a code. No session ends.

        The answer has ten recovery codes, for whoever loses the authenticator; nobody can read them again.
        """
        data = read(forms.Code, request)
        with transaction.atomic(using=router.db_for_write(User)):
            codes = two_factor.confirm(owner.locked(request), data["code"])
        return Response({"recovery_codes": codes}, headers=UNKEPT)


class Disable(APIView):
    """Not a DELETE: many clients and proxies drop what one says in its body (RFC 9110, 9.3.5)."""

    throttle_scope = "token"

    @extend_schema(operation_id="disable_two_factor", tags=["accounts"], request=forms.PasswordAndCode,
                   responses={204: None, **problems(409, 410)})  # fmt: skip
    def post(self, request: Request) -> Response:
        """Switch it off, by the password and a code; the recovery codes are good for nothing any more."""
        data = read(forms.PasswordAndCode, request)
        with transaction.atomic(using=router.db_for_write(User)):
            two_factor.end(owner.proved(request, data["password"]), data["code"])
        return Response(status=status.HTTP_204_NO_CONTENT)
