"""What works in the background: a service for each command of OUTGROW["WORKERS"], in production and in development."""

from __future__ import annotations

import json
from collections.abc import Sequence

from outgrow.deploy.site import Site

_BASE = """\
# What OUTGROW["WORKERS"] names, of one version at a time: deploy.py removes the old one's and starts the new one's.
x-worker: &worker
  <<: *app
  image: ${{WORKER_IMAGE:-none}}
  restart: unless-stopped
  volumes: ["media:{media}", "/tmp"]
  tmpfs: [] # on the disk, as what is worked on may be larger than the memory
  stop_grace_period: 45s
  healthcheck: {{ disable: true }} # the image's own asks a web server
  secrets: *app_secrets
  depends_on:
    migrate: {{ condition: service_completed_successfully }}

"""
_SERVICE = """\
  worker-{name}:
    <<: *worker
    command: {command}

"""
_IN_DEVELOPMENT = """\
  worker-{name}:
    build: {{ context: ., target: build }}
    command: {command}
    environment:
{environment}
    volumes: [".:/app"]
    depends_on:
      migrate: {{ condition: service_completed_successfully }}

"""
_STEP = (
    "| restart the workers, and see that they stay up | nginx and the workers go back, the new colour is removed |\n"
)
_HELP = """\
| a deployment ends with "worker-… has ended" | `deploy/state/workers.log`: what the removed workers said |
| what works in the background does not | `sh deploy/workers.sh logs`, `sh deploy/workers.sh ps --all` |
"""


def values(site: Site, dev_environment: str) -> dict[str, str]:
    """For the templates; empty texts where a site has no workers. ``dev_environment``: lines of YAML."""
    if not site.workers:
        return dict.fromkeys(("worker_base", "workers", "dev_workers", "worker_step", "worker_help", "worker_stop"), "")
    named = [(name, _yaml(words)) for name, words in site.workers.items()]
    return {
        "worker_base": _BASE.format(media=site.media_folder),
        "workers": "".join(_SERVICE.format(name=name, command=words) for name, words in named),
        "dev_workers": "".join(
            _IN_DEVELOPMENT.format(name=name, command=words, environment=dev_environment) for name, words in named
        ),
        "worker_step": _STEP,
        "worker_help": _HELP,
        "worker_stop": " and\n`sh deploy/workers.sh stop`",
    }


def commands(site: Site) -> str:
    """deploy/workers.json: the same for versions that run as plain processes."""
    return json.dumps(site.workers, indent=2) + "\n"


def _yaml(words: Sequence[str]) -> str:
    """A list of words; `$` is Compose's unless it is doubled."""
    return json.dumps([word.replace("$", "$$") for word in words], ensure_ascii=False)
