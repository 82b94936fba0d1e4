"""The page of a signatory, and the photographs of its successes."""

import pytest

from tests.registry import items
from tests.registry.public_pages import publish, read

pytestmark = pytest.mark.django_db


def test_signatory_page_summarises_its_commitments_in_a_sentence(commitment, reader):
    publish("2026-02-01", items.commitment("C-00002"))
    publish("2026-04-03", items.update(self_assessment="met"))
    words = read(reader, "/signatories/S-00001", "2026-04-04")
    assert "2 commitments: 1 met, 1 not started. 1 update is due now." in words


def test_signatory_page_shows_checks_replies_and_senders_on_behalf(commitment, reader):
    check = {"on": "2026-04-20", "by_role": "Charter team", "result": "partly_confirmed",
             "finding": "Seen two contracts.", "reply": "The third is being signed."}  # fmt: skip
    publish("2026-04-03", items.update(1, check=check, sent_on_behalf_by="Chamber of Trade"))
    publish("2026-07-03", items.update(2, check=check, nothing_changed=True))
    words = read(reader, "/signatories/S-00001", "2026-07-04")
    assert words.count("“Seen two contracts.” Charter team.") == 1
    assert "20 April 2026, partly confirmed ( Twenty apprenticeships )" in words
    assert "Brookfield Catering Ltd’s reply: “The third is being signed.”" in words
    assert "Chamber of Trade sent some of its updates on its behalf." in words


def test_success_shows_its_photograph_with_alternative_text(commitment, reader):
    reference = "0b5ad3a5-6f3c-4d51-9d5e-1b1b3a1f0c11"
    photograph = {
        "id": reference, "type": "photograph", "visibility": "public",
        "alt_text": "Six people plant a tree.", "title": "Planting", "may_be_shown": True,
        "file": {"bytes": 9, "sha256": "0" * 64, "media_type": "image/jpeg", "width": 1200,
                 "height": 800},
    }  # fmt: skip
    publish("2026-04-03", items.success(evidence=[photograph]))
    for page in ("/successes", "/successes/W-00001", "/commitments/C-00001"):
        body = reader.get(page).content.decode()
        address = f"/evidence/W-00001/{reference}/medium.jpg"
        assert f'src="{address}" alt="Six people plant a tree."' in body


def test_late_signatory_is_shown_with_the_date_of_its_last_update(commitment, reader):
    publish("2026-04-03", items.update(), items.period(received_on="2026-04-02", update="U-00001"))
    assert "reported by" not in read(reader, "/signatories", "2026-07-31")
    publish("2026-07-10", items.period(2, requested_on=["2026-07-08"]))
    on, as_reported = "2026-10-01", "Progress as reported on 28 March 2026."
    summary = f"1 commitment: on track when last reported. 1 update is silent. {as_reported}"
    assert summary in read(reader, "/signatories/S-00001", on)
    report = "3 of 20 Delivery: On track as reported on 28 March 2026 Level of proof: Self-reported"
    assert report in read(reader, "/signatories/S-00001", on)
    row = "Silent since 29 September 2026 1 of 1 open commitment Last update 2 April 2026"
    assert row in read(reader, "/signatories", on)
    home = read(reader, "/", on)
    assert "Reporting: Silent 1 of 1 open commitment, since 29 September 2026" in home
    assert "last update 2 April 2026" in home


def test_signatory_with_late_updates_names_the_days_of_all_their_last_reports(commitment, reader):
    publish("2026-01-05", items.commitment("C-00002"), items.commitment("C-00003"))
    publish("2026-04-03", items.update(), items.update(2, "C-00002", period=None))
    publish("2026-10-02", items.signatory(pause={"from": "2026-10-01", "reason": "A fire."}))
    words = read(reader, "/signatories/S-00001", "2026-10-05")
    assert (
        "3 commitments: 2 on track when last reported, 1 not started. 3 commitments paused."
        in words
    )
    assert "Progress of 2 of them as reported between 28 March 2026 and 28 June 2026." in words
