"""The council sees who is behind, and whom it cannot reach."""

from datetime import date

import pytest

from tests import factories
from tests.reporting import stories
from tests.reporting.stories import on
from tests.visitors import at_the_desk
from tests.visitors import page as read

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def test_the_longest_silence_stands_first_with_what_the_page_will_say(sink):
    stories.promise(title="Second notice")
    stories.promise(date(2025, 2, 1), title="Long silent")
    with on(date(2026, 6, 15)):
        stories.tick()
        page = read(at_the_desk().get("/council/behind"))
    assert page.index("Long silent") < page.index("Second notice</a>")
    assert "From 1 July 2026 the public page will say “overdue”." in page
    assert "asha@brookfield.example" in page
    assert "15 June 2026" in page


def test_a_dead_mailbox_is_cleared_by_a_button(sink):
    stories.promise()
    membership = factories.asha().memberships.get()
    with on(DUE):
        membership.bounced_at = "2026-05-05T10:00Z"
        membership.save()
        client = at_the_desk()
        assert "refused our mail on 5 May 2026" in read(client.get("/council/behind"))
        client.post(f"/council/behind/{membership.pk}/reached")
        assert "refused our mail" not in read(client.get("/council/behind"))
