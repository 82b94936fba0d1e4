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
    signatories = script.signatory_seeds()
    commitments = [commitment for signatory in signatories for commitment in signatory.commitments]
    assert len(signatories) >= 40
    assert len(commitments) >= 250
    assert {signatory.size for signatory in signatories} == {"micro", "small", "medium", "large"}
    assert len({signatory.kind for signatory in signatories}) >= 10
    themes = Counter(KNOWN[commitment.measure]["theme"] for commitment in commitments)
    assert len(themes) == 6
    assert min(themes.values()) >= 15
    assert len({ward for commitment in commitments for ward in commitment.wards}) >= 50


@pytest.mark.parametrize(
    "signatory", script.signatory_seeds(), ids=lambda signatory: signatory.name
)
def test_what_a_signatory_says_can_be_played(signatory):
    script.area_codes(signatory.wards)
    for commitment in signatory.commitments:
        script.area_codes(commitment.wards)
        unit = KNOWN[commitment.measure]["unit"]
        assert commitment.shows in script.EVIDENCE_TEXTS or commitment.showing, commitment.title
        assert commitment.target or unit == "text", commitment.title
        assert commitment.percentage_of or unit != "percent", (
            f"{commitment.title}: per cent of what?"
        )
        for answer in commitment.updates:
            told = answer.figure is None or answer.figure or answer.why or unit == "text"
            assert told, f"{commitment.title}: {answer}"


@pytest.mark.django_db(transaction=True)
def test_a_part_of_it_plays_by_real_actions():
    cast = [
        signatory
        for signatory in script.signatory_seeds()
        if signatory.name == "Foxhollow Primary School"
    ]
    DemonstrationSeeder(date(2026, 3, 4), signatory_seeds=cast).run()
    assert verifying.verify() == []
    commitments = Record.objects.of_kind("commitment")
    assert commitments.count() == len(cast[0].commitments) == Commitment.objects.count()
    assert (
        commitments.get(name="A wood of 400 square metres in the yard").progress["value"] == "180"
    )
    assert Success.objects.get().published_at
    assert Evidence.objects.filter(media_type="image/jpeg").exists()
    assert not Message.objects.filter(state=MessageState.QUEUED).exists()
    assert Message.objects.filter(kind="digest", state=MessageState.SENT).exists()
