#!/bin/sh
# On the host: take the deploy files of an image, then deploy that image. The image is all that has to reach the host.
# All of it is one function, because the shell would otherwise read on in a file that has just been replaced.
set -eu

main() {
    image=$1
    cd "$(dirname "$0")/.."
    docker pull --quiet "$image"
    container=$(docker create "$image")
    docker cp --quiet "$container:/app/compose.prod.yaml" .
    docker cp --quiet "$container:/app/deploy" .
    docker rm --force "$container" >/dev/null
    python3 deploy/deploy.py deploy "$image"
}

main "$@"
exit
