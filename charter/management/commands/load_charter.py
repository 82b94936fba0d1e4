"""Load the charter that ships with the register."""

from typing import Any

from django.core.management.base import BaseCommand

from charter import reference
from charter.actions import charters, people
from charter.models import Charter


class Command(BaseCommand):
    help = "Load the Birmingham charter with its themes and measures. A second run changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        charter = Charter.objects.filter(title=reference.charter()["title"]).first()
        if charter is None:
            charter = charters.set_up(
                by=people.get_operator(),
                authority=reference.authority(),
                charter=reference.charter(),
                themes=reference.themes(),
                measures=reference.measures(),
            )
        self.stdout.write(f"{charter} is in the register, key {charter.key}.")
