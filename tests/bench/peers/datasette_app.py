"""Datasette on the same rows: a SQLite file in its kindest form, served by two workers.

The name of the organisation and the latest figure stand beside each commitment, every filter has an
index, and full-text search covers title and description.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

import psycopg

COLUMNS = (
    "id, key, organisation_id, theme, measure, unit, target, baseline, start, due, ward, sector, "
    "status, title, description, published_at, organisation, latest"
)
QUERY = """
    SELECT commitment.id, commitment.key, organisation_id, theme, measure, unit, target::float,
        baseline::float, start::text, due::text, commitment.ward, commitment.sector, status, title,
        description, published_at::text, organisation.name,
        (SELECT value::float FROM peers.peers_update WHERE commitment_id = commitment.id
         ORDER BY period DESC LIMIT 1)
    FROM peers.peers_commitment commitment
    JOIN peers.peers_organisation organisation ON organisation.id = organisation_id
    ORDER BY 1
"""
UPDATES = "SELECT id, commitment_id, period::text, value::float, narrative FROM peers.peers_update"


def make_file(database: psycopg.Connection[Any], path: Path) -> None:
    """Write the SQLite file from the tables of the plain peers."""
    path.unlink(missing_ok=True)
    file = sqlite3.connect(path)
    file.execute(f"CREATE TABLE commitments ({COLUMNS}, PRIMARY KEY (id))")
    values = ", ".join("?" * len(COLUMNS.split(",")))
    insert = f"INSERT INTO commitments VALUES ({values})"  # noqa: S608 - no part is input
    file.executemany(insert, database.execute(QUERY))
    file.execute(
        "CREATE TABLE updates (id INTEGER PRIMARY KEY, commitment_id, period, value, narrative)"
    )
    file.executemany("INSERT INTO updates VALUES (?, ?, ?, ?, ?)", database.execute(UPDATES))
    for column in ("key", "theme", "sector", "ward", "status", "due"):
        file.execute(f"CREATE INDEX by_{column} ON commitments ({column})")
    file.execute("CREATE INDEX updates_of ON updates (commitment_id)")
    options = "content=commitments, content_rowid=id, tokenize=porter"
    file.execute(f"CREATE VIRTUAL TABLE commitments_fts USING fts5(title, description, {options})")
    file.execute("INSERT INTO commitments_fts (commitments_fts) VALUES ('rebuild')")
    file.execute("ANALYZE")
    file.commit()
    file.close()


def make_application() -> Any:
    """Return Datasette's application for the file that DATASETTE_FILE names."""
    from datasette.app import Datasette

    limits = {"sql_time_limit_ms": 60_000, "facet_time_limit_ms": 20_000, "max_csv_mb": 0}
    settings = limits | {"max_returned_rows": 1_000_000, "suggest_facets": False}
    return Datasette([], immutables=[os.environ["DATASETTE_FILE"]], settings=settings).app()
