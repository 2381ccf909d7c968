"""Pictures as they are kept: turned upright, and without EXIF, which says where and with what they were taken."""

from __future__ import annotations

from io import BytesIO
from typing import IO, NamedTuple

from django.core.files.base import ContentFile
from PIL import Image, ImageOps, UnidentifiedImageError

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
            upright = ImageOps.exif_transpose(image)
            upright.info = {}
            out = BytesIO()
            more = {"quality": 90} if format_ != "PNG" else {}
            upright.save(out, format_, icc_profile=profile, exif=b"", **more)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise Unprocessable("This picture cannot be read: it is damaged, or not what its first bytes say.") from error
    return Picture(ContentFile(out.getvalue()), upright.width, upright.height)
