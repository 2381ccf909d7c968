#!/bin/sh
# On the host: take the deploy files of an image, then deploy that image. The image is all that has to reach the host.
# All of it is one function, because the shell would otherwise read on in a file that has just been replaced.
set -eu

main() {
    image=$1
    cd "$(dirname "$0")/.."
    docker pull --quiet "$image"
    mkdir -p deploy/state
    exec 9>>deploy/state/files.lock 8>>deploy/state/lock # the latter is deploy.py's
    if ! flock -n 9 || ! flock -n 8; then # before a file is changed that the other one is about to use
        echo "not deployed: another deployment is under way: wait until it is over" >&2
        exit 1
    fi
    container=$(docker create "$image")
    docker cp --quiet "$container:/app/compose.prod.yaml" .
    docker cp --quiet "$container:/app/deploy" .
    docker rm --force "$container" >/dev/null
    exec 8>&-
    python3 deploy/deploy.py deploy "$image"
}

main "$@"
exit
