"""The people of a journey."""

import pytest


@pytest.fixture
def person(browser, live_server):
    """Return a function that opens a browser for a person, each on a phone of their own."""
    # The settings are not there yet when this file is imported.
    from tests.axe import PHONE
    from tests.journeys.people import Person

    everyone = []

    def open_browser(user=None, **options) -> Person:
        settings = {"viewport": PHONE, "java_script_enabled": False} | options
        everyone.append(Person(browser, live_server.url, **settings))
        if user:
            everyone[-1].start_session(user)
        return everyone[-1]

    yield open_browser
    for someone in everyone:
        someone.context.close()
