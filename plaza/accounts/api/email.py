"""Another address for one's account."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.accounts import changing, mails
from plaza.accounts.api import forms, owner
from plaza.accounts.models import AccountsRequest, Address
from plaza.api import once
from plaza.api.problems import Conflict
from plaza.api.schema import problems
from plaza.api.views import ONCE, read


class Email(APIView):
    throttle_scope = "mail"

    @extend_schema(operation_id="change_email", tags=["accounts"], request=forms.EmailChange,
                   responses={202: None, **problems(410)}, parameters=[ONCE])  # fmt: skip
    @once.once(AccountsRequest)
    def post(self, request: Request) -> Response:
        """Ask for another address; it is one's own when the token that is mailed to it was sent to /auth/verify.

        The answer is the same for an address that has an account, which is told to its owner alone, by mail. Of two
        requests the later one counts; a new password ends what was asked for.
        """
        data = read(forms.EmailChange, request)
        user = owner.proved(request, data["password"])
        address = Address.objects.select_for_update().filter(user=user).first()
        if address is None:
            raise Conflict("This account has no address that could be changed: ask the admin for one.")
        if address.email == data["email"]:
            raise exceptions.ValidationError({"email": "This is your address already."})
        changing.ask(address, data["email"])
        mails.order(address, mails.Kind.CHANGE, asked_at=address.asked_at.isoformat())
        mails.order(address, mails.Kind.ASKED, to=address.email)
        return Response(status=status.HTTP_202_ACCEPTED)
