"""A user's next address. It is written down beside the one that he has, and takes its place when it is proved by the
token that was mailed to it. Until then it may be another's, and whose it becomes is decided by the unique key alone.

A token names the version of what was asked for: it is good for three days, once, and not after another request, nor
after a new password, which whoever was robbed of the old one sets.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core import signing
from django.db import IntegrityError, router, transaction
from django.utils.timezone import now

from plaza.accounts.models import Address
from plaza.api.problems import Conflict

SALT = "plaza.change-address"
GOOD_FOR = 3 * 24 * 3600  # seconds


def ask(address: Address, email: str) -> None:
    """Inside a transaction that has locked the user; nobody is asked whether the address is another's."""
    asked = now()
    if address.asked_at is not None:  # whatever this machine's clock says, no two requests have one version
        asked = max(asked, address.asked_at + timedelta(microseconds=1))
    address.wanted, address.asked_at = email, asked
    address.save(update_fields=["wanted", "asked_at"])


def forget(user_id: int) -> None:
    """Whatever was asked for is not wanted any more."""
    Address.objects.filter(user_id=user_id).update(wanted=None)


def token(address: Address) -> str:
    assert address.asked_at is not None
    return signing.dumps([address.pk, address.asked_at.isoformat()], salt=SALT)


def confirm(token: str) -> bool:
    """Whether the token proves an address that a user still asks for; it is his then, and the one before is free.

    :raises Conflict: somebody else has it by now
    """
    try:
        pk, version = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
        asked = datetime.fromisoformat(version)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    found = Address.objects.filter(pk=pk).first()
    if found is None:
        return False
    try:
        with transaction.atomic(using=router.db_for_write(Address)):
            # users before what they have, as a deletion has them
            if not User.objects.select_for_update().filter(pk=found.user_id, is_active=True).exists():
                return False
            row = Address.objects.select_for_update().filter(pk=pk, asked_at=asked, wanted__isnull=False).first()
            if row is None:
                return False
            row.email, row.wanted, row.verified_at = row.wanted, None, now()
            row.save(update_fields=["email", "wanted", "verified_at"])
            User.objects.filter(pk=row.user_id).update(email=row.email)
    except IntegrityError:
        raise Conflict("This address has got an account of its own meanwhile: nothing was changed.") from None
    return True
