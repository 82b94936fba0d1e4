"""Let the first person of a council in."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from charter.actions import people


class Command(BaseCommand):
    help = "Print a one-time link for an administrator: a password, then a second factor."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} is not an e-mail address.") from None
        link = people.invite_administrator(email=email)
        self.stdout.write(f"Within 72 hours {email} can open this link once:\n{link}")
