"""The council changes its charter, and sees how far the commitments have followed."""

import pytest
from django.core.management import call_command

from charter.actions import charters
from registry.log import records, verifying
from tests import factories
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db


def test_administrator_sees_how_many_commitments_have_not_followed_yet(monkeypatch):
    monkeypatch.setattr(records, "MOST_AT_ONCE", 1)
    charter = factories.charter()
    for title in ("One", "Two"):
        factories.published_commitment(title=title)
    edna = factories.administrator()
    charters.amend_charter(
        charter,
        by=edna,
        reason="More time.",
        authority={},
        values={"overdue_after_days": 45},
    )
    desk = signed_in(with_second_factor(edna))
    page = desk.get("/council/set-up").text
    assert "The pages of 2 commitments do not show the last change yet." in page

    call_command("tick")
    assert "do not show the last change yet" not in desk.get("/council/set-up").text
    assert verifying.verify() == []
