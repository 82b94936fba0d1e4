"""A resident follows what she cares about by email, without an account, and stops with one
click.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from charter.actions import following
from charter.mail import bounces, outbox
from charter.models import Follower, Following, Message, MessageAttempt
from charter.workflow import MessageState
from registry import clock
from registry.log import publishing
from registry.website import follow_subjects, pages
from tests.charter.test_concurrent_edits import at_once
from tests.registry import items

pytestmark = pytest.mark.django_db
OURS = {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-origin"}
NOOR = "noor@example.org"
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
ASTON = "E05011121"


@pytest.fixture(autouse=True)
def register():
    """Two commitments, one of them for Aston."""
    pages._cache.empty("")
    with clock.fixed_at(MONDAY - timedelta(days=30)):
        publishing.publish(
            [
                *items.small_register()[:4],
                items.commitment(area_codes=[ASTON]),
                items.commitment("C-00002", title="Pay in 30 days"),
            ]
        )


def on(day, hour=10):
    """Let the clock stand on a day after that Monday."""
    return clock.fixed_at(MONDAY + timedelta(days=day, hours=hour - 10))


def ask(about="", email=NOOR):
    return Client().post(f"/follow?about={about}", {"email": email}, **OURS)


def path_in(message, part):
    found = re.search(rf"(/follow/{part}/\S+)", message.text)
    assert found, message.text
    return found[1]


def follow(about="", email=NOOR):
    """Ask, and press the button that the email leads to; return the way to stop."""
    ask(about, email)
    page = Client().post(path_in(Message.objects.latest("pk"), "confirm"), **OURS)
    found = re.search(r'href="[^"]*(/follow/stop/[^"]+)"', page.text)
    assert found, page.text
    return found[1]


def amended(key="C-00001", value="15", **changes):
    target = {"value": value, "by": "2027-06-30"}
    act = {"action": "amend", "target": target, "change_reason": "A site closed."}
    act |= {"area_codes": [ASTON]} if key == "C-00001" else {}
    return items.commitment(key, **act | changes)


def words(email, kind="plain"):
    return email.get_body((kind,)).get_content().replace("\r\n", "\n")


def test_an_email_tells_what_changed_the_day_before_and_its_button_ends_it(sink):
    with on(0):
        page = Client().get("/commitments/C-00001")
        assert 'href="/follow?about=C-00001"' in page.text
        page = Client().get("/follow?about=C-00001")
        assert not page.cookies
        assert "no-store" in page["Cache-Control"]
        assert "Twenty apprenticeships" in page.text
        assert ask("C-00001").url == "/follow/asked"
        outbox.drain()
        [asked] = sink.emails()
        assert asked["Subject"] == "Please confirm: follow “Twenty apprenticeships”"
        link = re.search(r"(/follow/confirm/\S+)", words(asked))[1]
        for _ in range(2):  # a scanner opens the link, and nothing comes of it
            assert "Yes, send me what changes" in Client().get(link).text
        assert not Following.objects.confirmed().exists()
        assert "You follow this now" in Client().post(link, **OURS).text
    with on(1):
        publishing.publish([amended(), amended("C-00002", value="9")])
        assert following.queue_daily_emails(clock.now()) == 0  # the day is not over
    with on(2, hour=6):
        assert following.queue_daily_emails(clock.now()) == 0  # too early
    with on(2):
        assert following.queue_daily_emails(clock.now()) == 1
        outbox.drain()
    told = sink.emails()[1]
    assert told["Subject"] == "1 change up to 3 March 2026: Twenty apprenticeships"
    text = words(told)
    assert "3 March 2026 · Changed · Weakened\nTwenty apprenticeships\nBrookfield Catering" in text
    assert "Target: 20 by 30 June 2027 → 15 by 30 June 2027" in text
    assert "Reason given: “A site closed.”" in text
    assert "Pay in 30 days" not in text
    assert "/commitments/C-00001" in text
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = told["List-Unsubscribe"].strip("<>").replace("http://localhost:8000", "")
    assert stop in text.replace("http://localhost:8000", "")
    assert "What you follow" in Client().get(stop).text
    assert Follower.objects.exists()
    Client().post(stop, {"List-Unsubscribe": "One-Click"})
    assert not Follower.objects.exists()
    assert "This link has ended" in Client().get(stop).text


def test_days_without_update_bring_no_email_and_a_day_is_told_once():
    with on(0):
        follow()
        follow("C-00001")
    with on(1):
        assert following.queue_daily_emails(clock.now()) == 0
        publishing.publish([amended()])
    with on(2):
        assert [following.queue_daily_emails(clock.now()) for _ in range(3)] == [1, 0, 0]
        [email] = Message.objects.filter(kind="changes")
        assert email.text.count("→") == 1
        assert "You follow: The whole register; Twenty apprenticeships" in email.text
    with on(6):  # nobody rang the bell for days
        publishing.publish([amended(value="12")])
    with on(9):
        assert following.queue_daily_emails(clock.now()) == 1
    with on(8):  # a clock that was set back
        assert following.queue_daily_emails(clock.now()) == 0


def test_everybody_hears_of_what_he_follows_and_of_nothing_else():
    theme = f"{items.THEME}"
    with on(0):
        for about in ("", "C-00001", "C-00002", items.SIGNATORY, theme, ASTON, "E08000025",
                      "E05011153", "?area=E05011121", "?theme=T-00002"):  # fmt: skip
            if follow_subjects.find_subject(about):
                follow(about.replace("?", "%3F"), f"reader-{about.strip('?')}@example.org")
                cache.clear()  # so many forms come from many connections
        publishing.publish([amended()])
    with on(1):
        following.queue_daily_emails(clock.now())
    told = {
        email.recipient.partition("@")[0].removeprefix("reader-")
        for email in Message.objects.filter(kind="changes")
    }
    names = {"", "C-00001", items.SIGNATORY, theme, ASTON, "E08000025", "area=E05011121"}
    assert told == {name.lower() for name in names}


def test_a_commitment_that_became_overdue_is_told(sink):
    with clock.fixed_at(datetime(2026, 4, 29, 10, tzinfo=UTC)):
        publishing.publish([items.period(requested_on=["2026-04-04"])])
        follow("C-00001")
    with clock.fixed_at(datetime(2026, 5, 2, 10, tzinfo=UTC)):
        assert following.queue_daily_emails(clock.now()) == 1
    email = Message.objects.get(kind="changes")
    assert "1 May 2026 · Not answered yet\nTwenty apprenticeships" in email.text


def test_what_nobody_confirms_is_forgotten_after_seven_days():
    with on(0):
        ask("C-00001")
        publishing.publish([amended()])
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
    link = path_in(Message.objects.get(), "confirm")
    with on(8):
        following.delete_unconfirmed(clock.now())
        assert not Follower.objects.exists()
        assert Client().post(link, **OURS).status_code == 410
    message = Message.objects.get()
    assert (message.recipient, message.text, message.last_code) == ("", "", "")


def test_an_address_is_nowhere_once_it_stopped(sink):
    with on(0):
        stop = follow("C-00001")
        outbox.drain()
        publishing.publish([amended()])
    with on(1):
        following.queue_daily_emails(clock.now())
        Client().post(stop)
        assert outbox.drain() == 0  # the waiting email is no longer wanted
        following.delete_unconfirmed(clock.now())
    assert Message.objects.get(kind="changes").state == MessageState.CANCELLED
    for model in (Follower, Following, Message, MessageAttempt):
        assert NOOR not in str(list(model.objects.values()))


def test_one_of_several_is_ended_on_its_page():
    with on(0):
        follow("C-00001")
        stop = follow("C-00002")
        one = Following.objects.get(about="C-00001")
        page = Client().get(stop)
        assert "Stop<span" in page.text
        left = Client().post(stop, {"following": one.pk})
        assert "Pay in 30 days" in left.text
        assert "Twenty apprenticeships" not in left.text
        other = follow("C-00002", "omar@example.org")
        Client().post(stop, {"following": Following.objects.latest("pk").pk})  # not hers
        assert "Pay in 30 days" in Client().get(other).text


def test_nobody_learns_who_follows_and_nobody_fills_a_mailbox():
    with on(0):
        follow("C-00001")
        assert ask("C-00001").url == ask("C-00001", "nobody@example.org").url
        assert Message.objects.filter(recipient=NOOR).count() == 1  # one a day for each subject
        for code in ("", "C-00002", items.SIGNATORY, items.THEME, ASTON, "E08000025", "E05011153"):
            ask(code, "victim@example.org")
            cache.clear()
        assert Message.objects.filter(recipient="victim@example.org").count() == 5


@pytest.mark.parametrize("about", ["C-99999", "nonsense", "E00000000", "%3Fq=", "M-00001"])
def test_what_we_do_not_know_cannot_be_followed(about):
    assert Client().get(f"/follow?about={about}").status_code == 404


def test_a_wrong_address_is_asked_for_again_and_kept():
    page = ask("C-00001", "noor at example.org")
    assert "There is a problem" in page.text
    assert "noor at example.org" in page.text
    assert not Follower.objects.exists()


def test_a_link_that_was_altered_opens_nothing():
    with on(0):
        stop = follow()
    assert "This link has ended" in Client().post(f"{stop}x").text
    assert Follower.objects.exists()
    assert Client().get("/follow/confirm/1:x:y").status_code == 410


def test_what_was_redacted_before_the_email_went_out_is_not_in_it(sink):
    with on(0):
        follow("C-00001")
        publishing.publish([amended(title="Ask Jane Doe of 1 High Street")])
    with on(1):
        following.queue_daily_emails(clock.now())
        publishing.redact([publishing.head().number], reason_code="personal_data")
        outbox.drain()
    assert "Jane" not in words(sink.emails()[-1])
    assert "Redacted" not in words(sink.emails()[-1])


def test_a_mailbox_that_is_gone_follows_nothing():
    with on(0):
        follow("C-00001")
        bounces.record_bounce(Message.objects.get())
    assert not Follower.objects.exists()


def test_a_follower_whose_email_breaks_keeps_nobody_waiting(monkeypatch):
    with on(0):
        follow("C-00001", "first@example.org")
        follow("C-00001", "second@example.org")
        publishing.publish([amended()])
    written = following._render_email

    def broken_for_one(follower, *arguments):
        if follower.email.startswith("first"):
            raise ValueError("It cannot be written")
        return written(follower, *arguments)

    monkeypatch.setattr(following, "_render_email", broken_for_one)
    with on(1):
        assert following.queue_daily_emails(clock.now()) == 1
    monkeypatch.undo()
    with on(1):
        assert following.queue_daily_emails(clock.now()) == 1
    assert Message.objects.filter(kind="changes").count() == 2


def test_who_is_killed_in_between_tells_nothing_twice_and_forgets_nothing(monkeypatch):
    with on(0):
        follow("C-00001")
        publishing.publish([amended()])

    def killed(**email):
        raise KeyboardInterrupt

    with on(1), monkeypatch.context() as patch:
        patch.setattr(outbox, "queue", killed)
        with pytest.raises(KeyboardInterrupt):
            following.queue_daily_emails(clock.now())
    assert not Message.objects.filter(kind="changes").exists()
    with on(1):
        assert following.queue_daily_emails(clock.now()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_looks_at_once_tell_a_day_once():
    with on(0):
        follow("C-00001")
        publishing.publish([amended()])

    def look():
        with on(1):
            return following.queue_daily_emails(clock.now())

    assert sorted(at_once(look, 3)) == [0, 0, 1]
    assert Message.objects.filter(kind="changes").count() == 1
