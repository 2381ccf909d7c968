"""A project whose third migration never ran on any engine but the first one's."""

SECRET_KEY = "broken-secret-key-that-nobody-may-see"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "tests.schema.projects.broken.shop"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "never-reached",
        "HOST": "192.0.2.1",
        "PASSWORD": "the-old-password",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
