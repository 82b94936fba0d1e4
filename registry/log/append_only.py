"""Tables whose rows are never changed or removed, by triggers that no session can switch off.

Plain triggers, since those of pgtrigger can be ignored by a setting, and always enabled, since
`session_replication_role` switches off others. Only the owner of the tables can disable them, and
the application has no right to update, delete or truncate: database_roles.py withholds it from
every table with these triggers. The updates they allow are made by functions of the owner.
"""

from django.db.migrations import RunSQL

SEARCH_PATH = "SET search_path = pg_catalog, public, pg_temp"


def append_only(table: str, *, allowed_update: str = "FALSE") -> RunSQL:
    """Return an operation that refuses every change of a table's rows, except an allowed update.

    `allowed_update` is a condition on the row before and after: OLD and NEW.
    """
    triggers = [
        f"""
        CREATE TRIGGER append_only_{name} BEFORE {name} ON {table} {level}
            EXECUTE FUNCTION refuse_change();
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_{name};
        """
        for name, level in [
            ("update", f"FOR EACH ROW WHEN (NOT {table}_allows_update(OLD, NEW))"),
            ("delete", "FOR EACH ROW"),
            ("truncate", "FOR EACH STATEMENT"),
        ]
    ]
    return RunSQL(
        f"""
        CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql {SEARCH_PATH}
        AS $$
            BEGIN
                RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME;
            END
        $$;
        CREATE FUNCTION {table}_allows_update(old {table}, new {table}) RETURNS boolean
        LANGUAGE sql STABLE {SEARCH_PATH} AS $$ SELECT {allowed_update} $$;
        {"".join(triggers)}
        """  # noqa: S608 - no part of it is user input
    )


def owner_function(signature: str, statement: str) -> RunSQL:
    """Return an operation that creates a function with the owner's rights.

    The triggers check what it does. Only the application may call it.
    """
    name = signature.partition("(")[0]
    return RunSQL(
        f"""
        CREATE FUNCTION {signature} RETURNS void LANGUAGE sql SECURITY DEFINER {SEARCH_PATH}
        AS $$ {statement} $$;
        REVOKE ALL ON FUNCTION {name} FROM PUBLIC;
        """
    )
