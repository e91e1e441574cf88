#!/usr/bin/env bash
# Restores (with retries: a package feed may be away for a moment) and builds a solution or project.
# usage: build.sh PROJECT CONFIGURATION [MSBUILD OPTION ...]
set -euo pipefail
project=$1 configuration=$2; shift 2
log=$(mktemp); trap 'rm -f "$log"' EXIT
export MSBUILDDISABLENODEREUSE=1               # no build server outlives us and keeps a caller's pipes open

for attempt in 1 2 3 4; do
  dotnet restore "$project" -v q >"$log" 2>&1 </dev/null && break
  if [ "$attempt" = 4 ] || ! grep -qE 'NU1301|NU1101|NU5037|timed out|Unable to load|response status code' "$log"; then
    cat "$log"; exit 1
  fi
  echo "restore failed (attempt $attempt), trying again"
  sleep $((attempt * 5))
done
if ! dotnet build "$project" -c "$configuration" --no-restore -v q -clp:NoSummary "$@" >"$log" 2>&1 </dev/null; then
  grep -E ': (error|warning) ' "$log" | sort -u || cat "$log"
  exit 1
fi
