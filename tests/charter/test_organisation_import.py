"""The council imports a list of organisations: previewed, then saved as a whole or not at all."""

import csv
import re
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from charter import tasks
from charter.actions import organisations
from charter.forms.imports import parse_sector, parse_size
from charter.models import Act, Message, Organisation, Signatory, Upload
from charter.spreadsheets import organisations as organisation_import
from charter.spreadsheets import tables
from registry import clock
from registry.models import Entry
from tests import factories
from tests.visitors import officer_client, signed_in, with_second_factor

pytestmark = pytest.mark.django_db

EMPLOYERS = Path(__file__).parents[1] / "data" / "employers_birmingham.csv"
IMPORT = "/council/import"


@pytest.fixture
def dev() -> Client:
    factories.charter()
    return officer_client()


def upload(client: Client, content: bytes | str, name: str = "list.csv"):
    """Upload a file; return its preview, or the form with an error."""
    data = content.encode() if isinstance(content, str) else content
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, data)}, follow=True)


def save(client: Client, preview, **fields):
    address = preview.redirect_chain[-1][0]
    form = preview.context["form"]
    data = {name: form[name].value() for name in form.fields}
    response = client.post(address, data | fields, follow=True)
    if response.streaming:
        response.getvalue()  # reading the stream runs the import
        return client.get(address)
    return response


def test_every_unusable_cell_of_a_real_list_is_named(dev):
    with EMPLOYERS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    notes = upload(dev, EMPLOYERS.read_bytes()).context["plan"].notes
    open_sizes = {n.row for n in notes if n.column == "People"}
    expected = {
        number
        for number, row in enumerate(rows, 2)
        if row["EmployerSize"] in ("Less than 250", "Not Provided")
    }
    assert open_sizes == expected
    placeholders = [n for n in notes if n.column == "Sector" and n.value == "1"]
    assert len(placeholders) == sum(row["SicCodes"] == "1" for row in rows)
    assert "no code of SIC 2007" in placeholders[0].message


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("250 to 499", "large"),
        ("20,000 or more", "large"),
        ("5000 to 19,999", "large"),
        ("37", "small"),
        ("0 to 9 people", "micro"),
        ("Medium", "medium"),
        ("Less than 250", ""),
        ("<250", ""),
        ("Not Provided", ""),
        ("5 to 60", ""),
        ("", ""),
    ],
)
def test_size_is_accepted_only_if_it_is_certain(text, size):
    assert parse_size(text)[0] == size
    assert bool(parse_size(text)[1]) is (text != "" and size == "")


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("85200, 85310", "P"),
        ("8110", "B"),
        ("Q", "Q"),
        ("Education", "P"),
        ("56102, 85590", "I"),
        ("1", ""),
        ("1, 84110", "O"),
        ("", ""),
    ],
)
def test_sector_is_read_from_codes_in_real_lists(text, section):
    assert parse_sector(text)[0] == section


LIST = """Legal name,Kind,Company number,Contact email,People
Mercia Foods,company,6445363,mo@mercia.example,37
Aston Arts,Charity,,ada@aston-arts.example,micro
"""


class TestImport:
    def test_contacts_are_invited_once(self, dev):
        save(dev, upload(dev, LIST))
        assert Message.objects.filter(kind="invitation", recipient="mo@mercia.example").count() == 1
        assert "Nothing would change" in upload(dev, LIST).text
        factories.accept_invitation("mo@mercia.example", "Mo")
        assert "Nothing would change" in upload(dev, LIST).text
        mercia = Signatory.objects.get(organisation__legal_name="Mercia Foods")
        assert str(mercia.organisation.identifiers.get()) == "GB-COH-06445363"
        assert mercia.organisation.size == "small"

    def test_changes_are_previewed_and_published_with_a_reason(self, dev):
        factories.signatory("Aston Arts", kind="charity", size="micro")
        save(dev, upload(dev, LIST))
        preview = upload(dev, LIST.replace("Aston Arts,Charity", "Aston Arts,Company"))
        assert "0 would be added, 1 would change, 1 stays as it is" in preview.text
        assert 'data-label="Now">Charity<' in preview.text
        assert 'data-label="Then">Company<' in preview.text
        without_reason = save(dev, preview, reason="")
        assert "Enter a reason" in without_reason.text
        asked = save(dev, preview, reason="Ring Kim on 07700 900123.").text
        assert "<mark>07700 900123</mark>" in asked
        seen = re.search(r'name="seen_questions" value="([^"]+)"', asked)[1]
        assert "<mark>" in save(dev, preview, reason="Ask k@x.example.", seen_questions=seen).text
        result = save(dev, preview, reason="It became a company.")
        assert "0 organisations added, 1 changed, 1 as they were" in result.text
        entry = Entry.objects.latest("number")
        assert entry.action == "amend"
        assert '"change_reason":"It became a company."' in entry.item

    def test_one_wrong_cell_stops_the_whole_import(self, dev):
        wrong = LIST + "Third,company,12#,nobody,9\n,,,,\nAston  ARTS,,,,\n"
        preview = upload(dev, wrong)
        assert "3 problems: nothing can be saved yet" in preview.text
        problems = {(p.row, p.column, p.value) for p in preview.context["plan"].problems}
        assert problems == {
            (4, "Company number", "12#"),
            (4, "Contact email", "nobody"),
            (6, "Legal name", "Aston  ARTS"),
        }
        assert "Row 3 has the same name" in preview.text
        save(dev, preview)
        assert not Signatory.objects.exists()

    def test_file_with_problems_can_be_corrected_and_uploaded(self, dev):
        preview = upload(dev, LIST + "Third,company,12#,=cmd()@x,9\n")
        number = Upload.objects.get().pk
        problem_file = dev.get(f"{IMPORT}/{number}/problems")
        assert (
            problem_file["Content-Disposition"]
            == 'attachment; filename="organisations-to-mend.csv"'
        )
        lines = list(csv.reader(StringIO(problem_file.content.decode("utf-8-sig"))))
        assert lines[0][-1] == "What is wrong"
        assert lines[3][3] == "'=cmd()@x"
        assert "Company number: This is not a number of that list" in lines[3][-1]
        assert lines[1][-1] == ""
        corrected = problem_file.content.replace(b"12#", b"12").replace(
            b"'=cmd()@x", b"third@x.example"
        )
        assert preview.context["plan"].problems
        assert "3 would be added" in upload(dev, corrected).text

    def test_same_name_with_another_number_is_another_organisation(self, dev):
        save(dev, upload(dev, LIST))
        second_preview = upload(dev, "Legal name,Company number\nMercia Foods,99\nAston Arts,98\n")
        [admission] = second_preview.context["plan"].admissions
        assert admission.values["identifiers"] == [("GB-COH", "00000099")]
        [revision] = second_preview.context["plan"].revisions
        assert revision.changed_values() == [("Number", "", "GB-COH-00000098")]

    def test_second_click_saves_nothing(self, dev):
        preview = upload(dev, LIST)
        save(dev, preview)
        entries = Entry.objects.count()
        assert "Step 3 of 3: done" in save(dev, preview).text
        assert Entry.objects.count() == entries
        assert bytes(Upload.objects.get().content) == b""
        act = Act.objects.get(verb="organisations.import")
        organisations = act.objects_touched.filter(label="charter.Organisation")
        assert organisations.count() == Organisation.objects.exclude(signatories=None).count()

    def test_import_shows_its_progress(self, dev):
        rows = "".join(f"Organisation {n}\n" for n in range(120))
        preview = upload(dev, f"Legal name\n{rows}")
        form = {"seen_digest": preview.context["form"]["seen_digest"].value()}
        response = dev.post(preview.redirect_chain[-1][0], form)
        chunks = [chunk.decode() for chunk in response.streaming_content]
        assert "Saving 120 organisations" in chunks[0]
        assert [chunk.strip() for chunk in chunks[1:-1]] == [
            "<li>50 of 120 prepared</li>",
            "<li>100 of 120 prepared</li>",
            "<li>All saved. 120 organisations added, 0 changed, 0 as they were; "
            "0 invitations sent.</li>",
        ]
        assert chunks[-1].strip().endswith("</html>")

    def test_interrupted_import_saves_nothing(self, dev):
        plan = upload(dev, LIST).context["plan"]
        progress = organisations.import_organisations(
            factories.charter(), by=factories.officer(), admissions=plan.admissions, revisions=[]
        )
        assert next(progress) == 1
        assert Signatory.objects.count() == 1
        progress.close()
        assert not Signatory.objects.exists()

    def test_register_changed_since_the_preview_is_shown_again(self, dev):
        preview = upload(dev, LIST)
        factories.signatory("Aston Arts")
        second_preview = save(dev, preview)
        assert "This has changed since you opened this page" in second_preview.text
        assert Signatory.objects.count() == 1

    def test_former_signatory_is_not_readmitted_silently(self, dev):
        save(dev, upload(dev, LIST))
        Signatory.objects.update(left_on=factories.in_days(0))
        preview = upload(dev, LIST)
        assert "has left the charter: invite it again" in preview.text

    def test_unsaved_file_is_deleted_after_a_day(self, dev):
        address = upload(dev, LIST).redirect_chain[-1][0]
        with clock.fixed_at(clock.now() + timedelta(hours=23)):
            tasks.delete_old_uploads()
            assert dev.get(address).status_code == 200
        with clock.fixed_at(clock.now() + timedelta(hours=25)):
            tasks.delete_old_uploads()
            assert dev.get(address).status_code == 404

    def test_empty_file_can_be_filled_in(self, dev):
        empty = dev.get(f"{IMPORT}/empty-file").content
        table = tables.read_table(empty, organisation_import.COLUMNS)
        assert table.columns == list(organisation_import.FIELDS)


class TestUnreadableFile:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "The file is empty"),
            (b"hello;there\n1;2\n", "name none of our columns"),
            (b"PK\x03\x04 not a zip", "We cannot read this file"),
            (b"\xd0\xcf\x11\xe0old", "old or a protected Excel file"),
            (b"Legal name\n\0\0", "This is not a spreadsheet"),
            (b"Legal name\n" + b"x\n" * 2001, "2,001 rows. Upload at most 2,000"),
            (b"Legal name\n" + b"x" * (2 * 1024 * 1024), "larger than 2 MB"),
        ],
    )
    def test_error_says_how_to_fix_the_file(self, dev, content, words):
        page = upload(dev, content)
        assert words in page.text
        assert "Step 1 of 3" in page.text
        assert not Upload.objects.exists()


class TestAccess:
    def test_signatory_cannot_import(self):
        asha = signed_in(factories.asha())
        for address in (IMPORT, f"{IMPORT}/1", f"{IMPORT}/1/problems", f"{IMPORT}/empty-file"):
            assert asha.get(address).status_code == 403

    def test_another_officer_cannot_see_the_file(self, dev):
        address = upload(dev, LIST).redirect_chain[-1][0]
        other = signed_in(with_second_factor(factories.administrator()))
        assert other.get(address).status_code == 404
        assert other.post(address).status_code == 404
        assert other.get(f"{address}/problems").status_code == 404
        assert "no-store" in dev.get(address)["Cache-Control"]


def test_files_from_several_programs_can_be_read():
    excel = "Legal name;Known as\r\nCafé Zoë’s;Zoë\r\n".encode("cp1252")
    assert read_cells(excel) == [{"Legal name": "Café Zoë’s", "Known as": "Zoë"}]
    unicode_text = "Legal name\tKnown as\r\nCafé\tZoë\r\n".encode("utf-16")
    assert read_cells(unicode_text) == [{"Legal name": "Café", "Known as": "Zoë"}]
    with_title = b'Our list;;\n;;\nLEGAL  NAME;known-as;x\n"A; ""B""";"two\nlines";1\n'
    assert read_cells(with_title) == [{"Legal name": 'A; "B"', "Known as": "two\nlines", "x": "1"}]


def read_cells(content: bytes) -> list[dict[str, str]]:
    return [row.cells for row in tables.read_table(content, organisation_import.COLUMNS).rows]


def workbook() -> bytes:
    """Return a spreadsheet with typical features of office files."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "d mmm yyyy"})
    sheet.write_row(0, 0, ["Legal name", "Known as", "Company number", "People", "Sector"])
    sheet.merge_range(1, 0, 2, 0, "Merged Ltd")
    sheet.write_formula(1, 1, '="Mer"&"ged"', None, "Merged")
    sheet.write_string(1, 2, "0042")
    sheet.write_number(1, 3, 37)
    sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
    sheet.write_number(2, 2, 6445363.0)
    sheet.write_datetime(2, 3, datetime(2027, 6, 30), day)
    sheet.write_boolean(2, 4, True)
    sheet.merge_range(4, 1, 4, 3, "over three columns")
    book.close()
    return file.getvalue()


def test_workbook_is_read_as_it_is_displayed():
    table = tables.read_table(workbook(), organisation_import.COLUMNS)
    assert [row.cells for row in table.rows[:2]] == [
        {
            "Legal name": "Merged Ltd",
            "Known as": "Merged",
            "Company number": "0042",
            "People": "37",
            "Sector": "",
        },
        {
            "Legal name": "Merged Ltd",
            "Known as": "",
            "Company number": "6445363",
            "People": "2027-06-30",
            "Sector": "yes",
        },
    ]
    assert [(p.row, p.column, p.message) for p in table.problems] == [
        (3, "Known as", "The formula in this cell gives an error"),
        (5, "Known as", "This cell is merged with its neighbours: split it"),
    ]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+44 121", "-5", "@name", "\tx", "'quoted'", "''=1", "plain", "", "a=b", "–5"],
)
def test_formula_like_text_is_escaped_and_read_back(text):
    columns = {"Text": ()}
    for content in (
        tables.as_csv(["Text", "x"], [[text, "1"]]),
        tables.as_xlsx(["Text", "x"], [[text, "1"]]),
    ):
        [row] = tables.read_table(content, columns).rows
        assert row.cells["Text"] == text
    cell = next(csv.reader(StringIO(tables.as_csv([text], []).decode("utf-8-sig"))), [""])
    assert not cell[0].startswith(("=", "+", "-", "@", "\t"))
