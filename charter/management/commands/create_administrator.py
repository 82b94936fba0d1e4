"""Invite an administrator of an authority, or the first one of a new authority."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from charter.actions import staff
from charter.forms.fields import AddressField
from charter.models import Authority


class Command(BaseCommand):
    help = "Print a one-time link for an administrator: a password, then a second factor."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--authority", help="the name of one of several authorities")
        parser.add_argument(
            "--new-authority", action="store_true", help="for an authority that is yet to be set up"
        )

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            AddressField().clean(email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        authority = find_authority(options["authority"], is_new=options["new_authority"])
        link = staff.invite_administrator(email=email, authority=authority)
        self.stdout.write(f"Within 72 hours {email} can open this link once:\n{link}")


def find_authority(name: str | None, *, is_new: bool) -> Authority | None:
    """Return the authority of a name, or the only one; None if it is yet to be set up."""
    authorities = Authority.objects.all()
    if is_new or not authorities:
        return None
    matches = [a for a in authorities if name in (None, a.name)]
    if len(matches) != 1:
        names = ", ".join(f"“{authority}”" for authority in authorities)
        raise CommandError(f"Choose one with --authority: {names}. Or give --new-authority.")
    return matches[0]
