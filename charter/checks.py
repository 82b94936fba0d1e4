"""System checks of the database. `migrate` runs them before a register starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from registry.local import accounts


@register(Tags.database)
def check_no_demonstration_accounts(
    app_configs: Any, databases: Any = None, **options: Any
) -> list[CheckMessage]:
    """Report an error in production while an account with a known password exists."""
    if not settings.PRODUCTION:
        return []
    for name in databases or []:
        with connections[name].cursor() as cursor:
            cursor.execute("SELECT to_regclass('charter_user')")
            if cursor.fetchone() == (None,):
                continue  # a new database has no table yet
            cursor.execute(
                "SELECT email FROM charter_user WHERE email = ANY(%s)",
                [sorted(accounts.ACCOUNTS)],
            )
            if emails := [email for (email,) in cursor.fetchall()]:
                return [
                    Error(
                        f"This database holds accounts of the demonstration: {', '.join(emails)}.",
                        hint="Their password is known. Use an empty database for a real register.",
                        id="charter.E001",
                    )
                ]
    return []
