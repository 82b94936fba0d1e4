"""The log's lock lasts until the commit, so each transaction publishes last and only once."""

import pytest
from django.db import transaction

from registry.log import publishing
from registry.models import Entry
from tests.registry import items
from tests.writes_after_lock import WriteAfterLockError

pytestmark = pytest.mark.django_db


def test_write_to_another_table_after_publishing_is_an_error(django_user_model):
    with transaction.atomic():
        publishing.publish([items.charter()])
        with pytest.raises(WriteAfterLockError, match="charter_user"):
            django_user_model.objects.create_user("asha@example.org")


def test_second_publication_in_one_transaction_is_an_error():
    with transaction.atomic():
        publishing.publish([items.charter()])
        with pytest.raises(WriteAfterLockError, match="once"):
            publishing.publish([items.theme()])


def test_writing_first_and_publishing_last_is_allowed(django_user_model):
    with transaction.atomic():
        django_user_model.objects.create_user("asha@example.org")
        publishing.publish([items.charter()])
    django_user_model.objects.create_user("ben@example.org")
    assert Entry.objects.count() == 1
