"""axe examines every page again, on a desk by day. Those of an account have their own file."""

import pytest

from tests.axe import BY_DAY, window
from tests.journeys import test_accessibility as public_pages
from tests.journeys import test_private_pages as at_night

pytestmark = pytest.mark.django_db(transaction=True)
records = at_night.records
register = public_pages.register

test_public_pages_pass_axe = public_pages.test_public_pages_pass_axe
test_pages_of_a_signatory_pass_axe = at_night.test_pages_of_a_signatory_pass_axe
test_pages_of_the_council_pass_axe = at_night.test_pages_of_the_council_pass_axe
test_pages_behind_a_link_pass_axe = at_night.test_pages_behind_a_link_pass_axe


@pytest.fixture
def page(browser):
    page = window(browser, **BY_DAY)
    yield page
    page.context.close()
