"""``outgrow provision``: a database with three roles on a server, or a Terraform module for a server still to be made.

``running.py`` tells the story; ``dialects/provisioning/`` has what each engine needs.
"""

from __future__ import annotations

from outgrow.provision.outcome import Lacking, Outcome
from outgrow.provision.running import provision

__all__ = ["Lacking", "Outcome", "provision"]
