from typing import Any

from django.core.management.base import BaseCommand

from registry.log import publishing


class Command(BaseCommand):
    help = "After a restore: put back the entries that only the ledger remembers, and go on."

    def handle(self, *args: Any, **options: Any) -> None:
        missing = publishing.restore_from_ledger()
        self.stdout.write(f"{missing} entries were put back. Now run verify_register.")
