"""The versions that the files name, each of which was published: images, actions, packages.

An image is named by digest where two public repositories agree on it, else by its full version. Actions are named by
the commit of the version in the comment.
"""

from __future__ import annotations

UV = "ghcr.io/astral-sh/uv:0.11.32@sha256:df4cae8f3a96d175e2e5f992e597550000edbe78fdc2594d5cd8de1a217f504c"

PYTHONS = {
    "3.14": "3.14.6-slim-trixie@sha256:cea0e6040540fb2b965b6e7fb5ffa00871e632eef63719f0ea54bca189ce14a6",
    "3.13": "3.13.15-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285",
    "3.12": "3.12.13-slim-trixie",
}

NGINX = "nginx:1.30.4"

SERVERS = {
    "postgresql": "postgres:18.6",
    "mysql": "mysql:8.4.11",
    "mariadb": "mariadb:11.8.8",
}
TESTED = {  # the server that is deployed, and the one before or after it
    "postgresql": ("postgres:18", "postgres:16"),
    "mysql": ("mysql:8.4", "mysql:9.7"),
    "mariadb": ("mariadb:11.8", "mariadb:12.3"),
}

ACTIONS = {
    "checkout": "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
    "setup_uv": "astral-sh/setup-uv@08807647e7069bb48b6ef5acd8ec9567f424441b # v8.1.0",
    "buildx": "docker/setup-buildx-action@4d04d5d9486b7bd6fa91e7baf45bbb4f8b9deedd # v4.0.0",
    "login": "docker/login-action@b45d80f862d83dbcd57f89517bcf500b2ab88fb2 # v4.0.0",
    "metadata": "docker/metadata-action@030e881283bb7a6894de51c315a6bfe6a94e05cf # v6.0.0",
    "build_push": "docker/build-push-action@d08e5c354a6adb9ed34480a06d141179aa583294 # v7.0.0",
    "attest": "actions/attest-build-provenance@a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32 # v4.1.0",
    "aws": "aws-actions/configure-aws-credentials@8df5847569e6427dd6c4fb1cf565c83acfa8afa7 # v6.0.0",
}

PACKAGES = {
    "gunicorn": "gunicorn==27.0.1",
    "psycopg": "psycopg[binary]==3.3.9",
    "mysqlclient": "mysqlclient==2.3.1",
}
