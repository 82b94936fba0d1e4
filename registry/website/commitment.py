"""Build the page of a commitment, as one dict for the public page and the preview."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.urls import reverse

from registry import clock
from registry.log import as_of, canonical, folding, publishing
from registry.models import Entry, Record
from registry.reference_data import places
from registry.schema import kinds
from registry.website import progress
from registry.website import rows as register_rows
from registry.website.commitment_facts import commitment_facts
from registry.wording import differences, sentences, timeline
from registry.wording.formatting import format_amount, format_days, format_difference, join_list

Item = dict[str, Any]
TIMELINE_KINDS = [spec.name for spec in kinds.KINDS.values() if spec.in_timeline]


def commitment_context(key: str, today: date) -> Item | None:
    """Return the page of a commitment; None for an unknown key. Three queries, or four if met."""
    record = Record.objects.of_kind("commitment").with_reporting(today).filter(pk=key).first()
    if record is None:
        return None
    related = list(_related_records(record, today))
    entries = _timeline_entries([record, *related])
    return build_page(record, related, entries, today)


def preview_context(acts: Sequence[publishing.NewEntry], *, key: str, today: date) -> Item:
    """Return the page of a commitment as if these acts were published now.

    The acts are appended to the log's entries in memory and folded like them.
    """
    unpublished = _unpublished_entries(acts)
    public = _public_item(Record.objects.filter(pk=key).first())
    content = next((act.content for act in acts if act.key == key), public)
    parents = [content[name] for name in kinds.commitment_parents() if name in content]
    related_keys = as_of.records_about(key).values_list("key", flat=True)
    keys = {key, *parents, *related_keys, *(entry.key for entry in unpublished)}
    entries = [*Entry.objects.filter(key__in=keys).order_by("number"), *unpublished]
    records = folding.fold(entries)
    record = records.pop(key)
    record.reporting = as_of.reporting_state(record, today)
    for other in records.values():
        other.state = as_of.period_state(other, today)
    related = [other for other in records.values() if other.item is not None]
    timeline_entries = [entry for entry in entries if entry.kind in TIMELINE_KINDS]
    return build_page(record, related, timeline_entries, today)


def _unpublished_entries(acts: Sequence[publishing.NewEntry]) -> list[Entry]:
    """Return the acts as unsaved entries, numbered after the head of the log."""
    number = publishing.head().number
    return [
        Entry(
            number=number + position,
            at=clock.now().replace(microsecond=0),
            kind=act.kind,
            key=act.key,
            action=act.action,
            item=canonical.canonical(kinds.clean_item(act.kind, act.content)),
        )
        for position, act in enumerate(acts, start=1)
    ]


def _related_records(record: Record, today: date) -> Iterable[Record]:
    parents = [getattr(record, name) for name in kinds.commitment_parents()]
    rows = as_of.records_about(record.key) | Record.objects.filter(
        key__in=[key for key in parents if key]
    )
    return rows.exclude(status=Record.Status.WITHDRAWN, kind="success").with_state(today)


def _timeline_entries(records: Sequence[Record]) -> list[Entry]:
    timeline_keys = [record.key for record in records if record.kind in TIMELINE_KINDS]
    return list(Entry.objects.filter(key__in=timeline_keys).order_by("number"))


def build_page(
    record: Record, related: Sequence[Record], entries: Sequence[Entry], today: date
) -> Item:
    """Return the page of a commitment from its record, related records and log entries."""
    page = register_rows.page_footer(record) | {
        "address": reverse("website:commitment", args=[record.key])
    }
    if record.item is None:
        return page
    item = kinds.parse_item("commitment", record.item)
    parents = {other.key: other for other in related}
    signatory = _public_item(parents.get(item["signatory"]))
    name = signatory.get("trading_name") or signatory.get("legal_name") or "The signatory"
    measure = _public_item(parents.get(item["measure"] or ""))
    charter = _public_item(parents.get(item["charter"]))
    periods = sorted(
        _typed_items(related, "period"), key=lambda row: row[1]["due_on"], reverse=True
    )
    updates = sorted(
        _typed_items(related, "update"),
        key=lambda row: (row[1]["to"], row[0].first_entry),
        reverse=True,
    )
    ending = _ending_entry(record, entries)
    ended_on = clock.local_date(ending.at) if ending else None
    page |= {
        "title": item["title"],
        "description": item["description"] if item["description"] != item["title"] else "",
        "aimed_at": "" if item["target"] else item["description"],
        "signatory": name,
        "signatory_key": item["signatory"],
        "size": signatory.get("size", ""),
        "theme": _public_item(parents.get(item["theme"])).get("title", ""),
        "theme_key": item["theme"],
        "measure": measure.get("title", ""),
        "measure_key": item["measure"],
        "direction": measure.get("direction"),
        "charter": charter.get("title", ""),
        "made_on": clock.local_date(record.published_at),
        "target": differences.target_text(item),
        "facts": commitment_facts(item, measure),
        "based_on": item["based_on"],
        "sent_on_behalf_by": item["sent_on_behalf_by"],
        "name_then": _name_on(signatory, clock.local_date(record.published_at)),
        "copies": _commitments_based_on(record),
        "planned_evidence": item["planned_evidence"]["text"],
        "source": item["source"],
        "delivery": record.delivery,
        "reporting": record.reporting,
        "rule": sentences.reporting_rule(charter) if charter else "",
        "updates": _update_rows(updates, item),
        "is_checked": any(content["check"] for _, content in updates),
        "successes": [
            _success_block(other, content) for other, content in _typed_items(related, "success")
        ],
        "letters": [
            content | {"key": other.key} for other, content in _typed_items(related, "notice")
        ],
        "periods": [_period_row(other, content, ended_on) for other, content in periods],
        "timeline": timeline.build_timeline(
            record,
            item,
            entries,
            periods,
            name,
            measure.get("direction"),
            timeline.lateness_events(record, periods, charter, min(today, ended_on or today)),
        ),
        "superseded_by": record.superseded_by,
    }
    if ending and ended_on:
        page["over"] = sentences.ending_sentence(record, item, ended_on, name)
        page["over_reason"] = (timeline.entry_content(ending) or {}).get("change_reason", "")
    page["delivery_on"] = _delivery_on(record, [content for _, content in updates], ended_on)
    page |= _weakenings_context(record, item)
    page |= progress.progress_context(record, item, measure, [content for _, content in updates])
    page["reporting_sentence"] = sentences.reporting_sentence(
        record,
        record.reporting,
        today,
        request_dates=_request_dates(record, [content for _, content in periods]),
        later=_later_periods(record, periods, today),
        latest_update=_latest_update_clause(
            [content for _, content in periods], updates, item, measure.get("direction")
        ),
        pause=(signatory.get("pause") or {}).get("reason", ""),
    )
    return page


def _delivery_on(record: Record, updates: list[Item], ended_on: date | None) -> date | None:
    """Return the date of an ended commitment's final state; None while it is open."""
    if ended_on is None or record.status == Record.Status.WITHDRAWN:
        return ended_on
    return updates[0]["reported_on"] if updates else None


def _name_on(signatory: Item, day: date) -> str:
    """Return the signatory's name on a day, or "" if it is the present one."""
    formers = sorted(signatory.get("former_names") or [], key=itemgetter("to"))
    return next((former["name"] for former in formers if day.isoformat() <= former["to"]), "")


def _commitments_based_on(record: Record) -> list[tuple[str, str]]:
    """Return keys and titles of the commitments based on a met one."""
    if record.delivery != "met":
        return []
    copies = Record.objects.of_kind("commitment").readable()
    copies = copies.filter(item__contains={"based_on": record.key}).order_by("first_entry")
    return [(copy.key, copy.name) for copy in copies]


def _public_item(record: Record | None) -> Item:
    return record.item if record is not None and record.item is not None else {}


def _typed_items(records: Iterable[Record], kind: str) -> list[tuple[Record, Item]]:
    return [
        (record, kinds.parse_item(kind, record.item))
        for record in records
        if record.kind == kind and record.item is not None
    ]


def _request_dates(record: Record, periods: list[Item]) -> list[date]:
    """Return the dates of the requests for the oldest missing update."""
    open_periods = [period for period in periods if period["due_on"] == record.open_due_on]
    return open_periods[0]["requested_on"] or [] if open_periods else []


def _later_periods(record: Record, periods: list[tuple[Record, Item]], today: date) -> list[Item]:
    """Return the periods with a missing update after the oldest such period."""
    return [
        content
        for period, content in periods
        if period.open_due_on
        and record.open_due_on
        and record.open_due_on < period.open_due_on <= today
    ]


def _latest_update_clause(
    periods: list[Item],
    updates: list[tuple[Record, Item]],
    item: Item,
    direction: str | None,
) -> str:
    """Return a clause with the latest update, or one saying that it is not yet published."""
    received = [period for period in periods if period["received_on"]]
    latest = max(received, key=itemgetter("received_on"), default=None)
    if latest and not latest["update"]:
        return "; the council has not published the update yet"
    return f": {sentences.update_summary(updates[0][1], item, direction)}" if updates else ""


def _ending_entry(record: Record, entries: Sequence[Entry]) -> Entry | None:
    """Return the entry that ended a commitment; None while it is open."""
    if record.status not in (Record.Status.CLOSED, Record.Status.WITHDRAWN):
        return None
    ends = (Entry.Action.CLOSE, Entry.Action.WITHDRAW)
    return [entry for entry in entries if entry.key == record.key and entry.action in ends][-1]


def _weakenings_context(record: Record, item: Item) -> Item:
    """Return the weakenings of the commitment, and its first title and target if they changed."""
    first = record.original or {}
    target = first.get("target")
    first_item = {**item, "target": None, **({"target": _typed_target(target)} if target else {})}
    # A withdrawal has a sentence of its own at the top of the page.
    weakenings = [way for way in record.weakenings if way["what"] != "withdrawn"]
    has_changed = bool(first) and (first["title"] != item["title"] or bool(weakenings))
    move_entries = [way["entry"] for way in weakenings if way["what"] == "date_later"]
    moves = {entry: number for number, entry in enumerate(move_entries, start=1)}
    return {
        "weakenings": [
            {
                "on": date.fromisoformat(ways[0]["on"]),
                "sentence": join_list(
                    [
                        sentences.weakening_text(way, item, moves.get(way["entry"], 1))
                        for way in ways
                    ]
                ),
                "reason": ways[0]["reason"],
            }
            for ways in (list(group) for _, group in groupby(weakenings, key=itemgetter("entry")))
        ],
        "first_title": first.get("title", "") if has_changed else "",
        "first_target": differences.target_text(first_item) if has_changed else "",
    }


def _typed_target(target: dict[str, str]) -> Item:
    return {
        "value": Decimal(target["value"]),
        "by": date.fromisoformat(target["by"]) if target.get("by") else None,
    }


def _update_rows(updates: list[tuple[Record, Item]], item: Item) -> list[Item]:
    """Return the rows of the progress table, newest first, with the change since the one before."""
    rows = []
    for position, (record, update) in enumerate(updates):
        before = next(
            (
                earlier["cumulative_value"]
                for _, earlier in updates[position + 1 :]
                if earlier["cumulative_value"] is not None
            ),
            None,
        )
        value = update["cumulative_value"]
        change = (
            format_difference(value - before, item["unit"])
            if value is not None and before is not None and item["unit"] != "yesno"
            else ""
        )
        rows.append(
            {
                **update,
                "key": record.key,
                "figure": format_amount(value, item["unit"], item["unit_label"])
                if value is not None
                else "",
                "change": change,
                "withdrawn": record.status == Record.Status.WITHDRAWN,
            }
        )
    return rows


def _success_block(record: Record, item: Item) -> Item:
    return {
        **item,
        "key": record.key,
        "place": join_list([places.place_name(code) for code in item["area_codes"] or []]),
        "pictures": register_rows.evidence_photographs(item["evidence"] or []),
    }


def _period_row(record: Record, item: Item, ended_on: date | None) -> Item:
    requests = item["requested_on"] or []
    return {
        **item,
        "key": record.key,
        "starts_on": item["from"],
        "state": record.state,
        # No update is due from a commitment that ended before the due date.
        "dropped": ended_on is not None and item["due_on"] > ended_on,
        "asked": format_days(sorted(requests), year=item["due_on"].year),
    }
