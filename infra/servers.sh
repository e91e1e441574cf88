#!/usr/bin/env bash
# Starts the stores on free loopback ports. A server that is not installed is left out.
#
# Sourced by infra/test/run.sh, which sets $work (the folder for their data, thrown away afterwards) and $run (the marker in the environment of all
# that we start) and calls stop_servers at the end.
#
# Run as a program by ./pbx cluster:  servers.sh FOLDER [--volatile] postgres|redis|rabbitmq ...
# It then prints one line for each, "NAME PID CONNECTION" or "missing NAME", ends with the line "ready", and stops them when its standard input ends: so
# they also stop after a kill -9 of whoever started it. Their data stay in FOLDER for the next start, unless --volatile is given.

secret=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
volatile=1

free_port() {   # below the kernel's range for outgoing connections, so that nobody takes it before the server does
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

wait_for() {   # SECONDS PID COMMAND...   until COMMAND succeeds; fails at once when PID has ended
  local end=$((SECONDS + $1)) pid=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $end ] || ! kill -0 "$pid" 2>/dev/null; then return 1; fi
    sleep 0.1
  done
}

accepts() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start_postgres() {
  local bin port dir=$work/postgres as=() fast=()
  bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$bin" ] || return 0
  mkdir -p "$dir"; chmod o+x "$work"
  if [ "$(id -u)" = 0 ]; then      # the server refuses to run as root
    chown postgres "$dir"; as=(runuser -u postgres --)
    "${as[@]}" test -x "$dir" || { echo "PostgreSQL runs as the user postgres, who cannot reach $dir: a folder above it is closed to others"; return 1; }
  fi
  if [ ! -e "$dir/data/PG_VERSION" ]; then
    (umask 077; printf %s "$secret" >"$dir/password")
    [ "$(id -u)" != 0 ] || chown postgres "$dir/password"
    rm -rf "$dir/data"                                         # what an interrupted first start left
    (cd "$dir" && "${as[@]}" "$bin/initdb" -D "$dir/data" -U postgres --pwfile="$dir/password" -A scram-sha-256 --no-sync -E UTF8 --locale=C.UTF-8) >"$dir/initdb.log" 2>&1 ||
      { echo "PostgreSQL: initdb failed"; cat "$dir/initdb.log"; return 1; }
  fi
  [ -z "$volatile" ] || fast=(-c fsync=off -c synchronous_commit=off -c full_page_writes=off)
  port=$(free_port)
  (cd "$dir" && exec env PBX_TEST_RUN="$run" "${as[@]}" "$bin/postgres" -D "$dir/data" -h 127.0.0.1 -p "$port" -k "" \
    "${fast[@]}" -c max_connections=300) >"$dir/log" 2>&1 </dev/null &
  wait_for 30 $! "${as[@]}" "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" || { echo "PostgreSQL did not start"; tail -n 20 "$dir/log"; return 1; }
  postgres_pid=$(head -n 1 "$dir/data/postmaster.pid")        # the server itself, not runuser
  export PBX_TEST_POSTGRES="Host=127.0.0.1;Port=$port;Username=postgres;Password=$secret;Database=postgres"
}

start_redis() {
  local port dir=$work/redis keep=(--appendonly no)
  command -v redis-server >/dev/null || return 0
  mkdir -p "$dir"
  [ -n "$volatile" ] || keep=(--appendonly yes)
  port=$(free_port)
  PBX_TEST_RUN=$run redis-server --bind 127.0.0.1 --port "$port" --dir "$dir" --save "" "${keep[@]}" --daemonize no >"$dir/log" 2>&1 </dev/null &
  redis_pid=$!                                               # by pid: a process title like Redis' or PostgreSQL's overwrites the marker
  wait_for 15 $redis_pid accepts "$port" || { echo "Redis did not start"; tail -n 20 "$dir/log"; return 1; }
  export PBX_TEST_REDIS="127.0.0.1:$port"
}

# Debian's wrapper wants its own user and paths; the package's inner script takes everything from the environment.
# It needs 7 to 40 s, so it starts beside the build and is waited for when a suite needs it.
begin_rabbitmq() {
  local bin dir=$work/rabbitmq
  bin=$(find /usr/lib/rabbitmq -name rabbitmq-server -path '*bin/*' 2>/dev/null | sort | head -n 1)
  [ -n "$bin" ] || return 0
  mkdir -p "$dir"/{mnesia,log,home}
  rabbit_port=$(free_port)
  local epmd; epmd=$(free_port)
  printf '%s\n' "listeners.tcp.1 = 127.0.0.1:$rabbit_port" "default_user = pbx" "default_pass = $secret" "default_user_tags.administrator = true" \
    "log.console = true" "log.console.level = warning" "log.file = false" "disk_free_limit.absolute = 50MB" >"$dir/rabbitmq.conf"
  echo "[]." >"$dir/enabled_plugins"
  printf %s "$secret" >"$dir/home/.erlang.cookie"; chmod 400 "$dir/home/.erlang.cookie"
  (
    export PBX_TEST_RUN=$run HOME=$dir/home ERL_EPMD_PORT=$epmd ERL_EPMD_ADDRESS=127.0.0.1 LANG=C.UTF-8
    export RABBITMQ_NODENAME=pbx${volatile:+$rabbit_port}@localhost RABBITMQ_CONFIG_FILE=$dir/rabbitmq RABBITMQ_CONF_ENV_FILE=/dev/null
    export RABBITMQ_MNESIA_BASE=$dir/mnesia RABBITMQ_LOG_BASE=$dir/log RABBITMQ_LOGS=- RABBITMQ_ENABLED_PLUGINS_FILE=$dir/enabled_plugins
    export RABBITMQ_PID_FILE=$dir/pid RABBITMQ_GENERATED_CONFIG_DIR=$dir/generated
    RABBITMQ_DIST_PORT=$(free_port); export RABBITMQ_DIST_PORT
    export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
    unset RABBITMQ_HOME
    cd "$dir" && exec "$bin"
  ) >"$dir/console.log" 2>&1 </dev/null &
  rabbit_pid=$!
}

finish_rabbitmq() {
  [ -n "${rabbit_pid:-}" ] && [ -z "${PBX_TEST_RABBITMQ:-}" ] || return 0
  wait_for 90 "$rabbit_pid" accepts "$rabbit_port" || { echo "RabbitMQ did not start"; tail -n 20 "$work/rabbitmq/console.log"; return 1; }
  export PBX_TEST_RABBITMQ="amqp://pbx:$secret@127.0.0.1:$rabbit_port"
}

# Every process that carries this marker in its environment, whoever its parent is now.
marked() {   # NAME=VALUE
  local file
  for file in /proc/[0-9]*/environ; do
    if grep -qzxF "$1" "$file" 2>/dev/null; then basename "$(dirname "$file")"; fi
  done
}

stop_marked() {   # NAME=VALUE
  local pids end=$((SECONDS + 10))
  mapfile -t pids < <(marked "$1")
  [ ${#pids[@]} -gt 0 ] || return 0
  kill "${pids[@]}" 2>/dev/null || true
  while mapfile -t pids < <(marked "$1"); [ ${#pids[@]} -gt 0 ] && [ $SECONDS -lt $end ]; do sleep 0.1; done
  [ ${#pids[@]} -eq 0 ] || kill -9 "${pids[@]}" 2>/dev/null || true
}

stop_servers() {
  local pid
  [ -z "${postgres_pid:-}" ] || kill -INT "$postgres_pid" 2>/dev/null || true      # "fast": it does not wait for clients
  [ -z "${redis_pid:-}" ] || kill "$redis_pid" 2>/dev/null || true
  for pid in ${postgres_pid:-} ${redis_pid:-}; do
    local end=$((SECONDS + 10))
    while kill -0 "$pid" 2>/dev/null; do
      if [ $SECONDS -ge $end ]; then kill -9 "$pid" 2>/dev/null || true; break; fi
      sleep 0.05
    done
  done
  stop_marked "PBX_TEST_RUN=$run"
}

serve() {   # FOLDER [--volatile] NAME ...
  set -euo pipefail
  work=$1 run=cluster-$$-$RANDOM$RANDOM volatile=; shift
  if [ "${1:-}" = --volatile ]; then volatile=1; shift; fi
  mkdir -p "$work"
  if [ -s "$work/secret" ]; then secret=$(cat "$work/secret"); else (umask 077; printf %s "$secret" >"$work/secret"); fi      # of the data that are there
  trap stop_servers EXIT
  trap 'exit 0' TERM
  local name
  [[ " $* " != *" rabbitmq "* ]] || begin_rabbitmq
  for name in "$@"; do
    case $name in
      postgres) start_postgres; report postgres "${postgres_pid:-}" "${PBX_TEST_POSTGRES:-}" ;;
      redis) start_redis; report redis "${redis_pid:-}" "${PBX_TEST_REDIS:-}" ;;
      rabbitmq) finish_rabbitmq; report rabbitmq "${rabbit_pid:-}" "${PBX_TEST_RABBITMQ:-}" ;;
      *) echo "servers.sh: there is no store called $name" >&2; exit 2 ;;
    esac
  done
  echo ready
  while read -r _; do :; done
}
report() { if [ -n "$2" ]; then echo "$1 $2 $3"; else echo "missing $1"; fi; }

[ "${BASH_SOURCE[0]}" != "$0" ] || serve "$@"
