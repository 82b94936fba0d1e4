"""Does email leave from where it last left? A restored copy elsewhere must not write to people.

A place is the register's address and its ledger. The first one counts without a person's agreement.
Where no email leaves the machine, as in a demonstration, there is nothing to hold.
"""

from django.conf import settings

from charter.models import SendingPlace
from registry import clock
from registry.models import Ledger


def may_send_here() -> bool:
    """Return True unless email waits for a person's agreement. Notes the first place."""
    if settings.SENDS_REAL_EMAIL and not SendingPlace.objects.exists():
        Ledger.begin_first()
        current_place().save()
    return not find_problems()


def find_problems() -> list[str]:
    """Return a sentence if email waits, because this is not where it last left from."""
    if not settings.SENDS_REAL_EMAIL:
        return []
    last = SendingPlace.objects.order_by("-pk").first()
    if last is None:
        return []
    here = current_place()
    if last.address != here.address:
        return [
            f"Emails are on hold: they last left from {last.address}, and this register is "
            f"{here.address}. A restored copy sends nothing until someone at the council agrees."
        ]
    if last.ledger != here.ledger:
        return [
            "Emails are on hold: the register has begun a new ledger, so emails that were sent "
            "after the backup may be sent again."
        ]
    return []


def current_place() -> SendingPlace:
    """Return the unsaved place of this register."""
    place = SendingPlace(address=settings.PUBLIC_URL, began_at=clock.now())
    if ledger := Ledger.get_current():
        place.ledger = ledger.identity
    return place
