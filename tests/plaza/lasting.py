"""plaza's settings with addresses of files that stay the same for thirty years, over a midnight as well."""

from plaza.settings import *  # noqa: F403

MEDIA_LINK_SECONDS = 10**9
