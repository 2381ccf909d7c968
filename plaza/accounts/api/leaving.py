"""Deleting an account: its row stays as a tombstone, so that no key is left dangling; the other databases are told."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import router, transaction
from django.utils.timezone import now

from plaza.accounts import exporting, files
from plaza.accounts.models import AccountsMessage, Address, Login, Profile, TwoFactor
from plaza.api import outbox
from plaza.api.people import DELETED


def delete_account(user_id: int) -> None:
    """Nobody logs in with it any more, and its name and address are free; doing it twice changes nothing."""
    with transaction.atomic(using=router.db_for_write(User)):
        user = User.objects.select_for_update().get(pk=user_id)
        profile = Profile.objects.get(user=user)
        if profile.status == Profile.Status.DELETED:
            return
        user.username, user.email = f"deleted-{user.pk}", ""
        user.first_name = user.last_name = ""
        user.is_active = False
        user.set_unusable_password()
        user.save()
        Profile.objects.filter(pk=profile.pk).update(
            status=Profile.Status.DELETED, nickname=f"deleted-{user.pk}", name="deleted user", bio="", image="",
            birth_date=None, preferences={}, last_ip=None, updated_at=now(),
        )  # fmt: skip
        files.drop([profile.image.name])
        Address.objects.filter(user=user).delete()
        TwoFactor.objects.filter(user=user).delete()
        Login.objects.filter(user=user).update(ended_at=now(), ip=None, client="")
        exporting.forget(user.pk)
        outbox.tell(AccountsMessage, DELETED, user_id=user.pk)
