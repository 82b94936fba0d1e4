"""Submissions of a seeded signatory: commitments, updates, changes and successes."""

from datetime import date, timedelta
from typing import Any

from charter import questions, review
from charter.actions import changes, commitments
from charter.forms.changes import ChangeForm
from charter.forms.commitments import NEW_KEY_SIGNER, CommitmentForm
from charter.models import Commitment, Measure, Signatory, User
from charter.models.review import ReviewableT
from registry import clock
from registry.log import keys
from registry.models import Record
from registry.schema.code_lists import Additionality, PeopleConsent
from reporting import schedule
from reporting.actions import expected_updates, successes, updates
from reporting.demonstration import browser, evidence, script
from reporting.demonstration.script import (
    EVIDENCE_TEXTS,
    ChangeSeed,
    CommitmentSeed,
    SignatorySeed,
    UpdateSeed,
)
from reporting.demonstration.seeded import SeededCommitment, SeededSignatory
from reporting.forms.successes import StandaloneSuccessForm
from reporting.forms.update_types import UpdateType
from reporting.forms.updates import UpdateForm
from reporting.models import ProgressUpdate


def draft_commitment(
    seed: CommitmentSeed, seeded_signatory: SeededSignatory, *, based_on: str
) -> Commitment:
    """Draft a commitment, perhaps based on the met commitment with the key `based_on`."""
    signatory = seeded_signatory.signatory
    form = fill_in_commitment(seed, seeded_signatory.seed, signatory, based_on=based_on)
    return commitments.start_draft(
        by=seeded_signatory.owner,
        signatory=signatory,
        key=form.cleaned_data["new_key"],
        **form.values(),
    )


def fill_in_commitment(
    seed: CommitmentSeed, signatory_seed: SignatorySeed, signatory: Signatory, *, based_on: str = ""
) -> CommitmentForm:
    """Return the form of a commitment as its signatory sends it."""
    measure = Measure.objects.get(code=seed.measure).key
    if based_on:
        item = Record.objects.readable().get(key=based_on).item or {}
        initial = CommitmentForm.initial_based_on(signatory, based_on, item)
    else:
        initial = CommitmentForm.initial_for(signatory, measure)
    # A contract asks for what is not core.
    contract = {} if seed.core else signatory_seed.contract
    contract_fields = {f"contract_{name}": value for name, value in contract.items()}
    return browser.submit_form(
        CommitmentForm,
        {"measure": measure} | _commitment_fields(seed, signatory) | contract_fields,
        seed=f"{signatory_seed.name}: {seed.title}",
        initial=initial | {"new_key": NEW_KEY_SIGNER.sign(keys.new_key("commitment"))},
        signatory=signatory,
        draft=seed.stays == "draft",
    )


def submit_update(seeded: SeededCommitment, seed: UpdateSeed) -> ProgressUpdate:
    """Write the owed update, piece by piece of its evidence, and submit it."""
    commitment = seeded.reload()
    name = f"{seeded.name}, update of {clock.today()}"
    pieces = evidence.evidence_of_update(seeded.seeded_signatory.seed, seed) or [{}]
    for number, piece in enumerate(pieces, start=1):
        is_complete = number == len(pieces)
        update = expected_updates.expected_update(commitment, clock.today(), final=seed.final)
        if update is None:
            raise browser.RefusedFormError(f"{name}: no update is expected")
        form = browser.submit_form(
            UpdateForm,
            _update_fields(seeded, seed) | piece,
            seed=name,
            initial=UpdateForm.initial_of(update),
            update=update,
            draft=not is_complete,
        )
        is_sent = updates.save_submission(
            commitment, form.submission(), by=seeded.sender, send=is_complete
        )
    saved_update = commitment.updates.latest("pk")
    return saved_update if is_sent else send_from_preview(saved_update, by=seeded.sender)


def submit_change(seeded: SeededCommitment, seed: ChangeSeed) -> None:
    """Draft and submit a change of a commitment."""
    commitment = seeded.reload()
    form = browser.submit_form(
        ChangeForm,
        change_fields(commitment, seed),
        seed=f"{seeded.name}, {seed.action}",
        initial=ChangeForm.initial_of(commitment, None),
        commitment=commitment,
        action=seed.action,
    )
    owner = seeded.seeded_signatory.owner
    change = changes.save_draft(commitment, by=owner, **form.submission())
    send_from_preview(change, by=owner)


def submit_success(seeded: SeededCommitment, title: str, story: str, *proof: str) -> None:
    """Write and submit a success; its proof is a page of the signatory's website, or "" and a file.

    The file is one of the samples.
    """
    link, file = (*proof, "", "")[:2]
    commitment = seeded.reload()
    typed = {
        "success_title": title,
        "success_story": story,
        "success_on": clock.today() - timedelta(days=20),
        "success_consent": PeopleConsent.NONE_IDENTIFIABLE,
        "area_codes": script.area_codes(seeded.seed.wards),
    }
    if link:
        typed |= evidence.own_page(seeded.seeded_signatory.seed.address, link)
    if file:
        typed |= evidence.sample_file(file)
    form = browser.submit_form(
        StandaloneSuccessForm,
        typed,
        seed=f"{seeded.name}, {title}",
        commitment=commitment,
        success=None,
    )
    _, is_sent = successes.save_submission(
        commitment, form.submission(), by=seeded.sender, send=True
    )
    if not is_sent:
        raise browser.RefusedFormError(f"{seeded.name}, {title}: the form warns of personal data")


def send_from_preview(draft: ReviewableT, *, by: User) -> ReviewableT:
    """Send a draft as its author who has read what its preview asks.

    Personal data is an error of the script: nobody answers for it.
    """
    seen = questions.digests_of(review.questions_about(draft))
    with questions.answering(lambda: seen):
        return review.submit(draft, by=by)


def _commitment_fields(seed: CommitmentSeed, signatory: Signatory) -> dict[str, Any]:
    today = clock.today()
    # Small organisations are not asked, and do not say.
    is_asked = not signatory.organisation.is_small
    core_or_additional = Additionality.CORE if seed.core else Additionality.ADDITIONAL
    fields = {
        "title": seed.title,
        "description": seed.description,
        "evidence_kind": seed.shows,
        "evidence_text": seed.showing or EVIDENCE_TEXTS[seed.shows],
        "start_on": today,
        "end_on": _end_date(today, seed.months),
        "area_codes": script.area_codes(seed.wards),
    }
    optional_fields = {
        "target_value": seed.target,
        "baseline_value": seed.baseline,
        "baseline_on": today if seed.baseline else None,
        "additionality": is_asked and core_or_additional,
        "responsible_role": seed.role,
        "cadence": seed.cadence,
    }
    return fields | {name: value for name, value in optional_fields.items() if value}


def _update_fields(seeded: SeededCommitment, seed: UpdateSeed) -> dict[str, Any]:
    if seed.figure is None:
        return {"answer": UpdateType.SAME, "remark": seed.narrative}
    optional_fields = {
        "value": seed.figure,
        "percentage_of": seeded.seed.percentage_of,
        "not_measured_reason": seed.why,
        "self_assessment": "" if seed.final else seed.view,
        "result": seed.result,
    }
    return {
        "answer": UpdateType.FINAL if seed.final else UpdateType.NUMBER,
        "narrative": seed.narrative,
        "obstacles": seed.obstacles,
        "lessons": seed.lessons,
    } | {name: value for name, value in optional_fields.items() if value}


def change_fields(commitment: Commitment, seed: ChangeSeed) -> dict[str, Any]:
    fields: dict[str, Any] = {"reason": seed.reason}
    if seed.target:
        fields["target_value"] = seed.target
    if seed.months and commitment.start_on:
        fields["end_on"] = _end_date(commitment.start_on, seed.months)
    if seed.end:
        fields["end_reason"] = seed.end
    return fields


def _end_date(start: date, months: int) -> date:
    return schedule.add_months(start, months) - timedelta(days=1)
