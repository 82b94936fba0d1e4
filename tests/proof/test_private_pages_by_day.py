"""axe looks at the private pages once more: on a desk, by day."""

import pytest

from tests.axe import BY_DAY, window
from tests.journeys import test_private_pages as at_night

pytestmark = pytest.mark.django_db(transaction=True)
world = at_night.world

test_pages_of_a_business = at_night.test_pages_of_a_business
test_pages_of_the_council = at_night.test_pages_of_the_council
test_pages_that_a_link_opens = at_night.test_pages_that_a_link_opens
test_pages_of_an_account = at_night.test_pages_of_an_account


@pytest.fixture
def page(browser):
    page = window(browser, **BY_DAY)
    yield page
    page.context.close()
