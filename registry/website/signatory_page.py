"""The page of a signatory: its charter status, commitments, successes and checks."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.db.models.fields.json import KT
from django.urls import reverse

from registry.log.progress import deadline_of
from registry.models import Entry, Record
from registry.reference_data import places, sectors
from registry.schema import kinds
from registry.schema.code_lists import NoticeType, OrganisationKind, Reporting, Route, Size
from registry.schema.fields import parse_day
from registry.website import notices
from registry.website.charts.outcomes import OutcomeBar, outcome_bar
from registry.website.charts.records import RecordStrip, record_strip
from registry.website.record_pages import RecordLink, RecordPage, record_fields
from registry.website.rows import CommitmentRow, SummaryRow, commitment_row, record_names
from registry.website.signatories import StandingBlock, signatory_sentence, standing_block
from registry.website.success_cards import SuccessCard, success_card
from registry.wording.formatting import format_day, join_list
from registry.wording.sentences import unreachable_sentence
from registry.wording.standings import StandingStep, charter_status_text, standing_history

Item = dict[str, Any]
ACCEPTED = (
    "the text of the charter, the Open Government Licence for what it publishes, and that this "
    "stays on record"
)


@dataclass(frozen=True)
class StatusBlock:
    """The charter status, and why updates may be missing."""

    charter: str
    text: str  # "Accredited, certificate 12, 1 May 2026 to 30 April 2027"
    standing: StandingBlock
    left_on: date | None
    history: list[StandingStep]  # The newest first.
    successor: RecordLink | None
    predecessors: list[RecordLink]
    unreachable_sentence: str
    reply: Item | None  # Beside that sentence.
    no_contact_since: date | None
    retractions: list[Item]  # Of “unreachable”, where that was our fault; the latest first.
    pause: Item | None


@dataclass(frozen=True)
class CheckBlock:
    """A check by the council of an update on one of the commitments."""

    commitment: RecordLink
    check: Item


@dataclass(frozen=True)
class AboutBlock:
    legal_name: str  # "" if it is the name.
    senders: str  # Of updates on its behalf, in one phrase.
    facts: list[SummaryRow]
    source: Item | None


@dataclass(frozen=True)
class ReportedCommitment:
    """A commitment in the table of its signatory, with the record of its reporting periods."""

    row: CommitmentRow
    by: date | None  # Its deadline.
    record: RecordStrip


@dataclass(frozen=True)
class SignatoryPage(RecordPage):
    name: str
    name_when_signed: str  # "Blythewater Utilities plc", if that was another; else "".
    sentence: str
    status: StatusBlock
    outcomes: OutcomeBar | None
    commitments: list[ReportedCommitment]  # Those with an update missing or due come first.
    record: RecordStrip  # Of all their reporting periods.
    letters: list[Item]
    earlier_replies: list[Item]  # Of times when we could not contact it.
    successes: list[SuccessCard]
    checks: list[CheckBlock]
    about: AboutBlock


def build_signatory_page(record: Record, today: date) -> SignatoryPage:
    """Return the public page of a signatory whose text is not removed. Nine queries."""
    item = kinds.parse_item("signatory", record.item or {})
    commitments = list(
        Record.objects.of_kind("commitment")
        .readable()
        .with_reporting(today)
        .filter(signatory=record.key)
        .order_by("-first_entry")
    )
    themes = [commitment.theme for commitment in commitments]
    names = record_names([record.charter, record.key, item["successor"], *themes])
    successes = Record.objects.of_kind("success").live().filter(signatory=record.key)
    updates = _checked_or_sent_updates(commitments)
    found = notices.notices_about([record.key, *(commitment.key for commitment in commitments)])
    replies = [notice for notice in found if notice["about"] == record.key]
    status = _status_block(record, item, names, replies)
    periods = _period_states(commitments, today)
    return SignatoryPage(
        **record_fields(record),
        name=names[record.key],
        name_when_signed=_name_when_signed(item),
        sentence=signatory_sentence(commitments, has_left=item["left_on"] is not None),
        status=status,
        outcomes=_outcomes(record.key, commitments),
        commitments=[
            ReportedCommitment(
                row=commitment_row(commitment, names, today),
                by=parse_day(deadline_of(commitment.item or {})),
                record=record_strip(periods[commitment.key]),
            )
            for commitment in sorted(commitments, key=_latest_first)
        ],
        record=record_strip(state for states in periods.values() for state in states),
        letters=[notice for notice in found if notice["type"] == NoticeType.LETTER],
        earlier_replies=[reply for reply in replies if reply != status.reply],
        successes=[success_card(success, names) for success in successes.order_by("-first_entry")],
        checks=_check_blocks(updates, commitments),
        about=AboutBlock(
            legal_name=item["legal_name"] if item["legal_name"] != names[record.key] else "",
            senders=_senders(updates),
            facts=list(_summary_rows(item)),
            source=item["source"],
        ),
    )


def _period_states(commitments: list[Record], today: date) -> dict[str, list[str]]:
    """Return the states of the periods of commitments on a day, oldest first. One query."""
    states: dict[str, list[str]] = {commitment.key: [] for commitment in commitments}
    periods = Record.objects.of_kind("period").readable().filter(commitment__in=list(states))
    for period in periods.only("commitment", "states", "state_days").order_by("from_on", "key"):
        states[period.commitment or ""].append(period.state_on(today))
    return states


def _latest_first(commitment: Record) -> int:
    """Return the place of a commitment in the table: updates missing or due, others, ended."""
    order = (*Reporting.late_states(), Reporting.DUE)
    if commitment.reporting in order:
        return order.index(Reporting.from_code(commitment.reporting))
    return len(order) + (commitment.reporting == Reporting.CLOSED)


def _outcomes(key: str, commitments: list[Record]) -> OutcomeBar | None:
    if not commitments:
        return None
    path = reverse("website:commitments")

    def address(code: str) -> str:
        return f"{path}?{urlencode({'signatory': key, 'counted_as': code})}"

    return outcome_bar(Counter(row.counted_delivery for row in commitments), address)


def _name_when_signed(item: Item) -> str:
    """Return the name under which a signatory signed, if it has another one today."""
    signed_on = item["joined_on"]
    later = [
        former for former in item["former_names"] or [] if signed_on and former["to"] > signed_on
    ]
    name: str = min(later, key=itemgetter("to"))["name"] if later else ""
    return name


def _status_block(
    record: Record, item: Item, names: dict[str, str], replies: list[Item]
) -> StatusBlock:
    """Return the charter status; `names` are those of charter and successor. Two queries."""
    predecessors = Record.objects.of_kind("signatory").readable()
    predecessors = predecessors.alias(then=KT("item__successor")).filter(then=record.key)
    successor, since = item["successor"], item["unreachable_since"]
    return StatusBlock(
        charter=names.get(item["charter"], ""),
        text=charter_status_text(item),
        standing=standing_block(item),
        left_on=item["left_on"],
        history=standing_history(Entry.objects.filter(key=record.key).order_by("number")),
        successor=RecordLink(successor, names.get(successor, "")) if successor else None,
        predecessors=[
            RecordLink(other.key, other.name or other.key)
            for other in predecessors.order_by("first_entry")
        ],
        unreachable_sentence=unreachable_sentence(since) if since else "",
        reply=notices.reply_since(replies, since) if since else None,
        no_contact_since=item["no_contact_since"],
        retractions=list(reversed(item["retractions"] or [])),
        pause=item["pause"],
    )


def _checked_or_sent_updates(commitments: list[Record]) -> list[Item]:
    """Return the updates that were checked or sent on behalf, oldest first. One query."""
    is_checked_or_sent = Q(item__has_key="check") | Q(item__has_key="sent_on_behalf_by")
    updates = (
        Record.objects.of_kind("update")
        .live()
        .filter(is_checked_or_sent, commitment__in=[row.key for row in commitments])
        .order_by("first_entry")
    )
    return [kinds.parse_item("update", update.item) for update in updates if update.item]


def _check_blocks(updates: Iterable[Item], commitments: list[Record]) -> list[CheckBlock]:
    """Return each check once, the latest first."""
    links = {row.key: RecordLink(row.key, row.name or row.key) for row in commitments}
    # An update that reports no change carries the check of the update before it.
    blocks = {
        (item["commitment"], item["check"]["on"], item["check"]["finding"]): CheckBlock(
            links[item["commitment"]], item["check"]
        )
        for item in updates
        if item["check"]
    }
    return sorted(blocks.values(), key=lambda block: block.check["on"], reverse=True)


def _senders(updates: Iterable[Item]) -> str:
    """Return the names of those who sent updates on behalf of the signatory: "A and B"."""
    return join_list(sorted({i["sent_on_behalf_by"] for i in updates if i["sent_on_behalf_by"]}))


def _summary_rows(item: Item) -> Iterator[SummaryRow]:
    if item["joined_on"]:
        yield SummaryRow("Signed on", format_day(item["joined_on"]))
    if item["accepted_on"]:
        accepted = f"{format_day(item['accepted_on'])}: {ACCEPTED}"
        yield SummaryRow("What its own people accepted", accepted)
    kind = OrganisationKind.label_of(item["org_type"])
    types = [kind, "social enterprise" if item["social_enterprise"] else ""]
    if any(types):
        yield SummaryRow("Type of organisation", ", ".join(filter(None, types)))
    if item["size"]:
        yield SummaryRow("Size", Size.label_of(item["size"]))
    if item["sector"]:
        sector = sectors.section_titles().get(item["sector"])
        yield SummaryRow("Sector", sector or item["sector"])
    if item["area_codes"]:
        names = [places.place_name(code) for code in item["area_codes"]]
        yield SummaryRow("Places", join_list(names))
    if item["route"]:
        yield SummaryRow("How it joined", Route.label_of(item["route"]))
    if item["covers"]:
        yield SummaryRow("What its commitments cover", item["covers"])
    for identifier in item["identifiers"] or []:
        yield SummaryRow(f"Number ({identifier['scheme']})", identifier["id"])
    for former in item["former_names"] or []:
        yield SummaryRow(f"Name until {format_day(former['to'])}", former["name"])
    if item["website"]:
        yield SummaryRow("Website", item["website"], href=item["website"])
