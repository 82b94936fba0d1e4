"""Invite the first administrator of a register."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from charter.actions import people
from charter.forms.fields import AddressField


class Command(BaseCommand):
    help = "Print a one-time link for an administrator: a password, then a second factor."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            AddressField().clean(email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        link = people.invite_administrator(email=email)
        self.stdout.write(f"Within 72 hours {email} can open this link once:\n{link}")
