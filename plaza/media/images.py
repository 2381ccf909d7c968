"""Pictures as they are kept: turned upright, and without EXIF, which says where and with what they were taken."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any, NamedTuple

from django.core.files.base import ContentFile
from PIL import Image, ImageOps

from plaza.api.problems import Unprocessable

MOST_PIXELS = 60_000_000  # a file of a few kilobytes can say that it has billions
FORMATS = ("JPEG", "PNG", "WEBP")


class Picture(NamedTuple):
    file: ContentFile[bytes]
    width: int  # pixels
    height: int


def bare(file: IO[bytes]) -> Picture:
    """The picture of a JPEG, PNG or WebP file alone; of what was in the file besides it the colour profile stays.

    :raises Unprocessable: 422, it cannot be read, or has too many pixels
    """
    file.seek(0)
    try:
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unprocessable(
                    f"This picture has {image.width} × {image.height} pixels: expected at most {MOST_PIXELS:,} in all."
                )
            format_, profile = image.format, image.info.get("icc_profile")
            format_ = "JPEG" if format_ == "MPO" else format_  # as phones write it: the first of several pictures
            upright = ImageOps.exif_transpose(image)
            more: dict[str, Any] = {"quality": 90} if format_ != "PNG" else {}
            if format_ == "PNG" and "transparency" in upright.info:  # which of its colours cannot be seen
                more["transparency"] = upright.info["transparency"]
            upright.info = {}
            out = BytesIO()
            upright.save(out, format_, icc_profile=profile, exif=b"", **more)
    except Unprocessable:
        raise
    except Exception as error:  # whatever Pillow makes of bytes that nobody else has made: TypeError, struct.error, …
        raise Unprocessable("This picture cannot be read: it is damaged, or not what its first bytes say.") from error
    return Picture(ContentFile(out.getvalue()), upright.width, upright.height)
