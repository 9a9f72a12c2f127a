#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# postgres_keeper.sh DIRECTORY: starts a private PostgreSQL (unix socket only), writes its folder
# to DIRECTORY/ready, and stops and deletes it when no test process has held DIRECTORY/users.lock
# for a few seconds. Test processes share that lock; the kernel frees it when they die. Started by
# test_database.cpp with DIRECTORY/keeper.lock held on descriptor 9, kept for its whole life.
set -eu
directory=$1
run=$directory/run
binaries=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)

# Creating and dropping databases syncs many files. In memory that is quick; no test cuts the power.
if [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 2000000 ] 2>/dev/null; then
    # Its name says whose it is: a test with another TMPDIR has a server of its own, and must not
    # take this one's data away.
    run=/dev/shm/$(basename "$directory")-$(stat -c %d-%i "$directory")
fi

if [ "$(id -u)" = 0 ]; then
    as="setpriv --reuid=postgres --regid=postgres --clear-groups"
    chmod 711 "$directory"
else
    as=""
fi

rm -rf "$run"
mkdir -m 700 "$run"
[ -z "$as" ] || chown postgres: "$run"
cd "$run"

server=""
finish() {
    trap - EXIT INT TERM HUP
    if [ -n "$server" ]; then
        kill -INT "$server" 2>/dev/null || true # fast shutdown
        wait "$server" 2>/dev/null || true
    fi
    cd /
    rm -rf "$run"
    rm -f "$directory/ready"
}
trap finish EXIT INT TERM HUP

$as "$binaries/initdb" -D "$run/data" -U fernamt -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
    --no-instructions >"$directory/log" 2>&1
# fsync stays on, as in production.
$as "$binaries/postgres" -D "$run/data" -k "$run" -c listen_addresses= -c shared_buffers=32MB \
    -c max_connections=200 -c autovacuum=off -c jit=off >>"$directory/log" 2>&1 9>&- &
server=$!
for _ in $(seq 200); do
    $as "$binaries/pg_isready" -q -h "$run" -U fernamt -d postgres && break
    kill -0 "$server" # gone: give up
    sleep 0.05
done
echo "$run" >"$directory/ready"

idle=0
while [ "$idle" -lt 10 ] && kill -0 "$server" 2>/dev/null; do
    sleep 1
    if flock -n -x "$directory/users.lock" true; then idle=$((idle + 1)); else idle=0; fi
done
