#!/usr/bin/env bash
# Makes services/Portal/wwwroot/portal/phone/jssip.js anew: JsSIP with what it stands on, as one module. Needs node, npm and the package registry;
# the outcome is checked in, so that building the product needs none of them. The versions are in package-lock.json, with their hashes.
set -euo pipefail
shopt -s nocaseglob
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$here/../../../services/Portal/wwwroot/portal/phone
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$work"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund
npx esbuild --bundle --format=esm --minify --target=es2020 --platform=browser --main-fields=browser,module,main --legal-comments=none \
  --banner:js="// JsSIP $(node -p "require('jssip/package.json').version"), MIT: see LICENSES.txt. Made by infra/vendor/jssip/build.sh." \
  node_modules/jssip/lib/JsSIP.js --outfile="$out/jssip.js"
{
  for package in jssip debug ms events sdp-transform; do
    echo "=== $package $(node -p "require('$package/package.json').version")"; echo
    cat node_modules/$package/license*; echo
  done
} >"$out/LICENSES.txt"
sha256sum "$out/jssip.js" | cut -d' ' -f1 >"$here/jssip.sha256"
