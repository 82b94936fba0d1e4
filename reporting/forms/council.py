"""What the council writes to a signatory."""

from collections.abc import Iterable
from typing import Any

from django import forms

from charter.forms.fields import MultilineTextField
from charter.models import Membership, User
from registry.log.canonical import canonical, hash_item
from registry.wording.formatting import format_day
from reporting.actions.periods import MAX_EXTENSION_DAYS, min_extension_days
from reporting.models import ReportingPeriod

# What is asked for most often, in the words that a signatory reads.
PHRASES = [
    "Please leave out names and whatever else tells who a person is.",
    "Please say how people will know: what will you be able to show?",
    "Please give a number, and the day by which you will have reached it.",
    "The figure seems to count something else than was promised: please look at it again.",
    "Please say what is new since your last answer.",
    "We cannot open the evidence: please give another link, or a file.",
]


class ReturnForm(forms.Form):
    """Phrases, words of one's own, or both."""

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
        """Return all that the signatory reads."""
        cleaned = self.cleaned_data
        return "\n\n".join(filter(None, [*cleaned["phrases"], cleaned["comments"]]))


class SecondLookForm(forms.Form):
    """Which colleague at the council should look at it too, and why."""

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

    def __init__(self, data: Any = None, *, by: User) -> None:
        super().__init__(data)
        colleagues = User.objects.council_staff().exclude(pk=by.pk)
        self.fields["colleague"].queryset = colleagues.order_by("name")  # type: ignore[attr-defined]


class ReminderStopForm(forms.Form):
    """Why no reminder goes out for now."""

    reason = MultilineTextField(
        label="Why do you stop them?",
        max_length=300,
        help_text="Your colleagues read this. Businesses and the public do not.",
        error_messages={"required": "Say why you stop them, so that a colleague knows"},
    )


class FirstUpdateInvitationForm(forms.Form):
    """Who is invited to tell the first update."""

    members = forms.TypedMultipleChoiceField(
        label="Who gets the email?",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose who gets the email",
            "invalid_choice": (
                "Since you opened this page an update came, or it was sent: look again"
            ),
        },
    )

    def __init__(self, members: Iterable[Membership], data: Any = None) -> None:
        super().__init__(data)
        self.fields["members"].choices = [  # type: ignore[attr-defined]
            (member.pk, f"{member.organisation}: {member.user.email}") for member in members
        ]


DATES_MOVED = "Since you opened this page one of these days moved, or an update came: look again"


class ExtendForm(forms.Form):
    """Which due dates move, by how much, and why."""

    days = forms.IntegerField(
        label="By how many days?",
        min_value=1,
        max_value=MAX_EXTENSION_DAYS,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}),
        error_messages={"required": "Give a number of days"},
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
    # What stands for the list as it was shown: sent twice, its dates move once.
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
        chosen = cleaned.get("periods") or "periods" in self.errors
        if cleaned.get("everything"):
            if cleaned.get("listed") != self.initial["listed"]:
                self.add_error("everything", DATES_MOVED)
        elif not chosen:
            self.add_error("periods", "Choose the updates whose day moves, or all of them")
        if not self.errors:
            self._check_days(cleaned)
        return cleaned

    def _check_days(self, cleaned: dict[str, Any]) -> None:
        """Refuse a number of days with which nothing moves, or which leaves one chosen past."""
        needed = [min_extension_days(period.due_on) for period in self._selected_periods(cleaned)]
        least = min(needed, default=1) if cleaned["everything"] else max(needed)
        if least > MAX_EXTENSION_DAYS:
            self.add_error(
                "days",
                f"A day can move by {MAX_EXTENSION_DAYS} days at most, and one of these was due "
                "before that: leave it out",
            )
        elif least > cleaned["days"]:
            self.add_error(
                "days", f"The new day has to come after today: give {least} days or more"
            )

    def _selected_periods(self, cleaned: dict[str, Any]) -> list[ReportingPeriod]:
        if cleaned["everything"]:
            return list(self.owed.values())
        return [self.owed[value] for value in cleaned["periods"]]

    def periods_to_extend(self) -> list[ReportingPeriod]:
        """Return the periods to be extended, as they were shown."""
        days = self.cleaned_data["days"]
        return [
            p
            for p in self._selected_periods(self.cleaned_data)
            if min_extension_days(p.due_on) <= days
        ]
