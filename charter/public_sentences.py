"""What the public page of a commitment says against its signatory, and will say."""

from dataclasses import dataclass
from datetime import date

from charter.models import Commitment
from registry.models import Record
from registry.schema.code_lists import Reporting
from registry.wording import sentences


@dataclass(frozen=True)
class PublicSentences:
    """`now` is "" while the page says nothing against the signatory."""

    now: str
    coming: list[tuple[date, str]]
    is_unreachable: bool


def read_sentences(commitment: Commitment, today: date) -> PublicSentences:
    """Return the sentences of a commitment's public page. One query."""
    record = Record.objects.with_reporting(today).filter(pk=commitment.key).first()
    if record is None:
        return PublicSentences("", [], is_unreachable=False)
    since = commitment.signatory.unreachable_since
    if record.reporting == Reporting.UNREACHABLE and since:
        return PublicSentences(sentences.unreachable_sentence(since), [], is_unreachable=True)
    return PublicSentences(
        sentences.negative_sentence(record),
        sentences.coming_sentences(record, today),
        is_unreachable=False,
    )
