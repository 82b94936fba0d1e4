"""A resident follows records by email, without an account, and stops with one click."""

import re
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import sleep

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from charter.actions import following
from charter.mail import outbox
from charter.mail.smtp import ServerReply
from charter.models import Follower, Following, Message, MessageAttempt
from charter.workflow import MessageState
from registry import clock
from registry.log import publishing
from registry.website import follow_subjects
from tests import factories
from tests.charter.test_concurrent_edits import run_concurrently
from tests.registry import items

pytestmark = pytest.mark.django_db
OURS = {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-origin"}
NOOR = "noor@example.org"
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
ASTON = "E05011121"


@pytest.fixture(autouse=True)
def register():
    """Publish two commitments, one of them in Aston."""
    with clock.fixed_at(MONDAY - timedelta(days=30)):
        publishing.publish(
            [
                *items.small_register()[:4],
                items.commitment(area_codes=[ASTON]),
                items.commitment("C-00002", title="Pay in 30 days"),
            ]
        )


def on(day, hour=10):
    """Fix the clock at an hour, `day` days after MONDAY."""
    return clock.fixed_at(MONDAY + timedelta(days=day, hours=hour - 10))


def request(about="", email=NOOR):
    return Client().post(f"/follow?about={about}", {"email": email}, **OURS)


def link_path(message, part):
    match = re.search(rf"(/follow/{part}/\S+)", message.text)
    assert match, message.text
    return match[1]


def follow(about="", email=NOOR):
    """Request and confirm by email; return the path of the link to stop."""
    request(about, email)
    page = Client().post(link_path(Message.objects.latest("pk"), "confirm"), **OURS)
    match = re.search(r'href="[^"]*(/follow/stop/[^"]+)"', page.text)
    assert match, page.text
    return match[1]


def amended_commitment(key="C-00001", value="15", **changes):
    target = {"value": value, "by": "2027-06-30"}
    fields = {"action": "amend", "target": target, "change_reason": "A site closed."}
    fields |= {"area_codes": [ASTON]} if key == "C-00001" else {}
    return items.commitment(key, **fields | changes)


def body_text(email, kind="plain"):
    return email.get_body((kind,)).get_content().replace("\r\n", "\n")


def test_follower_gets_the_days_changes_and_unsubscribes(sink):
    with on(0):
        page = Client().get("/commitments/C-00001")
        assert 'href="/follow?about=C-00001"' in page.text
        page = Client().get("/follow?about=C-00001")
        assert not page.cookies
        assert "no-store" in page["Cache-Control"]
        assert "Twenty apprenticeships" in page.text
        assert request("C-00001").url == "/follow/asked"
        outbox.drain()
        [confirmation] = sink.emails()
        assert confirmation["Subject"] == "Confirm that you want to follow “Twenty apprenticeships”"
        link = re.search(r"(/follow/confirm/\S+)", body_text(confirmation))[1]
        for _ in range(2):  # an email scanner that opens the link must not confirm
            assert "Yes, email me changes" in Client().get(link).text
        assert not Following.objects.confirmed().exists()
        assert "You now follow this" in Client().post(link, **OURS).text
    with on(1):
        publishing.publish([amended_commitment(), amended_commitment("C-00002", value="9")])
        assert following.queue_daily_emails(clock.now()) == 0  # the day is not over yet
    with on(2, hour=6):
        assert following.queue_daily_emails(clock.now()) == 0  # too early
    with on(2):
        assert following.queue_daily_emails(clock.now()) == 1
        outbox.drain()
    email = sink.emails()[1]
    assert email["Subject"] == "1 change to Twenty apprenticeships"
    text = body_text(email)
    assert "3 March 2026 · Brookfield Catering Ltd\n\nTwenty apprenticeships\n" in text
    assert "    Weakened: target lowered from 20 to 15.\n" in text
    now = "On 3 March 2026: Not started: no progress reported yet (target 15 by 30 June 2027). "
    assert "Weakened: target lowered from 20 to 15" in text
    assert now in text
    assert "Reason given: “A site closed.”" in text
    assert "Pay in 30 days" not in text
    assert "/commitments/C-00001" in text
    assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = email["List-Unsubscribe"].strip("<>").replace("http://localhost:8000", "")
    # Both links have the second in which they were signed.
    for link in (stop, re.search(r"(/follow/stop/\S+)", text)[1]):
        assert "What you follow" in Client().get(link).text
    assert Follower.objects.exists()
    Client().post(stop, {"List-Unsubscribe": "One-Click"})
    assert not Follower.objects.exists()
    assert "This link has expired" in Client().get(stop).text


def test_day_without_changes_sends_no_email_and_no_day_repeats():
    with on(0):
        follow()
        follow("C-00001")
    with on(1):
        assert following.queue_daily_emails(clock.now()) == 0
        publishing.publish([amended_commitment()])
    with on(2):
        assert [following.queue_daily_emails(clock.now()) for _ in range(3)] == [1, 0, 0]
        [email] = Message.objects.filter(kind="changes")
        assert email.text.count("    Weakened: target lowered from") == 1
        assert "You follow: The whole register; Twenty apprenticeships" in email.text
    with on(6):  # the task has not run for days
        publishing.publish([amended_commitment(value="12")])
    with on(9):
        assert following.queue_daily_emails(clock.now()) == 1
    with on(8):  # a clock that was set back
        assert following.queue_daily_emails(clock.now()) == 0


def test_followers_hear_only_of_their_own_subjects():
    theme = f"{items.THEME}"
    with on(0):
        for about in ("", "C-00001", "C-00002", items.SIGNATORY, theme, ASTON, "E08000025",
                      "E05011153", "?area=E05011121", "?theme=T-00002"):  # fmt: skip
            if follow_subjects.find_subject(about):
                follow(about.replace("?", "%3F"), f"reader-{about.strip('?')}@example.org")
                cache.clear()  # as if each form came from another connection
        publishing.publish([amended_commitment()])
    with on(1):
        following.queue_daily_emails(clock.now())
    followers = {
        email.recipient.partition("@")[0].removeprefix("reader-")
        for email in Message.objects.filter(kind="changes")
    }
    names = {"", "C-00001", items.SIGNATORY, theme, ASTON, "E08000025", "area=E05011121"}
    assert followers == {name.lower() for name in names}


def test_follower_hears_of_an_overdue_update(sink):
    with clock.fixed_at(datetime(2026, 4, 29, 10, tzinfo=UTC)):
        publishing.publish([items.period(requested_on=["2026-04-04"])])
        follow("C-00001")
    with clock.fixed_at(datetime(2026, 5, 2, 10, tzinfo=UTC)):
        assert following.queue_daily_emails(clock.now()) == 1
    email = Message.objects.get(kind="changes")
    assert (
        "Twenty apprenticeships\n    Became overdue. Not started: no progress reported yet"
        in email.text
    )


def test_unconfirmed_request_is_deleted_after_seven_days():
    with on(0):
        request("C-00001")
        publishing.publish([amended_commitment()])
        outbox.drain()
    with on(1):
        assert following.queue_daily_emails(clock.now()) == 0
    with on(6):
        following.delete_unconfirmed(clock.now())
        assert Follower.objects.count() == 1
    Message.objects.update(state=MessageState.SENDING, lease_until=clock.now())
    Message.objects.update(
        state=MessageState.SENT, lease_until=None, finished_at=clock.now(), last_code="250 noor"
    )
    link = link_path(Message.objects.get(), "confirm")
    with on(8):
        following.delete_unconfirmed(clock.now())
        assert not Follower.objects.exists()
        assert Client().post(link, **OURS).status_code == 410
    message = Message.objects.get()
    assert (message.recipient, message.text, message.last_code) == ("", "", "")


def test_address_is_deleted_once_the_follower_stops(sink):
    with on(0):
        stop = follow("C-00001")
        outbox.drain()
        publishing.publish([amended_commitment()])
    with on(1):
        following.queue_daily_emails(clock.now())
        Client().post(stop)
        assert outbox.drain() == 0  # the waiting email is cancelled
        following.delete_unconfirmed(clock.now())
    assert Message.objects.get(kind="changes").state == MessageState.CANCELLED
    assert_nobody_keeps_the_address()


@pytest.mark.parametrize("end", ["stop", "lose_mailbox"])
@pytest.mark.parametrize("sent_on", [1, 5])  # the fifth day is too late for it
def test_address_is_deleted_with_the_email_that_waited_for_its_end(sink, end, sent_on):
    with on(0):
        stop = follow("C-00001")
        outbox.drain()
        publishing.publish([amended_commitment()])
    with on(1):
        following.queue_daily_emails(clock.now())
        if end == "stop":
            Client().post(stop)
        else:
            factories.lose_mailbox(NOOR)
    with on(sent_on):
        assert outbox.drain() == 0
    assert_nobody_keeps_the_address()


def test_address_is_deleted_with_the_email_that_was_refused_after_the_follower_stopped(sink):
    with on(0):
        stop = follow("C-00001")
        outbox.drain()
        publishing.publish([amended_commitment()])
    with on(1):
        following.queue_daily_emails(clock.now())
        message = outbox.claim()
        Client().post(stop)
        outbox.record_result(message, ServerReply("data", 554, f"5.7.1 Not for {NOOR}"))
    assert_nobody_keeps_the_address()


@pytest.mark.django_db(transaction=True)
def test_address_is_deleted_if_its_follower_stops_while_an_email_is_recorded():
    with on(0):
        stop = follow("C-00001")
        message = outbox.claim()
        has_stopped = Event()

        def stop_slowly():
            with transaction.atomic():
                Client().post(stop)
                has_stopped.set()
                sleep(0.5)
            connection.close()

        stopping = Thread(target=stop_slowly)
        stopping.start()
        has_stopped.wait(60)
        outbox.record_result(message, ServerReply("after_dot", 250, "OK"))
        stopping.join(60)
    assert_nobody_keeps_the_address()


@pytest.mark.django_db(transaction=True)
def test_address_is_deleted_if_the_last_two_followings_end_at_once(monkeypatch):
    with on(0):
        follow("C-00001")
        follow("C-00002")
    follower = Follower.objects.get()
    followings = list(follower.followings.values_list("pk", flat=True))
    delete_idle_followers = following._delete_idle_followers

    def delete_slowly(numbers):
        sleep(0.3)
        delete_idle_followers(numbers)

    monkeypatch.setattr(following, "_delete_idle_followers", delete_slowly)
    run_concurrently(lambda: following.stop(follower, followings.pop()))
    assert not Follower.objects.exists()


def assert_nobody_keeps_the_address():
    for model in (Follower, Following, Message, MessageAttempt):
        assert NOOR not in str(list(model.objects.values()))


def test_follower_can_stop_one_of_several_subjects():
    with on(0):
        follow("C-00001")
        stop = follow("C-00002")
        first_following = Following.objects.get(about="C-00001")
        page = Client().get(stop)
        assert "Stop<span" in page.text
        after = Client().post(stop, {"following": first_following.pk})
        assert "Pay in 30 days" in after.text
        assert "Twenty apprenticeships" not in after.text
        other = follow("C-00002", "omar@example.org")
        Client().post(stop, {"following": Following.objects.latest("pk").pk})  # someone else's
        assert "Pay in 30 days" in Client().get(other).text


def test_form_reveals_no_follower_and_cannot_flood_a_mailbox():
    with on(0):
        follow("C-00001")
        assert request("C-00001").url == request("C-00001", "nobody@example.org").url
        assert Message.objects.filter(recipient=NOOR).count() == 1  # one a day for each subject
        for code in ("", "C-00002", items.SIGNATORY, items.THEME, ASTON, "E08000025", "E05011153"):
            request(code, "victim@example.org")
            cache.clear()
        assert Message.objects.filter(recipient="victim@example.org").count() == 5


@pytest.mark.parametrize("about", ["C-99999", "nonsense", "E00000000", "%3Fq=", "M-00001"])
def test_unknown_subject_cannot_be_followed(about):
    assert Client().get(f"/follow?about={about}").status_code == 404


def test_invalid_address_is_kept_in_the_form_with_an_error():
    page = request("C-00001", "noor at example.org")
    assert "There is a problem" in page.text
    assert "noor at example.org" in page.text
    assert not Follower.objects.exists()


def test_altered_link_does_nothing():
    with on(0):
        stop = follow()
    assert "This link has expired" in Client().post(f"{stop}x").text
    assert Follower.objects.exists()
    assert Client().get("/follow/confirm/1:x:y").status_code == 410


def test_redacted_text_is_removed_from_waiting_emails(sink):
    with on(0):
        follow("C-00001")
        publishing.publish([amended_commitment(title="Ask Jane Doe of 1 High Street")])
    with on(1):
        following.queue_daily_emails(clock.now())
        publishing.redact([publishing.head().number], reason_code="personal_data")
        outbox.drain()
    assert "Jane" not in body_text(sink.emails()[-1])
    assert "Redacted" not in body_text(sink.emails()[-1])


def test_follower_whose_email_bounces_is_deleted():
    with on(0):
        follow("C-00001")
        factories.lose_mailbox(Message.objects.get().recipient)
    assert not Follower.objects.exists()


def test_failing_email_to_one_follower_does_not_block_others(monkeypatch):
    with on(0):
        follow("C-00001", "first@example.org")
        follow("C-00001", "second@example.org")
        publishing.publish([amended_commitment()])
    render_email = following._render_email

    def fail_for_first(follower, *arguments):
        if follower.email.startswith("first"):
            raise ValueError("It cannot be written")
        return render_email(follower, *arguments)

    monkeypatch.setattr(following, "_render_email", fail_for_first)
    with on(1):
        assert following.queue_daily_emails(clock.now()) == 1
    monkeypatch.undo()
    with on(1):
        assert following.queue_daily_emails(clock.now()) == 1
    assert Message.objects.filter(kind="changes").count() == 2


def test_killed_run_neither_repeats_nor_loses_an_email(monkeypatch):
    with on(0):
        follow("C-00001")
        publishing.publish([amended_commitment()])

    def kill(**email):
        raise KeyboardInterrupt

    with on(1), monkeypatch.context() as patch:
        patch.setattr(outbox, "queue", kill)
        with pytest.raises(KeyboardInterrupt):
            following.queue_daily_emails(clock.now())
    assert not Message.objects.filter(kind="changes").exists()
    with on(1):
        assert following.queue_daily_emails(clock.now()) == 1


@pytest.mark.django_db(transaction=True)
def test_simultaneous_runs_send_one_email():
    with on(0):
        follow("C-00001")
        publishing.publish([amended_commitment()])

    def run():
        with on(1):
            return following.queue_daily_emails(clock.now())

    assert sorted(run_concurrently(run, 3)) == [0, 0, 1]
    assert Message.objects.filter(kind="changes").count() == 1
