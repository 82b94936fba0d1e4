"""Every action leaves one act: who did what to which objects, which nobody can change."""

import inspect
import json
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

import charter
import reporting
from charter import acts, permissions, tasks
from charter.actions import applications, signatories, standing
from charter.errors import NotAllowedError
from charter.models import Act, ActObject, ActPerson, Signatory, User
from charter.roles import PERMISSIONS
from registry import clock
from registry.models import Entry
from tests import databases, factories
from tests.charter.test_concurrent_edits import run_concurrently

pytestmark = pytest.mark.django_db


def pause(signatory: Signatory, reason: str = "A fire.") -> Act:
    signatories.pause(signatory, by=factories.officer(), until=None, reason=reason)
    return Act.objects.latest("number")


def report_and_fail(by: User) -> None:
    with acts.acting("error_report.submit", by=by):
        factories.error_report("C-00001")
        raise ZeroDivisionError


def last_act() -> tuple[Act, ActObject]:
    """Return the latest act and its only object."""
    act = Act.objects.latest("number")
    return act, act.objects_touched.get()


# Functions with `by` that are a part of an act, or read what the person may see.
NO_ACTS = {
    "charter.acts.acting",
    "charter.actions.organisations.import_organisations",  # A generator: it acts inside.
    "charter.actions.signatories.create_signatory",
    "charter.actions.signatories.invite_contact",
    "charter.review.find_item",
    "charter.review.list_items",
    "charter.review.oldest_item",
    "reporting.lost_addresses.list_lost_addresses",
    "reporting.redaction.confirming.record_redaction",
    "reporting.reminders.sending.next_batches",
}
NO_ACTIONS = {"demonstration", "forms", "management", "migrations", "models", "urls", "views"}


def own_functions() -> Iterator[tuple[str, Any]]:
    """Yield the public functions of the private side, without pages and models."""
    for package in (charter, reporting):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if NO_ACTIONS.intersection(module.name.split(".")):
                continue
            for name, function in vars(import_module(module.name)).items():
                is_own = getattr(function, "__module__", "") == module.name
                if is_own and inspect.isfunction(function) and not name.startswith("_"):
                    yield f"{module.name}.{name}", function


def test_every_action_of_a_person_is_an_act_with_a_permission():
    actions = {
        name: function
        for name, function in own_functions()
        if "by" in inspect.signature(function).parameters
    }
    assert {name for name, action in actions.items() if not hasattr(action, "verb")} == NO_ACTS
    verbs = {getattr(action, "verb", "") for action in actions.values()}
    assert verbs - {""} <= PERMISSIONS.keys()  # "" is the permission that the action checks.


def test_person_who_asked_for_no_permission_leaves_no_act():
    asha = factories.asha()
    refused = pytest.raises(IntegrityError, match="act_of_a_person_names_the_role")
    with refused, acts.acting("reminders.set", by=asha):
        acts.concerns(asha)
    with acts.acting("reminders.set", by=asha):
        permissions.check_anywhere(asha, "reminders.set")
        acts.concerns(asha)
    assert last_act()[0].role == "owner"


def test_act_names_its_person_and_exactly_what_changed():
    signatory = factories.brookfield()
    pause(signatory)
    act, touched = last_act()
    assert (act.verb, act.cause, str(act.person)) == ("signatory.pause", "person", "Dev")
    assert act.role == "publisher"
    assert (touched.label, touched.object_id) == ("charter.Signatory", signatory.pk)
    assert touched.key == signatory.key
    assert touched.organisation == signatory.organisation
    assert touched.authority == signatory.charter.authority
    today = clock.today().isoformat()
    assert touched.before == {"pause_from": None, "pause_reason": None}
    assert touched.after == {"pause_from": today, "pause_reason": "A fire."}


def test_entry_names_its_act_and_no_reader_sees_it():
    signatory = factories.brookfield()
    act = pause(signatory)
    entry = Entry.objects.latest("number")
    assert (entry.key, entry.act) == (signatory.key, act.number)
    visitor = Client()
    for address in ("entries", f"entries/{entry.number}", f"signatories/{signatory.key}/versions"):
        response = visitor.get(f"/api/v1/{address}")
        assert response.status_code == 200
        assert '"act"' not in response.text


def test_failed_action_leaves_no_act():
    signatory, asha = factories.brookfield(), factories.asha()
    before = Act.objects.count()
    with pytest.raises(NotAllowedError):
        signatories.pause(signatory, by=asha, until=None, reason="A fire.")
    with pytest.raises(ZeroDivisionError):
        report_and_fail(asha)
    assert Act.objects.count() == before


def test_repeated_action_leaves_no_act():
    application = factories.application()
    for _ in range(2):
        applications.decline(application, by=factories.officer(), comments="Not yet.")
    assert factories.application(legal_name="Corner Shop") == factories.application(
        legal_name="Corner Shop"
    )
    verbs = Act.objects.filter(verb__startswith="application").values_list("verb", flat=True)
    assert list(verbs) == ["application.submit", "application.decline", "application.submit"]


def test_only_the_outermost_action_is_an_act():
    application, dev = factories.application(), factories.officer()
    before = Act.objects.count()
    applications.admit(application, by=dev)
    act = Act.objects.latest("number")
    assert (Act.objects.count(), act.verb) == (before + 1, "application.admit")
    labels = set(act.objects_touched.values_list("label", flat=True))
    expected = {"Application", "Organisation", "Signatory", "Invitation"}
    assert labels == {f"charter.{name}" for name in expected}


def test_failed_part_of_an_act_is_forgotten():
    signatory, dev = factories.brookfield(), factories.officer()
    with acts.acting("signatory.leave", by=dev):
        with pytest.raises(ZeroDivisionError):
            report_and_fail(dev)
        pause(signatory)
    act, touched = last_act()
    assert (act.verb, touched.key) == ("signatory.leave", signatory.key)
    assert Entry.objects.latest("number").act == act.number


def test_visitor_leaves_an_act_without_any_word_of_theirs():
    factories.error_report("C-00001", wrong="Jo Bloggs left.")
    act, touched = last_act()
    assert (act.verb, act.cause, act.person) == ("error_report.submit", "visitor", None)
    assert (touched.before, touched.after) == (None, None)


def test_holder_of_a_link_is_named_by_the_link():
    factories.asha()
    act = Act.objects.get(
        verb="invitation.accept",
        source__startswith="invitation",
        objects_touched__label="charter.Membership",
    )
    assert (act.cause, act.person) == ("link", None)


def test_scheduled_task_is_the_cause_of_its_acts():
    signatory = factories.brookfield()
    standing.accredit(
        signatory,
        by=factories.officer(),
        certificate_number="1",
        accredited_from=factories.in_days(-900),
        reason="Assessed.",
    )
    tasks.lapse_accreditations()
    act, touched = last_act()
    assert (act.cause, act.source) == ("tick", "charter.tasks.lapse_accreditations")
    assert touched.after == {"standing": "lapsed", "standing_reason": None}
    tasks.lapse_accreditations()
    assert Act.objects.latest("number") == act


def test_acts_of_the_operator_are_the_command_lines():
    factories.charter()
    act = Act.objects.get(verb="charter.set_up")
    assert (act.cause, str(act.person)) == ("command_line", "Command line")


def test_no_secret_and_no_address_of_a_person_is_kept():
    factories.published_commitment()
    factories.ben()
    factories.application()
    kept = json.dumps(list(ActObject.objects.values("before", "after")), default=str)
    assert "pbkdf2" not in kept
    for private in (
        "@brookfield",
        "@council",
        "@lantern",
        "Asha",
        "Ben",
        "md5",
        "token",
        "password",
    ):
        assert private not in kept


@pytest.mark.django_db(transaction=True)
def test_two_actions_at_the_same_moment_leave_two_acts():
    signatory, dev = factories.brookfield(), factories.officer()
    before = Act.objects.count()
    reasons = iter(["A fire.", "A flood."])
    run_concurrently(lambda: signatories.pause(signatory, by=dev, until=None, reason=next(reasons)))
    first, second = Act.objects.all()[before:]
    assert (
        second.objects_touched.get().before["pause_reason"]
        == (first.objects_touched.get().after["pause_reason"])
    )
    assert list(Entry.objects.order_by("number").values_list("act", flat=True))[-2:] == [
        first.number,
        second.number,
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE charter_act SET verb = 'charter.edit'",
        "UPDATE charter_act SET person_id = NULL",
        "UPDATE charter_actobject SET object_id = 1",
        "UPDATE charter_actobject SET after = '{}'",
        "UPDATE charter_actobject SET before = NULL, key = ''",
        "UPDATE charter_actperson SET name = 'Jo Bloggs'",
        "UPDATE charter_actperson SET name = 'Person 0', email = ''",
        *(
            f"{verb} charter_{table} {end}"
            for table in ("act", "actobject", "actperson")
            for verb, end in [("DELETE FROM", ""), ("TRUNCATE", "CASCADE")]
        ),
    ],
)
def test_database_refuses_its_owner_to_change_an_act(statement):
    pause(factories.brookfield())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with (
        pytest.raises(DatabaseError, match="rows of charter_act.* are never changed or removed"),
        transaction.atomic(),
        databases.superuser() as cursor,
    ):
        cursor.execute(statement)


def test_name_in_acts_follows_the_account_until_it_is_a_pseudonym():
    asha = factories.asha()
    person = ActPerson.objects.get(pk=asha.pk)
    asha.name, asha.email = "Asha Rao", "asha.rao@brookfield.example"
    asha.save()
    person.refresh_from_db()
    assert (person.name, person.email) == ("Asha Rao", "asha.rao@brookfield.example")
    with connection.cursor() as cursor:
        cursor.execute("SELECT erase_act_person(%s)", [asha.pk])
    User.objects.filter(pk=asha.pk).update(name="Asha Again")
    person.refresh_from_db()
    assert (person.name, person.email) == (f"Person {asha.pk}", "")


def test_what_an_act_kept_can_be_emptied():
    act = pause(factories.brookfield())
    act.objects_touched.all().empty_values()
    touched = act.objects_touched.get()
    assert (touched.before, touched.after) == (None, None)
