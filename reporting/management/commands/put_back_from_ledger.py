from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.log import ledger, publishing, verifying
from reporting.redaction import restoring


class Command(BaseCommand):
    help = "After a restore: put back what only the ledger remembers, and verify the register."

    def handle(self, *args: Any, **options: Any) -> None:
        if not ledger.ledger_path().exists():
            raise CommandError(f"There is no ledger at {ledger.ledger_path()}.")
        try:
            restored = restoring.put_back()
        except publishing.LogError as error:
            raise CommandError(str(error)) from None
        for sentence in restoring.describe(restored):
            self.stdout.write(sentence)
        faults = verifying.verify_and_record()
        for fault in faults:
            self.stderr.write(str(fault))
        if faults:
            raise CommandError("The register does not verify. docs/operating.md says what to do.")
        self.stdout.write("The register verifies.")
