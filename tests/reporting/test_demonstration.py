"""The demonstration: its script is whole, and a part of it plays by real actions."""

from collections import Counter
from datetime import date

import pytest

from charter.models import Commitment, Message
from charter.reference import measures
from charter.workflow import MessageState
from registry.log import verifying
from registry.models import Record
from reporting.demonstration import script
from reporting.demonstration.seeder import DemonstrationSeeder
from reporting.models import Evidence, Success

KNOWN = {measure["code"]: measure for measure in measures()}


def test_the_script_is_of_all_sizes_themes_and_many_wards():
    firms = script.signatory_seeds()
    promises = [promise for firm in firms for promise in firm.commitments]
    assert len(firms) >= 40
    assert len(promises) >= 250
    assert {firm.size for firm in firms} == {"micro", "small", "medium", "large"}
    assert len({firm.kind for firm in firms}) >= 10
    themes = Counter(KNOWN[promise.measure]["theme"] for promise in promises)
    assert len(themes) == 6
    assert min(themes.values()) >= 15
    assert len({ward for promise in promises for ward in promise.wards}) >= 50


@pytest.mark.parametrize("firm", script.signatory_seeds(), ids=lambda firm: firm.name)
def test_what_a_signatory_says_can_be_played(firm):
    script.area_codes(firm.wards)
    for promise in firm.commitments:
        script.area_codes(promise.wards)
        unit = KNOWN[promise.measure]["unit"]
        assert promise.shows in script.EVIDENCE_TEXTS or promise.showing, promise.title
        assert promise.target or unit == "text", promise.title
        assert promise.percentage_of or unit != "percent", f"{promise.title}: per cent of what?"
        for answer in promise.updates:
            told = answer.figure is None or answer.figure or answer.why or unit == "text"
            assert told, f"{promise.title}: {answer}"


@pytest.mark.django_db(transaction=True)
def test_a_part_of_it_plays_by_real_actions():
    cast = [firm for firm in script.signatory_seeds() if firm.name == "Foxhollow Primary School"]
    DemonstrationSeeder(date(2026, 3, 4), signatory_seeds=cast).run()
    assert verifying.verify() == []
    promises = Record.objects.of_kind("commitment")
    assert promises.count() == len(cast[0].commitments) == Commitment.objects.count()
    assert promises.get(name="A wood of 400 square metres in the yard").progress["value"] == "180"
    assert Success.objects.get().published_at
    assert Evidence.objects.filter(media_type="image/jpeg").exists()
    assert not Message.objects.filter(state=MessageState.QUEUED).exists()
    assert Message.objects.filter(kind="digest", state=MessageState.SENT).exists()
