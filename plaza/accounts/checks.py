"""What `manage.py check --deploy` says of accounts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def mails_are_sent(app_configs: Any, **more: Any) -> list[CheckMessage]:
    if not settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        return []
    return [
        Warning(
            "EMAIL_URL is not set: mails are printed into a log, with addresses and tokens, and nobody gets one.",
            hint="Set it to smtp+tls://user:password@host:587 or alike.",
            id="accounts.W001",
        )
    ]
