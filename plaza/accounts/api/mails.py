"""What is written to users: a link that proves an address. Nobody learns from an answer whether an address is known."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.utils.timezone import now

from plaza.accounts.models import Address

SALT = "plaza.verify"
GOOD_FOR = 3 * 24 * 3600  # seconds


def send_verification(address: Address) -> None:
    token = signing.dumps([address.pk, address.email], salt=SALT)
    send_mail(
        "Verify your address",
        f"Send this token to /api/auth/verify within three days:\n\n{token}\n\nIf you did not register, do nothing.\n",
        settings.DEFAULT_FROM_EMAIL,
        [address.email],
        fail_silently=True,  # an account without a mail is better than none: it can be asked for again
    )


def send_already(address: Address) -> None:
    """To somebody who registers with an address that has an account."""
    send_mail(
        "You have an account already",
        "Somebody, perhaps you, registered with this address, which has an account. Nothing was changed.\n",
        settings.DEFAULT_FROM_EMAIL,
        [address.email],
        fail_silently=True,
    )


def verify(token: str) -> bool:
    """Whether the token proves an address that a user still has; it is verified then."""
    try:
        pk, email = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    found = Address.objects.filter(pk=pk, email=email)
    found.filter(verified_at=None).update(verified_at=now())
    return found.exists()
