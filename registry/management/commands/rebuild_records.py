from typing import Any

from django.core.management.base import BaseCommand

from registry.log import publishing


class Command(BaseCommand):
    help = "Make the records again from the entries. Gives the same rows, at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("Folding the entries again …")
        self.stdout.write(f"{publishing.rebuild_records()} records made.")
