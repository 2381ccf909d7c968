#!/bin/sh
# On the host: `outgrow` in a web server that is up, with its secrets. RESTORED_URL, which may be set, goes by the standard
# input, as everybody on the host can read arguments.
#   sh deploy/outgrow.sh doctor
set -eu
cd "$(dirname "$0")/.."

in_container() {
    docker compose -f compose.prod.yaml --profile green "$@"
}

for colour in blue green; do
    if [ -n "$(in_container ps --quiet "$colour")" ]; then
        # shellcheck disable=SC2016  # that shell is to put them in
        printf '%s' "${RESTORED_URL-}" | in_container exec -T "$colour" sh -c \
            'RESTORED_URL=$(cat) && export RESTORED_URL && exec sh deploy/entrypoint.sh python -m outgrow "$@"' sh "$@"
        exit
    fi
done
echo "no web server is up: deploy one by deploy/deploy.py first" >&2
exit 1
