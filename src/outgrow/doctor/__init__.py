"""`outgrow doctor`: what every connection test tells, and then why, and what to type.

The story of one database is :func:`outgrow.doctor.examining.examine`: driver, name, port, what answers there, TLS,
login, and then everything that a session can be asked. It stops where the next question makes no sense. Databases are
looked at side by side; nothing is written anywhere. :func:`ready` is the cheap part of it, for a health endpoint.
"""

from __future__ import annotations

from outgrow.doctor.diagnosis import Answer, Diagnosis
from outgrow.doctor.readiness import Readiness, ready
from outgrow.doctor.rounds import diagnose

__all__ = ["Answer", "Diagnosis", "Readiness", "diagnose", "ready"]
