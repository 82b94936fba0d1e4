import gc
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from registry import clock
from registry.log import publishing
from reporting.demonstration.seeder import DemonstrationSeeder


class Command(BaseCommand):
    help = (
        "Fill an empty register with organisations that do not exist, by real actions with a "
        "moving clock."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demonstration is for DEMO=1 only.")
        if publishing.head().number:
            self.stdout.write("The register holds something already: nothing to do.")
            return
        self.stdout.write("Playing two years of a demonstration register:")
        # `make run` starts again if it finds this file, because the seeding was cut off.
        unfinished = settings.REGISTER_HOME / "demonstration-unfinished"
        unfinished.touch()
        # Looking for cycles after every few hundred objects takes a twelfth of the time.
        gc.set_threshold(100_000, 50, 50)
        DemonstrationSeeder(clock.today(), write_line=self.stdout.write).run()
        unfinished.unlink()
        head = publishing.head()
        self.stdout.write(f"{head.number} entries are public.")
