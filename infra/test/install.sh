#!/usr/bin/env bash
# Installs the packages of a list (packages.txt beside this file, if none is named) that are missing. Needs root; nothing is started:
# policy-rc.d forbids it while apt runs.
# Prints the packages that are still missing afterwards, one line each, and succeeds.
set -euo pipefail
list=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/packages.txt}
missing() {
  sed 's/#.*//' "$list" | tr -s ' \t' '\n' | grep . | while read -r package; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}
mapfile -t want < <(missing)
[ ${#want[@]} -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then printf '%s\n' "${want[@]}"; exit 0; fi

guard=/usr/sbin/policy-rc.d saved=
log=$(mktemp)
restore() {
  rm -f "$guard" "$log"
  [ -z "$saved" ] || mv "$saved" "$guard"
}
trap restore EXIT; trap 'exit 130' INT TERM
if [ -e "$guard" ]; then saved=$(mktemp "$guard.XXXXXX"); mv "$guard" "$saved"; fi
printf '#!/bin/sh\nexit 101\n' >"$guard"; chmod 755 "$guard"

echo "installing ${want[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -q -y -o Dpkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >>"$log" 2>&1 </dev/null; }
for attempt in 1 2 3; do
  apt update || true
  mapfile -t known < <(for package in "${want[@]}"; do apt-cache show "$package" >/dev/null 2>&1 && echo "$package"; done)
  if [ ${#known[@]} -gt 0 ] && apt install --no-install-recommends "${known[@]}"; then break; fi
  [ "$attempt" = 3 ] || sleep $((attempt * 10))
done
mapfile -t left < <(missing)
[ ${#left[@]} -eq 0 ] || { tail -n 20 "$log" >&2; printf '%s\n' "${left[@]}"; }
