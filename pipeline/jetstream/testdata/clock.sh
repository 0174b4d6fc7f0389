#!/usr/bin/env bash
# Writes DIR/overlay.json, with which the go command builds programs whose wall clock jumps SECONDS (600) ahead, back, behind and
# back again, every two seconds from their start. Timers go on as they do when somebody sets the clock of a machine.
#
#   pipeline/jetstream/testdata/clock.sh /tmp/clock
#   go build -overlay /tmp/clock/overlay.json -o /tmp/clock/nats-server github.com/nats-io/nats-server/v2
#   go test ./pipeline/jetstream -nats.server /tmp/clock/nats-server
#   GOFLAGS=-overlay=/tmp/clock/overlay.json go test ./pipeline/jetstream/chaos -run Chaos   # servers and workers, each by itself
set -euo pipefail
dir=$(mkdir -p "$1" && cd "$1" && pwd) by=${2:-600}
from=$(go env GOROOT)/src/time/time.go
# time.Now is the only place where both readings of the clock come together.
awk -v by="$by" '{ print }
  /^func Now\(\) Time/ { now = 1 }
  now && /mono -= startNano/ {
    print "\tswitch mono / 2e9 % 4 {\n\tcase 1:\n\t\tsec += " by "\n\tcase 3:\n\t\tsec -= " by "\n\t}"; now = 0; done = 1
  }
  END { exit !done }' "$from" > "$dir/time.go"
printf '{"Replace":{"%s":"%s"}}\n' "$from" "$dir/time.go" > "$dir/overlay.json"
