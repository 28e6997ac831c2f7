#!/usr/bin/env bash
#
# Compares this server with a real redis-server on this machine: CPU time of the server per operation,
# for GET and SET, without and with pipelines, as redis-benchmark asks for them.
#
#   compare-with-redis.sh [--rounds 5] [--requests 400000] [--clients 50] [--keys 100000] [--redis-journal yes|no]
#
# Both servers run at the same time, each asked in turn: A B A B. The server that is asked has one CPU,
# redis-benchmark the other one, where taskset is installed. Both append every change to a file and force it
# once a second; --redis-journal no spares Redis that.
# What is compared is the median over the rounds. ratio = Redis's CPU time per operation / ours: above 1 we
# are cheaper. Details go to stderr, one line per case to stdout.
set -euo pipefail

rounds=5 requests=400000 clients=50 keys=100000 redis_journal=yes
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2 ;;
    --requests) requests=$2 ;;
    --clients) clients=$2 ;;
    --keys) keys=$2 ;;
    --redis-journal) redis_journal=$2 ;;
    *) sed -n '3,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift 2
done

for tool in redis-server redis-benchmark redis-cli; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed: nothing to compare with" >&2; exit 3; }
done
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jar=$here/target/resp-server.jar
[ -f "$jar" ] || { echo "$jar is not there: mvn -pl samples/resp-server -am -DskipTests package" >&2; exit 3; }
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
# One loop makes the garbage, and one CPU is what it has: a collector with one thread. Of these the parallel one, which
# goes depth first and so tends to leave a key beside its value, was measured ahead of the serial one.
flags=${RESP_JAVA_FLAGS:--XX:+UseParallelGC -XX:ParallelGCThreads=1 -Xms512m -Xmx512m}

pin_server=() pin_client=()
if command -v taskset >/dev/null && [ "$(nproc)" -ge 2 ]; then
  pin_server=(taskset -c 0) pin_client=(taskset -c 1)
fi

folder=$(mktemp -d)
redis_port=${REDIS_PORT:-7401} our_port=${OUR_PORT:-7402}
stop() {
  kill "${redis_pid:-}" "${our_pid:-}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT
mkdir "$folder/redis" "$folder/ours"

"${pin_server[@]}" redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --dir "$folder/redis" \
  --daemonize no --appendonly "$redis_journal" --appendfsync everysec >"$folder/redis.log" &
redis_pid=$!
# shellcheck disable=SC2086 # flags are words
"${pin_server[@]}" "$java" $flags -jar "$jar" --serve --port "$our_port" --dir "$folder/ours" \
  --fsync everysec >"$folder/ours.log" 2>&1 &
our_pid=$!
for port in "$redis_port" "$our_port"; do
  for _ in $(seq 200); do
    [ "$(redis-cli -p "$port" ping 2>/dev/null)" = PONG ] && break
    sleep 0.05
  done
  [ "$(redis-cli -p "$port" ping)" = PONG ] || { cat "$folder"/*.log >&2; exit 4; }
done

# CPU time of a process, user and system, in clock ticks. The command's name may hold blanks.
cpu() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }
ticks=$(getconf CLK_TCK)

# ask PORT PID COMMAND DEPTH: prints nanoseconds of the server's CPU per operation, and operations a second.
ask() {
  local before after rate
  before=$(cpu "$2")
  rate=$("${pin_client[@]}" redis-benchmark -p "$1" -t "$3" -P "$4" -c "$clients" -n "$requests" \
    -r "$keys" --csv | awk -F'","' 'NR == 2 { print $2 }')
  after=$(cpu "$2")
  awk -v t="$((after - before))" -v hz="$ticks" -v n="$requests" -v r="$rate" \
    'BEGIN { printf "%.0f %.0f\n", t / hz / n * 1e9, r }'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

for depth in 1 16; do
  for command in set get; do
    # What a JIT compiler does in the beginning is not what a server does all day.
    for _ in 1 2; do ask "$our_port" "$our_pid" "$command" "$depth" >/dev/null; done
    ask "$redis_port" "$redis_pid" "$command" "$depth" >/dev/null
    for round in $(seq "$rounds"); do
      a=$(ask "$redis_port" "$redis_pid" "$command" "$depth")
      b=$(ask "$our_port" "$our_pid" "$command" "$depth")
      printf '%s -P %s, round %s: redis %s ns and %s/s, reveille %s ns and %s/s\n' \
        "$command" "$depth" "$round" ${a% *} ${a#* } ${b% *} ${b#* } >&2
      echo "${a% *}" >>"$folder/redis.$command.$depth"
      echo "${b% *}" >>"$folder/ours.$command.$depth"
    done
    a=$(median <"$folder/redis.$command.$depth")
    b=$(median <"$folder/ours.$command.$depth")
    awk -v c="$command" -v p="$depth" -v a="$a" -v b="$b" \
      'BEGIN { printf "resp.%s.P%s reveille=%.0f redis=%.0f ratio=%.2f\n", c, p, b, a, a / b }'
  done
done
