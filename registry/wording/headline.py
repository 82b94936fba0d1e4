"""The headline: the sentence, and its parts, for a commitment wherever it appears.

Pages, rows, badges, feeds and emails take it from here, so that none leaves a part out.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from registry.log.progress import deadline_of
from registry.models import Record
from registry.schema import code_lists
from registry.schema.codes import TaggedList, Tone
from registry.schema.fields import parse_day
from registry.wording.differences import target_text
from registry.wording.figures import figure_label, keep_text, progress_text, split_figure
from registry.wording.formatting import format_amount, format_day
from registry.wording.sentences import passed_text
from registry.wording.standings import left_note, standing_note
from registry.wording.titles import is_outgrown
from registry.wording.weakenings import weakened_text, weakening_marks

Item = dict[str, Any]
# An older report says so beside its delivery, even where no newer one is due.
STALE_AFTER = timedelta(days=183)


@dataclass(frozen=True)
class Headline:
    """A commitment in short.

    `delivery`, `reporting` and `level_of_proof` are codes; the texts are "" where there is none.
    """

    key: str
    title: str
    title_now: str  # "Now 16 people by 30 June 2027", if its title no longer says what it promises
    signatory: str
    target: str  # "20 people by 30 June 2027"
    figure: str  # "14 of 16 people"
    assessed_on: date | None  # The day of the latest report, which delivery follows.
    reported_on: date | None  # The day of the report with the figure, or of the latest report.
    level_of_proof: str
    disputed: bool
    delivery: str
    reporting: str
    reporting_since: date | None  # The day on which that state began, if it is known.
    is_stale: bool  # Delivery may no longer be as it was reported.
    marks: list[str]  # “Weakened”, “Corrected downwards”.
    weakened: str  # "Weakened: target lowered from 20 to 16 people"
    originally: str  # "20 people by 30 June 2026", if it promises less than that now
    ending: str
    deadline_passed_on: date | None  # Until the final update is published.
    left: str  # "Ended unanswered on 5 November 2026, …", if the membership ended first.
    ended_unanswered: bool
    standing: str  # The charter status of its signatory, a code.
    standing_since: date | None

    @property
    def is_current(self) -> bool:
        """Return True if reporting is up to date."""
        return self.reporting == code_lists.Reporting.UP_TO_DATE

    @property
    def is_late(self) -> bool:
        """Return True if an update was not received, which stands before all else."""
        return self.reporting in code_lists.Reporting.late_states()

    @property
    def is_over(self) -> bool:
        return self.reporting == code_lists.Reporting.CLOSED

    @property
    def is_recent(self) -> bool:
        """Return False if nothing recent is known: drawings have a grey ground then."""
        is_withdrawn = self.delivery == code_lists.Delivery.WITHDRAWN
        return not (self.is_stale or self.warnings or is_withdrawn)

    @property
    def lacks_result(self) -> bool:
        """Return True if there should be a result, and none is published: delivery is no more."""
        return self.ending in code_lists.Ending.without_result()

    @property
    def tag(self) -> TaggedList:
        """Return what is shown first: delivery, or the ending without a result in its place."""
        if self.lacks_result:
            return code_lists.Ending.from_code(self.ending)
        return code_lists.Delivery.from_code(self.delivery)

    @property
    def tone(self) -> Tone:
        """Return the tone of the tag, which is plain for the delivery of an old report."""
        return Tone.PLAIN if self.is_stale and not self.lacks_result else self.tag.tone

    @property
    def as_reported(self) -> str:
        """Return the last report in words where they must stand beside the tag.

        They are "as reported on 6 October 2026", or "last reported as on track on …".
        """
        if self.assessed_on is None or self.delivery == code_lists.Delivery.WITHDRAWN:
            return ""
        if self.lacks_result:
            label = code_lists.Delivery.label_of(self.delivery).lower()
            return f"last reported as {label} on {format_day(self.assessed_on)}"
        is_figure_older = self.figure and self.reported_on != self.assessed_on
        if not self.is_stale and not is_figure_older:
            return ""
        return f"as reported on {format_day(self.assessed_on)}"

    @property
    def tag_text(self) -> str:
        """Return the tag in words: "On track, as reported on 6 October 2026"."""
        return ", ".join(filter(None, [str(self.tag.label), self.as_reported]))

    @property
    def reporting_text(self) -> str:
        """Return reporting in words: "Silent since 30 June 2026"."""
        label = code_lists.Reporting.label_of(self.reporting)
        if self.is_late and self.reporting_since:
            return f"{label} since {format_day(self.reporting_since)}"
        return label

    @property
    def ending_text(self) -> str:
        """Return what is missing at the end; "" before it, and once the result is known."""
        passed_on = self.deadline_passed_on
        passed = f"Deadline passed on {format_day(passed_on)}. " if passed_on else ""
        match self.ending:
            case code_lists.Ending.FINAL_UPDATE_DUE | code_lists.Ending.ENDED_BEFORE:
                is_from_before = self.ending == code_lists.Ending.ENDED_BEFORE
                return passed_text(passed_on, is_from_before=is_from_before) if passed_on else ""
            case code_lists.Ending.FINAL_UPDATE_SENT:
                return f"{passed}Final update received, not yet published by the council"
            case code_lists.Ending.LEFT_UNSETTLED:
                return "Left unsettled: no final update"
        return ""

    @property
    def figure_label(self) -> str:
        return figure_label(self.delivery)

    @property
    def figure_clause(self) -> str:
        """Return the figure with its proof: "14 of 16 people, self-reported"."""
        if self.reported_on is None:
            target = f" (target {self.target})" if self.target else ""
            return "" if self.is_over else f"no progress reported yet{target}"
        disputed = " (disputed)" if self.disputed else ""
        proof = code_lists.LevelOfProof.label_of(self.level_of_proof).lower()
        figure = f"{self.figure}{disputed}" if self.figure else ""
        return ", ".join(filter(None, [figure, self.reported, f"{proof}{disputed}"]))

    @property
    def reported(self) -> str:
        """Return "reported on 6 October 2026", unless the words beside the tag have that day."""
        if self.reported_on is None or self.reported_on == self.assessed_on and self.as_reported:
            return ""
        return f"reported on {format_day(self.reported_on)}"

    @property
    def figure_parts(self) -> tuple[str, str]:
        """Return the figure to be set large, and the words beside it: "14 of 16", "people"."""
        return split_figure(self.figure)

    @property
    def status(self) -> str:
        """Return delivery and figure with their day: "On track: 14 of 16 people, reported on …".

        Without a result it says how delivery was last reported, after the warning of the ending.
        """
        text = self.tag_text
        if self.lacks_result:
            text = self.as_reported
            if not text:
                return "No progress was reported"
            text = text[:1].upper() + text[1:]
        if self.is_over and self.figure:
            return f"{text}. {self.figure_label}: {self.figure_clause}"
        separator = ": " if self.figure or self.reported_on is None else ", "
        return separator.join(filter(None, [text, self.figure_clause]))

    @property
    def warnings(self) -> list[str]:
        """Return what must be read before the status, each without a full stop."""
        late = self.reporting_text if self.is_late else ""
        return list(filter(None, [late, self.ending_text, *self.membership_notes]))

    @property
    def membership_notes(self) -> list[str]:
        """Return what the signatory's membership means for a reader, each without a full stop."""
        return list(filter(None, [self.left, self.standing_text]))

    @property
    def standing_text(self) -> str:
        """Return that the signatory is suspended or has left, or "" for any other."""
        return standing_note(self.standing, self.standing_since)

    @property
    def notes(self) -> list[str]:
        """Return what must not be missing beside the status, each without a full stop."""
        notes = [self.weakened]
        if self.originally:
            notes.append(f"Originally promised: {self.originally}")
        if not self.is_current and not self.is_late:
            notes.append(f"Reporting: {self.reporting_text.lower()}")
        return list(filter(None, notes))

    @property
    def sentence(self) -> str:
        """Return the whole headline in words, without the title."""
        return f"{'. '.join([*self.warnings, self.status, *self.notes])}."


def build_headline(record: Record, item: Item, signatory: str, today: date) -> Headline:
    """Return the headline of a commitment on a day.

    `item` is the record's, with typed values; `record.reporting` is its state on `today`.
    """
    progress, latest = record.progress or {}, record.latest or {}
    shown = progress if progress.get("value") is not None else latest
    assessed_on = parse_day(latest.get("reported_on"))
    deadline_passed_on = _passed_deadline(record, item, today)
    return Headline(
        key=record.key,
        title=item["title"],
        title_now=_title_now(record, item),
        signatory=signatory,
        target=_target_text(progress, item),
        figure=progress_text(progress, item, is_over=_has_ended(record)),
        assessed_on=assessed_on,
        reported_on=parse_day(shown.get("reported_on")),
        level_of_proof=shown.get("level_of_proof", ""),
        disputed=shown.get("disputed", False),
        delivery=record.delivery,
        reporting=record.reporting,
        reporting_since=_state_began(record, today),
        is_stale=deadline_passed_on is not None or _is_stale(record, assessed_on, today),
        marks=weakening_marks(record.weakenings),
        weakened=weakened_text(record.weakenings, item),
        originally=original_text(record) if _reductions(record.weakenings) else "",
        ending=record.ending,
        deadline_passed_on=deadline_passed_on,
        left=left_note(record, item),
        ended_unanswered=record.ended_unanswered is not None,
        standing=record.signatory_standing,
        standing_since=record.signatory_standing_since,
    )


def original_text(record: Record) -> str:
    """Return what was first promised: "20 people by 30 June 2026" or "by 30 June 2026"."""
    original = record.original or {}
    target, end_on = original.get("target"), deadline_of(original)
    deadline = f"by {format_day(date.fromisoformat(end_on))}" if end_on else ""
    if not target:
        return deadline
    amount = format_amount(
        Decimal(target["value"]), original.get("unit"), original.get("unit_label")
    )
    return f"{amount} {deadline}".strip()


def _has_ended(record: Record) -> bool:
    return record.status in (Record.Status.CLOSED, Record.Status.WITHDRAWN)


def _title_now(record: Record, item: Item) -> str:
    if not record.original or not is_outgrown(item, record.original):
        return ""
    return f"Now {target_text(item) or 'without a number'}"


def _target_text(progress: Item, item: Item) -> str:
    keep = keep_text(progress, item)
    if not keep:
        return target_text(item)
    until = (item["target"] or {}).get("by")
    return f"{keep} until {format_day(until)}" if until else keep


def _passed_deadline(record: Record, item: Item, today: date) -> date | None:
    """Return the deadline if it has passed and the commitment is still open."""
    deadline: date | None = deadline_of(item)
    return deadline if deadline and deadline < today and not _has_ended(record) else None


def _is_stale(record: Record, assessed_on: date | None, today: date) -> bool:
    """Return True if a report says how delivery was, which may be otherwise by now."""
    if assessed_on is None or record.delivery == code_lists.Delivery.WITHDRAWN:
        return False
    if _has_ended(record):
        return record.delivery not in code_lists.Delivery.final_results()
    is_current = record.reporting == code_lists.Reporting.UP_TO_DATE
    # A newer update that the council has not published yet may say otherwise.
    is_overtaken = record.last_heard_on is not None and record.last_heard_on > assessed_on
    return not is_current or is_overtaken or today - assessed_on > STALE_AFTER


def _state_began(record: Record, today: date) -> date | None:
    """Return the day on which a late state began, if it is the day that its word speaks of.

    None where contact was lost before: the state began with a due date, or after a pause.
    """
    begun = bisect_right(record.state_days, today)
    if not begun or record.reporting == code_lists.Reporting.NO_CONTACT:
        return None
    is_unreachable = record.reporting == code_lists.Reporting.UNREACHABLE
    if is_unreachable and record.states[begun - 1] == code_lists.Reporting.PAUSED:
        return None
    return record.state_days[begun - 1]


def _reductions(weakenings: list[Item]) -> list[Item]:
    """Return the weakenings after which the commitment still stands."""
    return [way for way in weakenings if way["what"] != code_lists.Weakening.WITHDRAWN]
