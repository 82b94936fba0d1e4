"""Access to private pages."""

import pytest
from django.core import signing

from charter.forms.commitments import NEW_KEY_SIGNER
from charter.models import Commitment, Signatory
from registry import clock
from registry.local import accounts
from reporting.actions import periods
from reporting.models import Evidence
from tests import factories
from tests.charter.access_world import council_only_evidence
from tests.reporting import scenarios
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db


def test_visitor_is_sent_to_sign_in_with_a_way_back(client):
    page = client.get("/business/commitments/new")
    assert page.url == "/account/login/?next=/business/commitments/new"


@pytest.mark.parametrize("page", ["", "/edit", "/preview"])
def test_stranger_cannot_find_out_that_a_draft_exists(page):
    draft = factories.draft()
    address = f"/business/commitments/{draft.key}{page}"
    assert signed_in(factories.asha()).get(address).status_code == 200
    assert signed_in(factories.ben()).get(address).status_code == 200
    assert signed_in(factories.cara()).get(address).status_code == 404


def test_stranger_cannot_submit_another_signatorys_draft():
    draft = factories.draft()
    address = f"/business/commitments/{draft.key}/send"
    assert signed_in(factories.cara()).post(address).status_code == 404
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_sponsor_can_read_a_draft_but_not_submit_it():
    draft = factories.draft()
    grace = signed_in(factories.grace())
    assert grace.get(f"/business/commitments/{draft.key}").status_code == 200
    response = grace.post(f"/business/commitments/{draft.key}/send")
    assert response.status_code == 403
    assert "Only owners and editors of Brookfield Catering" in response.text


def test_private_pages_are_not_cached():
    draft = factories.draft()
    asha = signed_in(factories.asha())
    for page in ("new", draft.key, f"{draft.key}/edit", f"{draft.key}/preview"):
        assert "no-store" in asha.get(f"/business/commitments/{page}")["Cache-Control"]
    assert "no-store" in asha.get("/account/home")["Cache-Control"]


def test_officer_needs_a_second_factor():
    factories.charter()
    dev = factories.officer()
    assert signed_in(dev).get("/council/signatories/new").url == "/account/2fa/totp/activate/"
    with_second_factor(dev)
    assert signed_in(dev).get("/council/signatories/new").status_code == 200


def test_officer_who_just_signed_in_sets_up_second_factor_at_once(client):
    dev = factories.officer()
    client.post("/account/login/", {"login": dev.email, "password": factories.PASSWORD})
    activate = "/account/2fa/totp/activate/"
    page = client.get(activate)
    assert page.status_code == 200
    assert "img-src 'self' data:" in page["Content-Security-Policy"]
    assert "data:" not in client.get("/account/login/")["Content-Security-Policy"]
    assert "/account/reauthenticate/" in signed_in(dev).get(activate).url


def test_signatory_is_refused_council_pages_with_a_reason():
    page = signed_in(factories.asha()).get("/council/signatories/new")
    assert page.status_code == 403
    assert "Only publishers and administrators at the council can do this" in page.text


def test_officer_on_a_business_page_is_sent_to_council_pages():
    page = signed_in(factories.officer()).get("/business/commitments/new")
    assert page.url == "/council"


@pytest.mark.parametrize(
    ("demo", "headers", "waived"),
    [
        (True, {"HTTP_HOST": "localhost:8000"}, True),
        (True, {"HTTP_HOST": "127.0.0.1:8000"}, True),
        (False, {"HTTP_HOST": "localhost:8000"}, False),
        (True, {"HTTP_HOST": "testserver"}, False),
        (True, {"HTTP_HOST": "localhost:8000", "REMOTE_ADDR": "192.0.2.7"}, False),
        (True, {"HTTP_HOST": "localhost:8000", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, False),
        (True, {"HTTP_HOST": "localhost:8000", "HTTP_FORWARDED": "for=192.0.2.7"}, False),
    ],
)
def test_second_factor_is_waived_only_in_a_local_demonstration(settings, demo, headers, waived):
    settings.DEMO = demo
    factories.charter()
    officer = factories.officer()
    officer.email = accounts.OFFICER
    officer.save()
    page = signed_in(officer, **headers).get("/council/signatories/new")
    assert (page.status_code == 200) is waived


def test_demonstration_waives_second_factor_only_for_its_officer(settings):
    settings.DEMO = True
    factories.charter()
    page = signed_in(factories.officer(), HTTP_HOST="localhost").get("/council/signatories/new")
    assert page.url == "/account/2fa/totp/activate/"


def test_only_an_administrator_can_set_up_the_register():
    frida = signed_in(with_second_factor(factories.founder()))
    assert frida.get("/council/signatories/new").url == "/council/set-up"
    assert frida.get("/council/set-up").status_code == 200
    dev = signed_in(with_second_factor(factories.officer()))
    assert dev.get("/council/set-up").status_code == 403


def test_form_with_another_signatorys_key_reveals_nothing():
    draft = factories.draft(title="A draft").key
    measure = factories.measure()
    data = {
        "new_key": NEW_KEY_SIGNER.sign(str(draft)),
        "measure": measure.key,
        "title": "Mine now",
        "later": "yes",
        "version": 1,
    }
    signed_in(factories.cara()).post("/business/commitments/new", data)
    assert Commitment.objects.get(key=draft).title == "A draft"
    # It is answered as any form whose key was taken meanwhile: saved under a new one.
    assert Commitment.objects.exclude(key=draft).get().signatory != factories.brookfield()


def test_query_with_another_signatorys_key_reveals_nothing():
    stranger = signed_in(factories.cara())
    for page in ("/business/commitments/new", "/business/people", "/business/details"):
        assert stranger.get(page, {"signatory": factories.brookfield().key}).status_code == 404


def test_commitment_can_be_based_only_on_a_public_one():
    stranger, page = signed_in(factories.cara()), "/business/commitments/new"
    measure = {"measure": factories.measure().key, "later": "yes", "version": 1}
    errors = []
    for key in (factories.draft().key, "C-00000"):
        assert stranger.get(page, {"like": key}).status_code == 404
        response = stranger.post(page, measure | {"title": "Mine", "based_on": key})
        errors.append(response.context["form"].errors["based_on"])
    assert errors[0] == errors[1] == ["The commitment this is based on was not met."]


def test_stranger_cannot_remove_another_signatorys_evidence():
    evidence = [council_only_evidence()]
    scenarios.published_update(scenarios.commitment(), evidence=evidence)
    signatory = Signatory.objects.for_user(factories.cara()).get()
    own = factories.draft(by=factories.cara(), signatory=signatory)
    factories.publish(factories.submit(own, by=factories.cara()), by=factories.officer())
    periods.sync_periods(clock.now())
    stranger, page = signed_in(factories.cara()), f"/{own.key}/update"
    form = stranger.get(page).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {"answer": "number", "narrative": "It floods.", "later": "yes"}
    data["evidence_removed"] = [str(evidence[0]["reference"])]
    stranger.post(page, data)
    assert Evidence.objects.filter(reference=evidence[0]["reference"]).exists()


def test_new_commitment_key_must_be_signed_by_us():
    with pytest.raises(signing.BadSignature):
        NEW_KEY_SIGNER.unsign("C-7F3K2:forged")
