"""Forms of the council's review and reminder pages."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from charter.forms.fields import MultilineTextField
from charter.models import Membership, Signatory, StaffMembership, User
from charter.review import ReviewItem
from registry.log.canonical import canonical, hash_item
from registry.wording.formatting import format_day
from reporting.actions.periods import MAX_EXTENSION_DAYS, min_extension_days
from reporting.models import ReportingPeriod

# The most frequent requests, as the signatory reads them.
PHRASES = [
    "Please leave out names and whatever else tells who a person is.",
    "Please say how people will know: what will you be able to show?",
    "Please give a number, and the day by which you will have reached it.",
    "The figure seems to count something else than was promised: please look at it again.",
    "Please say what is new since your last answer.",
    "We cannot open the evidence: please give another link, or a file.",
]


class ReturnForm(forms.Form):
    """Standard phrases, own words, or both."""

    phrases = forms.MultipleChoiceField(
        label="What should be different?",
        choices=[(phrase, phrase) for phrase in PHRASES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    comments = MultilineTextField(
        label="In your own words",
        max_length=2_000,
        help_text=(
            "The signatory reads all of this in an email and above its form. The public does not."
        ),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not self.errors and not cleaned["phrases"] and not cleaned["comments"]:
            self.add_error("comments", "Say what should be different before you return it")
        return cleaned

    def comments_text(self) -> str:
        """Return the full comments for the signatory."""
        cleaned = self.cleaned_data
        return "\n\n".join(filter(None, [*cleaned["phrases"], cleaned["comments"]]))


class SecondLookForm(forms.Form):
    """A colleague at the council, and the question for them."""

    colleague = forms.ModelChoiceField(
        label="Who should look at it too?",
        queryset=User.objects.none(),
        empty_label=None,
        error_messages={"required": "Choose a colleague"},
    )
    question = MultilineTextField(
        label="What do you want to know?",
        max_length=2_000,
        help_text="Your colleague gets an email with these words and a link to this page.",
        error_messages={"required": "Say what you want to know"},
    )

    def __init__(self, data: Any = None, *, item: ReviewItem, by: User) -> None:
        super().__init__(data)
        authority = item.commitment.signatory.charter.authority_id
        staff = StaffMembership.objects.current().filter(authority=authority)
        colleagues = User.objects.filter(staff_memberships__in=staff).exclude(pk=by.pk).distinct()
        self.fields["colleague"].queryset = colleagues.order_by("name")  # type: ignore[attr-defined]


class ReminderStopForm(forms.Form):
    """The reason for stopping reminders."""

    reason = MultilineTextField(
        label="Why do you stop them?",
        max_length=300,
        help_text="Your colleagues read this. Businesses and the public do not.",
        error_messages={"required": "Say why you stop them, so that a colleague knows"},
    )


class FirstUpdateInvitationForm(forms.Form):
    """The signatories to invite to send their first update."""

    signatories = forms.MultipleChoiceField(
        label="Who gets the email?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose who gets the email",
            "invalid_choice": (
                "Since you opened this page an update came, or it was sent: look again"
            ),
        },
    )

    def __init__(self, invitees: Mapping[Signatory, Membership], data: Any = None) -> None:
        super().__init__(data)
        self.fields["signatories"].choices = [  # type: ignore[attr-defined]
            (signatory.key, f"{signatory}: {member.user.email}")
            for signatory, member in invitees.items()
        ]


DATES_MOVED = "Since you opened this page one of these days moved, or an update came: look again"


class ExtendForm(forms.Form):
    """The due dates to move, by how many days, and the reason."""

    days = forms.IntegerField(
        label="By how many days?",
        min_value=1,
        max_value=MAX_EXTENSION_DAYS,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}),
        error_messages={"required": "Enter a number of days"},
    )
    reason = MultilineTextField(
        label="Why?",
        max_length=500,
        help_text="The public reads this beside every date that moves.",
        error_messages={"required": "Give the reason that the public will read"},
    )
    everything = forms.BooleanField(
        label="All that are listed below",
        help_text="A day that would be past even then stays as it is.",
        required=False,
    )
    periods = forms.MultipleChoiceField(
        label="Or only these",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": DATES_MOVED},
    )
    # A digest of the displayed list, so that submitting twice moves its dates once.
    listed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, owed: Iterable[ReportingPeriod], data: Any = None) -> None:
        self.owed = {f"{period.key}:{period.due_on}": period for period in owed}
        super().__init__(data, initial={"listed": hash_item(canonical(list(self.owed)))})
        self.fields["periods"].choices = [  # type: ignore[attr-defined]
            (
                value,
                f"{format_day(period.due_on)}: {period.commitment.title} "
                f"({period.commitment.signatory})",
            )
            for value, period in self.owed.items()
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        has_selection = cleaned.get("periods") or "periods" in self.errors
        if cleaned.get("everything"):
            if cleaned.get("listed") != self.initial["listed"]:
                self.add_error("everything", DATES_MOVED)
        elif not has_selection:
            self.add_error("periods", "Choose the updates whose day moves, or all of them")
        if not self.errors:
            self._check_days(cleaned)
        return cleaned

    def _check_days(self, cleaned: dict[str, Any]) -> None:
        """Reject a number of days that moves nothing or leaves a selected date in the past."""
        needed_days = [
            min_extension_days(period.due_on) for period in self._selected_periods(cleaned)
        ]
        min_days = min(needed_days, default=1) if cleaned["everything"] else max(needed_days)
        if min_days > MAX_EXTENSION_DAYS:
            self.add_error(
                "days",
                f"A day can move by {MAX_EXTENSION_DAYS} days at most, and one of these was due "
                "before that: leave it out",
            )
        elif min_days > cleaned["days"]:
            self.add_error(
                "days", f"The new day has to come after today: give {min_days} days or more"
            )

    def _selected_periods(self, cleaned: dict[str, Any]) -> list[ReportingPeriod]:
        if cleaned["everything"]:
            return list(self.owed.values())
        return [self.owed[value] for value in cleaned["periods"]]

    def periods_to_extend(self) -> list[ReportingPeriod]:
        """Return the periods to extend, as they were displayed."""
        days = self.cleaned_data["days"]
        return [
            p
            for p in self._selected_periods(self.cleaned_data)
            if min_extension_days(p.due_on) <= days
        ]
