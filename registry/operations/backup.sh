#!/usr/bin/env bash
# Keeps backups: the database and the ledger every hour, the evidence files every night as well.
#
#   backup.sh            for ever
#   backup.sh once       one backup now, with the files
#
# One backup has one time in its names. Files of 35 days are kept (the privacy notice says so), hourly ones of two days.
set -euo pipefail

home=${REGISTER_HOME:-/var/lib/register}
kept=${BACKUPS:-/backups}
NIGHT=02

make_backup() {
    local with_files=$1 time new=$kept/.new
    time=$(date --utc +%Y%m%d-%H%M%S)
    rm -rf "$new"
    mkdir "$new"
    pg_dump --format=custom --file="$new/dump"
    # After the dump, so that the ledger knows every entry of it.
    copy_ledger "$new/ledger.jsonl"
    if [ "$with_files" = yes ]; then
        copy_files "$new/tar.gz"
        mv "$new/tar.gz" "$kept/register-$time.tar.gz"
    fi
    mv "$new/ledger.jsonl" "$kept/register-$time.ledger.jsonl"
    mv "$new/dump" "$kept/register-$time.dump"
    rmdir "$new"
    # /health reads these rows.
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 \
        --command="INSERT INTO registry_backup (at, has_files) VALUES (now(), '$with_files')" \
        --command="DELETE FROM registry_backup WHERE at < now() - interval '35 days'"
    find "$kept" -name 'register-*' -mtime +35 -delete
    remove_hourly_ones
    echo "Kept a backup as register-$time."
}

copy_ledger() {
    [ -e "$home/ledger/ledger.jsonl" ] || { : > "$1"; return; }
    cp "$home/ledger/ledger.jsonl" "$1"
    # A writer may be busy with the last line.
    [ -z "$(tail --bytes=1 "$1")" ] || sed --in-place '$d' "$1"
}

copy_files() {
    local status=0
    # 1: a file changed while it was read. Evidence never changes, and the ledger is copied apart.
    tar --create --gzip --file="$1" --directory="$home" --exclude=./ledger . || status=$?
    [ "$status" -le 1 ]
}

remove_hourly_ones() {
    local dump backup
    find "$kept" -name 'register-*.dump' -mmin +2880 | while read -r dump; do
        backup=${dump%.dump}
        [ -e "$backup.tar.gz" ] || rm -f "$dump" "$backup.ledger.jsonl"
    done
}

if [ "${1:-}" = once ]; then
    make_backup "${2:-yes}"
    exit
fi
with_files=yes
while true; do
    # In a process of its own, in which the first failure ends the backup. /health shows that it is missing.
    "$BASH" "$0" once "$with_files" || echo "No backup could be made. The next attempt follows within the hour." >&2
    sleep $((3600 - $(date +%s) % 3600))
    with_files=no
    [ "$(date +%H)" != "$NIGHT" ] || with_files=yes
done
