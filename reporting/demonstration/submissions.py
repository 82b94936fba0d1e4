"""Submissions of a seeded signatory: joining, commitments, updates, changes and successes."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from charter.actions import changes, commitments, people, signatories
from charter.models import Charter, Commitment, Invitation, Measure, Membership, Signatory, User
from registry import clock
from registry.local import accounts
from registry.schema.code_lists import PeopleConsent, Standing
from reporting import schedule
from reporting.actions import successes, updates
from reporting.demonstration import samples, script
from reporting.demonstration.script import (
    EVIDENCE_TEXTS,
    ChangeSeed,
    CommitmentSeed,
    SignatorySeed,
    UpdateSeed,
)
from reporting.evidence import files as evidence_files
from reporting.models import ProgressUpdate

SUPPORT_BODY, SUPPORT_BODY_EMAIL = "Lintel Support for Social Enterprise", "office@lintel.example"
# Only these accounts can sign in: hashing a password for each would take most of the time.
SIGN_IN_EMAILS = {*accounts.ACCOUNTS, SUPPORT_BODY_EMAIL}


@dataclass
class SeededCommitment:
    """A seeded commitment with its database row and its remaining updates."""

    seed: CommitmentSeed
    commitment: Commitment
    seeded_signatory: "SeededSignatory"
    remaining_updates: Iterator[UpdateSeed]
    open: bool = True

    @property
    def sends_updates_now(self) -> bool:
        return self.open and self.seeded_signatory.sends_updates

    @property
    def sender(self) -> User:
        return (self.seeded_signatory.successor or self.seeded_signatory).sender

    @property
    def late(self) -> timedelta:
        late = self.seed.late
        return timedelta(self.seeded_signatory.seed.late if late is None else late)


@dataclass
class SeededSignatory:
    """A seeded signatory with its owner and the sender of its updates."""

    seed: SignatorySeed
    signatory: Signatory
    owner: User
    sender: User
    sends_updates: bool = True
    successor: "SeededSignatory | None" = None  # Continues its commitments.


def join_charter(
    seed: SignatorySeed, *, charter: Charter, officer: User, number: int
) -> SeededSignatory:
    """Admit the signatory, and invite its sponsor, editor and support body."""
    is_accredited = seed.standing == Standing.ACCREDITED
    today = clock.today()
    signatory = signatories.admit(
        by=officer,
        charter=charter,
        legal_name=seed.name,
        kind=seed.kind,
        size=seed.size,
        sector=seed.sector,
        social_enterprise=seed.social_enterprise,
        website=seed.website,
        route=seed.route,
        covers=seed.covers,
        area_codes=script.area_codes(seed.wards),
        identifiers=[seed.number] if seed.number else [],
        contact_email=seed.owner,
        standing=seed.standing,
        certificate_number=f"D{number:03}" if is_accredited else "",
        accredited_from=today if is_accredited else None,
        accredited_to=schedule.add_months(today, 36) if is_accredited else None,
    )
    owner = accept_invitation(seed.owner, f"Owner at {seed.name}")
    roles = Membership.Role
    for email, role, name in [
        (seed.sponsor, roles.SPONSOR, f"Sponsor at {seed.name}"),
        (seed.editor, roles.EDITOR, f"Editor at {seed.name}"),
    ]:
        if email:
            people.invite(by=owner, email=email, organisation=signatory.organisation, role=role)
            accept_invitation(email, name)
    sender = owner
    if seed.helper:
        people.invite(
            by=owner,
            email=SUPPORT_BODY_EMAIL,
            organisation=signatory.organisation,
            role=roles.INTERMEDIARY,
            body=SUPPORT_BODY,
        )
        sender = accept_invitation(SUPPORT_BODY_EMAIL, f"Owner at {SUPPORT_BODY}")
    return SeededSignatory(seed, signatory, owner, sender)


def accept_invitation(email: str, name: str) -> User:
    """Accept the latest invitation of an address."""
    password = accounts.PASSWORD if email in SIGN_IN_EMAILS else None
    return people.accept_invitation(
        Invitation.objects.filter(email=email).latest("pk"), name=name, password=password
    )


def draft_commitment(
    seed: CommitmentSeed, seeded_signatory: SeededSignatory, *, based_on: str
) -> Commitment:
    """Draft a commitment."""
    measure = Measure.objects.select_related("theme").get(code=seed.measure)
    today = clock.today()
    contract = seeded_signatory.seed.contract
    if contract and not seed.core:
        value = {"amount": str(contract["value"]), "currency": "GBP"}
        weighting = str(contract["weighting"])
        contracts = [contract | {"value": value, "weighting": weighting}]
    else:
        contracts = []
    return commitments.start_draft(
        by=seeded_signatory.owner,
        signatory=seeded_signatory.signatory,
        theme=measure.theme,
        measure=measure,
        title=seed.title,
        description=seed.description,
        evidence_kind=seed.shows,
        evidence_text=seed.showing or EVIDENCE_TEXTS[seed.shows],
        target_value=_decimal_or_none(seed.target),
        baseline_value=_decimal_or_none(seed.baseline),
        baseline_on=today if seed.baseline else None,
        start_on=today,
        end_on=_end_date(today, seed.months),
        area_codes=script.area_codes(seed.wards),
        additionality="core" if seed.core else "additional",
        responsible_role=seed.role,
        contracts=contracts,
        based_on=based_on,
        **{"cadence": seed.cadence} if seed.cadence else {},
    )


def submit_update(seeded: SeededCommitment, seed: UpdateSeed) -> ProgressUpdate:
    """Draft and submit the owed update."""
    sender = seeded.sender
    # Read again, because it may have moved to a successor.
    commitment = Commitment.objects.select_related("signatory").get(pk=seeded.commitment.pk)
    update = updates.start_draft(commitment, by=sender)
    update = updates.save_draft(
        update,
        by=sender,
        version=update.version,
        nothing_changed=seed.figure is None,
        value=_decimal_or_none(seed.figure or ""),
        percentage_of=_decimal_or_none(seeded.seed.percentage_of) if seed.figure else None,
        not_measured_reason=seed.why,
        narrative=seed.narrative,
        obstacles=seed.obstacles,
        lessons=seed.lessons,
        self_assessment=seed.view,
        evidence=_evidence_items(seeded.seeded_signatory.seed, seed),
    )
    return updates.submit(update, by=sender)


def submit_change(seeded: SeededCommitment, seed: ChangeSeed) -> None:
    """Draft and submit a change of a commitment."""
    change = changes.save_draft(
        seeded.commitment,
        by=seeded.seeded_signatory.owner,
        action=seed.action,
        reason=seed.reason,
        values=_changed_values(seeded.commitment, seed),
        end_reason=seed.end,
    )
    changes.submit(change, by=seeded.seeded_signatory.owner)


def submit_success(seeded: SeededCommitment, title: str, story: str, link: str = "") -> None:
    """Draft and submit a success."""
    success = successes.save_draft(
        seeded.commitment,
        by=seeded.sender,
        title=title,
        story=story,
        happened_from=clock.today() - timedelta(days=20),
        area_codes=script.area_codes(seeded.seed.wards),
        people_consent=PeopleConsent.NONE_IDENTIFIABLE,
        evidence=_evidence_items(seeded.seeded_signatory.seed, UpdateSeed("", link=link)),
    )
    successes.submit(success, by=seeded.sender)


def _changed_values(commitment: Commitment, seed: ChangeSeed) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if seed.target:
        values["target_value"] = _decimal_or_none(seed.target)
    if seed.months and commitment.start_on:
        values["end_on"] = _end_date(commitment.start_on, seed.months)
    return values


def _evidence_items(signatory_seed: SignatorySeed, update_seed: UpdateSeed) -> list[dict[str, Any]]:
    evidence_items: list[dict[str, Any]] = []
    today = clock.today()
    if update_seed.link:
        name = update_seed.link.replace("-", " ").capitalize()
        evidence_items.append(
            {
                "kind": "web_page",
                "title": f"{name} (our website)",
                "url": f"{signatory_seed.address}/{update_seed.link}",
                "dated_on": today - timedelta(days=9),
            }
        )
    if update_seed.hidden:
        evidence_items.append(
            {
                "kind": "document",
                "title": "The source of this figure",
                "url": f"{signatory_seed.address}/for-the-council",
                "visibility": "council_only",
                "withheld_reason": update_seed.hidden,
            }
        )
    if update_seed.evaluation:
        evidence_items.append(
            {
                "kind": "evaluation",
                "title": "An independent evaluation of this figure",
                "url": f"{signatory_seed.address}/evaluation",
                "author": update_seed.evaluation,
                "attribution": 75,
                "deadweight": 25,
                "page": "4",
                "quote": "Most of this would not have happened without the programme.",
            }
        )
    if update_seed.file:
        kind, title, alt_text = samples.SAMPLE_DETAILS[update_seed.file]
        reference = uuid.uuid4()
        cleaned_file = samples.cleaned_sample(update_seed.file)
        item = {"reference": reference, "kind": kind, "title": title, "alt_text": alt_text}
        evidence_items.append(item | evidence_files.evidence_fields(cleaned_file, reference))
    return evidence_items


def _decimal_or_none(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _end_date(start: date, months: int) -> date:
    return schedule.add_months(start, months) - timedelta(days=1)
