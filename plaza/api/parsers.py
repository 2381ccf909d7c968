"""What is sent, as JSON."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

TOO_DEEP = "JSON parse error - it is nested too deeply."


class JSON(JSONParser):
    """JSON that is nested deeper than can be read is a 400, as any other that cannot be read."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        stream = args[0] if args else kwargs["stream"]
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        said = getattr(stream, "META", {}).get("CONTENT_LENGTH") or 0
        if most is not None and int(said) > most:  # the stream is read as a whole
            raise RequestDataTooBig
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError(TOO_DEEP) from None
