#!/usr/bin/env bash
# ./pbx test [SUITE] [FILTER] | --list [SUITE]
#
# Installs what the tests need (as root), starts the stores, builds the test projects in Debug (its assertions belong to the test), runs
# each as its own program and adds the results up. Always ends with two lines: what was skipped and why, and "N passed, N failed".
# PBX_NO_SKIP=1 makes a skipped test a failure of the run. The results of each suite stay in artifacts/test/SUITE/.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
results=$root/artifacts/test
suite_limit=${PBX_TEST_SUITE_SECONDS:-1500}      # a suite that takes longer is stopped and counts as failed
by_name_only=" Chaos "                      # suites that ./pbx test does not run unless it is asked to

suites() {     # every test project by its short name; the scenarios, which need most, come last
  local file
  for file in "$root"/tests/*/*.csproj; do
    case $file in
      */CloudPbx.*.Tests.csproj) basename "$file" .Tests.csproj | sed 's/^CloudPbx\.//' ;;
      */CloudPbx.Chaos.csproj) basename "$file" .csproj | sed 's/^CloudPbx\.//' ;;
    esac
  done | sort
  [ ! -e "$root/tests/CloudPbx.Scenarios" ] || echo Scenarios
}
project() { if [ -d "$root/tests/CloudPbx.$1.Tests" ]; then echo "$root/tests/CloudPbx.$1.Tests"; else echo "$root/tests/CloudPbx.$1"; fi; }
program() { local dir; dir=$(project "$1"); echo "$dir/bin/Debug/net10.0/$(basename "$dir")"; }
known() { suites | grep -ixF -- "$1" || true; }
mentions() { grep -rqE --include='*.cs' "$2" "$(project "$1")"; }

list= chosen=() filter=()
if [ "${1:-}" = --list ]; then list=1; shift; fi
if [ $# -eq 0 ]; then
  mapfile -t chosen < <(suites | while read -r suite; do [[ $by_name_only == *" $suite "* ]] || echo "$suite"; done)
  [ -n "$list" ] || filter=(--filter-not-trait "Category=slow")
elif [ -n "$(known "$1")" ]; then
  chosen=("$(known "$1")")
  [ $# -lt 2 ] || filter=(--filter-display-name "*$2*")
elif [[ $1 == -* ]]; then
  sed -n '2,6s/^# \{0,1\}//p' "$here/run.sh"; exit 2
else     # no suite of that name: part of a test's name; only the suites that contain its words are built and run
  word=${1##*.}
  mapfile -t chosen < <(suites | while read -r suite; do if mentions "$suite" "${word%%(*}"; then echo "$suite"; fi; done)
  [ ${#chosen[@]} -gt 0 ] || { echo "no suite and no test is called '$1'; ./pbx test --list names the suites" >&2; exit 2; }
  filter=(--filter-display-name "*$1*")
fi
if [ -n "$list" ] && [ $# -eq 0 ]; then printf '%s\n' "${chosen[@]}"; exit 0; fi

run=$$-$RANDOM$RANDOM
work=$(mktemp -d)
. "$root/infra/servers.sh"
finish() {
  trap - EXIT INT TERM
  stop_servers
  if command -v ip >/dev/null && [ "$(id -u)" = 0 ]; then      # namespaces that a killed suite left behind
    ip netns list | awk -v mine="pbx$$-" 'index($1, mine) == 1 { print $1 }' | while read -r name; do ip netns del "$name"; rm -rf "/etc/netns/$name"; done
  fi
  rm -rf "$work"
}
trap finish EXIT; trap 'echo "stopped" >&2; exit 130' INT TERM

say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*"; }
skip_notes=()

missing=$("$here/install.sh" | tr '\n' ' ')
[ -z "$missing" ] || say "not installed (run as root to install, or tests are skipped): $missing"

for suite in "${chosen[@]}"; do if mentions "$suite" 'PBX_TEST_RABBITMQ|TestStores\.RabbitMq'; then begin_rabbitmq; break; fi; done
say "building"
targets=("$root/CloudPbx.sln")
[ ${#chosen[@]} -gt 3 ] || { targets=(); for suite in "${chosen[@]}"; do targets+=("$(project "$suite")"); done; }
for target in "${targets[@]}"; do
  # The compiler server is this run's own and ends with it.
  if ! PBX_TEST_RUN=$run "$here/build.sh" "$target" Debug "-p:SharedCompilationId=pbx$run"; then
    echo "skipped: every test (the build failed)"; echo "0 passed, 1 failed"; exit 1
  fi
done
if [ -n "$list" ]; then "$(program "${chosen[0]}")" --no-ansi --progress off --xunit-list tests | sed '/^$/,$d'; exit 0; fi

for suite in "${chosen[@]}"; do if mentions "$suite" 'PBX_TEST_(POSTGRES|REDIS)|TestStores\.'; then start_postgres; start_redis; break; fi; done

passed=0 failed=0 skipped=0
attribute() { sed -n "s/.*<assembly [^>]* $2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

run_suite() {     # SUITE [SETTING=VALUE]: once more with one of the runtime's settings
  local suite=$1 name=$1${2:+-${2%%=*}} exe log report code=0 began=$SECONDS p=0 f=0 s=0 note=
  exe=$(program "$suite") log=$results/$name/output.txt report=$results/$name/report.xml
  rm -rf "${results:?}/$name"; mkdir -p "$results/$name"
  if mentions "$suite" 'PBX_TEST_RABBITMQ|TestStores\.RabbitMq'; then finish_rabbitmq; fi
  (cd "$results/$name" && exec env ${2:+"$2"} PBX_TEST_RUN="$run" PBX_TEST_SUITE="$run-$suite" PBX_TEST_NAMESPACE_PREFIX="pbx$$-" timeout -k 10 "$suite_limit" "$exe" --no-ansi --progress off \
    --auto-reporters off --long-running 60 --results-directory "$results/$name" --report-xunit-xml --report-xunit-xml-filename report.xml "${filter[@]}") \
    >"$log" 2>&1 </dev/null &
  local pid=$!
  { wait $pid; } 2>/dev/null || code=$?
  stop_marked "PBX_TEST_SUITE=$run-$suite"
  if [ -s "$report" ]; then
    p=$(attribute "$report" passed) s=$(attribute "$report" skipped) f=$(attribute "$report" failed)
    f=$((${f:-0} + $(attribute "$report" errors)))
  fi
  if [ "$code" = 8 ] && [ "$((p + f + s))" = 0 ]; then note=" no tests"; code=0
  elif [ "$code" = 124 ] || [ "$code" = 137 ]; then note=" stopped after ${suite_limit} s"; f=$((f + 1))
  elif [ "$code" != 0 ] && [ "$f" = 0 ]; then note=" ended with code $code"; f=1; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  say "$(printf '%-14s %5d passed%s%s%s  (%d s)' "$suite${2:+ $2}" "$p" "$([ "$f" = 0 ] || echo ", $f failed")" "$([ "$s" = 0 ] || echo ", $s skipped")" "$note" $((SECONDS - began)))"
  if [ "$f" != 0 ]; then
    sed -n '/^failed /,/^skipped /{/^skipped /!p}' "$log" | sed '/^Test run summary/,$d' | head -c 200000
    [ -s "$report" ] || tail -n 60 "$log"
    [ -z "$note" ] || { echo "--- the end of $name's output"; tail -n 40 "$log"; }
  fi
  [ "$s" = 0 ] || mapfile -O ${#skip_notes[@]} -t skip_notes < <(awk -v RS='<test ' '
    function plain(text) { gsub(/\\?&quot;/, "\"", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/[ \t\r\n]+/, " ", text); gsub(/\\"/, "\"", text); gsub(/&amp;/, "\\&", text); return text }
    / result="Skip"/ {
      name = $0; sub(/^.*name="/, "", name); sub(/" result="Skip".*/, "", name); sub(/^CloudPbx\./, "", name)
      why = "no reason given"; if (match($0, /<reason>.*<\/reason>/)) why = substr($0, RSTART + 8, RLENGTH - 17)
      print plain(name) " (" plain(why) ")" }' "$report")
}
for suite in "${chosen[@]}"; do
  run_suite "$suite"
  # What is computed by vectors gives the same with narrower ones, and with none: whatever processor the product runs on.
  if [ "$suite" = Audio ]; then
    for setting in DOTNET_EnableAVX512=0 DOTNET_EnableAVX2=0 DOTNET_EnableHWIntrinsic=0; do run_suite "$suite" "$setting"; done
  fi
done

if [ "$skipped" = 0 ]; then echo "skipped: none"
else printf 'skipped: %s\n' "$(printf '%s; ' "${skip_notes[@]}" | sed 's/; $//')"; fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$((passed + failed))" != 0 ] && { [ "$skipped" = 0 ] || [ "${PBX_NO_SKIP:-0}" != 1 ]; }
