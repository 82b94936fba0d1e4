"""What the public page of a commitment says against its signatory, and will say."""

from dataclasses import dataclass
from datetime import date, timedelta

from charter.models import Commitment, Statement
from registry.models import Record
from registry.schema.code_lists import Ending, Reporting
from registry.wording import sentences

# The private page names a deadline that comes within this time.
ANNOUNCED_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class PublicSentences:
    """`now` is "" while the page says nothing against the signatory."""

    now: str
    coming: list[tuple[date, str]]
    statement: Statement | None  # What `now` is about.


def read_sentences(commitment: Commitment, today: date) -> PublicSentences:
    """Return the sentences of a commitment's public page. One query."""
    record = Record.objects.with_reporting(today).filter(pk=commitment.key).first()
    if record is None:
        return PublicSentences("", [], None)
    since, deadline = commitment.signatory.unreachable_since, commitment.end_on
    if record.reporting == Reporting.UNREACHABLE and since:
        return PublicSentences(sentences.unreachable_sentence(since), [], Statement.UNREACHABLE)
    coming = sentences.coming_sentences(record, today)
    if said := sentences.negative_sentence(record):
        return PublicSentences(said, coming, Statement(record.reporting))
    if deadline is None:
        return PublicSentences("", coming, None)
    sentence = f"{sentences.no_final_update_text(deadline)}."
    if record.ending == Ending.FINAL_UPDATE_DUE:
        return PublicSentences(sentence, coming, Statement.NO_FINAL_UPDATE)
    if record.ending == Ending.OPEN and deadline - today <= ANNOUNCED_BEFORE:
        coming = [(deadline + timedelta(days=1), sentence), *coming]
    return PublicSentences("", coming, None)
