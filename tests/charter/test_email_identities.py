"""No email is taken for another: keys, Message-IDs and links outlive a restored database."""

import ast
from pathlib import Path

import pytest
from django.core.management.color import no_style
from django.db import connection

from charter.actions import following, people
from charter.mail import outbox, return_addresses
from charter.models import Follower, Following, Invitation, Membership, Message
from charter.workflow import MessageState
from registry.website import follow_subjects
from tests import databases, factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def restore_sequences(db):
    """Set the sequences beyond all numbers of this test: a rollback leaves them set back."""
    with databases.superuser() as cursor:
        cursor.execute("SELECT quote_ident(sequencename), last_value FROM pg_sequences")
        sequences = cursor.fetchall()
    yield
    with databases.superuser() as cursor:
        for name, last_value in sequences:
            cursor.execute("SELECT setval(%s, %s)", [name, (last_value or 0) + 1000])


def give_numbers_out_again(*models):
    """Set the sequences back to the rows that are left, as in a restored database."""
    with databases.superuser() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def invite_people(names):
    organisation = factories.brookfield().organisation
    return [
        people.send_invitation(
            email=f"{name}@brookfield.example",
            organisation=organisation,
            role=Membership.Role.EDITOR,
        )
        for name in names
    ]


def drain_everything():
    while outbox.drain():
        pass


def test_invitations_after_a_restore_go_out_and_earlier_ones_do_not_again(sink):
    factories.brookfield()
    Message.objects.all().delete()
    give_numbers_out_again(Message, Invitation)
    [kept] = invite_people(["asha"])
    lost = invite_people(f"lost{number}" for number in range(24))
    drain_everything()
    assert sink.count() == 25
    numbers = {invitation.pk for invitation in lost}
    Message.objects.all().delete()
    Invitation.objects.filter(pk__in=numbers).delete()
    give_numbers_out_again(Message, Invitation)

    again = outbox.queue(
        kind="invitation",
        key=f"invitation:{kept.identity}",
        recipient=kept.email,
        subject="Invitation",
        text="A link",
    )
    new = invite_people(f"new{number}" for number in range(24))
    drain_everything()

    assert {invitation.pk for invitation in new} == numbers
    assert sorted(str(email["To"]) for email in sink.emails()[25:]) == sorted(
        invitation.email for invitation in new
    )
    again.refresh_from_db()
    assert again.state == MessageState.SENT
    assert again.attempts.count() == 0
    ids = [email["Message-ID"] for email in sink.emails()]
    assert len(set(ids)) == 49


def test_links_to_a_lost_follower_do_not_act_on_the_one_who_got_its_number(sink):
    give_numbers_out_again(Follower, Following)
    subject = follow_subjects.find_subject("")
    following.request_following("lost@example.org", subject)
    lost = Follower.objects.get()
    number = lost.pk
    token = following.stop_url(lost).rpartition("/")[2]
    assert following.follower_from_token(token) == lost
    lost.delete()
    give_numbers_out_again(Follower, Following)

    following.request_following("new@example.org", subject)

    assert Follower.objects.get().pk == number
    assert following.follower_from_token(token) is None


def test_report_about_a_lost_email_does_not_concern_the_one_that_got_its_number():
    give_numbers_out_again(Message)
    fields = {"kind": "test", "recipient": "asha@brookfield.example", "subject": "A", "text": "B"}
    lost = outbox.queue(key="test:1", **fields)
    path = return_addresses.return_path(lost)
    assert return_addresses.find_message(path) == lost
    number = lost.pk
    lost.delete()
    give_numbers_out_again(Message)

    assert outbox.queue(key="test:2", **fields).pk == number
    assert return_addresses.find_message(path) is None


def numbers_in_keys(tree):
    """Return the row numbers that f-strings in a key or reference contain."""
    values = [
        node.value
        for node in ast.walk(tree)
        if (isinstance(node, ast.keyword) and node.arg in ("key", "reference"))
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "key")
    ]
    values += [
        argument
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_email"
        for argument in node.args
    ]
    return [
        ast.unparse(part)
        for value in values
        for text in ast.walk(value)
        if isinstance(text, ast.JoinedStr)
        for part in ast.walk(text)
        if isinstance(part, ast.Attribute | ast.Name)
        and ast.unparse(part).endswith((".pk", ".id", "_id"))
    ]


def test_no_key_of_an_email_contains_a_row_number():
    found = {
        str(path): numbers
        for package in ("charter", "reporting")
        for path in Path(package).rglob("*.py")
        if (numbers := numbers_in_keys(ast.parse(path.read_text())))
    }
    assert found == {}
