#!/usr/bin/env bash
# Makes the sounds that the media node ships (services/Media/Sounds) from texts.tsv: English by flite, Mandarin by espeak-ng, hold music by our own hand.
# Run it after changing a text; the results are kept in the repository, so that building the product needs no speech synthesis.
# usage: infra/sounds/build.sh        (Debian: apt install flite espeak-ng)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$here/../../services/Media/Sounds
for tool in flite espeak-ng dotnet; do
  command -v "$tool" >/dev/null || { echo "sounds: $tool is not installed (apt install flite espeak-ng)" >&2; exit 1; }
done
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir -p "$work/en" "$work/zh"
while IFS=$'\t' read -r name english chinese; do
  case $name in ''|'#'*) continue ;; esac
  flite -voice slt --setf duration_stretch=1.05 -t "$english" -o "$work/en/$name.wav"
  espeak-ng -v cmn-latn-pinyin -b 1 -s 160 -w "$work/zh/$name.wav" "$chinese"
done <"$here/texts.tsv"
dotnet run --file "$here/Pack.cs" -- "$work" "$target"
