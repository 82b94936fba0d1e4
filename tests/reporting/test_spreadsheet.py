"""Asha works offline: her commitments and due updates as a spreadsheet, downloaded and uploaded."""

import csv
from datetime import date, datetime
from io import BytesIO, StringIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from charter.models import Commitment, Membership, Upload
from charter.spreadsheets import tables
from registry import clock
from registry.models import Entry
from reporting.actions import updates
from reporting.models import ProgressUpdate
from reporting.spreadsheets import update_rows
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import seen_questions, signed_in

pytestmark = pytest.mark.django_db

PAGE = "/business/spreadsheet"
DUE = date(2026, 6, 1)
NEW_ROW = {
    "Measure": "LE12",
    "Commitment": "Host 30 work placements",
    "Description": "Two weeks in each kitchen.",
    "Target": "30",
    "Deadline": "30/6/2027",
    "Where": "Acocks Green; E08000025",
    "Core or additional": "additional: beyond the organisation’s paid or usual work",
    "Kind of evidence": "Attendance log or partnership agreement",
    "Planned evidence": "A log signed by the school",
}


@pytest.fixture
def asha() -> Client:
    return signed_in(factories.asha())


def download(client: Client, suffix: str = "csv") -> bytes:
    response = client.get(f"{PAGE}.{suffix}")
    assert response.status_code == 200
    return response.content


def csv_rows(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file, unconverted."""
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


def csv_file(rows: list[dict[str, str]], separator: str = ",", encoding: str = "utf-8") -> bytes:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    file = StringIO()
    writer = csv.DictWriter(file, columns, delimiter=separator, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode(encoding)


def upload(client: Client, content: bytes, name: str = "commitments.csv"):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)}, follow=True)


def save(client: Client, preview, **fields: str):
    address = preview.redirect_chain[-1][0]
    seen_digest = preview.context["form"]["seen_digest"].value()
    return client.post(address, {"seen_digest": seen_digest} | fields, follow=True)


def problems(preview) -> set[tuple[int, str, str]]:
    return {(p.row, p.column, p.value) for p in preview.context["plan"].problems}


class TestRoundTrip:
    @pytest.mark.parametrize("suffix", ["csv", "xlsx"])
    def test_unedited_file_changes_nothing(self, suffix):
        commitment = scenarios.commitment(title="=Twenty apprentices")
        with on(DUE):
            asha = signed_in(factories.asha())
            in_words = factories.measure("GE08")
            factories.draft(
                description="- first\n\n- then: “more”; 'quoted'",
                target_value="0.500",
                baseline_on=date(2025, 1, 31),
                area_codes=["E05011118", "E08000025"],
            )
            factories.draft(title="", measure=None, theme=in_words.theme, target_value=None)
            factories.returned_commitment(title="Returned", end_on=date(2027, 5, 31))
            scenarios.submitted_update(commitment)
            entries = Entry.objects.count()
            preview = upload(asha, download(asha, suffix), f"commitments.{suffix}")
            assert problems(preview) == set()
            assert "Nothing would change" in preview.text
            assert Entry.objects.count() == entries

    def test_file_saved_by_excel_on_windows_changes_nothing(self):
        with on(DUE):
            asha = signed_in(factories.asha())
            factories.draft(description="Café – “two” kitchens", target_value=20)
            rows = csv_rows(download(asha))
            rows[0]["Deadline"] = "01/06/2027"
            rows[0]["Target"] = "20.0"
            preview = upload(asha, csv_file(rows, separator=";", encoding="cp1252"))
            assert "Nothing would change" in preview.text


class TestCommitments:
    def test_new_rows_become_drafts_or_are_submitted(self, asha):
        rows = [NEW_ROW, NEW_ROW | {"Commitment": "Host ten more", "Send": "yes"}]
        preview = upload(asha, csv_file(rows))
        assert problems(preview) == set()
        assert not Commitment.objects.exists()
        asked = save(asha, preview)
        assert "Check your figures. Nothing has been saved or sent yet." in asked.text
        assert "Who is it for?" in asked.text
        assert not Commitment.objects.exists()
        page = save(asha, preview, **seen_questions(asked))
        assert "New commitments: 2. Changed drafts: 0. Update: 0. Sent to the council: 1." in (
            page.text
        )
        draft, submitted = Commitment.objects.order_by("pk")
        assert (draft.status, submitted.status) == ("draft", "submitted")
        assert draft.target_value == 30
        assert draft.end_on == date(2027, 6, 30)
        assert draft.area_codes == ["E05011118", "E08000025"]
        assert draft.cadence == "yearly"

    def test_repeated_new_rows_are_refused(self, asha):
        content = csv_file([NEW_ROW])
        save(asha, upload(asha, content))
        preview = upload(asha, content)
        assert f"its key is {Commitment.objects.get().key}" in preview.text
        duplicate = upload(asha, csv_file([NEW_ROW | {"Commitment": "A"}] * 2))
        assert problems(duplicate) == {(3, "Commitment", "A")}

    def test_edited_cells_change_a_draft(self, asha):
        draft = factories.draft()
        [row] = csv_rows(download(asha))
        preview = upload(asha, csv_file([row | {"Target": "25", "Where": "Aston"}]))
        assert 'data-label="Now">20<' in preview.text
        assert 'data-label="Then">25<' in preview.text
        save(asha, preview)
        draft.refresh_from_db()
        assert draft.target_value == 25
        assert draft.title == "Start 20 apprenticeships for care leavers"
        assert draft.version == 2

    def test_missing_columns_change_nothing(self, asha):
        draft = factories.draft()
        save(asha, upload(asha, csv_file([{"Key": draft.key.lower(), "Target": "25"}])))
        draft.refresh_from_db()
        assert (draft.target_value, draft.evidence_kind) == (25, "payroll")

    def test_published_or_submitted_commitment_cannot_be_changed(self, asha):
        published = factories.published_commitment(title="Public")
        submitted = factories.submitted_commitment(title="Sent")
        rows = [row | {"Target": "1"} for row in csv_rows(download(asha))]
        preview = upload(asha, csv_file(rows))
        assert problems(preview) == {(2, "Target", "1"), (3, "Target", "1")}
        assert "Change it on its page, where you give a reason" in preview.text
        assert "The council is reviewing it" in preview.text
        assert published.pk < submitted.pk

    def test_colleagues_earlier_save_is_not_overwritten(self, asha):
        draft = factories.draft()
        [row] = csv_rows(download(asha))
        factories.commitments.save_draft(draft, by=factories.ben(), version=1, title="By Ben")
        preview = upload(asha, csv_file([row | {"Target": "25"}]))
        assert (2, "Version", "v1u0") in problems(preview)
        assert "Someone saved it after you got the file" in preview.text

    def test_colleagues_save_after_the_preview_is_shown(self, asha):
        draft = factories.draft()
        preview = upload(asha, csv_file([{"Key": draft.key, "Target": "25"}]))
        factories.commitments.save_draft(draft, by=factories.ben(), version=1, title="By Ben")
        page = save(asha, preview)
        assert "This has changed since you opened this page" in page.text
        draft.refresh_from_db()
        assert draft.target_value == 20

    def test_second_click_saves_nothing_more(self, asha):
        preview = upload(asha, csv_file([NEW_ROW]))
        save(asha, preview)
        assert "Your file is saved" in save(asha, preview).text
        assert Commitment.objects.count() == 1
        assert bytes(Upload.objects.get().content) == b""


class TestUpdates:
    def test_both_kinds_of_update_are_submitted_together(self):
        number = scenarios.commitment(title="Number")
        same = scenarios.commitment(title="Same")
        with on(DUE):
            asha = signed_in(factories.asha())
            rows = {row["Commitment"]: row for row in csv_rows(download(asha))}
            assert rows["Number"]["Update due"] == "2026-06-01"
            rows["Number"] |= {
                "To date": "14",
                "How it stands": "on track",
                "What happened": "Fourteen began.",
                "Send": "yes",
            }
            rows["Same"] |= {"Update": "Nothing has changed", "Send": "yes"}
            preview = upload(asha, csv_file(list(rows.values())))
            assert problems(preview) == set()
            page = save(asha, preview)
        assert "Update: 2. Sent to the council: 2." in page.text
        sent_updates = {u.commitment_id: u for u in ProgressUpdate.objects.all()}
        assert {u.status for u in sent_updates.values()} == {"submitted"}
        assert sent_updates[number.pk].value == 14
        assert sent_updates[same.pk].nothing_changed
        assert number.periods.get(due_on=DUE).received_on == DUE

    def test_yes_or_no_is_read_in_words_and_downloaded_unchanged(self):
        commitment = scenarios.commitment(**factories.with_measure("GE01"), target_value=1)
        with on(DUE):
            asha = signed_in(factories.asha())
            [row] = csv_rows(download(asha))
            assert row["Target"] == ""
            preview = upload(asha, csv_file([row | {"To date": "Yes"}]))
            assert problems(preview) == set()
            save(asha, preview)
            assert "Nothing would change" in upload(asha, download(asha)).text
            assert problems(upload(asha, csv_file([row | {"To date": "perhaps"}])))
        assert commitment.updates.get().value == 1

    def test_update_drafted_offline_is_in_the_next_download(self):
        commitment = scenarios.commitment()
        with on(DUE):
            asha = signed_in(factories.asha())
            row = {"Key": commitment.key, "To date": "14", "What happened": "Fourteen began."}
            save(asha, upload(asha, csv_file([row])))
            [draft] = csv_rows(download(asha))
            assert draft["Update"] == "Report a new figure"
            assert (draft["To date"], draft["What happened"]) == ("14", "Fourteen began.")
            assert "Nothing would change" in upload(asha, download(asha)).text
            preview = upload(asha, csv_file([draft | {"Send": "yes", "How it stands": "At risk"}]))
            assert problems(preview) == set()
            save(asha, preview)
        update = ProgressUpdate.objects.get()
        assert (update.status, update.self_assessment) == ("submitted", "at_risk")

    def test_evidence_link_is_downloaded_and_replaced_on_upload(self):
        commitment = scenarios.commitment()
        with on(DUE):
            asha = signed_in(factories.asha())
            row = {"Key": commitment.key, "To date": "14", "How it stands": "On track"}
            preview = upload(asha, csv_file([row | {"Link to evidence": "brookfield"}]))
            assert problems(preview) == {
                (2, "Evidence", ""),
                (2, "Link to evidence", "brookfield"),
            }
            row |= {
                "Evidence": "Payroll summary",
                "Link to evidence": "https://brookfield.example/1",
            }
            save(asha, upload(asha, csv_file([row])))
            [draft] = csv_rows(download(asha))
            assert draft["Evidence"] == "Payroll summary"
            assert draft["Link to evidence"] == "https://brookfield.example/1"
            assert "Nothing would change" in upload(asha, download(asha)).text
            save(asha, upload(asha, csv_file([draft | {"What happened": "Fourteen began."}])))
            [draft] = csv_rows(download(asha))
            link = {"Link to evidence": "https://brookfield.example/2", "Send": "yes"}
            save(asha, upload(asha, csv_file([draft | link])))
            update = factories.publish(ProgressUpdate.objects.get(), by=factories.officer())
            assert (
                csv_rows(download(asha))[0]["Told last"] == "14 of 20 people, on track, 1 June 2026"
            )
        [evidence] = update.evidence.all()
        assert (evidence.title, evidence.url) == ("Payroll summary", "https://brookfield.example/2")

    def test_emptied_cells_remove_the_evidence_link(self):
        commitment = scenarios.commitment()
        with on(DUE):
            asha = signed_in(factories.asha())
            draft = updates.start_draft(commitment, by=factories.asha())
            updates.save_draft(
                draft, by=factories.asha(), version=1, evidence=[scenarios.LINK], value=14
            )
            [row] = csv_rows(download(asha))
            save(asha, upload(asha, csv_file([row | {"Evidence": "", "Link to evidence": ""}])))
        assert not draft.evidence.exists()

    def test_contradictory_cells_are_reported(self):
        commitment = scenarios.commitment()
        with on(DUE):
            asha = signed_in(factories.asha())
            rows = {
                "Update": "nothing has changed",
                "To date": "lots",
                "How it stands": "fine",
            }
            preview = upload(asha, csv_file([{"Key": commitment.key} | rows]))
            assert problems(preview) == {(2, "To date", "lots"), (2, "How it stands", "fine")}
            number = upload(asha, csv_file([{"Key": commitment.key, "Out of": "3", "Send": "yes"}]))
            assert problems(number) == {
                (2, "To date", ""),
                (2, "How it stands", ""),
                (2, "Out of", "3"),
            }
            nothing = upload(asha, csv_file([{"Key": commitment.key, "Send": "yes"}]))
            assert problems(nothing) == {(2, "Send", "yes")}
        assert not ProgressUpdate.objects.exists()

    def test_update_that_is_not_due_is_refused(self, asha):
        draft = factories.draft()
        preview = upload(asha, csv_file([{"Key": draft.key, "To date": "3"}]))
        assert "No update is asked of this commitment now" in preview.text


ERRORS = [
    ("Measure", "ZZ99"),
    ("Commitment", ""),
    ("Target", "thirty"),
    ("Target", "-3"),
    ("Deadline", "31/2/2027"),
    ("Start date", "soon"),
    ("Where", "Acocks Green; Atlantis"),
    ("Kind of evidence", "hearsay"),
    ("Signatory", "Someone Else Ltd"),
    ("Send", "perhaps"),
]


def test_all_errors_are_reported_at_once_and_can_be_corrected(asha):
    check_errors_of_rows(asha, 200)  # tests/proof/ has a thousand


def check_errors_of_rows(asha, count: int) -> None:
    """Upload rows of which every 20th has one error, of ten kinds; then upload them corrected."""
    rows = [NEW_ROW | {"Commitment": f"Host placements, {n}"} for n in range(count)]
    expected = {(n, *ERRORS[place % 10]) for place, n in enumerate(range(0, count, 20))}
    for n, column, value in expected:
        rows[n] = rows[n] | {column: value}
    preview = upload(asha, csv_file(rows))
    assert problems(preview) == {(n + 2, column, value) for n, column, value in expected}
    address = preview.redirect_chain[-1][0]
    back = csv_rows(asha.get(f"{address}/problems").content)
    assert sum(bool(row["What is wrong"]) for row in back) == count / 20
    assert "Deadline: Enter a date, like 30/6/2027" in {row["What is wrong"] for row in back}
    corrected = [
        row
        | {"Signatory": "", "Send": "", "Start date": ""}
        | NEW_ROW
        | {"Commitment": row["Commitment"] or f"Mended {n}"}
        for n, row in enumerate(back)
    ]
    second_preview = upload(asha, csv_file(corrected))
    assert problems(second_preview) == set()
    assert len(second_preview.context["plan"].steps) == count


class TestWorkbook:
    def test_dates_formulas_merged_cells_and_text_numbers_are_read(self, asha):
        file = BytesIO()
        book = xlsxwriter.Workbook(file, {"in_memory": True})
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "d mmm yyyy"})
        sheet.write_row(0, 0, list(NEW_ROW))
        for line, title in enumerate(["One", "Two"], 1):
            sheet.write_row(line, 0, list((NEW_ROW | {"Commitment": title}).values()))
            sheet.write_datetime(line, 4, datetime(2027, 6, 30, 12), day)
        sheet.merge_range(1, 0, 2, 0, "LE12")
        sheet.write_formula(1, 3, "=10*3", None, 30)
        sheet.write_string(2, 3, "1,250")
        book.close()
        preview = upload(asha, file.getvalue(), "commitments.xlsx")
        assert problems(preview) == set()
        save(asha, preview)
        one, two = Commitment.objects.order_by("pk")
        assert (one.target_value, two.target_value) == (30, 1250)
        assert one.end_on == date(2027, 6, 30)
        assert two.measure == one.measure

    def test_file_with_problems_is_returned_with_its_values(self, asha):
        content = tables.as_xlsx(list(NEW_ROW), [list((NEW_ROW | {"Target": "x"}).values())])
        preview = upload(asha, content, "commitments.xlsx")
        back = asha.get(f"{preview.redirect_chain[-1][0]}/problems")
        assert back["Content-Disposition"].endswith('commitments-to-mend.xlsx"')
        columns = dict.fromkeys(update_rows.COLUMNS, ())
        [row] = tables.read_table(back.content, columns).rows
        assert row.cells["What is wrong"] == "Target: Enter a number, like 20 or 1,250"
        assert row.cells["Target"] == "x"


class TestPermissions:
    def test_stranger_can_neither_download_nor_change_a_draft(self, asha):
        draft = factories.draft()
        address = upload(asha, csv_file([NEW_ROW])).redirect_chain[-1][0]
        cara = signed_in(factories.cara())
        assert draft.key not in download(cara).decode()
        for method, path in [
            (cara.get, address),
            (cara.post, address),
            (cara.get, f"{address}/problems"),
        ]:
            assert method(path).status_code == 404
        preview = upload(cara, csv_file([{"Key": draft.key, "Target": "1"}]))
        assert problems(preview) == {(2, "Key", draft.key)}
        preview = upload(cara, csv_file([NEW_ROW | {"Signatory": "Brookfield Catering"}]))
        assert problems(preview) == {(2, "Signatory", "Brookfield Catering")}

    def test_sponsor_can_download_but_not_upload(self):
        draft = factories.draft()
        grace = signed_in(factories.grace())
        assert draft.key in download(grace).decode()
        page = upload(grace, csv_file([{"Key": draft.key, "Target": "1"}]))
        assert page.status_code == 403
        assert "Only owners and editors can do this" in page.text

    def test_owner_elsewhere_who_is_sponsor_here_cannot_change_a_draft(self):
        draft = factories.draft()
        factories.brookfield().organisation.memberships.create(
            user=factories.cara(), role=Membership.Role.SPONSOR, started_on=clock.today()
        )
        preview = upload(signed_in(factories.cara()), csv_file([{"Key": draft.key, "Target": "1"}]))
        assert "Only an owner or editor of Brookfield Catering" in preview.text

    def test_pages_are_never_cached(self, asha):
        address = upload(asha, csv_file([NEW_ROW])).redirect_chain[-1][0]
        for path in (PAGE, f"{PAGE}.csv", f"{PAGE}.xlsx", address, f"{address}/problems"):
            assert "no-store" in asha.get(path)["Cache-Control"]
        assert asha.get(f"{PAGE}.ods").status_code == 404

    def test_intermediary_edits_several_signatories_in_one_file(self, asha):
        factories.signatory("Canal Street Joinery", contact_email="asha@brookfield.example")
        factories.people.accept_invitation(
            factories.people.find_invitation(factories.invitation_token("asha@brookfield.example")),
            name="",
            password=factories.PASSWORD,
        )
        preview = upload(asha, csv_file([NEW_ROW]))
        assert problems(preview) == {(2, "Signatory", "")}
        rows = [
            NEW_ROW | {"Signatory": name}
            for name in ("brookfield catering", "Canal Street Joinery")
        ]
        preview = upload(asha, csv_file(rows))
        assert problems(preview) == set()
        save(asha, preview)
        assert {str(c.signatory) for c in Commitment.objects.all()} == {
            "Brookfield Catering",
            "Canal Street Joinery",
        }
