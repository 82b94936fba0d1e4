"""The bundled reference data loads, and loading it again changes nothing."""

import re
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from charter import reference
from charter.models import Commitment, Measure, Message, Signatory
from registry import clock
from registry.log import publishing, verifying
from registry.models import Entry, Record
from registry.schema.measure_codes import Counts
from tests import factories
from tests.shared_worlds import cached_world

pytestmark = pytest.mark.django_db


def test_charter_loads_with_6_themes_and_64_measures():
    call_command("load_charter")
    kinds = list(Record.objects.values_list("kind", flat=True))
    assert (kinds.count("charter"), kinds.count("theme"), kinds.count("measure")) == (1, 6, 64)
    [charter] = Record.objects.of_kind("charter")
    assert charter.item["owner"] == {"name": "Birmingham City Council", "org_id": "GB-LAE-BIR"}
    assert charter.item["contact"]["team"] == "Charter team"


def test_loading_the_charter_again_publishes_nothing():
    call_command("load_charter")
    head = publishing.head()
    call_command("load_charter")
    assert publishing.head() == head


def test_loading_the_charter_again_keeps_later_changes():
    call_command("load_charter")
    Measure.objects.filter(code="LE12").update(title="New apprentices")
    call_command("load_charter")
    assert Measure.objects.get(code="LE12").title == "New apprentices"


def test_every_measure_has_a_theme_and_a_type_of_value():
    themes = {theme["code"] for theme in reference.themes()}
    assert {measure["theme"] for measure in reference.measures()} == themes
    kinds = {Measure(**values | {"theme": None}).value_type for values in reference.measures()}
    assert kinds == {"quantity", "money", "percentage", "yes_no", "narrative"}


def test_every_measure_has_a_guide():
    for values in reference.measures():
        measure = Measure(**values | {"theme": None})
        assert measure.definition
        assert measure.not_counted
        assert measure.usual_evidence
        assert measure.get_evidence_strength_display().startswith(("Strong", "Good", "Weak"))


@cached_world
def load_press() -> None:
    call_command("load_press_2014")


@pytest.fixture
def press(settings):
    settings.DEMO = False
    # A fixed minute, since worlds are cached by the minute.
    with clock.fixed_at(datetime(2026, 11, 30, 12, tzinfo=UTC)):
        load_press()


def test_press_of_2014_has_14_signatories_and_10_commitments(press):
    assert Record.objects.of_kind("signatory").count() == 14
    assert Record.objects.of_kind("commitment").count() == 10
    assert verifying.verify() == []


def test_every_page_of_press_records_opens_despite_gaps(press):
    pages = ["/signatories", "/commitments"]
    pages += [f"/signatories/{r.key}" for r in Record.objects.of_kind("signatory")]
    pages += [f"/commitments/{r.key}" for r in Record.objects.of_kind("commitment")]
    for page in pages:
        assert Client().get(page).status_code == 200, page


def test_every_press_record_names_its_press_report(press):
    for record in Record.objects.filter(kind__in=["signatory", "commitment"]):
        assert "restates a press report" in record.item["source"]["note"]
        assert record.item["source"]["title"]


def test_press_entries_have_the_order_and_dates_of_events(press):
    days = [clock.local_date(entry.at).isoformat() for entry in Entry.objects.all()]
    assert days == sorted(days)
    assert (days[0], days[-1]) == ("2013-04-15", "2015-08-31")
    amey = Record.objects.get(kind="signatory", item__legal_name="Amey")
    assert clock.local_date(amey.published_at).isoformat() == "2014-02-11"


def test_facts_missing_from_the_press_stay_empty(press):
    capita = Record.objects.get(item__legal_name="Capita").item
    assert "2014-06" in capita["source"]["note"]
    assert not {"route", "joined_on", "accredited_from", "org_type"} & set(capita)
    carillion = Record.objects.get(item__legal_name="Carillion").item
    assert carillion["certificate_number"] == "100"
    assert carillion["accredited_from"] == "2014-11-03"
    wage = Record.objects.get(item__title="Pay the Living Wage, then £7.85 an hour").item
    assert not {"target", "end_on", "measure"} & set(wage)


def test_loading_the_press_again_adds_nothing(press):
    head = publishing.head()
    call_command("load_press_2014")
    assert publishing.head() == head
    assert Commitment.objects.count() == 10


def test_loading_the_press_sends_no_email(press):
    assert not Message.objects.exists()


def test_press_is_not_loaded_into_the_demonstration(settings):
    settings.DEMO = True
    with pytest.raises(CommandError, match="DEMO=0"):
        call_command("load_press_2014")
    assert not Signatory.objects.exists()


def test_press_is_not_loaded_beside_other_signatories(settings):
    settings.DEMO = False
    factories.signatory()
    with pytest.raises(CommandError, match="elsewhere"):
        call_command("load_press_2014")
    assert Signatory.objects.count() == 1


def test_every_measure_says_what_its_figures_count_and_why():
    for values in reference.measures():
        measure = Measure(**values | {"theme": None})
        assert measure.counts in Counts.values
        assert measure.counts_reason
        expected = {"since_promise": "since the commitment began|after", "in_a_year": "year"}
        assert re.search(expected.get(measure.counts, ""), measure.counts_reason), measure.code


def test_measure_says_in_its_guide_that_a_figure_may_be_negative():
    for values in reference.measures():
        assert values["may_be_negative"] == ("negative" in values["definition"]), values["code"]
