"""Build the list of signatories and the page of each."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.db.models.functions import Upper
from django.http import QueryDict
from django.urls import reverse

from registry.log import keys
from registry.models import Record
from registry.open_data.filters import LONGEST_QUERY, search_condition
from registry.reference_data import places, sectors
from registry.schema import kinds
from registry.schema.code_lists import Delivery, OrganisationKind, Reporting, Route, Size, Standing
from registry.website import notices
from registry.website import rows as register_rows
from registry.wording.formatting import count_noun, format_day, join_list

ROWS = 50


def signatory_list_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return the signatories by name, each with a sentence on its commitments. Four queries."""
    # PostgreSQL rejects text with a NUL character.
    text = query.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    matches = Record.objects.of_kind("signatory").readable()
    if text:
        matches = matches.filter(search_condition(text))
    total = matches.count()
    after_key = keys.normalise_key(query.get("after", ""))
    after = (
        Record.objects.filter(kind="signatory", pk=after_key).first()
        if keys.is_key(after_key)
        else None
    )
    if after:
        name = (after.name or "").upper()
        matches = matches.alias(upper=Upper("name")).filter(
            Q(upper__gt=name) | Q(upper=name, key__gt=after.key)
        )
    rows = list(matches.order_by(Upper("name"), "key")[: ROWS + 1])
    commitments = Record.objects.of_kind("commitment").readable().with_reporting(today)
    by_signatory: dict[str, list[Record]] = {row.key: [] for row in rows[:ROWS]}
    for commitment in commitments.filter(signatory__in=by_signatory).only(
        "signatory", "delivery", "status", "last_heard_on"
    ):
        by_signatory[commitment.signatory].append(commitment)
    search = {"q": text} if text else {}
    next_query = urlencode(search | {"after": rows[ROWS - 1].key}) if len(rows) > ROWS else ""
    next_url = f"{reverse('website:signatories')}?{next_query}" if next_query else ""
    return {
        "q": text,
        "total": count_noun(total, "signatory", "signatories"),
        "rows": [
            {
                "key": row.key,
                "name": row.name,
                "standing": Standing.label_of((row.item or {}).get("standing")),
                "sentence": f"{delivery_sentence(by_signatory[row.key])}"
                f"{_last_reported_clause(by_signatory[row.key])}",
            }
            for row in rows[:ROWS]
        ],
        "next": next_url,
    }


def signatory_context(key: str, today: date) -> dict[str, Any] | register_rows.RemovedRecord | None:
    """Return the public page of a signatory, or None for an unknown key. Seven queries."""
    record = Record.objects.of_kind("signatory").filter(pk=key).first()
    if record is None:
        return None
    page = register_rows.page_footer(record)
    if record.item is None:
        return register_rows.RemovedRecord(**page)
    item = kinds.parse_item("signatory", record.item)
    commitments = list(
        Record.objects.of_kind("commitment")
        .readable()
        .with_reporting(today)
        .filter(signatory=key)
        .order_by("-first_entry")
    )
    predecessors = Record.objects.of_kind("signatory").readable()
    predecessors = predecessors.filter(item__contains={"successor": key}).order_by("first_entry")
    themes = [commitment.theme for commitment in commitments]
    names = register_rows.record_names([record.charter, record.key, item["successor"], *themes])
    successes = (
        Record.objects.of_kind("success").live().filter(signatory=key).order_by("-first_entry")
    )
    return page | {
        "name": record.name,
        "legal_name": item["legal_name"] if item["legal_name"] != record.name else "",
        "charter": names.get(record.charter, ""),
        "standing": standing_text(item),
        "over": item["left_on"],
        "successor": item["successor"] and (item["successor"], names.get(item["successor"], "")),
        "predecessors": [(other.key, other.name) for other in predecessors],
        "reason": item["change_reason"],
        "unreachable_since": item["unreachable_since"],
        "pause": item["pause"],
        "source": item["source"],
        "facts": list(_summary_facts(item)),
        "sentence": signatory_sentence(commitments),
        "rows": [
            register_rows.commitment_row(commitment, names, today) for commitment in commitments
        ],
        "letters": notices.letters_about(commitment.key for commitment in commitments),
        "successes": [register_rows.success_row(success, names) for success in successes],
        **_checks_context(commitments),
    }


def _checks_context(commitments: list[Record]) -> dict[str, Any]:
    """Return the council's checks of updates, each once, and the senders of updates on behalf.

    One query.
    """
    names = {record.key: record.name or record.key for record in commitments}
    updates = (
        Record.objects.of_kind("update")
        .live()
        .filter(
            Q(item__has_key="check") | Q(item__has_key="sent_on_behalf_by"), commitment__in=names
        )
        .order_by("first_entry")
    )
    items = [kinds.parse_item("update", update.item) for update in updates if update.item]
    # A "nothing changed" update carries the check of the update before it.
    checks = {
        (item["commitment"], item["check"]["on"], item["check"]["finding"]): item["check"]
        for item in items
        if item["check"]
    }
    return {
        "checks": [
            {"check": check, "commitment": {"key": commitment, "title": names[commitment]}}
            for (commitment, _, _), check in sorted(
                checks.items(), key=lambda pair: pair[0][1], reverse=True
            )
        ],
        "sent_by": join_list(
            sorted({i["sent_on_behalf_by"] for i in items if i["sent_on_behalf_by"]})
        ),
    }


def delivery_sentence(commitments: list[Record]) -> str:
    """Return "7 commitments: 3 met, 2 on track, 1 off track, 1 not started"."""
    counts = Counter(commitment.delivery for commitment in commitments)
    if not commitments:
        return "No commitment yet"
    parts = [
        f"{counts[delivery]} {delivery.label.lower()}"
        for delivery in Delivery.results_first()
        if counts[delivery]
    ]
    return f"{count_noun(len(commitments), 'commitment')}: {', '.join(parts)}"


def signatory_sentence(commitments: list[Record]) -> str:
    """Return the summary of a signatory: delivery first, then reporting."""
    states = Counter(
        commitment.reporting
        for commitment in commitments
        if commitment.status == Record.Status.LIVE
    )
    late = [
        f"{states[state]} {state.label.lower()}"
        for state in (Reporting.DUE, *Reporting.late_states())
        if states[state]
    ]
    if not states:
        return f"{delivery_sentence(commitments)}."
    reporting = f"in reporting, {join_list(late)}" if late else "reporting is up to date"
    return f"{delivery_sentence(commitments)}{_last_reported_clause(commitments)}; {reporting}."


def _last_reported_clause(commitments: list[Record]) -> str:
    """Return a clause with the date of the last update of a late signatory; "" for others."""
    update_dates = [
        commitment.last_heard_on for commitment in commitments if commitment.last_heard_on
    ]
    is_late = any(commitment.reporting in Reporting.late_states() for commitment in commitments)
    if not update_dates or not is_late:
        return ""
    return f", as last told on {format_day(max(update_dates))}"


def standing_text(item: dict[str, Any]) -> str:
    """Return the charter status with certificate and dates."""
    parts = [Standing.label_of(item["standing"])] if item["standing"] else []
    if item["certificate_number"]:
        parts.append(f"certificate {item['certificate_number']}")
    if item["accredited_from"] and item["accredited_to"]:
        parts.append(
            f"{format_day(item['accredited_from'])} to {format_day(item['accredited_to'])}"
        )
    return ", ".join(parts)


def _summary_facts(item: dict[str, Any]) -> Iterator[register_rows.SummaryRow]:
    """Yield the facts about a signatory."""
    row = register_rows.SummaryRow
    if item["joined_on"]:
        yield row("Signed on", format_day(item["joined_on"]))
    kind = OrganisationKind.label_of(item["org_type"])
    type_parts = [kind, "social enterprise" if item["social_enterprise"] else ""]
    if any(type_parts):
        yield row("What it is", ", ".join(filter(None, type_parts)))
    if item["size"]:
        yield row("Size", Size.label_of(item["size"]))
    if item["sector"]:
        yield row("Sector", sectors.section_titles().get(item["sector"], item["sector"]))
    if item["area_codes"]:
        yield row("Where", join_list([places.place_name(code) for code in item["area_codes"]]))
    if item["route"]:
        yield row("How it joined", Route.label_of(item["route"]))
    if item["covers"]:
        yield row("What its commitments cover", item["covers"])
    for identifier in item["identifiers"] or []:
        yield row(f"Number ({identifier['scheme']})", identifier["id"])
    for former in item["former_names"] or []:
        yield row(f"Name until {format_day(former['to'])}", former["name"])
    if item["website"]:
        yield row("Website", item["website"], href=item["website"])
