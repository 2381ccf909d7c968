"""`manage.py plaza_clean_social`: delete stories that are over and given-up uploads, as an hourly job does."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from plaza.social import cleaning


class Command(BaseCommand):
    help = "Delete stories that are over and uploads that were given up; their files go with the next plaza_drain."

    def handle(self, *args: Any, **options: Any) -> None:
        cleaning.clean_withdrawn()
        self.stdout.write(f"{cleaning.clean_stories()} stories and {cleaning.clean_uploads()} uploads were deleted")
