from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.log import ledger
from reporting.redaction import restoring


class Command(BaseCommand):
    help = "After a restore: put back the entries and redactions that only the ledger remembers."

    def handle(self, *args: Any, **options: Any) -> None:
        if not ledger.ledger_path().exists():
            raise CommandError(f"There is no ledger at {ledger.ledger_path()}.")
        for sentence in restoring.describe(restoring.put_back()):
            self.stdout.write(sentence)
