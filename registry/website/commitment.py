"""What the page of a commitment shows, as one dict for the public page and the preview alike."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Q
from django.urls import reverse

from registry import canonical, clock, codelists, folding, history, kinds, log, places
from registry.models import Entry, Record
from registry.website import differences, figures, lists, sentences, timeline, words

Item = dict[str, Any]
# Kinds whose entries the timeline tells.
TOLD = ("commitment", "period", "update", "success", "notice", "signatory")


def context(key: str, today: date) -> Item | None:
    """Return what is public about a commitment on a day; None: unknown key. Three queries, and one
    more for a promise that was met.
    """
    record = Record.objects.of_kind("commitment").with_reporting(today).filter(pk=key).first()
    if record is None:
        return None
    related = list(_related(record, today))
    entries = _entries([record, *related])
    return describe(record, related, entries, today)


def preview(acts: Sequence[log.Item], *, key: str, today: date) -> Item:
    """Return what the page of a commitment would show if these acts were published now.

    The acts are appended to the entries of the log in memory, and folded as the log folds them.
    """
    pretended = _pretend(acts)
    public = _item(Record.objects.filter(pk=key).first())
    content = next((act.content for act in acts if act.key == key), public)
    parents = [content[name] for name in history.PARENTS if name in content]
    news = news_of(key).values_list("key", flat=True)
    keys = {key, *parents, *news, *(entry.key for entry in pretended)}
    entries = [*Entry.objects.filter(key__in=keys).order_by("number"), *pretended]
    records = folding.fold(entries)
    record = records.pop(key)
    record.reporting = history.reporting(record, today)
    for other in records.values():
        other.state = history.state(other, today)
    related = [other for other in records.values() if other.item is not None]
    told = [entry for entry in entries if entry.kind in TOLD]
    return describe(record, related, told, today)


def _pretend(acts: Sequence[log.Item]) -> list[Entry]:
    """Return entries that are not in the log, numbered after its head."""
    number = log.head().number
    return [
        Entry(
            number=number + position,
            at=clock.now().replace(microsecond=0),
            kind=act.kind,
            key=act.key,
            action=act.action,
            item=canonical.canonical(kinds.clean(act.kind, act.content)),
        )
        for position, act in enumerate(acts, start=1)
    ]


def news_of(key: str) -> Any:
    """Return what was published about a promise: its news, and letters of the council."""
    news = Q(commitment=key) | Q(kind="success", item__contains={"commitments": [key]})
    news |= Q(kind="notice", item__contains={"type": "letter", "about": key})
    return Record.objects.filter(news)


def _related(record: Record, today: date) -> Iterable[Record]:
    parents = [getattr(record, name) for name in history.PARENTS]
    rows = news_of(record.key) | Record.objects.filter(key__in=[key for key in parents if key])
    return rows.exclude(status=Record.Status.WITHDRAWN, kind="success").with_state(today)


def _entries(records: Sequence[Record]) -> list[Entry]:
    told = [record.key for record in records if record.kind in TOLD]
    return list(Entry.objects.filter(key__in=told).order_by("number"))


def describe(
    record: Record, related: Sequence[Record], entries: Sequence[Entry], today: date
) -> Item:
    """Bring everything into the words of the page."""
    shown = lists.foot(record) | {"address": reverse("website:commitment", args=[record.key])}
    if record.item is None:
        return shown
    item = kinds.typed("commitment", record.item)
    parents = {other.key: other for other in related}
    signatory = _item(parents.get(item["signatory"]))
    name = signatory.get("trading_name") or signatory.get("legal_name") or "The signatory"
    measure = _item(parents.get(item["measure"] or ""))
    charter = _item(parents.get(item["charter"]))
    periods = sorted(_of(related, "period"), key=lambda row: row[1]["due_on"], reverse=True)
    updates = sorted(
        _of(related, "update"), key=lambda row: (row[1]["to"], row[0].first_entry), reverse=True
    )
    ending = _ending(record, entries)
    ended_on = clock.local_date(ending.at) if ending else None
    shown |= {
        "title": item["title"],
        "description": item["description"] if item["description"] != item["title"] else "",
        "aimed_at": "" if item["target"] else item["description"],
        "signatory": name,
        "signatory_key": item["signatory"],
        "size": signatory.get("size", ""),
        "theme": _item(parents.get(item["theme"])).get("title", ""),
        "theme_key": item["theme"],
        "measure": measure.get("title", ""),
        "measure_key": item["measure"],
        "direction": measure.get("direction"),
        "places": [(code, places.name(code)) for code in item["area_codes"] or []],
        "charter": charter.get("title", ""),
        "made_on": clock.local_date(record.published_at),
        "target": differences.target(item),
        "contracts": differences.contracts(item),
        "made_like": item["made_like"],
        "sent_for_by": item["sent_for_by"],
        "name_then": _name_then(signatory, clock.local_date(record.published_at)),
        "copies": _copies(record),
        "planned_evidence": item["planned_evidence"]["text"],
        "answerable_role": item["answerable_role"],
        # A restated report does not tell it.
        "additionality": "" if item["source"] else codelists.ADDITIONALITY[item["additionality"]],
        "source": item["source"],
        "delivery": record.delivery,
        "reporting": record.reporting,
        "rule": sentences.rule(charter) if charter else "",
        "updates": _updates(updates, item),
        "is_checked": any(content["check"] for _, content in updates),
        "successes": [_success(other, content) for other, content in _of(related, "success")],
        "letters": [content | {"key": other.key} for other, content in _of(related, "notice")],
        "periods": [_period(other, content, ended_on) for other, content in periods],
        "timeline": timeline.events(
            record,
            item,
            entries,
            periods,
            name,
            measure.get("direction"),
            timeline.fell_behind(record, periods, charter, min(today, ended_on or today)),
        ),
        "superseded_by": record.superseded_by,
    }
    if ending and ended_on:
        shown["over"] = sentences.over(record, item, ended_on, name)
        shown["over_reason"] = (timeline.read(ending) or {}).get("change_reason", "")
    shown["delivery_on"] = _delivery_on(record, [content for _, content in updates], ended_on)
    shown |= _changes(record, item)
    shown |= figures.beside_target(record, item, measure, [content for _, content in updates])
    shown["reporting_sentence"] = sentences.reporting(
        record,
        record.reporting,
        today,
        asked_on=_asked(record, [content for _, content in periods]),
        later=_later(record, periods, today),
        said_last=_said_last(
            [content for _, content in periods], updates, item, measure.get("direction")
        ),
        pause=(signatory.get("pause") or {}).get("reason", ""),
    )
    return shown


def _delivery_on(record: Record, updates: list[Item], ended_on: date | None) -> date | None:
    """Return since when the state of what is over is what it is; None while it runs."""
    if ended_on is None or record.status == Record.Status.WITHDRAWN:
        return ended_on
    return updates[0]["reported_on"] if updates else None


def _name_then(signatory: Item, day: date) -> str:
    """Return the name that a signatory had on a day, if it has another now."""
    formers = sorted(signatory.get("former_names") or [], key=itemgetter("to"))
    return next((former["name"] for former in formers if day.isoformat() <= former["to"]), "")


def _copies(record: Record) -> list[tuple[str, str]]:
    """Return keys and titles of the promises that took their wording from one that was met."""
    if record.delivery != "met":
        return []
    copies = Record.objects.of_kind("commitment").readable()
    copies = copies.filter(item__contains={"made_like": record.key}).order_by("first_entry")
    return [(copy.key, copy.name) for copy in copies]


def _item(record: Record | None) -> Item:
    return record.item if record is not None and record.item is not None else {}


def _of(records: Iterable[Record], kind: str) -> list[tuple[Record, Item]]:
    return [
        (r, kinds.typed(kind, r.item)) for r in records if r.kind == kind and r.item is not None
    ]


def _asked(record: Record, periods: list[Item]) -> list[date]:
    """Return the days on which we asked for the oldest answer that is owed."""
    owed = [period for period in periods if period["due_on"] == record.open_due_on]
    return owed[0]["requested_on"] or [] if owed else []


def _later(record: Record, periods: list[tuple[Record, Item]], today: date) -> list[Item]:
    """Return the periods that fell due unanswered after the oldest that owes an answer."""
    return [
        content
        for period, content in periods
        if period.open_due_on
        and record.open_due_on
        and record.open_due_on < period.open_due_on <= today
    ]


def _said_last(
    periods: list[Item],
    updates: list[tuple[Record, Item]],
    item: Item,
    direction: str | None,
) -> str:
    """Return what the latest answer said, or that the council has not published it yet."""
    answered = [period for period in periods if period["received_on"]]
    latest = max(answered, key=itemgetter("received_on"), default=None)
    if latest and not latest["update"]:
        return "; the council has not published the news yet"
    return f": {sentences.news(updates[0][1], item, direction)}" if updates else ""


def _ending(record: Record, entries: Sequence[Entry]) -> Entry | None:
    """Return the entry that ended a commitment; None while it runs."""
    if record.status not in (Record.Status.CLOSED, Record.Status.WITHDRAWN):
        return None
    ends = (Entry.Action.CLOSE, Entry.Action.WITHDRAW)
    return [entry for entry in entries if entry.key == record.key and entry.action in ends][-1]


def _changes(record: Record, item: Item) -> Item:
    """Return in what ways the promise was weakened, and how it read at first."""
    first = record.original or {}
    target = first.get("target")
    was = {**item, "target": None, **({"target": _target(target)} if target else {})}
    lowered = [way for way in record.weakenings if way["what"] != "withdrawn"]
    changed = bool(first) and (first["title"] != item["title"] or bool(lowered))
    moved = [way["entry"] for way in lowered if way["what"] == "date_later"]
    moves = {entry: number for number, entry in enumerate(moved, start=1)}
    return {
        "weakenings": [
            {
                "on": date.fromisoformat(ways[0]["on"]),
                "sentence": words.joined(
                    [sentences.weakening(way, item, moves.get(way["entry"], 1)) for way in ways]
                ),
                "reason": ways[0]["reason"],
            }
            for ways in (list(group) for _, group in groupby(lowered, key=itemgetter("entry")))
        ],
        "first_promised": first.get("title", "") if changed else "",
        "first_target": differences.target(was) if changed else "",
    }


def _target(target: dict[str, str]) -> Item:
    return {
        "value": Decimal(target["value"]),
        "by": date.fromisoformat(target["by"]) if target.get("by") else None,
    }


def _updates(updates: list[tuple[Record, Item]], item: Item) -> list[Item]:
    """Return the rows of the progress table, newest first, with the change since the one before."""
    rows = []
    for position, (record, update) in enumerate(updates):
        before = next(
            (
                u["cumulative_value"]
                for _, u in updates[position + 1 :]
                if u["cumulative_value"] is not None
            ),
            None,
        )
        value = update["cumulative_value"]
        change = (
            words.difference(value - before, item["unit"])
            if value is not None and before is not None and item["unit"] != "yesno"
            else ""
        )
        rows.append(
            {
                **update,
                "key": record.key,
                "figure": words.amount(value, item["unit"], item["unit_label"])
                if value is not None
                else "",
                "change": change,
                "withdrawn": record.status == Record.Status.WITHDRAWN,
            }
        )
    return rows


def _success(record: Record, item: Item) -> Item:
    return {
        **item,
        "key": record.key,
        "place": words.joined([places.name(c) for c in item["area_codes"] or []]),
        "pictures": lists.pictures(item["evidence"] or []),
    }


def _period(record: Record, item: Item, ended_on: date | None) -> Item:
    requests = item["requested_on"] or []
    return {
        **item,
        "key": record.key,
        "starts_on": item["from"],
        "state": record.state,
        # Nobody is asked for news of what was over before it fell due.
        "dropped": ended_on is not None and item["due_on"] > ended_on,
        "asked": words.days(sorted(requests), year=item["due_on"].year),
    }
