from typing import Any

from django.core.management.base import BaseCommand

from charter.mail import bounces


class Command(BaseCommand):
    help = "Read the reports of undelivered email that have arrived in the maildir `bounces`."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{bounces.read_reports()} emails came back.")
