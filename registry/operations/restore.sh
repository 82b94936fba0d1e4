#!/usr/bin/env bash
# Puts a backup back: ledger, files, then the database. `put_back_from_ledger` does the rest.
#
#   restore.sh TIME          as in the names of backups, such as 20261130-030000
#   restore.sh TIME lost     where no copy of the ledger is left
#
# It changes nothing before all its questions are answered, and can be run again.
set -euo pipefail

home=${REGISTER_HOME:-/var/lib/register}
kept=${BACKUPS:-/backups}
time=${1:-}
ledger_is=${2:-}
ledger=$home/ledger/ledger.jsonl

refuse() {
    echo "Nothing was restored. $*" >&2
    exit 1
}

find_backup() {
    dump=$kept/register-$time.dump
    if [ -z "$time" ] || [ ! -e "$dump" ]; then
        refuse "There is no backup of the time \"$time\". There are:
$(find "$kept" -name 'register-*.dump' -printf '%f\n' | sed 's/register-\(.*\)\.dump/\1/' | sort)"
    fi
    pg_restore --list "$dump" > /dev/null || refuse "The backup $dump is damaged."
}

check_that_nobody_is_connected() {
    local sessions
    sessions=$(psql --no-psqlrc --tuples-only --no-align --set=ON_ERROR_STOP=1 --command="
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND usename IS NOT NULL AND pid <> pg_backend_pid()")
    [ "$sessions" -eq 0 ] || refuse "The register is running ($sessions connections to its database). Stop it first:
docker compose stop web worker links beat backup"
}

# The longest ledger knows most of what happened after the backup. All of them must tell the same story.
find_ledger() {
    local candidate
    newest=
    for candidate in "$kept"/register-*.ledger.jsonl "$ledger"; do
        # One from before the backup knows nothing that its own does not.
        [ -s "$candidate" ] && [[ "$candidate" == "$ledger" || ! "$candidate" < "$kept/register-$time.ledger.jsonl" ]] || continue
        if [ -z "$newest" ] || is_beginning "$newest" "$candidate"; then
            newest=$candidate
        elif ! is_beginning "$candidate" "$newest"; then
            refuse "The ledgers $newest and $candidate belong to different registers, or to different lives of this one.
Move the one away that is wrong."
        fi
    done
    if [ -z "$newest" ] && [ "$ledger_is" != lost ]; then
        refuse "There is no ledger, neither in $home nor beside the backups.
Without it nobody knows what was redacted, published and sent after the backup.
If every copy is lost, say LEDGER=lost: docs/operating.md says what that means."
    fi
}

is_beginning() {
    local length
    length=$(whole_lines "$1")
    [ "$length" -le "$(stat --format=%s "$2")" ] && cmp --silent --bytes="$length" "$1" "$2"
}

# The last line may be torn, if its writer was killed.
whole_lines() {
    local length torn=0
    length=$(stat --format=%s "$1")
    [ -z "$(tail --bytes=1 "$1")" ] || torn=$(tail --lines=1 "$1" | wc --bytes)
    echo $((length - torn))
}

put_ledger_back() {
    [ -n "$newest" ] && [ "$newest" != "$ledger" ] || return 0
    mkdir --parents "$home/ledger"
    cp "$newest" "$ledger.new"
    chown --reference="$home" "$home/ledger" "$ledger.new"
    mv "$ledger.new" "$ledger"
}

# Files that are there stay: evidence never changes, and its name is never used again.
put_files_back() {
    local files
    files=$(find "$kept" -name 'register-*.tar.gz' | sort | awk -v limit="$kept/register-$time.tar.gz" '$0 <= limit' | tail --lines=1)
    if [ -n "$files" ]; then
        tar --extract --gzip --file="$files" --directory="$home" --skip-old-files
        echo "The files came back from $(basename "$files"), as far as they were missing."
    else
        echo "There is no backup of files up to this time. The files in $home stay as they are."
    fi
}

find_backup
check_that_nobody_is_connected
find_ledger
put_ledger_back
put_files_back
pg_restore --clean --if-exists --exit-on-error --single-transaction --dbname="${PGDATABASE:-register}" "$dump"
echo "The database is that of $time. What the ledger knows of the time since comes next."
