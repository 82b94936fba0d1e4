"""Load the charter that ships with the register."""

from typing import Any

from django.core.management.base import BaseCommand

from charter import reference
from charter.actions import charters, people
from charter.models import Charter


class Command(BaseCommand):
    help = "Load the Birmingham charter with its themes and measures. A second run changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        described = reference.charter()
        known = {name: described[name] for name in ("title", "edition")}
        charter = charters.set_up(
            by=people.operator(),
            authority=reference.authority(),
            charter=described,
            themes=reference.themes(),
            measures=reference.measures(),
            ours=Charter.objects.filter(**known).first(),
        )
        self.stdout.write(f"{charter} is in the register, key {charter.key}.")
