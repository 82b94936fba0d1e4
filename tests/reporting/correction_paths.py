"""A business tries every path to lower a commitment: none is without the public words for it."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.test import Client
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from charter import review
from charter.actions import changes
from charter.errors import CharterError
from charter.forms.changes import ChangeForm
from charter.models import Change, Commitment
from charter.spreadsheets import tables
from charter.workflow import ReviewStatus
from registry import clock
from registry.log import verifying
from registry.models import Entry, Record
from reporting.actions import updates
from reporting.models import ProgressUpdate
from reporting.spreadsheets import update_rows
from reporting.spreadsheets import updates as spreadsheet_updates
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on

DAY = date(2026, 6, 1)  # The first update is due.
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "target_value": st.sampled_from(["50", "55", "60", "65"]),
        "baseline_value": st.sampled_from(["", "20", "30", "40"]),
        "baseline_on": st.sampled_from(["1/5/2025", "1/4/2025"]),
        "end_on": st.sampled_from(["31/5/2028", "31/5/2029", "31/5/2030"]),
        "title": st.sampled_from(["Employ people from Aston", "Employ neighbours"]),
    },
)
# How far a change goes at once; the rest is left to other steps.
REACH = st.sampled_from(["draft", "sent", "published", "published"])
COLUMNS = {"target_value": "Target", "baseline_value": "Starting point", "end_on": "Deadline"}


def make_commitments() -> None:
    """Make a commitment with a starting point and one without, on which all paths begin."""
    fields = {"measure_code": "LE01", "title": "Employ 60 people", "target_value": 60}
    scenarios.commitment(**fields, baseline_value=30, baseline_on=date(2025, 5, 1))
    scenarios.commitment(**fields)


class CorrectionPaths(RuleBasedStateMachine):
    """One public commitment of Asha's, its changes and updates, by forms, actions and files."""

    @initialize(knows_start=st.booleans(), has_reported=st.booleans())
    def begin(self, knows_start: bool, has_reported: bool) -> None:
        self.savepoint = transaction.savepoint()
        self.commitment = Commitment.objects.get(baseline_value__isnull=not knows_start)
        self.asha, self.dev = factories.asha(), factories.officer()
        self.was_sent = False
        self.sent_before: dict[int, bool] = {}
        if has_reported:
            self.send_update()

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            assert verifying.verify() == []
            transaction.savepoint_rollback(self.savepoint)

    @rule(action=st.sampled_from(["correct", "correct", "amend"]), fields=FIELDS, reach=REACH)
    def fill_in_form(self, action: str, fields: dict[str, str], reach: str) -> None:
        self.commitment.refresh_from_db()
        initial = ChangeForm.initial_of(self.commitment, None)
        blank = ChangeForm(commitment=self.commitment, action=action, initial=initial)
        shown = {name: blank[name].value() for name in blank.fields}
        typed = {name: "" if value is None else value for name, value in shown.items()}
        data = typed | fields | {"reason": "So it is."}
        form = ChangeForm(data, commitment=self.commitment, action=action)
        if form.is_valid():
            self.save(reach, **form.submission() | {"version": self.open_version()})

    @rule(
        action=st.sampled_from(["correct", "amend"]),
        value=st.sampled_from([50, 60, 65]),
        reach=REACH,
    )
    def save_without_form(self, action: str, value: int, reach: str) -> None:
        self.save(
            reach,
            action=action,
            reason="So it is.",
            values={"target_value": Decimal(value)},
            version=self.open_version(),
        )

    @rule()
    def send_change(self) -> None:
        self.act_on_change(factories.submit, by=self.asha)

    @rule()
    def take_change_back(self) -> None:
        self.act_on_change(review.take_back, by=self.asha)

    @rule()
    def publish_change(self) -> None:
        self.act_on_change(factories.publish, by=self.dev)

    @rule()
    def send_update(self) -> None:
        with on(DAY):
            if updates.expected_update(self.commitment, clock.today()):
                scenarios.submitted_update(self.commitment, value=45)
                self.was_sent = True

    @rule()
    def take_update_back(self) -> None:
        self.act_on_update(review.take_back, by=self.asha)

    @rule()
    def publish_update(self) -> None:
        self.act_on_update(factories.publish, by=self.dev)

    @rule(fields=FIELDS)
    def upload_spreadsheet(self, fields: dict[str, str]) -> None:
        with on(DAY):
            scope = update_rows.SpreadsheetScope(self.asha, clock.today())
            cells = {COLUMNS[name]: text for name, text in fields.items() if name in COLUMNS}
            row = tables.Row(2, {"Key": self.commitment.key, "Send": "yes"} | cells)
            table = tables.Table([*row.cells], [row], [], is_xlsx=False)
            plan = spreadsheet_updates.build_plan(table, scope)
            assert not [step for step in plan.steps if step.commitment_values]

    @invariant()
    def nothing_is_lowered_without_its_words(self) -> None:
        if not hasattr(self, "commitment"):
            return
        entries = list(Entry.objects.filter(key=self.commitment.key).order_by("number"))
        for entry in entries:
            self.sent_before.setdefault(entry.number, self.was_sent)
        if len(entries) == getattr(self, "checked", 0):
            return
        self.checked = len(entries)
        record = Record.objects.get(pk=self.commitment.key)
        said = {way["entry"]: way["correction"] for way in record.weakenings}
        lowered = {}
        known_start = None
        for before, after in zip(entries, entries[1:], strict=False):
            old, new = facts(before), facts(after)
            known_start = old["start"] if old["start"] is not None else known_start
            if is_lower(old | {"start": old["start"] or new["start"] and known_start}, new):
                lowered[after.number] = after.action
        assert said.keys() == lowered.keys()
        for number, action in lowered.items():
            assert said[number] == ("before_first_update" if action == "correct" else None)
            # Once an update was sent, no correction of a business lowers anything.
            assert action != "correct" or not self.sent_before[number]
        self.check_page(lowered)

    def check_page(self, lowered: dict[int, str]) -> None:
        with on(DAY):
            page = Client().get(f"/commitments/{self.commitment.key}").text
        corrected = [action for action in lowered.values() if action == "correct"]
        assert page.count("Corrected downwards on ") == len(corrected)
        assert page.count("Weakened on ") == len(lowered) - len(corrected)
        if lowered:
            assert "Originally promised: " in page
            assert "60 FTE by 31 May 2029" in page

    def save(self, reach: str, **change: Any) -> None:
        self.attempt(changes.save_draft, self.commitment, by=self.asha, **change)
        if reach != "draft":
            self.send_change()
        if reach == "published":
            self.publish_change()

    def open_version(self) -> int:
        change = self.commitment.changes.open().first()
        return change.version if change else 0

    def act_on_change(self, act: Any, **arguments: Any) -> None:
        change = Change.objects.filter(commitment=self.commitment).order_by("-pk").first()
        if change:
            self.attempt(act, change, **arguments)

    def act_on_update(self, act: Any, **arguments: Any) -> None:
        update = ProgressUpdate.objects.filter(
            commitment=self.commitment, status=ReviewStatus.SUBMITTED
        ).first()
        if update:
            self.attempt(act, update, **arguments)

    def attempt(self, act: Any, *arguments: Any, **options: Any) -> None:
        """Perform an act; a refused one changes nothing."""
        try:
            with on(DAY), transaction.atomic():
                act(*arguments, **options)
        except CharterError:
            pass


def facts(entry: Entry) -> dict[str, Any]:
    """Return the start, target and deadline of a version, read from its text."""
    item = json.loads(entry.item or "{}")
    start, target = item.get("baseline"), item["target"]
    return {
        "start": Decimal(start["value"]) if start else None,
        "target": Decimal(target["value"]),
        "end": target["by"],
    }


def is_lower(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Return True if a version asks less, later, or of another start than the one before."""
    moved = old["start"] is not None and new["start"] != old["start"]
    is_shorter = (
        old["start"] is not None
        and new["start"] is not None
        and new["target"] - new["start"] < old["target"] - old["start"]
    )
    return new["target"] < old["target"] or new["end"] > old["end"] or moved or is_shorter
