"""gunicorn's configuration, in the container and anywhere else: what differs between machines is in the environment."""

import os

from gunicorn.http import wsgi

wsgi_app = "@@{wsgi}"
bind = os.environ.get("BIND", "0.0.0.0:8000")

# Each thread keeps a connection to each database that it asks: replicas x workers x threads must fit max_connections.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_tmp_dir = "/dev/shm"  # the heartbeat's file: on a disk it can stop a worker for seconds

# Seconds. nginx waits a little longer than this, and Compose's stop_grace_period longer still.
timeout = int(os.environ.get("REQUEST_SECONDS", "30"))
graceful_timeout = timeout
keepalive = 5  # nginx closes an idle connection a second earlier (upstream, in state.py)

# A slow leak ends with its worker; the jitter keeps them from ending together.
max_requests = int(os.environ.get("MAX_REQUESTS", "2000"))
max_requests_jitter = max_requests // 5

accesslog = "-"
errorlog = "-"
# The path without its query, and no header: both may hold a token.
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'

# Whose X-Forwarded-Proto is believed. In the container only the proxy can reach this port, so it says "*".
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
control_socket_disable = True  # it would be a file, and the root file system is read-only


class Pieces(list):
    """Takes what would be sent."""

    sendall = list.append


class Whole(wsgi.Response):
    """An answer whose head leaves with the first piece of its body.

    gunicorn sends one after the other. A process that is killed between the two leaves a head alone, which nginx has
    passed on already: it can ask no other server any more, and the client gets half an answer.
    """

    def write(self, arg):
        if self.headers_sent:
            super().write(arg)
            return
        connection, self.sock = self.sock, Pieces()
        try:
            super().write(arg)
        except Exception:
            self.headers_sent = False  # nothing was: gunicorn can still say 500
            raise
        finally:
            pieces, self.sock = self.sock, connection
        connection.sendall(b"".join(pieces))


def post_fork(server, worker):
    wsgi.Response = Whole
