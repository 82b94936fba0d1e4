"""The demonstration: its script is complete, and one signatory is seeded by the real actions."""

import hashlib
import re
from collections import Counter
from datetime import date

import pytest
from django.test import Client

from charter.models import Commitment, Message
from charter.reference import measures
from charter.workflow import MessageState
from registry.log import verifying
from registry.models import Entry, Record
from reporting.demonstration import script
from reporting.demonstration.seeder import DemonstrationSeeder
from reporting.models import Evidence, Success
from tests.reporting.typed_words import TypedWords

MEASURES = {measure["code"]: measure for measure in measures()}


def test_script_covers_all_sizes_and_themes_and_many_wards():
    signatories = script.signatory_seeds()
    commitments = [commitment for signatory in signatories for commitment in signatory.commitments]
    assert len(signatories) >= 40
    assert len(commitments) >= 250
    assert {signatory.size for signatory in signatories} == {"micro", "small", "medium", "large"}
    assert len({signatory.kind for signatory in signatories}) >= 10
    themes = Counter(MEASURES[commitment.measure]["theme"] for commitment in commitments)
    assert len(themes) == 6
    assert min(themes.values()) >= 15
    assert len({ward for commitment in commitments for ward in commitment.wards}) >= 50


@pytest.mark.parametrize(
    "signatory", script.signatory_seeds(), ids=lambda signatory: signatory.name
)
def test_seed_of_each_signatory_is_complete(signatory):
    script.area_codes(signatory.wards)
    for commitment in signatory.commitments:
        script.area_codes(commitment.wards)
        unit = MEASURES[commitment.measure]["unit"]
        assert commitment.shows in script.EVIDENCE_TEXTS or commitment.showing, commitment.title
        assert bool(commitment.target) == (unit not in ("text", "yesno")), commitment.title
        assert commitment.percentage_of or unit != "percent", (
            f"{commitment.title}: per cent of what?"
        )
        for update in commitment.updates:
            is_complete = update.figure is None or update.figure or update.why or unit == "text"
            assert is_complete, f"{commitment.title}: {update}"


@pytest.mark.django_db(transaction=True)
def test_one_signatory_is_seeded_by_the_real_forms_and_actions(settings):
    settings.PUBLIC_URL = "http://machine.example:8123"
    seeds = [
        signatory
        for signatory in script.signatory_seeds()
        if signatory.name == "Foxhollow Primary School"
    ]
    with TypedWords() as typed:
        DemonstrationSeeder(date(2026, 3, 4), signatory_seeds=seeds).run()
    assert typed.untyped() == set()
    assert verifying.verify() == []
    assert not Entry.objects.filter(act=None).exists()
    commitments = Record.objects.of_kind("commitment")
    assert commitments.count() == len(seeds[0].commitments) == Commitment.objects.count()
    assert commitments.get(name="Plant a 400 m² wood in our playground").progress["value"] == "180"
    assert Success.objects.get().published_at
    assert Evidence.objects.filter(media_type="image/jpeg").exists()
    assert not Message.objects.filter(state=MessageState.QUEUED).exists()
    assert Message.objects.filter(kind="reminder", state=MessageState.SENT).exists()
    for entry in Entry.objects.all():
        assert not re.search("machine.example|:8123|http:", entry.item), entry.item
    settings.PUBLIC_URL = "https://moved.example"
    shows_evidence_at(settings.PUBLIC_URL)


def shows_evidence_at(site):
    """Check that API and pages link each file of evidence, and that it is there."""
    reader = Client()
    addresses = []
    for kind in ("updates", "successes"):
        for record in reader.get(f"/api/v1/{kind}?limit=500").json()["data"]:
            for link in record["evidence"] or []:
                if link.get("file"):
                    path = f"/evidence/{record['key']}/{link['id']}"
                    assert link["file"]["url"] == site + path
                    assert f'="{path}"' in reader.get(f"/{kind}/{record['key']}").text
                    assert (
                        hashlib.sha256(reader.get(path).content).hexdigest()
                        == (link["file"]["sha256"])
                    )
                    addresses.append(path)
    assert len(addresses) == Evidence.objects.exclude(file="").count() > 0
