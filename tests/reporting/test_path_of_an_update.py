"""An update with a file and a success passes through seven modules on its way to the database.

Counted are the modules of charter and reporting that call another one, from the view on. Apart are
models, registry with its log, the record of acts, and modules that answer a question on the way and
pass nothing on: which update is owed, what its item is, what to ask its author first.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

import reporting
from tests import factories
from tests.reporting import scenarios, uploads
from tests.reporting.scenarios import on
from tests.visitors import signed_in

pytestmark = pytest.mark.django_db
ROOT = Path(reporting.__file__).parent.parent
PATH = {
    "reporting/views/updates.py",
    "reporting/forms/updates.py",
    "reporting/forms/evidence.py",
    "reporting/evidence/files.py",
    "reporting/actions/updates.py",
    "reporting/actions/successes.py",
    "charter/review.py",
}
# These note every row that is read or saved.
RECORD_OF_ACTS = {"charter/acts.py", "charter/touched_objects.py"}
# These answer a question with the help of another module.
ANSWERS = {
    "reporting/actions/expected_updates.py",
    "reporting/items.py",
    "reporting/review_warnings.py",
    "charter/personal_data.py",
    "charter/questions.py",
}


@cache
def module_of(filename: str) -> str:
    """Return the path of a module if it is one of charter or reporting, or ""."""
    path = Path(filename)
    if not path.is_relative_to(ROOT):
        return ""
    path = path.relative_to(ROOT)
    is_apart = "models" in path.parts or str(path) in RECORD_OF_ACTS
    return "" if is_apart or path.parts[0] not in ("charter", "reporting") else str(path)


@contextmanager
def calls_from(view: str) -> Iterator[set[tuple[str, str]]]:
    """Collect the pairs of modules of which one calls the other, below a view."""
    pairs: set[tuple[str, str]] = set()
    stack: list[str] = []

    def watch(frame, event, _argument) -> None:
        if event not in ("call", "return") or not (module := module_of(frame.f_code.co_filename)):
            return
        if event == "return":
            del stack[-1:]
        elif stack or module == view:
            if stack and stack[-1] != module:
                pairs.add((stack[-1], module))
            stack.append(module)

    sys.setprofile(watch)
    try:
        yield pairs
    finally:
        sys.setprofile(None)


def test_update_with_a_file_and_a_success_passes_through_seven_modules():
    commitment = scenarios.commitment()
    with on(date(2026, 6, 1)):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        form = client.get(address).context["form"]
        data = {name: form[name].value() or "" for name in form.fields} | {
            "answer": "number",
            "value": "14",
            "self_assessment": "on_track",
            "evidence_title": "College letter",
            "evidence_kind": "document",
            "evidence_file": SimpleUploadedFile("letter.pdf", uploads.pdf()),
            "success_title": "Four passed",
            "success_story": "All four stay.",
            "success_on": "1/6/2026",
            "success_consent": "none_identifiable",
        }
        with calls_from("reporting/views/updates.py") as pairs:
            response = client.post(address, data)
    assert response.url == f"/{commitment.key}/update/sent"
    assert {caller for caller, _ in pairs} == PATH | ANSWERS
