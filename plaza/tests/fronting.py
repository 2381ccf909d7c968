"""nginx in front of web servers, as a machine runs it: GETs go to another server where one is gone, and it sends the
files that plaza names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plaza.postgres import free_port
from plaza.tests.serving import Service, wait_for

FILES = "/files/"
"""What X_ACCEL has to be behind it."""

CONFIGURATION = """
daemon off;
worker_processes 1;
{user}
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream plaza {{
        zone plaza 64k;
        {servers}
    }}
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 0;
        location / {{
            proxy_pass http://plaza;
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_connect_timeout 1s;
            proxy_next_upstream error timeout;
            add_header X-Served-By $upstream_addr;
        }}
        location {files} {{
            internal;
            alias {media}/;
            # of plaza's own headers nginx keeps the type and the caching alone
            add_header X-Content-Type-Options $upstream_http_x_content_type_options;
            add_header Content-Security-Policy $upstream_http_content_security_policy;
        }}
    }}
}}
"""


@contextmanager
def nginx(folder: Path, servers: list[Service], media: Path) -> Iterator[Service]:
    """An nginx before these servers, which sends the files in ``media``."""
    port = free_port()
    configuration = CONFIGURATION.format(
        folder=folder, port=port, files=FILES, media=media,
        user="user root;" if os.geteuid() == 0 else "",  # the tests' folder is open to its owner alone
        servers="\n        ".join(f"server 127.0.0.1:{one.port} max_fails=1 fail_timeout=5s;" for one in servers),
    )  # fmt: skip
    (folder / "nginx.conf").write_text(configuration)
    log = folder / "nginx.log"
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
    with log.open("ab") as out:
        command = [program, "-p", str(folder), "-e", str(log), "-c", str(folder / "nginx.conf")]
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            front = Service(port, process)
            wait_for(front, log)
            yield front
        finally:
            process.terminate()
            process.wait(30)
