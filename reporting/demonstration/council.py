"""The council's decisions: reviews, checks, confirmations and features."""

from charter import review
from charter.actions import changes, corrections, second_person
from charter.forms.corrections import CouncilCorrectionForm
from charter.models import Change, Commitment, Proposal, User
from charter.review import ReviewItem
from registry.local import accounts
from reporting.actions import checks, confirmations, featured_records
from reporting.demonstration import browser
from reporting.demonstration.script import ChangeSeed
from reporting.demonstration.submissions import change_fields
from reporting.forms.checks import CheckForm, CheckReplyForm
from reporting.forms.council import ReturnForm
from reporting.forms.featured_records import FeaturedRecordForm
from reporting.forms.token_links import ConfirmationForm, ConfirmationRequestForm
from reporting.models import Check, Confirmation, ProgressUpdate, Success


def publish_item(item: ReviewItem, *, officer: User, pointed_out: bool = False) -> None:
    """Publish an item of the review queue as an officer who has read it."""
    seen_digest = review.digest_entries(review.entries_to_append(item.submission))
    change = item.submission
    if pointed_out and isinstance(change, Change):
        changes.publish_with_credit(change, by=officer, seen_digest=seen_digest)
    else:
        review.publish(item.submission, by=officer, seen_digest=seen_digest)


def return_item(item: ReviewItem, *, officer: User, comments: str) -> None:
    """Return an item of the review queue to its author."""
    form = browser.submit_form(ReturnForm, {"comments": comments}, seed=item.title)
    seen_digest = review.digest_entries(review.entries_to_append(item.submission))
    review.return_with_comments(
        item.submission, by=officer, comments=form.comments_text(), seen_digest=seen_digest
    )


def find_item(key: str, *, officer: User) -> ReviewItem:
    """Return what was just submitted under a key."""
    item = review.find_item(key, by=officer)
    if item is None:
        raise browser.RefusedFormError(f"{key} does not await review")
    return item


def record_check(update: ProgressUpdate, *, officer: User, result: str, finding: str) -> Check:
    form = browser.submit_form(
        CheckForm,
        {"result": result, "finding": finding, "by_role": "Charter team"},
        seed=f"{update.commitment.title}, check",
    )
    return checks.record_check(update, by=officer, **form.cleaned_data)


def reply_to_check(check: Check, *, sender: User, reply: str) -> None:
    form = browser.submit_form(CheckReplyForm, {"reply": reply}, seed=f"Reply to “{check.finding}”")
    checks.publish_reply(check, by=sender, text=form.cleaned_data["reply"])


def request_confirmation(update: ProgressUpdate, *, sender: User, body: str) -> Confirmation:
    form = browser.submit_form(
        ConfirmationRequestForm,
        {"body": body, "email": f"{update.key.lower()}@body.example"},
        seed=f"{update.commitment.title}, confirmation by {body}",
    )
    return confirmations.request_confirmation(update, by=sender, **form.cleaned_data)


def confirm_update(confirmation: Confirmation, *, answer: str, may_be_named: bool) -> None:
    form = browser.submit_form(
        ConfirmationForm,
        {"answer": answer, "may_be_named": "yes" if may_be_named else "no"},
        seed=f"Confirmation by {confirmation.body}",
    )
    confirmations.record_answer(confirmation, **form.values())


def feature_record(record: Commitment | Success, *, officer: User, why: str) -> None:
    form = browser.submit_form(
        FeaturedRecordForm,
        {"key": record.key, "why": why},
        seed=f"{record}, featured",
        by=officer,
    )
    featured_records.feature_record(
        form.cleaned_data["key"], by=officer, why=form.cleaned_data["why"]
    )


def correct_commitment(commitment: Commitment, seed: ChangeSeed, *, officer: User) -> None:
    """Correct a commitment downwards as an officer; the administrator agrees."""
    fields = change_fields(commitment, seed) | {"ground": seed.ground}
    form = browser.submit_form(
        CouncilCorrectionForm,
        fields | ({"document": seed.document} if seed.document else {}),
        seed=f"{commitment}, correction by the council",
        initial=CouncilCorrectionForm.initial_of(commitment, None),
        commitment=commitment,
    )
    agree_if_proposed(corrections.correct_or_propose(commitment, by=officer, **form.submission()))


def agree_if_proposed(done: object) -> None:
    """Let the administrator agree to what needs a second person."""
    if isinstance(done, Proposal):
        administrator = User.objects.get(email=accounts.ADMINISTRATOR)
        second_person.agree(done, by=administrator)
