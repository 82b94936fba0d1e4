"""Two people act at the same moment."""

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


def run_concurrently(act, times=2):
    """Run an act in several threads that start together; return each result or error."""
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


def test_commitment_approved_by_two_officers_is_published_once():
    commitment = factories.submitted_commitment()
    dev = factories.officer()
    run_concurrently(lambda: factories.publish(commitment, by=dev))
    assert Entry.objects.filter(key=commitment.key).count() == 1
    assert Message.objects.filter(kind="receipt").count() == 1


def test_one_of_two_editors_of_a_version_gets_an_error():
    draft = factories.draft()
    titles = iter(["By Asha", "By Ben"])
    asha = factories.asha()
    results = run_concurrently(
        lambda: commitments.save_draft(draft, by=asha, version=1, title=next(titles))
    )
    assert sum(isinstance(result, CharterError) for result in results) == 1


def test_two_administrators_set_up_only_one_charter():
    results = run_concurrently(
        lambda: charters.set_up(
            by=people.get_operator(), authority=reference.authority(), charter=reference.charter()
        )
    )
    assert sum(isinstance(result, AlreadyExistsError) for result in results) == 1
    assert Entry.objects.filter(kind="charter").count() == 1


def test_invitation_accepted_twice_at_once_creates_one_user():
    factories.signatory(contact_email="asha@brookfield.example")
    invitation = people.find_invitation(factories.invitation_token("asha@brookfield.example"))
    results = run_concurrently(
        lambda: people.accept_invitation(invitation, name="Asha", password=factories.PASSWORD)
    )
    assert sum(isinstance(result, User) for result in results) == 1
