"""Begin a new ledger where the old one is lost."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from charter.actions import ledgers
from registry.log import freezing, ledger, publishing

MEANING = """\
A new ledger knows only what this database knows, and for good:
- Entries that were published after the backup are lost, and their numbers are given out again.
  Heads of them that others keep no longer verify.
- Emails that were sent after the backup may be sent again.
- Redactions made after the backup are undone: make them again.
If the old ledger can be found, put it back instead."""


class Command(BaseCommand):
    help = "Where the ledger is lost: begin a new one, after saying what that means."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="you have read what it means")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(freezing.find_obstacle() or "The register and its ledger fit together.")
        self.stdout.write(MEANING)
        last, head = ledger.last_entry(), publishing.head()
        if last and last["number"] > head.number:
            self.stdout.write(
                f"The ledger that is here remembers entries up to {last['number']}, and the "
                f"database has {head.number}."
            )
        if not options["yes"]:
            raise CommandError("Nothing was done. To begin a new ledger, add --yes.")
        ledgers.begin_new_ledger()
        self.stdout.write("A new ledger has begun, and the activity says so.")
