"""Each state of a commitment has the same facts on every surface, and none is missing.

A state is one row of `STATES`: what was published on which days, and the facts to be read.
"""

import csv
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.test import Client

from charter.actions import following
from charter.models import Follower, Message
from registry import clock
from registry.log import publishing
from registry.log.publishing import NewEntry
from registry.schema import code_lists
from registry.website import sharing_cards
from registry.website.card_drawing import draw_card
from tests.registry import items
from tests.registry.public_pages import day, publish
from tests.shared_worlds import cached_world

pytestmark = pytest.mark.django_db

TODAY, TOMORROW, PROMISED_ON = "2026-11-30", "2026-12-01", "2026-01-05"
DEADLINE = "2027-06-30"
SOURCE = {"title": "The council’s files", "dated": "2024", "note": "Entered from a list."}
Acts = list[tuple[str, NewEntry]]


@dataclass(frozen=True)
class State:
    """What happened to a commitment, and the facts that follow.

    `acts` returns what was published later, by day, for the number of its keys.
    """

    acts: Callable[[int], Acts]
    delivery: str = "on_track"
    reporting: str = "up_to_date"
    value: str = "14"
    reported_on: str = "2026-10-06"
    proof: str = "self_reported"
    deadline: str = DEADLINE
    is_aged: bool = False  # Delivery may no longer be as it was reported.
    first_target: str = "16"
    weakened: str = ""
    mark: str = "Weakened"
    ending: str = ""  # "open" or, once it is closed, "settled".
    # More that all surfaces say, and more columns of the open data.
    words: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)


def commitment(number: int, action: str = "publish", **changes: Any) -> NewEntry:
    target = {"value": "16", "by": DEADLINE}
    fields = {
        "signatory": f"S-{number:05}", "title": f"Apprenticeships of kind {number}",
        "unit_label": "people", "target": target, "end_on": target["by"],
    }  # fmt: skip
    return items.commitment(f"C-{number:05}", action, **fields | changes)


def first_acts(number: int, deadline: str, first_target: str) -> Acts:
    target = {"value": first_target, "by": deadline}
    name = f"Organisation {number}"
    return [
        (PROMISED_ON, items.signatory(f"S-{number:05}", legal_name=name)),
        (PROMISED_ON, commitment(number, target=target, end_on=deadline)),
    ]


def signatory(number: int, on: str, **changes: Any) -> tuple[str, NewEntry]:
    return on, items.signatory(f"S-{number:05}", legal_name=f"Organisation {number}", **changes)


def period(number: int, due_on: str, part: int = 1, **changes: Any) -> tuple[str, NewEntry]:
    """Return a period that was published when its update fell due or a reminder was sent."""
    content = {
        "commitment": f"C-{number:05}", "from": PROMISED_ON, "to": due_on, "due_on": due_on,
    }  # fmt: skip
    on = max(changes.get("requested_on", [min(due_on, TODAY)]))
    return on, NewEntry("period", f"P-{number:04}{part}", "publish", content | changes)


def update(
    number: int, value: str | None = "14", on: str = "2026-10-06", **changes: Any
) -> tuple[str, NewEntry]:
    content = items.update(
        1, f"C-{number:05}", cumulative_value=value, to=on, reported_on=on, **changes
    ).content
    del content["period"]
    return on, NewEntry("update", f"U-{number:05}", "publish", content)


def received(number: int, value: str = "14", on: str = "2026-10-06", **changes: Any) -> Acts:
    """Return an update that was received in time."""
    return [
        update(number, value, on, **changes),
        period(number, "2026-10-10", received_on=on, update=f"U-{number:05}"),
    ]


def ended(number: int, action: str, value: str, assessment: str, **changes: Any) -> Acts:
    acts = received(number, value, self_assessment=assessment)
    reason = {"change_reason": "It is over."} | changes
    return [*acts, ("2026-11-02", commitment(number, action, **reason))]


def missing(number: int, due_on: str, *reminders: str) -> Acts:
    """Return an update of July, and the period of one that has not been received since."""
    requested = {"requested_on": list(reminders)} if reminders else {}
    got = {"received_on": "2026-07-06", "update": f"U-{number:05}"}
    return [
        update(number, on="2026-07-06"),
        period(number, "2026-07-10", part=2, **got),
        period(number, due_on, **{"from": "2026-07-11"}, **requested),
    ]


STATES = {
    "first update not due": State(
        lambda n: [period(n, "2026-12-15")],
        delivery="not_started", value="", reported_on="", proof="",
    ),
    "not started": State(
        lambda n: received(n, "0", self_assessment="not_started"), delivery="not_started", value="0"
    ),
    "on track": State(
        lambda n: received(n, level_of_proof="evidence_provided"), proof="evidence_provided"
    ),
    "stale": State(
        lambda n: received(n, on="2026-04-01"), reported_on="2026-04-01", is_aged=True
    ),
    "due": State(
        lambda n: missing(n, "2026-11-20"),
        reporting="due", reported_on="2026-07-06", is_aged=True,
    ),
    "overdue": State(
        lambda n: missing(n, "2026-10-20", "2026-10-23"),
        reporting="overdue", reported_on="2026-07-06", is_aged=True,
    ),
    "silent": State(
        lambda n: missing(n, "2026-08-01", "2026-08-04"),
        reporting="silent", reported_on="2026-07-06", is_aged=True,
    ),
    "unreachable": State(
        lambda n: [*received(n), signatory(n, "2026-11-10", unreachable_since="2026-11-10")],
        reporting="unreachable", is_aged=True,
    ),
    "no contact": State(
        lambda n: [
            *missing(n, "2026-11-20"),
            signatory(n, "2026-11-10", no_contact_since="2026-11-10"),
        ],
        reporting="no_contact", reported_on="2026-07-06", is_aged=True,
    ),
    "paused": State(
        lambda n: [
            *received(n),
            signatory(n, "2026-11-10", pause={"from": "2026-11-10", "reason": "A fire."}),
        ],
        reporting="paused", is_aged=True,
    ),
    "weakened": State(
        lambda n: [
            ("2026-09-01", commitment(n, "amend", change_reason="A site closed.")),
            *received(n),
        ],
        first_target="20", weakened="target lowered from 20 to 16 people",
    ),
    "corrected downwards": State(
        lambda n: [
            ("2026-09-01", commitment(n, "correct", change_reason="A slip.",
                                      correction_ground="council_error")),
            *received(n),
        ],
        first_target="20", weakened="target lowered from 20 to 16 people",
        mark="Corrected downwards",
    ),
    "final update due": State(
        lambda n: received(n),
        deadline="2026-10-28", is_aged=True, ending="final_update_due",
        words=("Deadline passed on 28 October 2026. No final update yet",),
    ),
    "ended before this register": State(
        lambda n: [
            ("2026-01-06", commitment(
                n, "correct", change_reason="A slip.", source=SOURCE,
                target={"value": "16", "by": "2024-10-28"}, end_on="2024-10-28",
            )),
            *received(n),
        ],
        deadline="2024-10-28", is_aged=True, ending="ended_before",
        words=("Ended before this register, on 28 October 2024. Result not recorded",),
    ),
    "final update with the council": State(
        lambda n: [
            *received(n), period(n, "2026-11-27", 2, is_final=True, received_on="2026-11-01"),
        ],
        deadline="2026-10-28", is_aged=True, ending="final_update_sent",
        words=("Deadline passed on 28 October 2026. Final update received, not yet published",),
    ),
    "met": State(
        lambda n: ended(n, "close", "16", "met", end_reason="achieved"),
        delivery="met", reporting="closed", value="16",
    ),
    "partly met": State(
        lambda n: ended(n, "close", "14", "partly_met", end_reason="expired"),
        delivery="partly_met", reporting="closed",
    ),
    "not met": State(
        lambda n: ended(n, "close", "2", "not_met", end_reason="expired"),
        delivery="not_met", reporting="closed", value="2",
    ),
    "withdrawn": State(
        lambda n: ended(n, "withdraw", "14", "at_risk"),
        delivery="withdrawn", reporting="closed",
    ),
    "left unsettled": State(
        lambda n: [
            *missing(n, "2026-08-01", "2026-08-04"),
            signatory(n, "2026-11-25", standing="removed", standing_since="2026-11-25",
                      left_on="2026-11-25", change_reason="It was silent."),
            ("2026-11-25", commitment(n, "close", end_reason="left_charter",
                                      change_reason="It was silent.")),
        ],
        reporting="closed", reported_on="2026-07-06", is_aged=True,
        words=("no final update", "unanswered", "25 November 2026", "removed from the charter"),
        ending="left_unsettled",
        columns={
            "ended_unanswered_on": "2026-11-25", "ended_unanswered_last_heard_on": "2026-07-06",
            "signatory_standing": "removed",
        },
    ),
}  # fmt: skip
NUMBERS = {name: number for number, name in enumerate(STATES, start=1)}
REDACTED = len(STATES) + 1


@cached_world
def register() -> None:
    """Publish a commitment in each state, and a redacted one; each was featured today."""
    acts = [(PROMISED_ON, act) for act in (items.charter(), items.theme(), items.measure())]
    for name, state in STATES.items():
        number = NUMBERS[name]
        acts += first_acts(number, state.deadline, state.first_target)
        # The commitment keeps its own deadline in every later version.
        acts += state.acts(number)
        acts.append((TODAY, items.featured(f"C-{number:05}", f"N-{number:05}")))
    acts += first_acts(REDACTED, DEADLINE, "16")
    for on in sorted({on for on, _ in acts}):
        publish(on, *[act for day_of_act, act in acts if day_of_act == on])
    redacted = publishing.Entry.objects.get(key=f"C-{REDACTED:05}")
    with clock.fixed_at(day(TODAY)):
        publishing.redact([redacted.number], reason_code="personal_data")
        # As if confirmed by the link in the email.
        follower = Follower.objects.create(
            email="noor@example.org", emailed_until=date(2026, 11, 29)
        )
        follower.followings.create(about="", asked_at=clock.now(), confirmed_at=clock.now())
    with clock.fixed_at(day(TOMORROW)):
        following.queue_daily_emails(clock.now())


@pytest.fixture
def reader():
    with clock.fixed_at(day(TODAY)):
        register()
        yield Client()


def words_of(markup: str) -> str:
    """Return the words that are seen, in one line of small letters."""
    seen = re.sub(r"<style.*?</style>|<title.*?</title>|<[^>]+>", " ", markup, flags=re.S)
    return " ".join(html.unescape(seen).split()).lower()


def read_surfaces(reader: Client, key: str) -> dict[str, str]:
    """Return the words of a commitment on every surface for people."""
    page = reader.get(f"/commitments/{key}").text
    rows = re.split(r'<li class="row">', reader.get("/commitments").text)
    [row] = [row for row in rows if f'"/commitments/{key}"' in row]
    [card] = re.findall(r'property="og:description" content="([^"]*)"', page)
    feed = reader.get(f"/feeds/commitments/{key}.atom").text
    text = Message.objects.get(kind="changes").text
    [mailed] = [part for part in text.split("30 November 2026 · ") if f"/{key}#" in part]
    return {
        "page": words_of(page[page.index("<main") : page.index('id="timeline"')]),
        "row": words_of(row),
        "badge": words_of(reader.get(f"/badges/{key}.svg").text),
        "block": words_of(reader.get(f"/embedded/{key}").text),
        "card": words_of(card),
        "picture": picture_words(key),
        "feed": words_of(feed),
        "email": words_of(mailed),
        "statement": words_of(reader.get(f"/commitments/{key}/statement").text),
    }


def picture_words(key: str) -> str:
    """Return the words that are drawn in the picture for sharing, as in `words_of`."""
    card = sharing_cards.find_card(key, clock.today())
    return " ".join(line.text for line in draw_card(card).lines).lower()


def facts_in_words(state: State) -> list[str]:
    label = code_lists.Delivery.label_of(state.delivery)
    lacks_result = state.ending in code_lists.Ending.without_result()
    facts = [f"last reported as {label}" if lacks_result else label]
    if state.value:
        facts += [f"{state.value} of 16 people", code_lists.LevelOfProof.label_of(state.proof)]
        on = date.fromisoformat(state.reported_on)
        reported = "as reported on" if state.is_aged and not lacks_result else "on"
        facts.append(f"{reported} {on.day} {on:%B %Y}")
    else:
        facts += ["no progress", "16 people by 30 June 2027"]
    if state.reporting != "up_to_date":
        facts.append(code_lists.Reporting.label_of(state.reporting))
    if state.weakened:
        facts += [state.weakened, state.mark]
    if state.first_target != "16":
        facts.append(f"{state.first_target} to 16 people")
    return [fact.lower() for fact in [*facts, *state.words]]


@pytest.mark.parametrize("name", STATES)
def test_state_has_the_same_facts_on_every_surface(reader, name):
    state, key = STATES[name], f"C-{NUMBERS[name]:05}"
    missing_facts = [
        (surface, fact, words)
        for surface, words in read_surfaces(reader, key).items()
        for fact in facts_in_words(state)
        if fact not in words
    ]
    assert not missing_facts


@pytest.mark.parametrize(
    "name", [name for name in STATES if STATES[name].ending in code_lists.Ending.without_result()]
)
def test_commitment_without_its_result_is_nowhere_in_its_last_delivery(reader, name):
    """The ending stands before the last report, and in the place of the tag of delivery."""
    state, key = STATES[name], f"C-{NUMBERS[name]:05}"
    word = code_lists.Delivery.label_of(state.delivery).lower()
    tag = code_lists.Ending.label_of(state.ending)
    for surface, words in read_surfaces(reader, key).items():
        # The page and the feed list every report of the past with its day.
        words = words.partition("updates, newest first")[0]
        words = words.replace(f"“they have started.” {word}.", "")
        assert word not in words.replace(f"last reported as {word}", ""), surface
        texts = [text.lower() for text in (tag, *state.words[:1])]
        ending = min(words.index(text) for text in texts if text in words)
        assert ending < words.index(f"last reported as {word}"), surface
    rows = re.split(r'<li class="row">', reader.get("/commitments").text)
    [row] = [row for row in rows if f'"/commitments/{key}"' in row]
    assert f"Delivery: </span>{tag}</strong>" in row
    assert f"/commitments/{key}" not in reader.get(f"/commitments?counted_as={state.delivery}").text
    assert f"/commitments/{key}" in reader.get(f"/commitments?counted_as={state.ending}").text
    shown = reader.get(f"/api/v1/commitments?delivery={state.delivery}&limit=500").json()["data"]
    assert key in [record["key"] for record in shown]


def test_states_have_the_same_facts_in_the_open_data(reader):
    records = {c["key"]: c for c in reader.get("/api/v1/commitments?limit=500").json()["data"]}
    text = reader.get("/commitments.csv").getvalue().decode()
    rows = {row["key"]: row for row in csv.DictReader(text.splitlines())}
    names = ("value", "reported_on", "level_of_proof")
    for name, state in STATES.items():
        key = f"C-{NUMBERS[name]:05}"
        record, row = records[key], rows[key]
        assert (record["delivery"], record["reporting"]) == (state.delivery, state.reporting), name
        assert (row["delivery"], row["reporting"]) == (state.delivery, state.reporting), name
        ending = state.ending or ("settled" if state.reporting == "closed" else "open")
        assert record["ending"] == row["ending"] == ending, name
        facts = (state.value, state.reported_on, state.proof)
        assert tuple(record["progress"][name] or "" for name in names) == facts, name
        assert tuple(row[f"progress_{name}"] for name in names) == facts, name
        assert record["original"]["target"]["value"] == state.first_target, name
        assert row["original_target_value"] == state.first_target, name
        is_weakened = bool(state.weakened) or state.delivery == "withdrawn"
        assert bool(record["weakenings"]) is is_weakened, name
        assert (row["weakenings_count"] != "0") is is_weakened, name
        assert record["target"]["by"] == row["target_by"] == state.deadline, name
        flat = flatten(record)
        for column, value in state.columns.items():
            assert flat[column] == row[column] == value, (name, column)


def flatten(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record of the API with the names of the columns of CSV."""
    flat: dict[str, Any] = {}
    for name, member in record.items():
        inner = flatten(member) if isinstance(member, dict) else {}
        flat |= {f"{name}_{part}": value for part, value in inner.items()} or {name: member}
    return flat


def test_redacted_commitment_says_so_on_every_surface_and_has_no_words_left(reader):
    key, title = f"C-{REDACTED:05}", f"Apprenticeships of kind {REDACTED}"
    for address in (f"/commitments/{key}", f"/badges/{key}.svg", f"/embedded/{key}",
                    f"/feeds/commitments/{key}.atom", f"/commitments/{key}/statement"):  # fmt: skip
        text = reader.get(address).text
        assert "was removed" in text or "Redacted" in text, address
        assert title not in text, address
    assert title.lower() not in picture_words(key)
    assert key not in reader.get("/commitments").text
    email = Message.objects.get(kind="changes").text
    assert f"{key}\n    Redacted." in email
    assert title not in email
    assert reader.get(f"/api/v1/commitments/{key}").json()["record_status"] == "redacted"
    text = reader.get("/commitments.csv").getvalue().decode()
    [row] = [row for row in csv.DictReader(text.splitlines()) if row["key"] == key]
    assert (row["record_status"], row["title"]) == ("redacted", "")
