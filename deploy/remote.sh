#!/usr/bin/env bash
# From the workflow: run deploy/on_host.sh on the host by AWS Systems Manager, which needs no open port 22 and no key.
#   DEPLOY_TARGET   value of the tag "deploy" of the one instance to deploy to
#   DEPLOY_FOLDER   the site's folder there (/srv/site)
set -euo pipefail

image=${1:?the image, by digest}
case $image in
*@sha256:*) ;;
*)
    echo "$image names no digest: a tag may mean another image tomorrow; deploy NAME@sha256:..." >&2
    exit 2
    ;;
esac

parameters=$(jq -n --arg image "$image" --arg folder "${DEPLOY_FOLDER:-/srv/site}" \
    '{commands: ["cd \($folder | @sh) && sh deploy/on_host.sh \($image | @sh)"], executionTimeout: ["1200"]}')
id=$(aws ssm send-command --document-name AWS-RunShellScript --comment "deploy $image" \
    --targets "Key=tag:deploy,Values=${DEPLOY_TARGET:?}" --max-concurrency 1 --max-errors 0 --timeout-seconds 60 \
    --parameters "$parameters" --query Command.CommandId --output text)

for _ in $(seq 1 260); do
    sleep 5
    status=$(aws ssm list-commands --command-id "$id" --query 'Commands[0].Status' --output text)
    case $status in Pending | InProgress) continue ;; *) break ;; esac
done
aws ssm list-command-invocations --command-id "$id" --details \
    --query 'CommandInvocations[].CommandPlugins[].Output' --output text
hosts=$(aws ssm list-commands --command-id "$id" --query 'Commands[0].TargetCount' --output text)
echo "$status on $hosts host(s)"
[ "$status" = Success ] && [ "$hosts" -gt 0 ]
