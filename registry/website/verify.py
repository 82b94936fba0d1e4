"""The page that compares a head someone kept with today's log."""

from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict

from registry import clock
from registry.log import heads, publishing
from registry.log.heads import PublishedKey, RememberedHead, SignedHead
from registry.models import Entry
from registry.wording.formatting import format_day

HASH_LENGTH = 64


class HeadForm(forms.Form):
    head = forms.CharField(
        label="A head that you kept",
        help_text="Its number and hash, such as 4211 7a577cbdaccb…, or all of its JSON, or the "
        "text of our email. The first 12 digits of a hash are enough.",
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=heads.MAX_TEXT,
        error_messages={
            "required": "Paste the number of an entry and its hash",
            "max_length": f"Paste only the head: at most {heads.MAX_TEXT:,} characters",
        },
    )

    def clean_head(self) -> RememberedHead:
        try:
            return heads.parse_head(self.cleaned_data["head"])
        except heads.HeadError as error:
            raise ValidationError(str(error)) from None


@dataclass(frozen=True)
class Answer:
    """Is a remembered head part of the log? `entry` is its number, if the log has reached it."""

    sentence: str
    is_yes: bool
    signature: str
    entry: int | None


@dataclass(frozen=True)
class VerifyPage:
    """The form with its answer, the signed head of today and all keys that ever signed one."""

    form: HeadForm
    answer: Answer | None
    signed: SignedHead
    keys: list[PublishedKey]


def build_verify_page(query: QueryDict, head: publishing.Head) -> VerifyPage:
    """Return the page, with an answer if the query holds a head."""
    form = HeadForm(query if "head" in query else None)
    answer = answer_head(form.cleaned_data["head"], head) if form.is_valid() else None
    return VerifyPage(form, answer, heads.sign_head(head), heads.published_keys())


def answer_head(remembered: RememberedHead, head: publishing.Head) -> Answer:
    """Compare a remembered head with the log up to its present head."""
    number = remembered.number
    entry = Entry.objects.filter(number=number, number__lte=head.number).only("at", "hash").first()
    if entry is None:
        sentence = f"No, the log has not reached entry {number}: its latest is entry {head.number}."
        return Answer(sentence, False, _signature_sentence(remembered, is_part=False), None)
    if not entry.hash.startswith(remembered.hash):
        sentence = f"No, the register’s entry {number} has another hash: {entry.hash}."
        return Answer(sentence, False, _signature_sentence(remembered, is_part=False), number)
    day = format_day(clock.local_date(entry.at))
    sentence = f"Yes, this head is part of today’s log: it is entry {number} of {day}."
    if len(remembered.hash) < HASH_LENGTH:
        sentence = f"{sentence[:-1]}, as far as {len(remembered.hash)} digits can tell."
    return Answer(sentence, True, _signature_sentence(remembered, is_part=True), number)


def _signature_sentence(remembered: RememberedHead, *, is_part: bool) -> str:
    """Say whether the register signed a remembered head; "" if it came without a signature."""
    if not remembered.signature:
        return ""
    signer = heads.find_signer(remembered)
    if signer is None:
        return "The signature does not fit this head with any key that this register published."
    place = (
        ""
        if remembered.register == settings.PUBLIC_URL
        else f" at its address {remembered.register}"
    )
    days = f"since {format_day(signer.valid_from)}"
    if signer.valid_to:
        days = f"from {format_day(signer.valid_from)} to {format_day(signer.valid_to)}"
    signed = f"The register signed this head{place}, with the key in use {days}"
    if is_part:
        return f"{signed}."
    return f"{signed}, so its log was changed after that. Keep the head and show it to others."
