"""Edna redacts at once and alone; a second administrator, Edgar, confirms it within five days."""

from datetime import date

import pytest

from charter.errors import AlreadyDecidedError, NotAllowedError
from charter.models import Message, User
from charter.roles import StaffRole
from reporting import tasks
from reporting.models import Redaction
from reporting.redaction import actions as redactions
from reporting.redaction import confirming
from reporting.redaction import search as redaction_search
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 6, 1)
NAME = "Jo O'Leary"


def edgar() -> User:
    return factories.officer("Edgar", StaffRole.ADMINISTRATOR)


@pytest.fixture
def redaction() -> Redaction:
    """Return Edna's redaction on a Monday; Edgar is an administrator too."""
    edgar()
    commitment = scenarios.commitment(description=f"We train {NAME}.")
    with on(MONDAY):
        redact(NAME)
    redaction = Redaction.objects.get()
    assert redaction.keys == [commitment.key]
    return redaction


def redact(text: str) -> None:
    redactions.redact(
        [text],
        [],
        by=factories.administrator(),
        reason_code="personal_data",
        seen_digest=redaction_search.find_passages(
            [text], [], user=factories.administrator()
        ).digest,
    )


def notices(recipient: str) -> list[str]:
    messages = Message.objects.filter(kind="administrators", recipient=recipient).order_by("pk")
    return list(messages.values_list("subject", flat=True))


def test_every_administrator_is_emailed_at_once(redaction):
    sentence = f"Edna redacted text in {redaction.keys[0]}"
    assert sentence in notices("edna@council.example")
    assert sentence in notices("edgar@council.example")
    text = Message.objects.filter(subject=sentence).first().text
    assert "A second administrator confirms it by 8 June 2026." in text
    assert NAME not in text


def test_second_administrator_finds_it_on_the_desk_and_confirms_it(redaction):
    with on(MONDAY):
        desk = signed_in(with_second_factor(edgar()))
        assert f"/council/redactions/{redaction.pk}" in desk.get("/council").text
        page = desk.get(f"/council/redactions/{redaction.pk}").text
        assert "Edna removed text on 1 June 2026" in page
        desk.post(f"/council/redactions/{redaction.pk}", {"confirm": "yes"})
        assert (
            "Confirmed by Edgar on 1 June 2026"
            in desk.get(f"/council/redactions/{redaction.pk}").text
        )
        assert "Redactions to confirm" not in desk.get("/council").text
        with pytest.raises(AlreadyDecidedError):
            confirming.confirm(redaction, by=edgar())


def test_second_administrator_questions_it_and_all_are_emailed(redaction):
    with on(MONDAY):
        desk = signed_in(with_second_factor(edgar()))
        address = f"/council/redactions/{redaction.pk}"
        assert "Enter what you question" in desk.post(address, {"question": "yes"}).text
        desk.post(address, {"question": "yes", "comments": "That was a job title."})
        assert "Questioned by Edgar" in desk.get(address).text
    assert f"Edgar questions a redaction in {redaction.keys[0]}" in notices("edna@council.example")


def test_nobody_confirms_their_own_redaction_and_publishers_confirm_none(redaction):
    for user in (factories.administrator(), factories.officer()):
        with pytest.raises(NotAllowedError):
            confirming.confirm(redaction, by=user)
    page = signed_in(with_second_factor(factories.officer())).get("/council")
    assert "Redactions to confirm" not in page.text


def test_unconfirmed_redaction_is_reported_once_after_five_working_days(redaction):
    late = f"Nobody has confirmed the redaction in {redaction.keys[0]}"
    with on(date(2026, 6, 8)):
        tasks.remind_of_redactions()
        assert late not in notices("edgar@council.example")
    with on(date(2026, 6, 9)):
        tasks.remind_of_redactions()
        tasks.remind_of_redactions()
        assert notices("edgar@council.example").count(late) == 1


def test_only_administrator_redacts_alone_and_it_says_so():
    scenarios.commitment(description=f"We train {NAME}.")
    redact(NAME)
    redaction = Redaction.objects.get()
    assert redaction.get_outcome_display() == "Made by the only administrator"
    assert notices("edna@council.example")
    desk = signed_in(with_second_factor(factories.administrator()))
    assert "Redactions to confirm" not in desk.get("/council").text
