"""Forms that several apps answer with; see ``people.shown``."""

from __future__ import annotations

from rest_framework import serializers


class Someone(serializers.Serializer):
    """Whoever is gone has no id, and is called "deleted user"."""

    id = serializers.CharField(allow_null=True)
    nickname = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    image = serializers.CharField(allow_null=True)
