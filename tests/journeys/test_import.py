"""An officer imports a list in the browser, without scripts, and sees its progress."""

import pytest

from charter.models import Signatory
from registry.models import Record
from tests import factories
from tests.journeys.people import Person
from tests.visitors import with_second_factor

pytestmark = pytest.mark.django_db(transaction=True)


def test_officer_corrects_and_imports_a_list(browser, live_server, tmp_path):
    factories.charter()
    list_path = tmp_path / "list.csv"
    names = "".join(f"Organisation {number};{number}\n" for number in range(1, 61))
    list_path.write_bytes(f"Legal name;Company number\nCafé Zoë;12#\n{names}".encode("cp1252"))
    dev = Person(browser, live_server.url, java_script_enabled=False)
    dev.start_session(with_second_factor(factories.officer()))
    dev.go("/council")
    dev.follow("Signatories")
    dev.follow("Import a list of organisations")
    dev.page.get_by_label("Your file").set_input_files(list_path)
    dev.press("Continue")
    dev.sees("1 problem: nothing can be saved yet")
    with dev.page.expect_download() as download:
        dev.follow("Get your file with what is wrong in each row")
    corrected = tmp_path / "mended.csv"
    download.value.save_as(corrected)
    assert "What is wrong" in corrected.read_text("utf-8-sig")
    corrected.write_bytes(corrected.read_bytes().replace(b"12#", b"99"))
    dev.press("Upload the corrected file")
    dev.page.get_by_label("Your file").set_input_files(corrected)
    dev.press("Continue")
    dev.sees("61 would be added")
    dev.press("Save all of it")
    dev.page.get_by_text("50 of 61 prepared").wait_for()
    dev.page.get_by_text("All saved. 61 organisations added").wait_for()
    dev.follow("See the result")
    dev.sees("The list is saved")
    dev.follow("See who has been invited to sign")
    dev.sees("Organisations invited to sign", "No answer yet: 61")
    dev.context.close()
    assert Signatory.objects.private().filter(organisation__legal_name="Café Zoë").exists()
    assert not Record.objects.of_kind("signatory").exists()
