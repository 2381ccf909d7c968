"""plaza as it is tested: passwords are hashed at once, in the processes that tests start as well."""

from plaza.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
