"""Settings of plaza. Everything that differs between machines comes from the environment.

DATABASE_URL     any of the four engines; unset = plaza.sqlite3 beside manage.py
AUTH_DATABASE_URL, SOCIAL_DATABASE_URL, VIDEOS_DATABASE_URL, BOOKINGS_DATABASE_URL
                 a database under the alias auth, social, videos or bookings; auth holds the accounts
REPLICA_URL, AUTH_REPLICA_URL, …
                 a replica of the database of the same name: reads may come from it (docs/replicas.md)
CONN_MAX_AGE     seconds for which a connection is kept (60)
PREPARE          0: statements are not kept in PostgreSQL's connections, for a pooler that lends one for a transaction
                 (PgBouncer with max_prepared_statements = 0); otherwise those that are asked often are (1)
OWN_DATABASES    comma-separated, of these aliases: which of them hold their tables already, the
                 others' are in DATABASE_URL still; unset = each that has a URL
SECRET_KEY       required as soon as DEBUG is off
SECRET_KEY_FALLBACKS  comma-separated: keys of before, which sign nothing new and are good still for what they signed
DEBUG            1 (default) or 0
ALLOWED_HOSTS    comma-separated, for DEBUG=0
HTTPS            1: the service is reached by https alone, as every one should be that others can reach (0). Cookies go
                 by no other way then, and with PROXIES the nearest one's X-Forwarded-Proto is believed
HTTPS_ORIGINS    comma-separated, such as https://plaza.example: where the admin's forms come from, if its proxy
                 changes the Host
THROTTLE_URL     redis://… where several processes serve; unset = counted within this one
PROXIES          how many proxies stand in front, whose X-Forwarded-For is believed (0); who asks is known by it, to
                 the limits and in the list of sessions
LIMITS           0 switches all limits off (for load tests)
MEDIA_ROOT       the folder of users' files; unset = media beside manage.py. Several servers share it
MEDIA_BUCKET     they lie in this bucket of S3, or of what speaks as S3 does at MEDIA_ENDPOINT; unset = on disk
EMAIL_URL        smtp+tls://user:password@host:587, smtp+ssl:// or smtp://; unset = mails are printed by the drain
EMAIL_FROM       whom they come from
X_ACCEL          nginx's internal location of MEDIA_ROOT, such as /files/: nginx sends the files; unset = plaza does.
                 plaza/tests/fronting.py has one, with the headers that nginx drops unless it is told to keep them
"""

from __future__ import annotations

import os
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import django
import environ
from django.core.exceptions import ImproperlyConfigured


def number(name: str, default: int) -> int:
    """A whole number of the environment, zero or more; one that is set to nothing counts as unset."""
    said = os.environ.get(name, "").strip() or str(default)
    if not (said.isascii() and said.isdigit()):
        raise ImproperlyConfigured(f"{name} is {said!r}; a whole number was expected: set one, or unset it.")
    return int(said)


def listed(name: str) -> list[str]:
    """What stands between commas; django-environ keeps the blanks beside them, and a host with one is nobody's."""
    return [one.strip() for one in os.environ.get(name, "").split(",") if one.strip()]


def refuse_cut(url: str) -> None:
    """
    :raises ValueError: a /, ? or # of the password has ended it
    """
    parts = urlsplit(url)
    if "@" in parts.path + parts.query or parts.fragment:
        raise ValueError


def mail_server(url: str) -> dict[str, Any]:
    """The settings of a mail server by its URL, of which an error says nothing: there is a password in it."""
    try:
        url = url.replace("smtps://", "smtp+ssl://", 1)  # RFC 8314; to django-environ it is STARTTLS
        found = {name: value for name, value in environ.Env.email_url_config(url).items() if value not in (None, "")}
        if found["EMAIL_BACKEND"].endswith("smtp.EmailBackend"):
            refuse_cut(url)
            if "EMAIL_HOST" not in found:
                raise ValueError
    except (ImproperlyConfigured, ValueError):  # its own say, or hold, what was sent
        raise ImproperlyConfigured(
            "EMAIL_URL cannot be read as the URL of a mail server; smtp+tls://user:password@host:587 or alike was "
            "expected, with %2F for /, %3F for ?, %23 for # and %40 for @ in its password: check it."
        ) from None
    usual = 587 if found.get("EMAIL_USE_TLS") else 465 if found.get("EMAIL_USE_SSL") else 25
    return {"EMAIL_PORT": usual, **found}


def database(name: str, url: str) -> dict[str, Any]:
    """The settings of a database by its URL, of which an error says nothing: there is a password in it."""
    try:
        entry: dict[str, Any] = dict(dj_database_url.parse(url))
        if not entry["ENGINE"].endswith("sqlite3"):
            refuse_cut(url)
    except (ValueError, KeyError):  # its own say, or hold, what was sent
        raise ImproperlyConfigured(
            f"{name} cannot be read as the URL of a database; postgresql://user:password@host:5432/name or alike was "
            "expected, with %2F for /, %3F for ?, %23 for # and %40 for @ in its password: check it."
        ) from None
    if not entry["ENGINE"].endswith("sqlite3"):
        # A server that takes a connection and never answers would keep its request, and /readyz, for ever.
        entry["OPTIONS"] = {"connect_timeout": 5, **entry.get("OPTIONS", {})}
    if entry["ENGINE"].endswith("postgresql") and find_spec("psycopg"):
        entry["OPTIONS"] = {"prepare_threshold": 5 if env.bool("PREPARE", True) else None, **entry["OPTIONS"]}
    return entry


BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", True)
ALLOWED_HOSTS = listed("ALLOWED_HOSTS")

DEVELOPMENT_KEY = "plaza-development-key-never-use-it-where-others-can-reach-the-site"
# not by django-environ, to which a first "$", as one key in fifty has it, means another variable's name
SECRET_KEY = os.environ.get("SECRET_KEY") or DEVELOPMENT_KEY
if not DEBUG and SECRET_KEY == DEVELOPMENT_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set and DEBUG is off; plaza runs with its development key only while "
        "DEBUG is on: put a long random SECRET_KEY into the environment."
    )
SECRET_KEY_FALLBACKS = listed("SECRET_KEY_FALLBACKS")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "plaza",
    "plaza.accounts",
    "plaza.social",
    "plaza.videos",
    "plaza.bookings",
]
if find_spec("outgrow"):
    INSTALLED_APPS.append("outgrow")
HAS_API = bool(find_spec("rest_framework"))  # moving its data needs no API
if HAS_API:
    INSTALLED_APPS += ["rest_framework", "drf_spectacular", "drf_spectacular_sidecar"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "plaza.urls"
WSGI_APPLICATION = "plaza.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

OWNED = {
    "auth": ["accounts", "auth", "contenttypes", "sessions", "admin"],
    "social": ["social"],
    "videos": ["videos"],
    "bookings": ["bookings"],
}
# The URLs are read as Outgrow's own command reads them; django-environ's env.db() takes no folder of a socket as the
# host, and leaves "pool=true" a text and "ssl-ca" as it stands.
GIVEN = {alias: url for alias in OWNED if (url := env.str(f"{alias.upper()}_DATABASE_URL", ""))}
DATABASES = {
    "default": database("DATABASE_URL", env.str("DATABASE_URL", "") or f"sqlite:///{BASE_DIR / 'plaza.sqlite3'}"),
    **{alias: database(f"{alias.upper()}_DATABASE_URL", url) for alias, url in GIVEN.items()},
}
REPLICAS = {
    alias: url
    for alias in DATABASES
    if (url := os.environ.get("REPLICA_URL" if alias == "default" else f"{alias.upper()}_REPLICA_URL"))
}
for alias, url in REPLICAS.items():
    DATABASES[f"{alias}_replica"] = {**database(f"the replica of {alias}", url), "TEST": {"MIRROR": alias}}
for entry in DATABASES.values():
    # A connection that was kept is tried before it is used: a server that was started anew fails nobody's request.
    entry |= {"CONN_MAX_AGE": number("CONN_MAX_AGE", 60), "CONN_HEALTH_CHECKS": True}
    if entry["ENGINE"].endswith("sqlite3") and django.VERSION >= (5, 1):
        # Transactions take the write lock when they begin: one that reads first could not wait for it later. With WAL
        # readers wait for no writer; 16 MB of pages a connection keep the upper part of every index.
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000"
        options = {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": pragmas}
        entry["OPTIONS"] = options | entry.get("OPTIONS", {})
OWN_DATABASES = listed("OWN_DATABASES") if "OWN_DATABASES" in os.environ else list(GIVEN)
for alias in OWN_DATABASES:
    if alias not in GIVEN:
        raise ImproperlyConfigured(
            f"OWN_DATABASES names {alias}, and {alias.upper()}_DATABASE_URL is not set; one of {', '.join(OWNED)} with "
            "a database of its own was expected: set its URL or take it off the list."
        )
if len(OWN_DATABASES) == len(OWNED) and not env.str("DATABASE_URL", ""):
    DATABASES["default"] = {}  # nothing is left for it
    for alias in GIVEN:
        DATABASES[alias]["TEST"] = {"DEPENDENCIES": []}  # else Django's tests wait for a default database
OUTGROW: dict[str, Any] = {
    "WORKERS": {  # docs/plaza.md has what each of them does
        "drain": "python manage.py plaza_drain",
        "process": "python manage.py plaza_process",
        "export": "python manage.py plaza_export",
        "jobs": "python manage.py plaza_jobs",
    },
}
if OWN_DATABASES:
    OUTGROW |= {
        "OWNERS": {alias: OWNED[alias] for alias in OWN_DATABASES},
        "LOOSE": "crossing",
    }
    if DATABASES["default"]:
        OUTGROW["OWNERS"]["default"] = "*"
elif REPLICAS:
    OUTGROW["OWNERS"] = {"default": "*"}
if OWN_DATABASES or REPLICAS:
    DATABASE_ROUTERS = ["outgrow.routing.Router"]
if REPLICAS:
    OUTGROW |= {
        "REPLICAS": {alias: [f"{alias}_replica"] for alias in REPLICAS},
        "POSITION_HEADER": "X-Outgrow-Position",  # clients of an API keep no cookies
    }
    MIDDLEWARE.insert(0, "outgrow.middleware.ReplicaMiddleware")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# MySQL and MariaDB have no partial indexes: Playlist's "one watch-later list per user" is
# a constraint on SQLite and PostgreSQL only.
SILENCED_SYSTEM_CHECKS = ["models.W036"]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static"
MEDIA_ROOT = env.str("MEDIA_ROOT", "") or BASE_DIR / "media"

# -- https ------------------------------------------------------------------------------------------------------------
if env.bool("HTTPS", False):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = ["^livez$", "^readyz$"]  # asked from within, by http
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    if number("PROXIES", 0):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = listed("HTTPS_ORIGINS")

# -- the API ----------------------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "") or "plaza@localhost"
vars().update(mail_server(env.str("EMAIL_URL", "") or "consolemail://"))
EMAIL_TIMEOUT = 60  # seconds for each answer, so that a server that looks at a mail first is waited for
THROTTLE_URL = env.str("THROTTLE_URL", "") or "memory://"
PLAZA_LIMITS = {
    "all": "600/minute",
    "register": "5/30 minutes",
    "token": "15/5 minutes",
    "code": "15/5 minutes",  # of logins whose password was right, by their user
    "mail": "5/hour",
    "search": "60/minute",
    "export": "5/hour",
    "refresh": "60/5 minutes",
    "upload": "60/5 minutes",
    "like": "500/day",  # likes that are new, whatever becomes of them
    "video_password": "15/5 minutes",
}
MEDIA_LINK_SECONDS = 24 * 3600  # an address of a file is good for one to two times as long
MEDIA_LIMITS = {"image": 10 * 2**20, "movie": 200 * 2**20, "video": 4 * 2**30, "chunk": 64 * 2**20}  # bytes
VIDEO_QUOTA = 20 * 2**30  # bytes of a user's videos
VIDEO_UPLOADS = 10  # of a user that are open at once
BEATS_SECONDS = 1.0  # players' heartbeats wait so long in a process, to be written together; 0 = each at once
X_ACCEL = env.str("X_ACCEL", "")
if bucket := env.str("MEDIA_BUCKET", ""):
    STORAGES = {
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": bucket,
                "endpoint_url": env.str("MEDIA_ENDPOINT", "") or None,
                "querystring_expire": MEDIA_LINK_SECONDS,
                "file_overwrite": False,
                "max_memory_size": 8 * 2**20,  # a file that is opened is fetched whole; a larger one lies on the disk
            },
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
if env.str("LIMITS", "1") == "0":
    PLAZA_LIMITS = {}
REST_FRAMEWORK = {
    "NUM_PROXIES": number("PROXIES", 0),  # else anybody escapes the limits by an X-Forwarded-For of his own
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["plaza.api.parsers.JSON"],
    "DEFAULT_THROTTLE_CLASSES": ["plaza.api.throttles.Throttle"],
    "DEFAULT_PAGINATION_CLASS": "plaza.api.pages.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "plaza.api.problems.handle",
}
SIMPLE_JWT = {"ACCESS_TOKEN_LIFETIME": timedelta(minutes=5), "REFRESH_TOKEN_LIFETIME": timedelta(days=30)}
SPECTACULAR_SETTINGS = {
    "TITLE": "plaza",
    "VERSION": "1",
    "DESCRIPTION": "Accounts, posts and stories, videos, and tables to book: one service on one database or four.",
    "OAS_VERSION": "3.1.0",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["plaza.api.schema.add_problems"],
}
