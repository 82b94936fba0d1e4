"""Nothing is left blank: every state of the register and of a record has a sentence."""

import pytest

from registry.log import publishing
from tests.registry import items
from tests.registry.public_pages import publish, read

pytestmark = pytest.mark.django_db

COMMITMENT = "/commitments/C-00001"
WITHHELD = {
    "id": "0b5ad3a5-6f3c-4d51-9d5e-1b1b3a1f0c11", "type": "document", "title": "Payroll",
    "visibility": "council_only", "withheld_reason": "It names people.",
}  # fmt: skip
REQUEST = {"requested_on": ["2026-04-07"]}
# By state: entries published after 5 January 2026, day of reading, address and expected sentences.
STATES = {
    "no match for a search": (
        [], "2026-01-06", "/commitments?q=zebra",
        ["No commitment fits.", "Search the whole register for “zebra”"],
    ),
    "no matching success": ([], "2026-01-06", "/successes?q=zebra", ["No successes found"]),
    "no signatory with that name": (
        [], "2026-01-06", "/signatories?q=zebra", ["No signatories found"],
    ),
    "not due yet": (
        [], "2026-01-06", COMMITMENT,
        ["First update due on 1 April 2026.",
         "No progress reported yet", "No progress updates yet", "No successes yet",
         "1 April 2026 Not due yet Not due yet"],
    ),
    "overdue": (
        [items.period(**REQUEST)], "2026-05-02", COMMITMENT,
        ["Overdue since 1 May 2026: an update was due on 1 April. "
         "We sent a reminder on 7 April 2026.", "1 April 2026 Overdue"],
    ),
    "silent": (
        [items.period(**REQUEST)], "2026-07-01", COMMITMENT,
        ["Silent since 30 June 2026: the update due on 1 April has not been received."],
    ),
    "unreachable": (
        [items.signatory(unreachable_since="2026-04-04")], "2026-04-05", COMMITMENT,
        ["We have not been able to contact this organisation since 4 April 2026.",
         "1 April 2026 Could not be contacted None: emails bounced"],
    ),
    "unreachable signatory": (
        [items.signatory(unreachable_since="2026-04-04")], "2026-04-05", "/signatories/S-00001",
        ["We have not been able to contact this organisation since 4 April 2026."],
    ),
    "no contact": (
        [items.signatory(no_contact_since="2026-03-04")], "2026-04-05", COMMITMENT,
        ["No contact since 4 March 2026: the update due on 1 April 2026 has not been received.",
         "1 April 2026 Nobody to ask None: nobody to ask"],
    ),
    "signatory without contact": (
        [items.signatory(no_contact_since="2026-03-04")], "2026-04-05", "/signatories/S-00001",
        ["No contact since 4 March 2026: nobody at this organisation has an account",
         "1 commitment is without contact"],
    ),
    "wrongly unreachable": (
        [items.signatory(unreachable_since="2026-04-04"),
         items.signatory(action="amend", change_reason="Our relay failed.", retractions=[
             {"unreachable_since": "2026-04-04", "on": "2026-04-05", "reason": "Our relay failed."}
         ])], "2026-04-05", "/signatories/S-00001",
        ["This was our fault. This page wrongly said that we had not been able to contact this "
         "organisation since 4 April 2026. We took that back on 5 April 2026. "
         "Reason given: Our relay failed."],
    ),
    "paused": (
        [items.signatory(pause={"from": "2026-03-01", "to": "2026-06-30", "reason": "A fire."})],
        "2026-04-05", COMMITMENT, ["Reporting paused until 30 June 2026: A fire."],
    ),
    "not measured yet": (
        [items.update(cumulative_value=None, narrative=None,
                      not_measured_reason="The college counts in July.")],
        "2026-04-05", COMMITMENT, ["Not measured yet: “The college counts in July.”"],
    ),
    "withheld": (
        [items.update(evidence=[WITHHELD])], "2026-04-05", COMMITMENT,
        ["Document, for the council only: It names people."],
    ),
    "withdrawn": (
        [items.commitment(action="withdraw", change_reason="Contract lost.")],
        "2026-03-03", COMMITMENT,
        ["on 2 March 2026, with the council’s agreement. Reason given: “Contract lost.”",
         "Everything published so far is kept below."],
    ),
    "closed with a successor": (
        [items.commitment(action="close", end_reason="replaced", change_reason="A larger one."),
         items.commitment("C-00002", supersedes="C-00001")],
        "2026-03-03", COMMITMENT,
        ["Closed by Brookfield Catering Ltd on 2 March 2026, with the council’s agreement: ",
         "replaced by another commitment. Reason given: “A larger one.”",
         "Replaced by C-00002"],
    ),
    "withdrawn success": (
        [items.success(),
         items.success(action="withdraw", change_reason="It was another organisation.")],
        "2026-03-03", "/successes/W-00001",
        ["This success has been withdrawn. Reason given: “It was another organisation.”"],
    ),
    "withdrawn update": (
        [items.update(), items.update(action="withdraw", change_reason="Wrong file.")],
        "2026-03-03", "/updates/U-00001",
        ["This update was withdrawn. Reason given: “Wrong file.”"],
    ),
    "left the charter": (
        [
            items.signatory(
                left_on="2026-03-01",
                standing="withdrawn",
                standing_since="2026-03-01",
                standing_reason="Moved away.",
            )
        ],
        "2026-03-03", "/signatories/S-00001",
        ["Signatory left the charter on 1 March 2026. Reason given by the council: “Moved away.”",
         "Everything published so far is kept below."],
    ),
    "place without commitments": (
        [], "2026-01-06", "/places/E05011121", ["No commitment names Aston yet."],
    ),
    "no change of this type": (
        [], "2026-01-06", "/changes?show=weakened", ["No such changes."],
    ),
}  # fmt: skip
EMPTY = {
    "/": "No commitments have been published yet.",
    "/commitments": "No commitment fits.",
    "/signatories": "No signatories found",
    "/themes": "No themes yet",
    "/measures": "No",
    "/places": "No commitment names",
    "/successes": "No successes yet",
    "/statistics": "Nothing to count yet.",
    "/statistics/theme": "Nothing to count yet.",
    "/statistics/measures": "Nothing has been promised yet that a measure counts.",
    "/summary": "No commitments yet",
    "/report": "No commitments yet",
    "/compare": "No commitments with a measure yet",
    "/changes": "No changes yet",
    "/contact": "has not published its address yet",
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_sentence(reader, state):
    acts, on, address, sentences = STATES[state]
    publish("2026-01-05", *items.small_register())
    if acts:
        publish("2026-03-02", *acts)
    words = read(reader, address, on)
    for sentence in sentences:
        assert sentence in words


@pytest.mark.parametrize(
    ("number", "address"),
    [(2, "/themes/T-00001"), (3, "/measures/M-00001"), (4, "/signatories/S-00001"), (5, COMMITMENT),
     (7, "/updates/U-00001"), (8, "/successes/W-00001")],
)  # fmt: skip
def test_page_explains_its_redacted_text(reader, number, address):
    publish("2026-01-05", *items.small_register(), items.update(), items.success())
    publishing.redact([number], reason_code="safeguarding")
    words = read(reader, address)
    assert "was removed." in words
    assert f"Entry {number}: The text was removed to protect someone." in words
    assert "says so in the log." in words


@pytest.mark.parametrize("address", EMPTY)
def test_empty_register_has_a_sentence_on_every_page(reader, address):
    words = read(reader, address)
    assert EMPTY[address] in words
    for broken in ("None,", "None.", "0 of 0", "NaN", "[]", "()"):
        assert broken not in words
