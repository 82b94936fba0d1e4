"""Build the blocks of a commitment's page from its record, related records and log entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from registry import clock
from registry.log.progress import deadline_of
from registry.models import Entry, Record
from registry.schema import code_lists, kinds
from registry.website import notices, progress
from registry.website.charts.bars import commitment_bar
from registry.website.charts.records import RecordStrip, record_strip
from registry.website.commitment_facts import commitment_facts
from registry.website.commitment_page import (
    CommitmentPage,
    DeliveryBlock,
    Ending,
    ReportingBlock,
    TermsBlock,
    Weakening,
    period_row,
)
from registry.website.line_chart import draw_line_chart
from registry.website.record_pages import record_fields
from registry.website.success_cards import success_card
from registry.wording import sentences, timeline
from registry.wording.formatting import join_list
from registry.wording.headline import build_headline, original_text
from registry.wording.weakenings import weakening_heading, weakening_text

Item = dict[str, Any]
# A record with its typed item.
Row = tuple[Record, Item]


@dataclass(frozen=True)
class _Sources:
    """What a page is built from. Items are typed, rows are newest first."""

    record: Record
    item: Item
    signatory: Item
    measure: Item
    charter: Item
    theme: Item
    periods: list[Row]
    updates: list[Row]
    related: Sequence[Record]
    entries: Sequence[Entry]
    today: date

    @property
    def name(self) -> str:
        """Return the signatory's name."""
        return (
            self.signatory.get("trading_name")
            or self.signatory.get("legal_name")
            or "The signatory"
        )

    @property
    def direction(self) -> str | None:
        return self.measure.get("direction")

    @property
    def ending_entry(self) -> Entry | None:
        """Return the entry that ended the commitment; None while it is open."""
        if self.record.status not in (Record.Status.CLOSED, Record.Status.WITHDRAWN):
            return None
        ends = (Entry.Action.CLOSE, Entry.Action.WITHDRAW)
        key = self.record.key
        return [entry for entry in self.entries if entry.key == key and entry.action in ends][-1]


def build_page(
    record: Record, related: Sequence[Record], entries: Sequence[Entry], today: date
) -> CommitmentPage:
    """Return the page of a commitment from its record, related records and log entries."""
    sources = _gather_sources(record, related, entries, today)
    item = sources.item
    return CommitmentPage(
        **record_fields(record),
        title=item["title"],
        headline=(headline := build_headline(record, item, sources.name, today)),
        bar=commitment_bar(record, item, headline, today),
        deadline=deadline_of(item),
        signatory=sources.name,
        signatory_key=item["signatory"],
        size=sources.signatory.get("size", ""),
        theme=sources.theme.get("title", ""),
        theme_key=item["theme"],
        charter=sources.charter.get("title", ""),
        measure_key=item["measure"],
        name_then=_name_on(sources.signatory, clock.local_date(record.published_at)),
        terms=_terms_block(sources),
        ending=_ending(sources),
        delivery=_delivery_block(sources),
        reporting=_reporting_block(sources),
        letters=_notices(sources, code_lists.NoticeType.LETTER),
        line_chart=draw_line_chart(item, _measured(sources)[::-1], record),
        updates=progress.update_rows(sources.updates, item),
        is_checked=any(content["check"] for _, content in sources.updates),
        successes=[
            success_card(other, {})
            for other in related
            if other.kind == "success" and other.item is not None
        ],
        record=_record_strip(sources),
        periods=[period_row(*row, record.ended_on) for row in sources.periods],
        timeline=_timeline(sources),
    )


def _gather_sources(
    record: Record, related: Sequence[Record], entries: Sequence[Entry], today: date
) -> _Sources:
    item = kinds.parse_item("commitment", record.item or {})
    parents = {other.key: other for other in related}
    return _Sources(
        record=record,
        item=item,
        signatory=_public_item(parents.get(item["signatory"])),
        measure=_public_item(parents.get(item["measure"] or "")),
        charter=_public_item(parents.get(item["charter"])),
        theme=_public_item(parents.get(item["theme"])),
        periods=sorted(
            _typed_items(related, "period"), key=lambda row: row[1]["due_on"], reverse=True
        ),
        updates=sorted(
            _typed_items(related, "update"),
            key=lambda row: (row[1]["to"], row[0].first_entry),
            reverse=True,
        ),
        related=related,
        entries=entries,
        today=today,
    )


def _terms_block(sources: _Sources) -> TermsBlock:
    record, item = sources.record, sources.item
    first = record.original or {}
    weakenings = _weakenings(record, item)
    has_changed = bool(first) and (first["title"] != item["title"] or bool(weakenings))
    return TermsBlock(
        description=item["description"] if item["description"] != item["title"] else "",
        facts=commitment_facts(item, sources.measure),
        planned_evidence=item["planned_evidence"]["text"],
        published_on=clock.local_date(record.published_at),
        weakenings=weakenings,
        first_title=first.get("title", "") if has_changed else "",
        first_target=original_text(record) if has_changed else "",
        sent_on_behalf_by=item["sent_on_behalf_by"],
        based_on=item["based_on"],
        copies=_commitments_based_on(record),
        source=item["source"],
    )


def _ending(sources: _Sources) -> Ending | None:
    entry, ended_on = sources.ending_entry, sources.record.ended_on
    if entry is None or ended_on is None:
        return None
    return Ending(
        sentence=sentences.ending_sentence(sources.record, sources.item, ended_on, sources.name),
        reason=(timeline.entry_content(entry) or {}).get("change_reason") or "",
        superseded_by=sources.record.superseded_by,
    )


def _delivery_block(sources: _Sources) -> DeliveryBlock:
    record, item = sources.record, sources.item
    updates, measured = [content for _, content in sources.updates], _measured(sources)
    latest = updates[0] if updates else None
    # Check and confirmations must belong to the update with the figure, not to a later one.
    backing = measured[0] if measured else latest or {}
    reported_on = latest["reported_on"] if latest else None
    is_withdrawn = record.status == Record.Status.WITHDRAWN
    return DeliveryBlock(
        delivered_on=record.ended_on if is_withdrawn else record.ended_on and reported_on,
        met_on=reported_on if record.delivery == code_lists.Delivery.MET else None,
        assessment=latest["self_assessment"] if latest else "",
        assessed_on=reported_on,
        description="" if item["target"] else item["description"],
        change=progress.change_sentence(measured, item["unit"]),
        start=progress.start_sentence(record, item),
        backed=progress.backed_part(measured, item["unit"]),
        check=backing.get("check"),
        confirmations=backing.get("confirmations") or [],
        reply=None if _is_late(sources) else _current_reply(sources),
    )


def _measured(sources: _Sources) -> list[Item]:
    """Return the updates with a figure, newest first."""
    return [item for _, item in sources.updates if item["cumulative_value"] is not None]


def _reporting_block(sources: _Sources) -> ReportingBlock:
    record = sources.record
    details = sentences.ReportingDetails(
        signatory=sources.signatory,
        requests=_requests_text(sources),
        later_missing=_count_later_missing(sources),
        latest_update=_latest_update(sources),
    )
    return ReportingBlock(
        sentence=sentences.reporting_sentence(record, sources.today, details),
        rule=_rule(sources),
        reply=_current_reply(sources) if _is_late(sources) else None,
    )


def _notices(sources: _Sources, notice_type: str) -> list[Item]:
    """Return the notices of a type about the commitment or its signatory, with their keys."""
    return [
        content | {"key": other.key}
        for other, content in _typed_items(sources.related, "notice")
        if content["type"] == notice_type
    ]


def _current_reply(sources: _Sources) -> Item | None:
    """Return the reply to what the page says against the signatory now."""
    replies = _notices(sources, code_lists.NoticeType.REPLY)
    if sources.record.reporting == code_lists.Reporting.UNREACHABLE:
        return notices.reply_since(replies, sources.signatory["unreachable_since"])
    missing = [row for row in sources.periods if row[0].open_due_on]
    missing.sort(key=lambda row: (row[1]["from"], row[0].first_entry))
    if not _is_late(sources):
        is_due = sources.record.ending == code_lists.Ending.FINAL_UPDATE_DUE
        missing = [row for row in missing if is_due and row[1]["is_final"]]
    said_of = [record.key for record, _ in missing[:1]]
    return next((reply for reply in replies if reply["period"] in said_of), None)


def _is_late(sources: _Sources) -> bool:
    return sources.record.reporting in code_lists.Reporting.late_states()


def _rule(sources: _Sources) -> str:
    """Return the charter's rules for late and for final updates."""
    if not sources.charter:
        return ""
    final = sentences.final_update_rule(sources.charter) if deadline_of(sources.item) else ""
    return " ".join(filter(None, [sentences.reporting_rule(sources.charter), final]))


def _timeline(sources: _Sources) -> list[timeline.Event]:
    reply = _current_reply(sources)
    subject = timeline.Subject(
        commitment=sources.record,
        item=sources.item,
        periods=sources.periods,
        name=sources.name,
        direction=sources.direction,
        current_reply=reply["key"] if reply else "",
    )
    return timeline.build_timeline(subject, sources.entries, sources.today)


def _name_on(signatory: Item, day: date) -> str:
    """Return the signatory's name on a day, or "" if it is the present one."""
    formers = sorted(signatory.get("former_names") or [], key=itemgetter("to"))
    return next((former["name"] for former in formers if day.isoformat() <= former["to"]), "")


def _commitments_based_on(record: Record) -> list[tuple[str, str]]:
    """Return keys and titles of the commitments based on a met one."""
    if record.delivery != code_lists.Delivery.MET:
        return []
    copies = Record.objects.of_kind("commitment").readable()
    copies = copies.filter(item__contains={"based_on": record.key}).order_by("first_entry")
    return [(copy.key, copy.name or copy.key) for copy in copies]


def _public_item(record: Record | None) -> Item:
    return record.item if record is not None and record.item is not None else {}


def _typed_items(records: Iterable[Record], kind: str) -> list[Row]:
    return [
        (record, kinds.parse_item(kind, record.item))
        for record in records
        if record.kind == kind and record.item is not None
    ]


def _requests_text(sources: _Sources) -> str:
    """Return the sentence on our requests for the oldest missing update."""
    oldest_due_on = sources.record.open_due_on
    period = next((item for _, item in sources.periods if item["due_on"] == oldest_due_on), None)
    if period is None:
        return sentences.requests_sentence([])
    return sentences.requests_sentence(period["requested_on"] or [], period["contacted_on"] or [])


def _count_later_missing(sources: _Sources) -> int:
    """Return the number of missing updates due by today, without the oldest."""
    due_dates = [period.open_due_on for period, _ in sources.periods if period.open_due_on]
    return max(sum(due_on <= sources.today for due_on in due_dates) - 1, 0)


def _latest_update(sources: _Sources) -> str | None:
    """Return the latest update in short; "" if there is none, None if it is not yet published."""
    received = [item for _, item in sources.periods if item["received_on"]]
    if received and not max(received, key=itemgetter("received_on"))["update"]:
        return None
    if not sources.updates:
        return ""
    _, update = sources.updates[0]
    return sentences.update_summary(update, sources.item, sources.direction)


def _weakenings(record: Record, item: Item) -> list[Weakening]:
    """Return the weakenings of a commitment, one for each version that weakened it.

    A withdrawal has a sentence of its own at the top of the page.
    """
    ways = [way for way in record.weakenings if way["what"] != code_lists.Weakening.WITHDRAWN]
    moves = [way["entry"] for way in ways if way["what"] == code_lists.Weakening.DATE_LATER]
    return [
        Weakening(
            heading=weakening_heading(group[0]),
            sentence=join_list(
                [weakening_text(way, item, is_again=way["entry"] in moves[1:]) for way in group]
            ),
            reason=group[0]["reason"],
        )
        for group in (list(ways) for _, ways in groupby(ways, key=itemgetter("entry")))
    ]


def _record_strip(sources: _Sources) -> RecordStrip:
    """Return the record of all periods; one that was dropped was not required."""
    ended_on = sources.record.ended_on
    rows = [period_row(*row, ended_on) for row in reversed(sources.periods)]
    dropped = code_lists.PeriodState.EXCUSED
    return record_strip([dropped if row.is_not_required else row.state for row in rows])
