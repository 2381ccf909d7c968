#!/bin/sh
# Every file in the secrets' folder becomes the variable of its name, for this process alone; then the command runs.
# Nothing is migrated, collected or waited for here: that is done once, not by every replica.
set -eu

for file in "${SECRETS_FOLDER:-/run/secrets}"/*; do
    [ -f "$file" ] || continue
    value=$(cat "$file")
    export "${file##*/}=$value"
done
exec "$@"
