"""Two people do the same thing at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from charter import reference
from charter.actions import charters, commitments, people
from charter.errors import AlreadyExistsError, CharterError
from charter.models import Message, User
from registry.models import Entry
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act, times=2):
    """Run an act in several threads that start together; return what came of each."""
    barrier = Barrier(times)

    def run(_):
        barrier.wait(60)
        try:
            return act()
        except CharterError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(run, range(times)))


def test_two_officers_publish_the_same_commitment_and_it_is_published_once():
    commitment = factories.submitted_commitment()
    dev = factories.officer()
    at_once(lambda: commitments.approve(commitment, by=dev))
    assert Entry.objects.filter(key=commitment.key).count() == 1
    assert Message.objects.filter(kind="receipt").count() == 1


def test_two_editors_save_the_same_version_and_one_is_told():
    draft = factories.draft()
    titles = iter(["By Asha", "By Ben"])
    asha = factories.asha()
    results = at_once(lambda: commitments.save_draft(draft, by=asha, version=1, title=next(titles)))
    assert sum(isinstance(result, CharterError) for result in results) == 1


def test_two_administrators_set_the_register_up_and_there_is_one_charter():
    results = at_once(
        lambda: charters.set_up(
            by=people.get_operator(), authority=reference.authority(), charter=reference.charter()
        )
    )
    assert sum(isinstance(result, AlreadyExistsError) for result in results) == 1
    assert Entry.objects.filter(kind="charter").count() == 1


def test_a_link_opened_twice_at_the_same_moment_lets_in_once():
    factories.signatory(contact_email="asha@brookfield.example")
    invitation = people.find_invitation(factories.invitation_token("asha@brookfield.example"))
    results = at_once(
        lambda: people.accept_invitation(invitation, name="Asha", password=factories.PASSWORD)
    )
    assert sum(isinstance(result, User) for result in results) == 1
