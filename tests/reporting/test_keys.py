"""A key that is taken is drawn again, whatever it is for, and no form is lost."""

from datetime import date
from functools import partial
from itertools import chain, count

import pytest
from django.apps import apps
from django.db import IntegrityError

from charter.models import Commitment, Signatory, Theme
from registry.log import keys
from registry.models import Record
from reporting.forms.successes import SUCCESS_KEY_SIGNER
from reporting.models import FeaturedRecord, Letter, MonthlyFigures, ProgressUpdate, Success
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import form_of, signed_in

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
SUCCESS = {
    "success_title": "Four passed",
    "success_story": "All four stay.",
    "success_on": "20/5/2026",
    "success_consent": "none_identifiable",
}


@pytest.fixture
def draws(monkeypatch):
    """Return a function that names the keys to draw next, before others that are free."""

    def draw(*texts):
        free = (f"{number:05}" for number in count(1))
        characters = chain.from_iterable(chain(texts, free))
        monkeypatch.setattr(keys.secrets, "choice", lambda alphabet: next(characters))

    return draw


def letters_of(key):
    return key.partition("-")[2]


def test_every_row_that_draws_a_key_draws_again():
    drawing = [
        field.model
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field.default, partial) and field.default.func is keys.new_key
    ]
    assert {Commitment, ProgressUpdate, Success, Letter, MonthlyFigures, FeaturedRecord} <= set(
        drawing
    )
    assert [model for model in drawing if not issubclass(model, keys.KeyedRow)] == []


def test_taken_key_of_a_row_is_drawn_again(draws):
    commitment = scenarios.commitment()
    charter, signatory = commitment.signatory.charter, commitment.signatory
    theme = charter.themes.first()
    draws(letters_of(theme.key), letters_of(theme.key), "ZZZZZ")
    another = Theme.objects.create(
        charter=charter, code="another", title="Another", description="More.", position=9,
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    assert another.key == "T-ZZZZZ"
    draws(letters_of(commitment.key), "ZZZZZ")
    assert factories.draft().key == "C-ZZZZZ"
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        other = scenarios.commitment(title="Host ten school visits")
        draws(letters_of(update.key), "ZZZZZ")
        assert scenarios.submitted_update(other).key == "U-ZZZZZ"
    assert Signatory.objects.get() == signatory


def test_key_that_only_the_log_has_is_drawn_again(draws):
    """Letters and monthly figures share a letter, and a restored log may have lost rows."""
    commitment = scenarios.commitment()
    public = Record.objects.defer(None).get(key=commitment.key)
    public.pk, public.kind = "N-00009", "notice"
    public.save(force_insert=True)
    draws("00009", "ZZZZZ")
    figures = MonthlyFigures.objects.create(
        charter=commitment.signatory.charter, month=DUE, published_on=DUE
    )
    assert figures.key == "N-ZZZZZ"


def test_other_conflicts_are_still_refused(draws):
    charter = scenarios.commitment().signatory.charter
    row = {"charter": charter, "month": DUE, "published_on": DUE}
    MonthlyFigures.objects.create(**row)
    with pytest.raises(IntegrityError, match="figures_once_a_month"):
        MonthlyFigures.objects.create(**row)


@pytest.mark.parametrize("form", ["success", "update"])
def test_success_form_is_saved_although_its_key_was_taken_meanwhile(form):
    commitment = scenarios.commitment()
    taken = Success.objects.create(
        signatory=factories.signatory("Other firm"), title="Theirs", story="Theirs.",
        happened_from=DUE,
    )  # fmt: skip
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/{form}"
        data = form_of(client.get(address)) | SUCCESS | {"answer": "same", "later": "yes"}
        client.post(address, data | {"success_key": SUCCESS_KEY_SIGNER.sign(taken.key)})
    saved = commitment.successes.get()
    assert (saved.title, saved.signatory) == ("Four passed", commitment.signatory)
    assert saved.key != taken.key
    taken.refresh_from_db()
    assert taken.title == "Theirs"


def test_kind_that_used_one_per_cent_draws_a_letter_more(monkeypatch):
    factories.published_commitment()
    monkeypatch.setattr(keys, "_counts", {})
    assert len(letters_of(keys.new_key("commitment"))) == 5
    monkeypatch.setattr(keys, "_counts", {})
    monkeypatch.setattr(keys, "FULL", 1 / 32**5)
    key = keys.new_key("commitment")
    assert len(letters_of(key)) == 6
    assert keys.is_key(key)
    assert len(letters_of(keys.new_key("success"))) == 5
