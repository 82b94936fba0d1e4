"""The lives of signatories and commitments, as the events that the log keeps of them.

A commitment makes some 26 entries: itself, its periods as they begin, are answered and are
approved, six updates, and some reminders, changes, confirmations, successes and notices.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from registry.reference_data import places, sectors
from registry.schema.code_lists import OrganisationKind, PlannedEvidenceType, Size
from registry.schema.fields import plain_decimal
from registry.schema.measure_codes import Counts, Direction, ValueType
from reporting import schedule
from tests.bench import words
from tests.bench.plans import UPDATES_EACH, Event, Item, Plan, Register

# Usual targets by unit: from, to.
TARGETS = {"count": (5, 200), "fte": (2, 60), "gbp": (5_000, 2_000_000), "percent": (20, 95)}
OTHER_TARGETS = (20, 5_000)
ACCREDITATION_MONTHS = 24
REMINDER_STEPS = (-30, 3, 14, 30, 90)
EXCUSE = "The commitment was withdrawn before an update was due"


def register_events(register: Register) -> Iterator[Event]:
    """Yield all events of a register, each after what it refers to; their days are mixed."""
    for number in range(register.signatories):
        yield from _until(register, signatory_events(register, number))
    for number in range(register.commitments):
        yield from _until(register, CommitmentLife(register, register.plan_of(number)).events())


def _until(register: Register, events: Iterator[Event]) -> Iterator[Event]:
    return (event for event in events if event.day <= register.until)


def signatory_events(register: Register, number: int) -> Iterator[Event]:
    """Yield how an organisation joined, was accredited every two years, and what came after."""
    rng = register.random("signatory", number)
    key, joined = register.key("signatory", number), register.joining_day(number)
    item = _signatory_item(register, number, joined)
    yield Event(joined, "signatory", key, "publish", item)
    latest, start = joined, joined + timedelta(days=rng.randrange(20, 300))
    while start <= register.until:
        end = schedule.add_months(start, ACCREDITATION_MONTHS)
        item = item | {
            "standing": "accredited",
            "standing_since": str(start),
            "accredited_from": str(start),
            "accredited_to": str(end - schedule.DAY),
            "certificate_number": f"{number:06d}",
        }
        change = {"change_reason": "It met the conditions of the charter."}
        yield Event(start, "signatory", key, "amend", item | change)
        latest, start = start, end
    later = max(latest, register.until - timedelta(days=rng.randrange(1, 20)))
    if absence := _absence(rng.random(), later - timedelta(days=rng.randrange(380))):
        yield Event(later, "signatory", key, "publish", item | absence)


def _signatory_item(register: Register, number: int, joined: date) -> Item:
    rng = register.random("signatory item", number)
    area = rng.choice(register.wards)
    company = str(1_000_000 + number)
    return {
        "charter": register.library.charter,
        "legal_name": words.organisation_name(rng, number, places.place_name(area)),
        "primary_org_id": f"GB-COH-{company}",
        "identifiers": [{"scheme": "GB-COH", "id": company}],
        "org_type": rng.choice(OrganisationKind.values),
        "size": rng.choices(Size.values, (40, 30, 20, 10))[0],
        "sector": rng.choice(list(sectors.section_titles())),
        "website": f"https://signatory-{number}.example",
        "area_codes": [area],
        "route": rng.choice(["contract", "contract", "grant", "voluntary"]),
        "standing": "plan_in_progress",
        "standing_since": str(joined),
        "joined_on": str(joined),
        "accepted_on": str(joined),
        "accepted_text_sha256": f"{rng.getrandbits(256):064x}",
    }


def _absence(chance: float, since: date) -> Item:
    """Return what keeps a few signatories from reporting: a pause, refused email, nobody left."""
    if chance < 0.02:
        return {"pause": {"from": str(since), "reason": "Their office moves."}}
    if chance < 0.04:
        return {"unreachable_since": str(since)}
    return {"no_contact_since": str(since)} if chance < 0.06 else {}


class CommitmentLife:
    """The life of one commitment; `events` is to be read once."""

    def __init__(self, register: Register, plan: Plan) -> None:
        self.register = register
        self.plan = plan
        self.rng = register.random("commitment", plan.number)
        self.key = register.key("commitment", plan.number)
        self.measure = register.library.measures[plan.measure]
        self.is_counted = self.measure["value_type"] != ValueType.NARRATIVE
        self.reach = self.rng.uniform(0.4, 1.25)  # The share of the way that it goes.
        self.start, self.target = self._draw_target()
        self.value: str | None = None
        self.approved_on = plan.start  # The latest update.
        self.item = self._first_item()

    def events(self) -> Iterator[Event]:
        """Yield all events, also those after the register's last day, with their days mixed."""
        yield Event(self.plan.start, "commitment", self.key, "publish", self.item)
        for number, span in enumerate(self.plan.spans):
            if self.plan.is_withdrawn and number == 4:
                yield from self._withdrawal(number, span)
                return
            yield from self._period_events(number, span)
        chance = self.rng.random()
        if chance < 0.2:
            yield self._success()
        elif chance < 0.21:
            yield self._featured()

    def _draw_target(self) -> tuple[Decimal, Decimal]:
        """Return the starting point and the target, zero where there is none."""
        low, high = TARGETS.get(self.measure["unit"], OTHER_TARGETS)
        if self.measure["value_type"] not in ValueType.numeric_types():
            return Decimal(0), Decimal(self.is_counted)
        target = Decimal(int(low + (high - low) * self.rng.random() ** 2))
        if self.measure["counts"] == Counts.SINCE_PROMISE:
            return Decimal(0), target
        is_cut = self.measure["direction"] == Direction.DECREASE
        return (target * Decimal("1.4" if is_cut else "0.5")).quantize(Decimal(1)), target

    def _first_item(self) -> Item:
        rng, plan = self.rng, self.plan
        where = rng.sample(self.register.wards, rng.choice([1, 1, 1, 2]))
        amount = f"{self.target} " if self.target > 1 else ""
        what = f"{amount}{rng.choice(words.THINGS)} for {rng.choice(words.PEOPLE)}"
        item: Item = {
            "signatory": self.register.key("signatory", plan.signatory),
            "charter": self.register.library.charter,
            "theme": self.measure["theme"],
            "measure": plan.measure,
            "title": f"{rng.choice(words.VERBS)} {what} in {places.place_name(where[0])}",
            "description": words.description(rng, plan.number),
            "planned_evidence": {
                "type": rng.choice(PlannedEvidenceType.values),
                "text": rng.choice(words.EVIDENCE),
            },
            "additionality": rng.choice(["additional", "core"]),
            "responsible_role": rng.choice(words.ROLES),
            "start_on": str(plan.start),
            "cadence": plan.cadence,
            "value_type": self.measure["value_type"],
            "unit": self.measure["unit"],
            "unit_label": self.measure["unit_label"],
            "area_codes": where,
        }
        if not self.is_counted:
            return item | {"end_on": str(plan.end)}
        if self.start:
            item["baseline"] = {"value": plain_decimal(self.start), "on": str(plan.start)}
        return item | {"target": {"value": plain_decimal(self.target), "by": str(plan.end)}}

    def _period_item(self, span: schedule.Span) -> Item:
        item: Item = {
            "commitment": self.key,
            "from": str(span.starts_on),
            "to": str(span.ends_on),
            "due_on": str(span.due_on),
        }
        return item | {"is_final": True} if span.is_final else item

    def _period_events(self, number: int, span: schedule.Span) -> Iterator[Event]:
        """Yield how a period begins, is asked about, answered and approved."""
        key, item = self._numbered_key("period", number), self._period_item(span)
        yield Event(span.starts_on, "period", key, "publish", item)
        received = self._arrival(number, span)
        for step in schedule.steps_reached(span, REMINDER_STEPS, received):
            day = schedule.sending_day(span, step)
            item = item | {"requested_on": [*item.get("requested_on", []), str(day)]}
            if step > 0:
                yield Event(day, "period", key, "publish", item)
        if received > self.register.until:
            if span.due_on + timedelta(days=95) < self.register.until:
                yield self._letter(number, span.due_on + timedelta(days=95))
            return
        item = item | {"received_on": str(received)}
        yield Event(received, "period", key, "publish", item)
        update_key = self._numbered_key("update", number)
        update = self._update_item(number, span, received)
        self.approved_on = received + timedelta(days=self.rng.randrange(1, 15))
        yield Event(self.approved_on, "update", update_key, "publish", update)
        yield Event(self.approved_on, "period", key, "publish", item | {"update": update_key})
        yield from self._what_follows(update)

    def _arrival(self, number: int, span: schedule.Span) -> date:
        """Return the day on which the update of a period arrives; for a few it never does."""
        chance = self.rng.random()
        is_latest = not self.plan.has_ended and number == UPDATES_EACH - 1
        if number == UPDATES_EACH or chance < (0.2 if is_latest else 0.03):
            return self.register.until + schedule.DAY
        if chance < 0.12:
            day = span.due_on + timedelta(days=self.rng.randrange(4, 40))
        else:
            lead = (span.due_on - schedule.requested_from(span)).days
            day = span.due_on - timedelta(days=self.rng.randrange(0, lead))
        return max(day, self.approved_on + schedule.DAY)

    def _update_item(self, number: int, span: schedule.Span, received: date) -> Item:
        rng = self.rng
        is_unchanged = number > 0 and not span.is_final and rng.random() < 0.08
        item: Item = {
            "commitment": self.key,
            "period": self._numbered_key("period", number),
            "from": str(span.starts_on),
            "to": str(span.ends_on),
            "reported_on": str(received),
            "self_assessment": self._assessment(span.is_final),
            "nothing_changed": is_unchanged,
            "level_of_proof": "self_reported",
        }
        if span.is_final:
            item["is_final"] = True
        if self.is_counted and not (is_unchanged and self.value):
            item |= self._figure(number)
        elif self.is_counted:
            item |= {"cumulative_value": self.value, "unit": self.measure["unit"]}
        if not is_unchanged:
            item["narrative"] = f"{rng.choice(words.PROGRESS)}. {words.sentence(rng)}"
            if rng.random() < 0.4:
                item |= {"level_of_proof": "evidence_provided", "evidence": [self._evidence()]}
        return item

    def _figure(self, number: int) -> Item:
        """Return the figure of an update, nearer to the target than the one before."""
        unit = self.measure["unit"]
        share = Decimal(round(self.reach * (number + 1) / UPDATES_EACH * 100)) / 100
        now = self.start + (self.target - self.start) * share
        limit = {"percent": Decimal(100), "yesno": Decimal(1)}.get(unit, now)
        is_whole = unit in ("count", "yesno")
        rounded = min(now, limit).quantize(Decimal(1) if is_whole else Decimal("0.01"))
        figure = {"cumulative_value": plain_decimal(rounded), "unit": unit}
        if self.measure["counts"] == Counts.SINCE_PROMISE:
            figure["period_value"] = plain_decimal(rounded - Decimal(self.value or 0))
        self.value = figure["cumulative_value"]
        return figure

    def _evidence(self) -> Item:
        return {
            "id": str(UUID(int=self.rng.getrandbits(128), version=4)),
            "type": "web_page",
            "title": "Our yearly report",
            "url": f"https://signatory-{self.plan.signatory}.example/report",
            "visibility": "public",
        }

    def _assessment(self, is_final: bool) -> str:
        if is_final:
            return "met" if self.reach >= 1 else "partly_met" if self.reach > 0.6 else "not_met"
        return "on_track" if self.reach > 0.85 else "at_risk" if self.reach > 0.6 else "off_track"

    def _what_follows(self, update: Item) -> Iterator[Event]:
        """Yield what an approved update makes of its commitment."""
        if update.get("is_final"):
            is_met = update["self_assessment"] == "met"
            end = {"end_reason": "achieved" if is_met else "expired"}
            yield self._change("close", f"Final update: {update['self_assessment']}.", end)
        elif update["nothing_changed"]:
            yield Event(self.approved_on, "commitment", self.key, "confirm", self.item)
        elif self.target > 10 and self.rng.random() < 0.03:
            lower = plain_decimal((self.target * Decimal("0.8")).quantize(Decimal(1)))
            self.item = self.item | {"target": self.item["target"] | {"value": lower}}
            yield self._change("amend", self.rng.choice(words.REASONS), {})

    def _withdrawal(self, number: int, span: schedule.Span) -> Iterator[Event]:
        """Yield a withdrawal in the course of a period."""
        key, item = self._numbered_key("period", number), self._period_item(span)
        yield Event(span.starts_on, "period", key, "publish", item)
        self.approved_on = max(self.approved_on, span.starts_on) + schedule.DAY
        end = {"end_reason": "withdrawn"}
        yield self._change("withdraw", self.rng.choice(words.REASONS), end)
        excused = item | {"excused_reason": EXCUSE}
        yield Event(self.approved_on, "period", key, "publish", excused)

    def _change(self, action: str, reason: str, fields: Item) -> Event:
        item = self.item | fields | {"change_reason": reason}
        return Event(self.approved_on, "commitment", self.key, action, item)

    def _success(self) -> Event:
        rng = self.rng
        day = self.plan.start + timedelta(days=rng.randrange(60, 150))
        item = {
            "signatory": self.item["signatory"],
            "commitments": [self.key],
            "title": f"{rng.choice(words.THINGS).capitalize()} reached {rng.choice(words.PEOPLE)}",
            "story": f"{words.sentence(rng)} {words.sentence(rng)}",
            "happened_from": str(day - timedelta(days=10)),
            "people_consent": "none_identifiable",
            "level_of_proof": "self_reported",
        }
        key = self.register.key("success", self.plan.number)
        return Event(day, "success", key, "publish", item)

    def _letter(self, number: int, day: date) -> Event:
        item = self._notice_item("letter", "No update", day)
        return Event(day, "notice", self._numbered_key("notice", number), "publish", item)

    def _featured(self) -> Event:
        item = self._notice_item("featured", "Featured by the council", self.approved_on)
        key = self._numbered_key("notice", UPDATES_EACH + 1)
        return Event(self.approved_on, "notice", key, "publish", item)

    def _notice_item(self, notice_type: str, title: str, day: date) -> Item:
        return {
            "charter": self.item["charter"],
            "type": notice_type,
            "about": self.key,
            "title": title,
            "text": words.sentence(self.rng),
            "dated_on": str(day),
        }

    def _numbered_key(self, kind: str, number: int) -> str:
        return self.register.key(kind, self.plan.number * 10 + number)
