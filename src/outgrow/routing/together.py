"""Which of Django's apps belong in one database: their tables are joined, or lean on each other's ids.

Source: "Behavior of contrib apps" in Django's page on multiple databases.
"""

from __future__ import annotations

GROUPS = (("auth", "contenttypes", "admin"), ("sites", "flatpages", "redirects"))
SESSIONS = "sessions"  # nothing joins them, but each log-in writes the session and the user
