"""Two councils share one register: neither sees or changes the private side of the other."""

from datetime import date

import pytest
from django.utils.html import strip_tags

from charter import review
from charter.actions import error_reports, following, organisations, standing
from charter.errors import NotAllowedError
from charter.mail import outbox
from charter.models import Act, Charter, Message
from charter.roles import StaffRole
from charter.workflow import MessageState
from registry import clock
from registry.models import Record
from registry.website import follow_subjects
from reporting import review_queue
from reporting.actions import (
    featured_records,
    first_update_invitations,
    letters,
    periods,
    reminder_stops,
)
from reporting.models import Redaction, ReminderStop, ReportingPeriod
from reporting.redaction import actions as redactions
from reporting.redaction import search as redaction_search
from reporting.reminders import sending
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import page, signed_in, with_second_factor

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
SILENT = date(2026, 9, 10)


def client_of(user):
    return signed_in(with_second_factor(user))


def published_by(signatory, title, *, owner, officer, **fields):
    """Publish a commitment of a signatory to its council."""
    measure = factories.measure(charter_=signatory.charter)
    own = {"signatory": signatory, "theme": measure.theme, "measure": measure}
    draft = factories.draft(by=owner, title=title, **own | fields)
    return factories.publish(factories.submit(draft, by=owner), by=officer)


def sandwell_commitment(title="Mend Sandwell’s bridges", **fields):
    return published_by(
        factories.tipton_forge(),
        title,
        owner=factories.tariq(),
        officer=factories.sandwell_officer(),
        **{"end_on": date(2029, 5, 31)} | fields,
    )


def birmingham_commitment(title="Mend Birmingham’s bridges", **fields):
    return published_by(
        factories.brookfield(),
        title,
        owner=factories.asha(),
        officer=factories.officer(),
        **{"end_on": date(2029, 5, 31)} | fields,
    )


def ask_for_everything(commitment, *, owner, officer):
    """Make one thing of each kind wait for the council of a commitment."""
    signatory = commitment.signatory
    measure = commitment.measure
    waiting = factories.draft(
        by=owner,
        signatory=signatory,
        theme=measure.theme,
        measure=measure,
        title=f"{commitment.title} again",
    )
    factories.submit(waiting, by=owner)
    factories.error_report(commitment.key)
    organisations.request_details_change(
        signatory, by=owner, reason="We moved.", values={"website": "https://new.example"}
    )
    featured_records.feature_record(commitment, by=officer, why=f"{commitment.title} is clear.")


@pytest.fixture
def both_busy():
    """Return a client of each council; both have a silent signatory and everything to decide."""
    with on(scenarios.MADE_ON):
        made = {"birmingham": birmingham_commitment(), "sandwell": sandwell_commitment()}
        periods.sync_periods(clock.now())
    for day in (date(2026, 6, 4), date(2026, 8, 31)):
        with on(day):
            periods.sync_periods(clock.now())
            sending.send_due_reminders(clock.now())
            while message := outbox.claim():
                outbox.record_result(message, outbox.ServerReply("after_dot", 250, "OK"))
    with on(SILENT):
        factories.application("Lantern Bakery")
        ask_for_everything(made["birmingham"], owner=factories.asha(), officer=factories.officer())
        ask_for_everything(
            made["sandwell"], owner=factories.tariq(), officer=factories.sandwell_officer()
        )
        yield {
            "birmingham": client_of(factories.officer()),
            "sandwell": client_of(factories.sandwell_officer()),
        }


# The lists of the council, and if each council has something of its own there.
LISTS = {
    "/council": True,
    "/council/behind": True,
    "/council/checks": False,
    "/council/messages": True,
    "/council/signatories": True,
    "/council/examples": True,
    "/council/reminders": False,
    "/council/reminders/first-news": True,
    "/council/behind/extend": True,
    "/council/promises?theme=": True,
    "/council/health": False,
}
NAMES = {
    "birmingham": ("Birmingham’s bridges", "Brookfield", "asha@", "Lantern Bakery"),
    "sandwell": ("Sandwell’s bridges", "Tipton", "tariq@"),
}


def test_lists_show_officers_only_what_belongs_to_their_own_council(both_busy):
    problems = []
    for own, foreign in [("birmingham", "sandwell"), ("sandwell", "birmingham")]:
        for address, has_rows in LISTS.items():
            text = page(both_busy[own].get(address))
            problems += [(own, address, name) for name in NAMES[foreign] if name in text]
            if has_rows and not any(name in text for name in NAMES[own]):
                problems.append((own, address, "nothing of its own"))
    assert problems == []


def test_counts_are_those_of_the_own_council(both_busy):
    queues = [strip_tags(page(client.get("/council"))) for client in both_busy.values()]
    # A commitment, a report and a request each; in Birmingham an application too.
    assert "4 items to review" in " ".join(queues[0].split())
    assert "3 items to review" in " ".join(queues[1].split())
    totals = [
        client.get("/council/messages").context["sent"]["total"] for client in both_busy.values()
    ]
    assert sum(totals) == Message.objects.count()
    assert "1 signatory, by name" in page(both_busy["sandwell"].get("/council/signatories"))


def test_forms_offer_only_signatories_themes_and_colleagues_of_the_own_council(both_busy):
    with on(SILENT):
        factories.officer("Gail")
        factories.sandwell_officer("Saul")
    sandwell = both_busy["sandwell"]
    bulk = sandwell.get("/council/promises?theme=").context
    for form, name in [
        ("filter_form", "signatory"),
        ("filter_form", "theme"),
        ("form", "new_theme"),
    ]:
        keys = [key for key, _ in bulk[form].fields[name].choices if key]
        charters = set(Record.objects.filter(key__in=keys).values_list("charter", flat=True))
        assert charters == {factories.sandwell().key}, name
    waiting = review.list_items(factories.sandwell_officer())[0]
    item = page(sandwell.get(f"/council/items/{waiting.key}"))
    assert "Saul" in item
    assert "Gail" not in item
    key = factories.tipton_forge().key
    end = sandwell.get(f"/council/signatories/{key}/standing/end")
    assert "Brookfield" not in page(end)


def test_officer_cannot_feature_a_record_of_another_council(both_busy):
    key = birmingham_commitment("Plant trees").key
    answer = both_busy["sandwell"].post("/council/examples", {"key": key, "why": "Clear."})
    assert "No public commitment or success has this key" in page(answer)


def test_acts_are_refused_on_what_belongs_to_another_council(both_busy):
    sana = factories.sandwell_officer()
    [waiting] = review.list_items(factories.officer())
    report = factories.error_report("C-00000")
    report.charter = factories.charter()
    report.save()
    period = letters.periods_without_letter(clock.today()).get(
        commitment__signatory=factories.brookfield()
    )
    asked = {"by": factories.officer(), "colleague": sana, "question": "Is this right?"}
    acts = [
        lambda: review_queue.ask_colleague(waiting, **asked),
        lambda: review.publish(waiting.submission, by=sana, seen_digest=""),
        lambda: error_reports.close_report(report, by=sana, put_right=True),
        lambda: letters.publish_or_propose(factories.brookfield(), [period], by=sana),
        lambda: periods.extend_due_dates([period], by=sana, days=150, reason="Flood."),
        lambda: first_update_invitations.invite_signatories([factories.brookfield().key], by=sana),
    ]
    for act in acts:
        with pytest.raises(NotAllowedError):
            act()


def uncertain_email(**fields):
    """Queue an email whose delivery is uncertain, before all others."""
    Message.objects.all().delete()
    message = outbox.queue(kind="test", key="test:1", subject="A question", text="…", **fields)
    outbox.record_result(outbox.claim(), outbox.ServerReply("after_dot", 0, "Connection lost"))
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("named", [True, False])
def test_officer_cannot_decide_on_an_email_of_another_council(named):
    """With the council named in the email, and with an email that no council sends."""
    factories.asha()
    sana = client_of(factories.sandwell_officer())
    authority = factories.charter().authority if named else None
    message = uncertain_email(recipient="asha@brookfield.example", authority=authority)
    for decision in ("again", "sent"):
        assert sana.post(f"/council/messages/{message.pk}/{decision}").status_code == 404
    for decide in (outbox.send_again, outbox.mark_as_sent):
        with pytest.raises(NotAllowedError):
            decide(message, by=factories.sandwell_officer())
    outbox.mark_as_sent(message, by=factories.officer())
    message.refresh_from_db()
    assert message.state == MessageState.SENT


def test_email_to_a_reader_belongs_to_every_council():
    sana, dev = factories.sandwell_officer(), factories.officer()
    following.request_following("noor@reader.example", follow_subjects.find_subject(""))
    for officer in (sana, dev):
        own = Message.objects.for_staff(officer)
        assert own.filter(recipient="noor@reader.example").exists()


def test_each_council_stops_only_its_own_reminders(sink):
    with on(scenarios.MADE_ON):
        birmingham_commitment()
        sandwell_commitment()
        Message.objects.all().delete()
    with on(date(2026, 5, 5)):
        sana = client_of(factories.sandwell_officer())
        sana.post("/council/reminders/stop", {"reason": "A flood."})
        assert ReminderStop.objects.get().authority == factories.sandwell().authority
        dev = client_of(factories.officer())
        assert "A flood." in page(sana.get("/council/reminders"))
        assert "A flood." not in page(dev.get("/council/reminders"))
        assert "Reminders were stopped" not in page(dev.get("/council/health"))
        scenarios.tick()
        dev.post("/council/reminders/begin-again")
        assert ReminderStop.objects.current().exists()
    reminded = Message.objects.filter(kind="reminder").values_list("recipient", flat=True)
    assert list(reminded) == ["asha@brookfield.example"]
    with on(date(2026, 5, 6)):
        reminder_stops.resume_reminders(by=factories.sandwell_officer())
        scenarios.tick()
    assert Message.objects.filter(recipient="tariq@tipton.example", kind="reminder").exists()


def test_test_reminder_of_another_councils_person_is_not_sent():
    with on(scenarios.MADE_ON):
        birmingham_commitment()
    with on(date(2026, 5, 5), hour=8):
        periods.sync_periods(clock.now())
        sana, asha = factories.sandwell_officer(), factories.asha()
        day = {"day": "2026-05-05"}
        assert client_of(sana).post(f"/council/reminders/{asha.pk}/test", day).status_code == 404
        assert not sending.send_test_email(asha, "2026-05-05", by=sana)
        assert sending.send_test_email(asha, "2026-05-05", by=factories.officer())


class TestOneOrganisationInBothCharters:
    """Brookfield Catering signs in Sandwell too: one profile, two signatures."""

    @pytest.fixture
    def signed_twice(self):
        with on(scenarios.MADE_ON):
            first = birmingham_commitment()
            factories.signatories.add_identifier(first.signatory.organisation, "GB-COH", "01234567")
            signatory = factories.invite_and_sign(
                factories.sandwell(),
                factories.sandwell_officer(),
                legal_name="Brookfield Catering",
                identifiers=[("GB-COH", "01234567")],
                contact_email="asha@brookfield.example",
            )
            second = published_by(
                signatory,
                "Mend Sandwell’s bridges",
                owner=factories.asha(),
                officer=factories.sandwell_officer(),
                end_on=date(2029, 5, 31),
            )
            Message.objects.all().delete()
            periods.sync_periods(clock.now())
        return first, second

    def test_its_profile_is_one_and_each_council_sees_its_own_commitments(self, signed_twice):
        first, second = signed_twice
        assert first.signatory.organisation == second.signatory.organisation
        organisations.amend_details(
            second.signatory,
            by=factories.sandwell_officer(),
            reason="They asked.",
            values={"website": "https://brookfield.example"},
            since=clock.today(),
        )
        dev = client_of(factories.officer())
        details = dev.get(f"/council/signatories/{first.signatory.key}/details")
        assert "https://brookfield.example" in page(details)
        assert dev.get(f"/council/signatories/{second.signatory.key}/details").status_code == 404
        assert "Sandwell" not in page(dev.get("/council/promises?theme="))

    def test_one_council_cannot_propose_to_end_its_membership_of_the_other(self, signed_twice):
        factories.administrator()
        second_person_acts = ["signatory.remove"]
        Charter.objects.filter(pk=factories.charter().pk).update(
            second_person_acts=second_person_acts
        )
        with pytest.raises(NotAllowedError):
            standing.end_membership(
                signed_twice[0].signatory,
                by=factories.sandwell_officer(),
                standing="removed",
                reason="They broke it.",
            )

    def test_each_council_sends_its_own_reminder_from_its_own_address(self, signed_twice, sink):
        with on(date(2026, 5, 5)):
            scenarios.tick()
        emails = {email["From"]: email for email in sink.emails()}
        assert len(sink.emails()) == 2
        for address, title, council in [
            ("register@council.example", "Birmingham’s", "Birmingham City Council"),
            ("register@sandwell.example", "Sandwell’s", "Sandwell Council"),
        ]:
            [sender] = [name for name in emails if address in name]
            text = emails[sender].get_body(("plain",)).get_content()
            assert title in text
            assert council in text
            assert text.count("bridges") == text.count(f"{title} bridges")

    def test_each_council_invites_it_to_a_first_update_for_itself(self, signed_twice):
        with on(DUE):
            keys = [commitment.signatory.key for commitment in signed_twice]
            for key, officer in zip(
                keys, [factories.officer(), factories.sandwell_officer()], strict=True
            ):
                assert first_update_invitations.invite_signatories([key], by=officer) == 1
        texts = Message.objects.filter(kind="first_update_invitation").order_by("pk")
        assert "Sandwell’s" not in texts[0].text
        assert "Birmingham’s bridges" not in texts[1].text


class TestRedaction:
    NAME = "Jo Bloggs"

    @pytest.fixture
    def named_twice(self):
        return (
            birmingham_commitment(description=f"We train {self.NAME}."),
            sandwell_commitment(description=f"We train {self.NAME}."),
        )

    def test_administrator_redacts_only_what_their_own_council_published(self, named_twice):
        own, foreign = named_twice
        edna = client_of(factories.administrator())
        address = f"/council/redact?key={own.key}"
        data = {"passage": self.NAME, "reason_code": "personal_data"}
        preview = edna.post(address, data)
        assert f"Other councils published this text too, in {foreign.key}." in page(preview)
        edna.post(address, data | {"seen_digest": preview.context["found"].digest})
        assert Record.objects.get(pk=own.key).item["description"] == "We train [removed]."
        assert Record.objects.get(pk=foreign.key).item["description"] == f"We train {self.NAME}."
        assert list(Redaction.objects.get().authorities.all()) == [factories.charter().authority]
        foreign.refresh_from_db()
        assert foreign.description == f"We train {self.NAME}."

    def test_record_of_another_council_looks_like_a_missing_one(self, named_twice):
        edna = client_of(factories.administrator())
        for key in (named_twice[1].key, "C-00000"):
            answer = page(edna.get(f"/council/redact?key={key}"))
            assert "No public record of yours has this key" in answer
            assert "Check what will be removed" not in answer

    def test_redaction_of_what_only_another_council_published_is_refused(self, named_twice):
        eve = factories.sandwell_officer("Eve", StaffRole.ADMINISTRATOR)
        texts = [f"We train {self.NAME}."]
        digest = redaction_search.find_passages(texts, [], user=eve).digest
        redactions.redact(texts, [], by=eve, reason_code="personal_data", seen_digest=digest)
        digest = redaction_search.find_passages(texts, [], user=eve).digest
        with pytest.raises(NotAllowedError, match="Only administrators of the council"):
            redactions.redact(texts, [], by=eve, reason_code="personal_data", seen_digest=digest)
        assert self.NAME in Record.objects.get(pk=named_twice[0].key).item["description"]


def test_periods_of_another_council_cannot_be_extended_by_the_page(both_busy):
    before = list(ReportingPeriod.objects.order_by("pk").values_list("due_on", flat=True))
    sandwell = both_busy["sandwell"]
    period = ReportingPeriod.objects.filter(commitment__signatory=factories.brookfield()).earliest(
        "pk"
    )
    data = {"days": 150, "reason": "Flood.", "periods": [f"{period.key}:{period.due_on}"]}
    answer = sandwell.post("/council/behind/extend", data)
    assert "look again" in page(answer)
    assert list(ReportingPeriod.objects.order_by("pk").values_list("due_on", flat=True)) == before


def test_activity_shows_an_administrator_only_what_concerns_their_own_council(both_busy):
    everything = " ".join(str(act.person) for act in Act.objects.select_related("person"))
    assert "Asha" in everything
    eve = client_of(factories.sandwell_officer("Eve", StaffRole.ADMINISTRATOR))
    activity = page(eve.get("/council/activity"))
    assert "Tariq" in activity
    for name in ("Asha", "Dev", *NAMES["birmingham"]):
        assert name not in activity
    # A scheduled task touches the periods of all signatories in one act.
    tick = Act.objects.filter(objects_touched__label="reporting.ReportingPeriod").first()
    assert "Tipton" in page(eve.get(f"/council/activity/{tick.number}"))
    assert "Brookfield" not in page(eve.get(f"/council/activity/{tick.number}"))


def test_updates_to_check_and_checks_are_those_of_the_own_council():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.published_update(commitment)
        dev, sana = client_of(factories.officer()), client_of(factories.sandwell_officer())
        assert "Brookfield" in page(dev.get("/council/checks"))
        assert "Brookfield" not in page(sana.get("/council/checks"))
        check = {"by_role": "Charter team", "result": "confirmed", "finding": "We saw it."}
        dev.post(f"/council/checks/{update.key}", check)
        assert "Brookfield" in page(dev.get("/council/checks"))
        assert "Brookfield" not in page(sana.get("/council/checks"))
