"""Build the pages for businesses, buyers, councillors, residents and re-users, with numbers."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from registry.log import keys
from registry.models import KindCount, Record
from registry.models.listing import LATE_TAGS
from registry.open_data.counts import count_each
from registry.schema.code_lists import Delivery, Reporting
from registry.wording.formatting import count_noun

MET, WEAKENED, PLACED = f"delivery:{Delivery.MET}", "weakened:true", "placed:true"
CLOSED = f"reporting:{Reporting.CLOSED}"


@dataclass(frozen=True)
class LiveNumber:
    """A number with what it is of, and the page behind it."""

    number: str
    text: str
    url: str


@dataclass(frozen=True)
class _Register:
    """How many commitments have each tag, and how many records there are of a kind."""

    counts: Counter[str]
    entries: int

    def records(self, kind: str) -> int:
        statuses = set(Record.Status.values) - {Record.Status.REDACTED}
        return KindCount.objects.total([kind], [f"record_status:{each}" for each in statuses])

    @property
    def all(self) -> int:
        return self.counts[""]

    def met(self) -> LiveNumber:
        url = f"{reverse('website:commitments')}?counted_as=met"
        return LiveNumber(
            f"{self.counts[MET]:,}", f"of {count_noun(self.all, 'commitment')} met so far", url
        )

    def weakened(self) -> LiveNumber:
        url = f"{reverse('website:commitments')}?weakened=true"
        text = f"of {count_noun(self.all, 'commitment')} weakened after publication"
        return LiveNumber(f"{self.counts[WEAKENED]:,}", text, url)

    def late(self) -> LiveNumber:
        late = sum(self.counts[tag] for tag in LATE_TAGS)
        is_open = self.all - self.counts[CLOSED]
        text = f"of {count_noun(is_open, 'open commitment')} with an update not received"
        return LiveNumber(f"{late:,}", text, reverse("website:missing_updates"))

    def placed(self) -> LiveNumber:
        text = f"of {count_noun(self.all, 'commitment')} for a named place"
        return LiveNumber(f"{self.counts[PLACED]:,}", text, reverse("website:places"))

    def signatories(self) -> LiveNumber:
        number = self.records("signatory")
        noun = "signatory" if number == 1 else "signatories"
        text = f"{noun} with {count_noun(self.all, 'commitment')}"
        return LiveNumber(f"{number:,}", text, reverse("website:signatories"))

    def successes(self) -> LiveNumber:
        number = self.records("success")
        noun = "success" if number == 1 else "successes"
        return LiveNumber(f"{number:,}", f"{noun} published", reverse("website:successes"))

    def history(self) -> LiveNumber:
        noun = "entry" if self.entries == 1 else "entries"
        return LiveNumber(f"{self.entries:,}", f"{noun} in the history", reverse("website:verify"))


# Each has a page of its own, below /for, with these numbers.
AUDIENCES: dict[str, tuple[Callable[[_Register], LiveNumber], ...]] = {
    "businesses": (_Register.signatories, _Register.met, _Register.successes),
    "buyers": (_Register.signatories, _Register.met, _Register.weakened),
    "councillors": (_Register.placed, _Register.late, _Register.weakened),
    "residents": (_Register.placed, _Register.met, _Register.successes),
    "re-users": (_Register.signatories, _Register.successes, _Register.history),
}


def live_numbers(name: str, entries: int, today: date) -> list[LiveNumber]:
    """Return the numbers for an audience; `entries` is the number of the head. Four queries."""
    tags = ["", MET, WEAKENED, PLACED, CLOSED, *LATE_TAGS]
    register = _Register(count_each([""], tags, today)[""], entries)
    return [number(register) for number in AUDIENCES[name]]


def statement_url(text: str) -> str:
    """Return the address of the statement of what a reference names, or "" for none. One query."""
    key = keys.normalise_key(text.strip())
    kind = keys.kind_of(key) if keys.is_key(key) else ""
    if kind not in ("signatory", "commitment") or not Record.objects.filter(pk=key).exists():
        return ""
    return reverse(f"website:{kind}_statement", args=[key])
