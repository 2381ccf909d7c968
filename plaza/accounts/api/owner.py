"""Whoever changes what his account is kept by: he is looked up anew, and says his password once more."""

from __future__ import annotations

from django.contrib.auth.models import User
from rest_framework import exceptions
from rest_framework.request import Request

from plaza.accounts.api.views import mine
from plaza.api.problems import Gone


def locked(request: Request) -> User:
    """Whoever asks, inside a transaction: nobody else changes what is his, logs him in or deletes him meanwhile.

    The lock comes before anything that is read. Users are locked before what they have, as a deletion does.
    """
    user = User.objects.select_for_update().filter(pk=request.user.pk).first()
    if user is None:
        raise Gone("This account was deleted.")
    mine(request)
    return user


def proved(request: Request, password: str) -> User:
    """The same, by his password: a token that was stolen is not enough."""
    user = locked(request)
    if not user.check_password(password):
        raise exceptions.ValidationError({"password": "This is not your password."})
    return user
