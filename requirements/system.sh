#!/usr/bin/env bash
# What mysqlclient needs to be compiled (MySQL's client library, pkg-config, a C compiler, Python's headers); the Redis
# that counts plaza's limits over all its processes, the nginx before them, and the Chromium that looks at its API's page;
# the pooler and the firewall that the doctor has to find.
set -euo pipefail
python=$1

missing=()
command -v pkg-config >/dev/null || missing+=(pkg-config)
command -v gcc >/dev/null || command -v cc >/dev/null || missing+=(gcc libc6-dev)
found=
for library in mysqlclient libmariadb libmysqlclient perconaserverclient; do
    if command -v pkg-config >/dev/null && pkg-config --exists "$library"; then found=$library; fi
done
[ -n "$found" ] || missing+=(default-libmysqlclient-dev)
header=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h
[ -f "$header" ] || missing+=("python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-dev")

command -v redis-server >/dev/null || missing+=(redis-server)
PATH=$PATH:/usr/sbin command -v nginx >/dev/null || missing+=(nginx-light)
command -v chromium >/dev/null || missing+=(chromium)
PATH=$PATH:/usr/sbin command -v ip >/dev/null || missing+=(iproute2)
PATH=$PATH:/usr/sbin command -v iptables >/dev/null || missing+=(iptables)
PATH=$PATH:/usr/sbin command -v pgbouncer >/dev/null || missing+=(pgbouncer)

[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null; then
    echo "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}" >/dev/null
else
    echo "For the tests these Debian packages, or their like, are missing: ${missing[*]};" \
        "install them and try again." >&2
    exit 1
fi
