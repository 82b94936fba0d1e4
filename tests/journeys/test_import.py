"""Dev brings a list in through the browser, without scripts, and sees how far the saving is."""

import pytest

from registry.models import Record
from tests import factories
from tests.journeys.test_accessibility import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_dev_brings_a_list_in(browser, live_server, tmp_path, monkeypatch):
    monkeypatch.setattr("charter.views.access.is_mfa_enabled", lambda user: True)
    factories.charter()
    listed = tmp_path / "list.csv"
    names = "".join(f"Firm {number};{number}\n" for number in range(1, 61))
    listed.write_bytes(f"Legal name;Company number\nCafé Zoë;12#\n{names}".encode("cp1252"))
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    sign_in(page, live_server.url, factories.officer())
    page.get_by_role("link", name="Signatories").click()
    page.get_by_role("link", name="import a list of organisations").click()
    page.get_by_label("Your file").set_input_files(listed)
    page.get_by_role("button", name="Look through it").click()
    page.get_by_text("1 problem: nothing can be saved yet").wait_for()
    with page.expect_download() as begun:
        page.get_by_role("link", name="Get your file with what is wrong in each row").click()
    mended = tmp_path / "mended.csv"
    begun.value.save_as(mended)
    assert "What is wrong" in mended.read_text("utf-8-sig")
    mended.write_bytes(mended.read_bytes().replace(b"12#", b"99"))
    page.get_by_role("button", name="Upload the mended file").click()
    page.get_by_label("Your file").set_input_files(mended)
    page.get_by_role("button", name="Look through it").click()
    page.get_by_text("61 would be added").wait_for()
    page.get_by_role("button", name="Save all of it and publish").click()
    page.get_by_text("50 of 61 prepared").wait_for()
    page.get_by_text("All saved and published. 61 organisations added").wait_for()
    page.get_by_role("link", name="See what came of it").click()
    page.get_by_role("heading", name="The list is in the register").wait_for()
    context.close()
    assert Record.objects.of_kind("signatory").filter(item__legal_name="Café Zoë").exists()
