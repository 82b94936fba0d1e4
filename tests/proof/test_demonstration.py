"""The whole demonstration is played and holds every state that a register knows."""

import pytest

from charter.models import User
from registry import clock, codelists, log
from registry.models import Record
from reporting import desk, todo
from reporting.demonstration.play import Play

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_whole_demonstration_shows_every_state():
    Play(clock.today()).run()
    assert log.verify() == []
    promises = Record.objects.of_kind("commitment").with_reporting(clock.today())
    assert promises.count() >= 240
    assert set(promises.values_list("delivery", flat=True)) == set(codelists.DELIVERY)
    assert set(promises.values_list("reporting", flat=True)) == set(codelists.REPORTING)
    told = Record.objects.of_kind("update").values_list("level_of_proof", flat=True)
    assert set(told) == set(codelists.LEVELS_OF_PROOF)

    waiting = {waiting.what.partition(":")[0] for waiting in desk.queue()}
    assert waiting >= {"New commitment", "Progress update", "Success", "Change"}

    business = User.objects.get(email="business@example.org")
    buttons = [task.button for task in todo.tasks(business, clock.today())]
    assert {"Change and send again", "Read and reply", "Tell the news", "Go on writing"} == set(
        buttons
    )
