#!/bin/sh
# On the host: take the deploy files of an image, then deploy that image. The image is all that has to reach the host.
# All of it is in functions, because the shell would otherwise read on in a file that has just been replaced.
set -eu

clean() {
    docker rm --force "$container" >/dev/null || true
    rm -rf "$next"
}

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
    next=deploy/state/next
    rm -rf "$next"
    mkdir "$next"
    container=$(docker create "$image")
    trap clean EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    docker cp --quiet "$container:/app/compose.prod.yaml" "$next"
    docker cp --quiet "$container:/app/deploy" "$next"
    # with a file that Docker refuses no version could be stopped, and none started that there was before; it is asked
    # about what the image brings, with what else is here, as .env
    for file in .[!.]* *; do
        [ -e "$next/$file" ] || ln -s "$PWD/$file" "$next/$file"
    done
    if ! docker compose --project-directory "$next" -f "$next/compose.prod.yaml" --profile green config --quiet; then
        echo "not deployed: Docker refuses compose.prod.yaml of $image, and no file here was changed" >&2
        exit 1
    fi
    find "$next" -maxdepth 1 -type l -exec rm {} +
    # by renaming, which a full disk does not stop half way
    (cd "$next" && find . -type d) | while read -r folder; do mkdir -p "$folder"; done
    (cd "$next" && find . ! -type d) | while read -r file; do mv -fT "$next/$file" "$file"; done
    clean
    trap - EXIT HUP INT TERM
    exec 8>&-
    python3 deploy/deploy.py deploy "$image"
}

main "$@"
exit
