from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.log import publishing, verifying


class Command(BaseCommand):
    help = (
        "Verify the log: hashes, chain, records and copies. Keep the outcome and name each fault."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        faults = verifying.verify_and_record(progress=self.stdout.write)
        if faults:
            for fault in faults:
                self.stderr.write(str(fault))
            raise CommandError(
                "The register does not verify. Keep it as it is and read docs/operating.md."
            )
        head = publishing.head()
        self.stdout.write(f"The register verifies: {head.number} entries, head {head.hash}")
