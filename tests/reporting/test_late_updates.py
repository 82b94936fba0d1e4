"""The council's list of late updates and unreachable contacts."""

from datetime import date

import pytest

from charter.actions import people
from charter.models import Commitment, Signatory, User
from registry.schema.code_lists import Size
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import officer_client
from tests.visitors import page as read

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def test_longest_overdue_is_listed_first_with_its_next_public_state(sink):
    scenarios.commitment(title="Train cooks")
    scenarios.commitment(date(2025, 2, 1), title="Long silent")
    with on(date(2026, 6, 15)):
        scenarios.tick()
    with on(date(2026, 6, 23)):
        page = read(officer_client().get("/council/behind"))
    assert page.index("Long silent") < page.index("Train cooks</a>")
    assert page.index("<strong>Silent") < page.index("<strong>Second reminder")
    assert (
        "From 1 July 2026 the public page will say: “Overdue since 1 July 2026: an update was due "
        "on 1 June.”"
    ) in page
    assert "Overdue: announced by email on 15 June 2026, for 1 July 2026." in page
    assert "Silent: announced by email on 15 June 2026, for 22 June 2026." in page
    assert "asha@brookfield.example" in page
    assert "15 June 2026" in page


def test_officer_corrects_addresses_that_are_gone_and_those_that_never_worked(sink):
    scenarios.commitment()
    organisation = factories.brookfield().organisation
    with on(DUE):
        factories.lose_mailbox("asha@brookfield.example")
        client = officer_client()
        page = read(client.get("/council/behind"))
        assert (
            "asha@brookfield.example (Owner), since 1 June 2026. The public page says that we "
            "have not been able to contact it since 1 June 2026."
        ) in page
        client.post(f"/council/behind/{factories.asha().memberships.get().pk}/reached")
        assert "Addresses to correct" not in read(client.get("/council/behind"))
        User.objects.update(last_login=None)
        people.invite(
            by=factories.asha(), email="zoe@brookfield.example", organisation=organisation,
            role="editor",
        )  # fmt: skip
        for name in ("asha", "zoe"):
            factories.lose_mailbox(f"{name}@brookfield.example")
        page = read(client.get("/council/behind"))
        assert "asha@brookfield.example (Owner), since 1 June 2026. It has never worked" in page
        assert "zoe@brookfield.example (Editor), since 1 June 2026. Invited, and never" in page


def test_list_can_be_filtered_by_theme_department_and_size():
    contract = {"reference": "BCC-1", "department": "Highways"}
    scenarios.commitment(title="Train cooks", contracts=[contract])
    scenarios.commitment(title="Host ten school visits")
    with on(date(2026, 6, 15)):
        council = officer_client()
        page = read(council.get("/council/behind?department=Highways"))
        assert "Train cooks" in page
        assert "Host ten school visits" not in page
        theme = Commitment.objects.get(title="Train cooks").theme.key
        size = factories.brookfield().organisation.size
        page = read(council.get(f"/council/behind?theme={theme}&size={size}"))
        assert "2 updates that fell due have not come" in page
        other = next(other for other in Size.values if other != size)
        assert "None of these is late" in read(council.get(f"/council/behind?size={other}"))


def test_commitments_are_grouped_by_signatory():
    for title in ("Train cooks", "Host ten school visits"):
        scenarios.commitment(title=title)
    with on(date(2026, 6, 15)):
        page = read(officer_client().get("/council/behind"))
    assert page.count(">Brookfield Catering</h2>") == 1
    assert page.count("asha@brookfield.example") == 1


def test_unreachable_signatory_is_not_called_silent():
    commitment = scenarios.commitment()
    Signatory.objects.update(unreachable_since=date(2026, 6, 4))
    with on(date(2026, 12, 1)):
        page = read(officer_client().get("/council/behind"))
    assert commitment.title in page
    assert "Unreachable since 4 June 2026: call, or clear the address" in page
    assert "Silent" not in page
