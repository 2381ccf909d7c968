"""plaza as it is tested: passwords are hashed at once, in the processes that tests start as well.

ACCESS_MINUTES: for which an access token is good (5), where a test takes longer.
"""

import os
from datetime import timedelta

from plaza.settings import *  # noqa: F403
from plaza.settings import SIMPLE_JWT

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SIMPLE_JWT = {**SIMPLE_JWT, "ACCESS_TOKEN_LIFETIME": timedelta(minutes=int(os.environ.get("ACCESS_MINUTES", "5")))}
