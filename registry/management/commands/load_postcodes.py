from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.reference_data import postcodes


class Command(BaseCommand):
    help = "Load the wards of postcodes from a CSV, such as the ONS Postcode Directory."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = postcodes.load_file(options["file"])
        except (postcodes.FileError, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{count:,} postcodes lead to their ward.")
