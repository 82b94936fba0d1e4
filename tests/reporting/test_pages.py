"""The private pages of reporting: what Asha owes, her update form, and the council's desk."""

from datetime import date

import pytest

from charter import outbox
from charter.actions import bounces, signatories
from charter.errors import WrongStateError
from charter.models import Commitment, Message
from charter.workflow import MessageState
from registry.models import Entry, Record
from reporting.actions import checks, successes, updates
from reporting.models import ProgressUpdate
from tests import factories
from tests.reporting import stories
from tests.reporting.stories import LINK, on

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def second_factor_is_set_up(monkeypatch):
    monkeypatch.setattr("charter.views.access.is_mfa_enabled", lambda user: True)


@pytest.fixture
def sign_in(client):
    def sign_in(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


def read(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def decide(client, key, act="publish", **typed):
    """Open an item of the queue and press one of its buttons."""
    read = client.get(f"/council/items/{key}").context["read"]
    return client.post(f"/council/items/{key}/{act}", {"read": read, **typed})


def form_of(response):
    """What a browser would send back without anything typed."""
    form = response.context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in shown.items() if value not in (None, "", [])}


class TestWhatIsOwed:
    def test_a_firm_that_owes_nothing_reads_until_when(self, sign_in):
        stories.promise()
        with on(date(2025, 7, 1)):
            page = read(sign_in(factories.asha()).get("/business"))
        assert "Nothing to do until 2 May 2026." in page

    def test_what_is_owed_stands_in_order_with_one_button_each(self, sign_in):
        stories.promise(title="Due now")
        stories.promise(date(2025, 6, 20), title="Due soon")
        stories.promise(date(2025, 4, 1), title="Overdue")
        with on(DUE):
            factories.returned_commitment(title="Returned", end_on=date(2027, 5, 31))
            factories.draft(title="A draft", end_on=date(2027, 5, 31))
            page = read(sign_in(factories.asha()).get("/business"))
        owed = page[page.index("What you owe") : page.index("Your commitments</h2>")]
        order = [
            owed.index(title) for title in ("Returned", "Overdue", "Due now", "A draft", "Due soon")
        ]
        assert order == sorted(order)
        assert "Which college?" in owed
        assert "From 1 July 2026 the public page will say “overdue”" in owed

    def test_the_sponsor_reads_along_and_is_led_to_no_form(self, sign_in):
        stories.promise(title="Overdue here")
        factories.draft(title="A draft")
        with on(date(2026, 7, 20)):
            grace = sign_in(factories.grace())
            page = grace.get("/business").text
            assert page.index("Overdue here") < page.index("A draft") < page.index("You read along")
            assert 'class="govuk-button' not in page
            for commitment in Commitment.objects.all():
                page = grace.get(f"/business/commitments/{commitment.key}").text
                assert "Go on writing" not in page
                assert "Tell the news" not in page
            assert "See what would change" not in grace.get("/business/spreadsheet").text
            assert "Make an" not in grace.get("/reminders").text

    def test_whoever_writes_for_one_of_two_firms_begins_there(self, sign_in):
        stories.promise(title="Only read here")
        grace = factories.grace()
        factories.signatory("Canal Street Joinery", contact_email=grace.email)
        factories.accept_invitation(grace.email, "Grace")
        with on(DUE):
            visitor = sign_in(grace)
            assert "Tell the news" not in visitor.get("/business").text
            page = visitor.get("/business/commitments/new").text
        assert "Canal Street Joinery" in page
        assert "Brookfield Catering" not in page

    def test_nothing_of_a_promise_that_was_withdrawn_is_asked_for(self, sign_in):
        returned, checked, begun = [
            stories.promise(title=title) for title in ("One", "Two", "Three")
        ]
        with on(DUE):
            update = stories.told(returned)
            updates.return_with_words(update, by=factories.officer(), words="Which college?")
            found = {"by_role": "The team", "result": "confirmed", "finding": "Seen."}
            made = checks.record(stories.published(checked), by=factories.officer(), **found)
            updates.start(begun, by=factories.asha())
            client = sign_in(factories.asha())
            owed = client.get("/business").context["tasks"]
            assert [task.title for task in owed] == ["One", "Two", "Three"]
            for promise in (returned, checked, begun):
                factories.approved_change(promise, action="withdraw", values={})
            assert client.get("/business").context["tasks"] == []
            with pytest.raises(WrongStateError):
                checks.reply(made, by=factories.asha(), words="Thank you.")

    def test_a_firm_that_pauses_is_not_told_that_the_page_will_say_overdue(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            pause = {"until": date(2026, 8, 1), "reason": "The kitchen burned down."}
            signatories.pause(promise.signatory, by=factories.officer(), **pause)
            page = read(sign_in(factories.asha()).get("/business"))
        assert "Reporting is paused until 1 August 2026: nothing is owed" in page
        assert "overdue" not in page

    def test_whose_mailbox_refused_our_mail_reads_so_until_news_comes_from_there(self, sign_in):
        promise, other = stories.promise(), stories.promise(title="Plant 500 trees")
        factories.ben()
        refused = "asha@brookfield.example refused our mail on 1 June 2026"
        with on(DUE):
            bounces.record(Message(recipient="asha@brookfield.example"))
            stories.told(promise, by=factories.ben())
            assert refused in read(sign_in(factories.asha()).get("/business"))
            stories.told(other)
            assert refused not in read(sign_in(factories.asha()).get("/business"))

    def test_a_stranger_sees_nothing_of_it(self, sign_in):
        promise = stories.promise(title="Plant 500 trees in Aston")
        with on(DUE):
            client = sign_in(factories.cara())
            assert "Plant 500 trees" not in read(client.get("/business"))
            assert client.get(f"/{promise.key}/update").status_code == 404
            assert client.post(f"/{promise.key}/update", {"answer": "same"}).status_code == 404

    def test_private_pages_are_never_kept(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            for address in ("/business", f"/{promise.key}/update"):
                response = sign_in(factories.asha()).get(address)
                assert "no-store" in response["Cache-Control"]
            for address in ("/council", "/council/behind", "/council/messages"):
                response = sign_in(factories.officer()).get(address)
                assert "no-store" in response["Cache-Control"]


class TestTheUpdateForm:
    def test_the_link_of_a_mail_asks_to_sign_in_and_comes_back_with_its_answer(self, client):
        promise = stories.promise()
        response = client.get(f"/{promise.key}/update?answer=same")
        assert response.status_code == 302
        assert response["Location"].endswith(f"?next=/{promise.key}/update%3Fanswer%3Dsame")

    def test_opening_it_changes_nothing_and_chooses_the_answer_of_the_link(self, sign_in):
        promise = stories.promise()
        entries = Entry.objects.count()
        with on(DUE):
            client = sign_in(factories.asha())
            page = read(client.get(f"/{promise.key}/update?answer=number"))
            client.head(f"/{promise.key}/update?answer=same")
        assert 'value="number" data-aria-controls="answer-number" checked' in page
        assert "Payroll records and college letters" in page
        assert "it is due on 1 June 2026" in page
        assert not ProgressUpdate.objects.exists()
        assert Entry.objects.count() == entries

    def test_nothing_has_changed_is_one_button(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            sent = form_of(client.get(f"{address}?answer=same"))
            response = client.post(address, sent, follow=True)
        assert "Your news has come" in read(response)
        update = ProgressUpdate.objects.get()
        assert (update.status, update.nothing_changed) == ("submitted", True)

    def test_a_figure_with_evidence_and_a_success_go_to_the_council_together(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            response = client.post(
                address,
                form_of(client.get(address))
                | {
                    "answer": "number",
                    "value": "1,014",
                    "self_assessment": "on_track",
                    "narrative": "Fourteen have started.",
                    "evidence_title": "Payroll summary",
                    "evidence_url": "https://brookfield.example/payroll",
                    "evidence_kind": "document",
                    "success_title": "Four passed",
                    "success_story": "All four stay.",
                    "success_on": "20/5/2026",
                    "success_consent": "none_identifiable",
                },
            )
        assert response["Location"] == f"{address}/sent"
        update = ProgressUpdate.objects.get()
        assert update.value == 1014
        assert update.evidence.get().url == "https://brookfield.example/payroll"
        assert promise.successes.get().status == "submitted"

    def test_we_need_to_talk_counts_as_an_answer_and_reaches_the_council(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            said = {"answer": "talk", "talk": "Our second kitchen closes in July."}
            client.post(address, form_of(client.get(address)) | said)
            assert stories.reporting_of(promise) == "up_to_date"
            page = read(sign_in(factories.officer()).get("/council"))
        assert promise.title in page
        assert ProgressUpdate.objects.get().obstacles == "Our second kitchen closes in July."

    def test_what_is_missing_is_said_at_the_field_and_nothing_typed_is_lost(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            typed = {
                "answer": "number",
                "narrative": "Fourteen have started.",
                "evidence_url": "javascript:alert(1)",
                "success_title": "Four passed",
            }
            page = read(client.post(address, form_of(client.get(address)) | typed))
        assert "There is a problem" in page
        for missing in (
            "Give the figure to date, or say why it is not measured yet",
            "Give a link that begins with https://",
            "Tell what happened",
        ):
            assert page.count(missing) == 2  # in the summary and at the field
        assert "Fourteen have started." in page
        assert "Four passed" in page
        assert not ProgressUpdate.objects.exists()

    def test_the_third_nothing_has_changed_needs_a_sentence(self, sign_in):
        promise = stories.promise(cadence="quarterly")
        for day in (date(2025, 9, 1), date(2025, 12, 1)):
            with on(day):
                stories.tick()
                stories.told(promise, nothing_changed=True)
        with on(date(2026, 3, 2)):
            stories.tick()
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            sent = form_of(client.get(address)) | {"answer": "same"}
            assert "add a sentence" in read(client.post(address, sent))
            client.post(address, sent | {"remark": "The college starts in May."})
        assert updates.last_sent(promise).narrative == "The college starts in May."

    def test_a_draft_waits_and_comes_back_as_it_was(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            typed = {"answer": "number", "narrative": "Not done yet", "later": "yes"}
            client.post(address, form_of(client.get(address)) | typed)
            page = read(client.get(address))
            assert "Not done yet" in page
            assert 'value="number" data-aria-controls="answer-number" checked' in page
            assert stories.reporting_of(promise) == "due"

    def test_the_page_is_seen_as_everybody_will_before_the_news_is_sent(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            said = {"answer": "number", "value": "14", "self_assessment": "on_track"}
            incomplete = form_of(client.get(address)) | said | {"value": "", "preview": "yes"}
            assert "Give the figure to date" in read(client.post(address, incomplete))
            response = client.post(
                address, form_of(client.get(address)) | said | {"preview": "yes"}
            )
            assert response["Location"] == f"{address}/preview"
            entries = Entry.objects.count()
            shown = client.get(response["Location"])
            assert "This is what everybody will see" in read(shown)
            assert "14 of 20 people" in shown.content.decode()
            assert (Entry.objects.count(), stories.reporting_of(promise)) == (entries, "due")
            sent = {"period": promise.periods.get().key, "version": shown.context["version"]}
            for _ in range(2):
                assert client.post(f"{address}/preview", sent)["Location"] == f"{address}/sent"
        assert ProgressUpdate.objects.get().status == "submitted"

    def test_what_a_colleague_saved_meanwhile_is_read_before_it_is_sent(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            begun = updates.start(promise, by=factories.asha())
            said = {"value": 14, "self_assessment": "on_track"}
            begun = updates.save(begun, by=factories.asha(), version=1, **said)
            client = sign_in(factories.asha())
            seen = client.get(f"/{promise.key}/update/preview").context["version"]
            updates.save(begun, by=factories.ben(), version=2, value=15)
            sent = {"period": begun.period.key, "version": seen}
            page = read(client.post(f"/{promise.key}/update/preview", sent))
        assert "15 of 20 people" in page
        assert ProgressUpdate.objects.get().status == "draft"

    def test_what_may_tell_who_a_person_is_is_asked_about_before_it_is_sent(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            said = {"answer": "talk", "talk": "Call Jo on 07700 900123."}
            response = client.post(address, form_of(client.get(address)) | said)
            assert response["Location"] == f"{address}/preview"
            shown = client.get(response["Location"])
            assert "a telephone number (07700 900123)" in read(shown)
            sent = {"period": promise.periods.get().key, "version": shown.context["version"]}
            client.post(response["Location"], sent)
        assert ProgressUpdate.objects.get().status == "submitted"

    def test_sent_twice_it_is_one_update(self, sign_in):
        promise = stories.promise(cadence="monthly")
        with on(date(2025, 7, 2)):
            stories.tick()
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            sent = form_of(client.get(address)) | {"answer": "same"}
            first, second = client.post(address, sent), client.post(address, sent)
        assert first["Location"] == second["Location"] == f"{address}/sent"
        assert ProgressUpdate.objects.count() == 1

    def test_a_figure_sent_twice_by_a_second_click_is_one_update_too(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            typed = {"answer": "number", "value": "1,014.0", "self_assessment": "on_track"}
            story = {
                "success_title": "Four passed",
                "success_story": "All four stay.",
                "success_on": "20/5/2026",
                "success_consent": "none_identifiable",
            }
            sent = form_of(client.get(address)) | typed | story
            client.post(address, sent)
            assert client.post(address, sent)["Location"] == f"{address}/sent"
        assert promise.successes.count() == 1

    def test_who_comes_after_a_colleague_keeps_what_was_typed_in_view(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            address = f"/{promise.key}/update"
            client = sign_in(factories.ben())
            typed = form_of(client.get(address)) | {
                "answer": "number",
                "value": "15",
                "self_assessment": "on_track",
                "narrative": "Ben's words",
                "success_story": "Ben's story",
            }
            stories.told(promise)
            response = client.post(address, typed)
        assert response.status_code == 409
        page = response.content.decode()
        assert "What you wrote was not sent" in page
        assert "Fourteen have started." in page
        assert "Ben&#x27;s words" in page
        assert "Ben&#x27;s story" in page
        assert ProgressUpdate.objects.get().narrative == "Fourteen have started."

    def test_what_was_typed_stays_in_view_when_the_promise_ends_meanwhile(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            typed = form_of(client.get(address)) | {"answer": "talk", "talk": "It floods."}
            factories.approved_change(promise, action="withdraw", values={})
            response = client.post(address, typed)
        assert response.status_code == 409
        assert "It floods." in response.content.decode()

    def test_a_story_that_is_emptied_again_is_gone(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            story = {
                "success_title": "Four passed",
                "success_story": "All four stay.",
                "success_on": "20/5/2026",
                "success_consent": "none_identifiable",
            }
            opened = form_of(client.get(address)) | {"answer": "same", "later": "yes"}
            client.post(address, opened | story)
            assert "All four stay." in read(client.get(address))
            opened = form_of(client.get(address)) | {"later": "yes"}
            client.post(address, opened | {"success_title": "", "success_story": ""})
            assert "All four stay." not in read(client.get(address))
        assert not promise.successes.exists()

    def test_a_story_that_a_colleague_began_meanwhile_stays(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            client = sign_in(factories.asha())
            address = f"/{promise.key}/update"
            opened = form_of(client.get(address)) | {"answer": "same"}
            told = {"title": "Four passed", "story": "All stay.", "happened_from": DUE}
            told["people_consent"] = "none_identifiable"
            successes.save(promise, by=factories.ben(), **told)
            mine = {"success_title": "Ten stay", "success_story": "All of them."}
            dated = {"success_on": "20/5/2026", "success_consent": "none_identifiable"}
            for _ in range(2):
                client.post(address, opened | mine | dated | {"later": "yes"})
            titles = promise.successes.order_by("pk").values_list("title", flat=True)
            assert list(titles.all()) == ["Four passed", "Ten stay"]
            client.post(address, opened)  # hers is emptied again
        assert list(titles.all()) == ["Four passed"]
        assert promise.successes.get().status == "draft"

    def test_two_colleagues_see_both_texts_and_neither_is_lost(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            address = f"/{promise.key}/update"
            client = sign_in(factories.asha())
            opened = form_of(client.get(address)) | {
                "answer": "number",
                "self_assessment": "on_track",
            }
            client.post(address, opened | {"narrative": "Asha's words", "later": "yes"})
            client = sign_in(factories.ben())
            typed = opened | {"narrative": "Ben's words", "value": "14"}
            response = client.post(address, typed)
            assert response.status_code == 409
            page = response.content.decode()
            assert "Nothing is lost" in page
            assert "Asha&#x27;s words" in page
            assert "Ben&#x27;s words" in page
            client.post(address, form_of(response))
        assert ProgressUpdate.objects.get().narrative == "Ben's words"
        assert ProgressUpdate.objects.get().status == "submitted"

    def test_after_the_answer_there_is_nothing_to_tell(self, sign_in):
        promise = stories.promise()
        with on(date(2026, 5, 10)):
            stories.told(promise)
            page = read(sign_in(factories.asha()).get(f"/{promise.key}/update"))
        assert "Nothing to tell now" in page
        assert "The next thing we ask you for is on 2 May 2027." in page

    def test_a_success_is_told_by_itself_of_several_promises_and_with_its_place(self, sign_in):
        promise, other = stories.promise(), stories.promise(title="Host ten school visits")
        with on(DUE):
            client = sign_in(factories.asha())
            address = f"/{promise.key}/success"
            told = form_of(client.get(address)) | {
                "success_title": "Four passed",
                "success_story": "Ask Jo on 07700 900123.",
                "success_on": "20/5/2026",
                "success_consent": "none_identifiable",
                "also": [other.key],
                "area_codes": ["E08000025"],
            }
            response = client.post(address, told)
            page = read(client.get(response["Location"]))
            assert "a telephone number (07700 900123)" in page
            assert "A success that you began" in read(client.get("/business"))
            for _ in range(2):  # a second click tells no second story
                client.post(address, told | {"success_story": "All four stay."})
        story = promise.successes.get()
        assert (story.status, story.area_codes) == ("submitted", ["E08000025"])
        assert set(story.commitments.all()) == {promise, other}

    def test_what_may_tell_who_a_person_is_is_sent_once_it_was_seen(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            client = sign_in(factories.asha())
            told = form_of(client.get(f"/{promise.key}/success")) | {
                "success_title": "Four passed",
                "success_story": "Ask Jo on 07700 900123.",
                "success_on": "20/5/2026",
                "success_consent": "consent_held",
            }
            seen = client.post(f"/{promise.key}/success", told)["Location"]
            warned = client.get(seen).context["personal_data"]
            client.post(seen, told | {"warned_of": "; ".join(warned)})
        assert promise.successes.get().status == "submitted"

    def test_a_returned_success_is_changed_and_sent_again(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            told = {
                "title": "Four passed",
                "story": "All stay.",
                "happened_from": DUE,
                "people_consent": "none_identifiable",
            }
            story = successes.save(promise, by=factories.asha(), **told)
            successes.submit(story, by=factories.asha())
            successes.return_with_words(story, by=factories.officer(), words="Which exams?")
            client = sign_in(factories.asha())
            address = f"/business/successes/{story.key}"
            page = read(client.get(address))
            assert "Which exams?" in page
            sent = form_of(client.get(address)) | {"success_story": "Level 2 Cookery."}
            client.post(address, sent)
        story.refresh_from_db()
        assert (story.status, story.story) == ("submitted", "Level 2 Cookery.")


class TestTheCouncilsDesk:
    def test_everything_that_waits_stands_in_one_queue_oldest_first(self, sign_in):
        promise = stories.promise(title="The promise")
        with on(date(2026, 5, 25)):
            stories.told(promise)
        with on(date(2026, 5, 27)):
            factories.submitted_commitment(title="The new one", end_on=date(2027, 5, 31))
        with on(date(2026, 5, 29)):
            factories.proposed_change(promise)
        with on(DUE):
            page = read(sign_in(factories.officer()).get("/council"))
        rows = [page.index(words) for words in ("Progress update", "New commitment", "Change: ")]
        assert rows == sorted(rows)
        assert "7 days" in page
        assert "3 things wait for the council" in page

    def test_nothing_waits_only_when_nobody_asks_for_anything(self, sign_in):
        key, client = factories.brookfield().key, sign_in(factories.officer())
        assert "Nothing waits for the council." in read(client.get("/council"))
        factories.application()
        assert "1 thing waits for the council." in read(client.get("/council"))
        factories.error_report(key)
        page = read(client.get("/council"))
        assert "2 things wait for the council." in page
        assert "To publish or return" not in page

    def test_a_new_promise_is_read_as_the_public_will_and_published(self, sign_in):
        with on(DUE):
            waiting = factories.submitted_commitment(end_on=date(2027, 5, 31))
            client = sign_in(factories.officer())
            page = read(client.get(f"/council/items/{waiting.key}"))
            assert "Nothing of it is public yet" in page
            assert "We train care leavers as cooks" in page
            response = decide(client, waiting.key)
        assert "Published: " in read(client.get(response["Location"]))
        assert Record.objects.filter(pk=waiting.key).exists()

    def test_a_change_shows_old_and_new_before_it_is_published(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            factories.proposed_change(promise)
            client = sign_in(factories.officer())
            page = read(client.get(f"/council/items/{promise.key}"))
            assert "<del>20 " in page
            assert "<ins>12 " in page
            assert "Our second kitchen closed." in page
            decide(client, promise.key)
        assert Record.objects.get(pk=promise.key).item["target"]["value"] == "12"

    def test_news_is_read_beside_the_evidence_that_was_planned(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            update = stories.told(promise, evidence=[LINK])
            client = sign_in(factories.officer())
            page = read(client.get(f"/council/items/{update.key}"))
            assert "Payroll records and college letters" in page
            assert "Payroll summary" in page
            assert "Fourteen have started." in page
            decide(client, update.key)
        assert Record.objects.filter(pk=update.key).exists()

    def test_returning_needs_words_and_the_firm_reads_them(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            update = stories.told(promise)
            client = sign_in(factories.officer())
            address = f"/council/items/{update.key}/return"
            page = read(client.post(address, {"words": ""}))
            assert "Say what should be different before you return it" in page
            decide(client, update.key, "return", words="Which college?")
            page = read(sign_in(factories.asha()).get(f"/{promise.key}/update"))
        assert "Which college?" in page
        assert "Fourteen have started." in page

    @pytest.mark.parametrize(
        ("said", "oddity"),
        [
            ({"value": 9}, "The figure to date is lower than the last: 9 after 14."),
            ({"value": 1400}, "The figure made a large jump; is it of the same unit? 1,400 after"),
            ({"value": 15, "self_assessment": "met"}, "It says “met”, and the figure is below"),
            ({"value": 15}, "No evidence is given with it."),
        ],
    )
    def test_what_looks_odd_is_shown_to_the_officer(self, sign_in, said, oddity):
        promise = stories.promise()
        with on(DUE):
            stories.published(promise)
        with on(date(2027, 6, 1)):
            stories.tick()
            update = stories.told(promise, **said)
            page = read(sign_in(factories.officer()).get(f"/council/items/{update.key}"))
        assert oddity in page
        assert "has 1 public promise and 1 published answer; 1 waits for the council" in page

    def test_a_change_that_weakens_the_promise_says_so_at_the_desk(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            factories.approved_change(promise, values={"target_value": 18})
            factories.proposed_change(promise, values={"target_value": 12})
            page = read(sign_in(factories.officer()).get(f"/council/items/{promise.key}"))
        assert "This weakens the promise: target 18" in page
        assert "This weakens the promise: target 20" not in page

    def test_a_phrase_is_enough_to_return_it(self, sign_in):
        promise = stories.promise()
        with on(DUE):
            update = stories.told(promise)
            client = sign_in(factories.officer())
            page = read(client.get(f"/council/items/{update.key}"))
            phrase = "Please say what is new since your last answer."
            assert phrase in page
            decide(client, update.key, "return", phrases=[phrase], words="Which college?")
        update.refresh_from_db()
        assert update.returned_words == f"{phrase}\n\nWhich college?"

    def test_a_colleague_is_asked_to_look_too(self, sign_in):
        with on(DUE):
            waiting = factories.submitted_commitment(end_on=date(2027, 5, 31))
            fay = factories.officer("Fay")
            client = sign_in(factories.officer())
            address = f"/council/items/{waiting.key}"
            assert "Say what you want to know" in read(client.post(f"{address}/ask", {}))
            typed = {"colleague": fay.pk, "question": "Is this more than they have to do?"}
            client.post(f"{address}/ask", typed)
            page = read(client.post(f"{address}/ask", typed, follow=True))
        assert "Asked on 1 June 2026: fay@council.example" in page
        mail = Message.objects.get(kind="second_look")
        assert mail.recipient == "fay@council.example"
        assert "Is this more than they have to do?" in mail.text
        assert address in mail.text

    def test_the_next_item_opens_and_a_second_click_does_no_harm(self, sign_in):
        first, second = stories.promise(title="First"), stories.promise(title="Second")
        with on(DUE):
            one, two = stories.told(first), stories.told(second)
            client = sign_in(factories.officer())
            response = decide(client, one.key)
            assert response["Location"] == f"/council/items/{two.key}"
            response = client.post(f"/council/items/{one.key}/publish", follow=True)
        assert "This was decided already." in read(response)

    @pytest.mark.parametrize("act", ["publish", "return"])
    def test_nothing_is_decided_that_the_officer_has_not_read(self, sign_in, act):
        promise = stories.promise()
        with on(DUE):
            update = stories.told(promise)
            client = sign_in(factories.officer())
            read_once = client.get(f"/council/items/{update.key}").context["read"]
            updates.return_with_words(update, by=factories.officer("Fay"), words="How many?")
            stories.told(promise, value=15, narrative="Fifteen, to be exact.")
            typed = {"read": read_once, "words": "Which college?"}
            response = client.post(f"/council/items/{update.key}/{act}", typed)
        page = response.content.decode()
        assert response.status_code == 409
        assert "It became different while you had it open." in page
        assert "Fifteen, to be exact." in page
        assert ("Which college?" in page) == (act == "return")  # nothing typed is lost
        assert ProgressUpdate.objects.get().status == "submitted"
        assert not Record.objects.filter(pk=update.key).exists()

    def test_businesses_do_not_come_to_the_councils_desk(self, sign_in):
        stories.promise()
        client = sign_in(factories.asha())
        for address in ("/council", "/council/behind", "/council/messages"):
            assert client.get(address).status_code == 403
        assert client.post("/council/messages/release").status_code == 403


class TestWhoIsBehind:
    def test_the_longest_silence_stands_first_with_what_the_page_will_say(self, sign_in, sink):
        stories.promise(title="Second notice")
        stories.promise(date(2025, 2, 1), title="Long silent")
        with on(date(2026, 6, 15)):
            stories.tick()
            page = read(sign_in(factories.officer()).get("/council/behind"))
        assert page.index("Long silent") < page.index("Second notice</a>")
        assert "From 1 July 2026 the public page will say “overdue”." in page
        assert "asha@brookfield.example" in page
        assert "15 June 2026" in page

    def test_a_dead_mailbox_is_cleared_by_a_button(self, sign_in, sink):
        stories.promise()
        membership = factories.asha().memberships.get()
        with on(DUE):
            membership.bounced_at = "2026-05-05T10:00Z"
            membership.save()
            client = sign_in(factories.officer())
            assert "refused our mail on 5 May 2026" in read(client.get("/council/behind"))
            client.post(f"/council/behind/{membership.pk}/reached")
            assert "refused our mail" not in read(client.get("/council/behind"))


class TestWhatWasSent:
    def test_doubts_come_first_and_a_person_decides_them(self, sign_in):
        factories.charter()
        factories.officer()
        Message.objects.all().delete()
        with on(DUE):
            written = {"subject": "A question", "text": "…", "recipient": "asha@brookfield.example"}
            factories.signatory(contact_email="asha@brookfield.example")
            doubt = Message.objects.get(kind="invitation")
            outbox.claim()
            outbox.queue(kind="returned", key="returned:1", **written)
            outbox.settle(
                Message.objects.get(pk=doubt.pk), outbox.Answer("after_dot", 0, "Connection lost")
            )
            client = sign_in(factories.officer())
            page = read(client.get("/council/messages"))
            assert page.index("In doubt") < page.index("<strong>Queued")
            client.post(f"/council/messages/{doubt.pk}/sent")
            assert client.post(f"/council/messages/{doubt.pk}/again").status_code == 404
        doubt.refresh_from_db()
        assert doubt.state == MessageState.SENT

    def test_the_brake_is_released_by_a_button(self, sign_in, settings):
        settings.MAIL_DAY_LIMIT = 0
        factories.charter()
        with on(DUE):
            client = sign_in(factories.officer())
            assert "The brake is on" in read(client.get("/council/messages"))
            page = read(client.post("/council/messages/release", follow=True))
        assert "The brake is released for today" in page
        assert "The brake is on" not in page
