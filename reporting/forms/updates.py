"""Telling the news of a promise, in one of three ways, and a success with it."""

from typing import Any, cast

from django import forms
from django.db import models

from charter.forms.fields import FigureField, LongWordsField, WordsField
from charter.models import Commitment
from charter.models.charters import UnitType
from registry.fields import REFUSED_CHARACTERS
from registry.website import words
from reporting.actions import updates
from reporting.forms.evidence import EVIDENCE, ON_PAGE
from reporting.forms.successes import STORY, SuccessForm
from reporting.models import ProgressUpdate, Success
from reporting.models.updates import SelfAssessment

FIGURE_AND_WORDS = [
    "value",
    "base",
    "not_measured_reason",
    "self_assessment",
    "narrative",
    "obstacles",
    "lessons",
]


class Answer(models.TextChoices):
    SAME = "same", "Nothing has changed"
    NUMBER = "number", "Update the number"
    TALK = "talk", "We need to talk"


# What belongs to each answer, and what may stand beside any.
ANSWERED_WITH = {
    Answer.SAME: ["remark"],
    Answer.NUMBER: [*FIGURE_AND_WORDS, *EVIDENCE],
    Answer.TALK: ["talk"],
}
WRITTEN_BESIDE = ["success_title", "success_story", "success_on"]


class UpdateForm(SuccessForm):
    """The one form of an update. What is not asked for by the chosen answer is not looked at."""

    field_order = ["answer", "remark", *FIGURE_AND_WORDS, *ON_PAGE, "talk", *STORY]

    answer = forms.ChoiceField(
        label="What is the news?",
        choices=Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the three answers"},
    )
    # Nothing has changed.
    remark = LongWordsField(label="Anything to add?", max_length=10_000, required=False)
    # Update the number.
    value = FigureField(
        label="To date",
        help_text="All of it since the start, not only what this period added.",
        required=False,
    )
    base = FigureField(
        label="Out of how many?",
        help_text="What the percentage is of, such as 240 employees: write 240.",
        required=False,
    )
    not_measured_reason = WordsField(
        label="Not measured yet? Say why", max_length=500, required=False
    )
    self_assessment = forms.ChoiceField(
        label="How does it stand?",
        choices=SelfAssessment.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    narrative = LongWordsField(label="What happened?", max_length=10_000, required=False)
    obstacles = LongWordsField(label="What is in the way?", max_length=10_000, required=False)
    lessons = LongWordsField(label="What have you learned?", max_length=10_000, required=False)
    # We need to talk.
    talk = LongWordsField(
        label="What should we talk about?",
        max_length=10_000,
        help_text=(
            "Is it delayed, must the promise change, is it finished, or should we ask somebody "
            "else? The council reads this first; what it publishes stands on the page as what is "
            "in the way."
        ),
        required=False,
    )
    period = forms.CharField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, update: ProgressUpdate, draft: bool = False, **options: Any
    ) -> None:
        given = update.evidence.all() if update.pk else ()
        super().__init__(*args, given=given, **options)
        self.update = update
        self.draft = draft
        for name in STORY:
            self.fields[name].required = False
        self.unchanged_from = updates.unchanged_from(update) if update.period_id else None
        if self.unchanged_from:
            answer = cast(forms.ChoiceField, self.fields["answer"])
            answer.choices = [choice for choice in Answer.choices if choice[0] != Answer.SAME]
            answer.error_messages["invalid_choice"] = (
                f"“Nothing has changed” can be said from {words.day(self.unchanged_from)}"
            )
        commitment = update.commitment
        if commitment.takes_a_number and commitment.measure:
            self.fields["value"].label = f"{commitment.measure.unit_label.capitalize()} to date"
        else:
            del self.fields["value"], self.fields["not_measured_reason"]
        if "value" not in self.fields or not _is_percentage(commitment):
            del self.fields["base"]

    @classmethod
    def initial_of(cls, update: ProgressUpdate, success: Success | None = None) -> dict[str, Any]:  # type: ignore[override]
        """Return what the form of an update begins with: of a draft all that was typed."""
        return {
            **SuccessForm.initial_of(success),
            **(update.kept or told(update)),
            "period": update.period.key,
            "version": update.version,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        for name in self._of_other_answers():
            self.errors.pop(name, None)
        if cleaned.get("answer") != Answer.NUMBER and cleaned.get("evidence_file"):
            self.add_error(
                "evidence_file",
                "A file goes with “Update the number”: choose that, or send it without the file",
            )
        if not self.draft:
            check = {
                Answer.SAME: self._check_same,
                Answer.NUMBER: self._check_number,
                Answer.TALK: self._check_talk,
            }.get(cleaned.get("answer", ""))
            if check:
                check(cleaned)
        if cleaned.get("answer") == Answer.NUMBER:
            self.check_evidence()
        self._check_success(cleaned)
        return cleaned

    def _check_same(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("remark") and updates.needs_a_sentence(self.update.commitment):
            self.add_error(
                "remark", "You said so the last two times: add a sentence on how things stand"
            )

    def _check_number(self, cleaned: dict[str, Any]) -> None:
        value = cleaned.get("value")  # a field with an error is taken out
        measured = value is not None
        owes_figure = "value" in self.fields and "value" not in self.errors
        reason = cleaned.get("not_measured_reason")
        if owes_figure and not measured and not reason:
            self.add_error("value", "Give the figure to date, or say why it is not measured yet")
        if measured and reason:
            for name in ("value", "not_measured_reason"):
                self.add_error(name, "Give the figure, or say why there is none yet: not both")
        measure = self.update.commitment.measure
        if measure and value is not None and (why := measure.impossible(value)):
            self.add_error("value", why)
        if "base" in self.fields and measured and not cleaned.get("base"):
            self.add_error("base", "Say what the percentage is of")
        if not cleaned.get("self_assessment"):
            self.add_error("self_assessment", "Say how it stands")
        if "value" not in self.fields and not cleaned.get("narrative"):
            self.add_error("narrative", "Say what happened")

    def _check_talk(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("talk"):
            self.add_error("talk", "Say in a sentence what we should talk about")

    def _check_success(self, cleaned: dict[str, Any]) -> None:
        """A story is optional; begun, it needs all its parts."""
        if self.tells_a_success:
            for name in STORY:
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, self.fields[name].error_messages["required"])

    @property
    def offered(self) -> dict[str, str]:
        """Return the answers that can be given now, and their labels."""
        return dict(cast(forms.ChoiceField, self.fields["answer"]).choices)  # type: ignore[arg-type]

    @property
    def tells_a_success(self) -> bool:
        return bool(self["success_title"].value() or self["success_story"].value())

    def values(self) -> dict[str, Any]:
        """Return the fields of the update, as the actions take them."""
        told = self.cleaned_data
        before: dict[str, Any] = {
            "nothing_changed": told.get("answer") == Answer.SAME,
            "value": None,
            "base": None,
            "not_measured_reason": "",
            "self_assessment": self.update.self_assessment,
            "narrative": "",
            "obstacles": "",
            "lessons": "",
        }
        if told.get("answer") == Answer.SAME:
            return before | {"narrative": told["remark"]}
        if told.get("answer") == Answer.TALK:
            return before | {"obstacles": told["talk"]}
        given = {name: told[name] for name in FIGURE_AND_WORDS if name in told}
        return (
            before
            | given
            | {"self_assessment": told["self_assessment"] or self.update.self_assessment}
        )

    def kept(self) -> dict[str, Any]:
        """Return all that is typed, under every answer, so that a draft comes back as it was.

        Evidence that is given is kept as a piece.
        """
        chosen = self.cleaned_data["answer"]
        mine = [n for n in ANSWERED_WITH[chosen] if n in self.fields and n not in EVIDENCE]
        typed = {name: self._typed(name) for name in [*mine, *self._of_other_answers()]}
        return {"answer": chosen} | {name: text for name, text in typed.items() if text}

    def left_out(self) -> list[str]:
        """Return the labels of what is typed under other answers, which is not sent."""
        chosen = {"evidence_kind", "evidence_visibility", "self_assessment"}
        return [
            str(self.fields[name].label)
            for name in self._of_other_answers()
            if name not in chosen and self._typed(name)
        ]

    def _of_other_answers(self) -> list[str]:
        """Return the fields that belong to the answers not chosen: what is typed there waits."""
        chosen = self["answer"].value()
        return [
            name
            for answer, names in ANSWERED_WITH.items()
            for name in names
            if answer != chosen and name in self.fields
        ]

    def _typed(self, name: str) -> str:
        """Return what is typed in a field, or was before where the page did not show it."""
        if name in self.data:
            return REFUSED_CHARACTERS.sub("", str(self.data[name]).replace("\r\n", "\n"))
        before = self.initial_of(self.update).get(name)
        return str(self.fields[name].prepare_value(before) or "")

    def evidence(self) -> list[dict[str, Any]]:
        """Return the piece given with the figure."""
        return super().evidence() if self.cleaned_data.get("answer") == Answer.NUMBER else []

    def repeats(self, sent: ProgressUpdate) -> bool:
        """Say whether all that was typed was sent with an update already, such as by a click more.

        "Nothing has changed" is sent with the figure of the answer before, which nobody typed.
        """
        if not self.is_valid():
            return False
        typed = self.values()
        if typed["nothing_changed"]:
            typed = {name: typed[name] for name in ("nothing_changed", "narrative")}
        given = set(sent.evidence.values_list("title", flat=True))
        told = set(sent.commitment.successes.values_list("title", flat=True))
        return (
            all(getattr(sent, name) == value for name, value in typed.items())
            and {piece["title"] for piece in self.evidence()} <= given
            and (not self.tells_a_success or self.cleaned_data["success_title"] in told)
        )

    def typed(self) -> list[dict[str, str]]:
        """Return what somebody wrote, in words, field by field."""
        return [
            {"key": str(self.fields[name].label), "value": self._in_words(name)}
            for name in ("answer", *ANSWERED_WITH.get(self["answer"].value(), ()), *WRITTEN_BESIDE)
            if name in self.fields and self._in_words(name)
        ]

    def differences(self, current: ProgressUpdate) -> list[dict[str, str]]:
        """Return what is typed here beside what is saved, in words, where the two differ."""
        saved = UpdateForm(update=current, initial=self.initial_of(current))
        compared = [
            name
            for name, field in self.fields.items()
            if not field.widget.is_hidden and name not in SuccessForm.base_fields
        ]
        return [
            {
                "label": str(self.fields[name].label),
                "theirs": saved._in_words(name),
                "yours": self._in_words(name),
            }
            for name in compared
            if saved._in_words(name) != self._in_words(name)
        ]

    def _in_words(self, name: str) -> str:
        field, value = self.fields[name], self[name].value()
        if isinstance(field, forms.ChoiceField):
            labels: dict[Any, Any] = dict(field.choices)  # type: ignore[arg-type]
            return str(labels.get(value, value or ""))
        return str(value if value is not None else "")


def told(update: ProgressUpdate) -> dict[str, Any]:
    """Return the answer of an update, and what is saved under that answer."""
    answer = update.kept.get("answer") or _answer_of(update)
    said: dict[str, dict[str, Any]] = {
        Answer.SAME: {"remark": update.narrative},
        Answer.NUMBER: {name: getattr(update, name) for name in FIGURE_AND_WORDS},
        Answer.TALK: {"talk": update.obstacles},
    }
    return {"answer": answer} | said.get(answer, {})


def _is_percentage(commitment: Commitment) -> bool:
    return commitment.measure is not None and commitment.measure.unit == UnitType.PERCENT


def _answer_of(update: ProgressUpdate) -> str:
    """Return the answer that a saved update was given by; none for a new one."""
    if update.nothing_changed:
        return Answer.SAME
    if update.is_talk:
        return Answer.TALK if update.obstacles else ""
    return Answer.NUMBER
