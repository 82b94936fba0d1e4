"""System checks of the database."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def check_database_locale(
    app_configs: Any, databases: Any = None, **options: Any
) -> list[CheckMessage]:
    """Refuse a database that does not fold É and é: search would miss names."""
    for name in databases or []:
        with connections[name].cursor() as cursor:
            cursor.execute("SELECT 'É' ILIKE 'é'")
            if cursor.fetchone() != (True,):
                return [
                    Error(
                        "The database compares letters beyond ASCII byte by byte.",
                        hint="Create it with a UTF-8 locale; docs/operating.md says how.",
                        id="registry.E001",
                    )
                ]
    return []
