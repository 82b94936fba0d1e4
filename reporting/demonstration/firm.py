"""What a signatory of the demonstration does: joins, promises, answers, changes its mind."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from charter.actions import changes, commitments, people, signatories
from charter.models import Charter, Commitment, Invitation, Measure, Membership, Signatory, User
from charter.workflow import Standing
from registry import clock
from reporting import evidence_files, schedule
from reporting.actions import successes, updates
from reporting.demonstration import samples, script
from reporting.demonstration.script import SHOWING, Answer, Firm, Promise, Turn
from reporting.models import ProgressUpdate, Success

PASSWORD = "demonstration"  # noqa: S105 - printed at the start; production refuses these accounts
SUPPORT_BODY, ITS_ADDRESS = "Lintel Support for Social Enterprise", "office@lintel.example"
# Who can sign in; hashing a password for everybody would take longer than all they do.
SIGNS_IN = {"business@example.org", "sponsor@example.org", ITS_ADDRESS}


@dataclass
class Playing:
    """A promise on the stage: its row, and the answers still to be given."""

    promise: Promise
    commitment: Commitment
    troupe: "Troupe"
    answers: Iterator[Answer]
    open: bool = True

    @property
    def answers_now(self) -> bool:
        return self.open and self.troupe.answers

    @property
    def teller(self) -> User:
        return (self.troupe.heir or self.troupe).teller

    @property
    def late(self) -> timedelta:
        late = self.promise.late
        return timedelta(self.troupe.firm.late if late is None else late)


@dataclass
class Troupe:
    """A signatory on the stage, with who writes and who answers for it."""

    firm: Firm
    signatory: Signatory
    owner: User
    teller: User
    answers: bool = True
    heir: "Troupe | None" = None  # who goes on with its promises


def join(firm: Firm, *, charter: Charter, officer: User, number: int) -> Troupe:
    """Sign the charter, and let everybody in who acts for the signatory."""
    accredited = firm.standing == Standing.ACCREDITED
    today = clock.today()
    signatory = signatories.admit(
        by=officer,
        charter=charter,
        legal_name=firm.name,
        kind=firm.kind,
        size=firm.size,
        sector=firm.sector,
        social_enterprise=firm.social_enterprise,
        website=firm.website,
        route=firm.route,
        covers=firm.covers,
        area_codes=script.codes(firm.wards),
        identifiers=[firm.number] if firm.number else [],
        contact_email=firm.owner,
        standing=firm.standing,
        certificate_number=f"D{number:03}" if accredited else "",
        accredited_from=today if accredited else None,
        accredited_to=schedule.add_months(today, 36) if accredited else None,
    )
    owner = let_in(firm.owner, f"Owner at {firm.name}")
    roles = Membership.Role
    for email, role, name in [
        (firm.sponsor, roles.SPONSOR, f"Sponsor at {firm.name}"),
        (firm.editor, roles.EDITOR, f"Editor at {firm.name}"),
    ]:
        if email:
            people.invite(by=owner, email=email, organisation=signatory.organisation, role=role)
            let_in(email, name)
    teller = owner
    if firm.helper:
        people.invite(
            by=owner,
            email=ITS_ADDRESS,
            organisation=signatory.organisation,
            role=roles.INTERMEDIARY,
            body=SUPPORT_BODY,
        )
        teller = let_in(ITS_ADDRESS, f"Owner at {SUPPORT_BODY}")
    return Troupe(firm, signatory, owner, teller)


def let_in(email: str, name: str, *, signs_in: bool = False) -> User:
    """Accept the latest invitation of an address."""
    password = PASSWORD if signs_in or email in SIGNS_IN else None
    return people.accept(
        Invitation.objects.filter(email=email).latest("pk"), name=name, password=password
    )


def write(promise: Promise, troupe: Troupe, *, made_like: str) -> Commitment:
    """Write a promise; it is a draft."""
    measure = Measure.objects.select_related("theme").get(code=promise.measure)
    today = clock.today()
    contract = troupe.firm.contract
    if contract and not promise.core:
        value = {"amount": str(contract["value"]), "currency": "GBP"}
        weighting = str(contract["weighting"])
        contracts = [contract | {"value": value, "weighting": weighting}]
    else:
        contracts = []
    return commitments.start(
        by=troupe.owner,
        signatory=troupe.signatory,
        theme=measure.theme,
        measure=measure,
        title=promise.title,
        description=promise.words,
        evidence_kind=promise.shows,
        evidence_text=promise.showing or SHOWING[promise.shows],
        target_value=_number(promise.target),
        baseline_value=_number(promise.baseline),
        baseline_on=today if promise.baseline else None,
        start_on=today,
        end_on=_end(today, promise.months),
        area_codes=script.codes(promise.wards),
        additionality="core" if promise.core else "additional",
        answerable_role=promise.role,
        contracts=contracts,
        made_like=made_like,
        **{"cadence": promise.cadence} if promise.cadence else {},
    )


def tell(playing: Playing, answer: Answer) -> ProgressUpdate:
    """Write and send the update that is owed."""
    teller = playing.teller
    # Read anew, since it may have gone to another.
    commitment = Commitment.objects.select_related("signatory").get(pk=playing.commitment.pk)
    update = updates.start(commitment, by=teller)
    update = updates.save(
        update,
        by=teller,
        version=update.version,
        nothing_changed=answer.figure is None,
        value=_number(answer.figure or ""),
        base=_number(playing.promise.base) if answer.figure else None,
        not_measured_reason=answer.why,
        narrative=answer.words,
        obstacles=answer.obstacles,
        lessons=answer.lessons,
        self_assessment=answer.view,
        evidence=_evidence(playing.troupe.firm, answer),
    )
    return updates.submit(update, by=teller)


def turn(playing: Playing, told: Turn) -> None:
    """Send a change of a promise to the council."""
    change = changes.write(
        playing.commitment,
        by=playing.troupe.owner,
        action=told.action,
        reason=told.reason,
        values=_values(playing.commitment, told),
        end_reason=told.end,
    )
    changes.submit(change, by=playing.troupe.owner)


def boast(playing: Playing, title: str, story: str, link: str = "") -> None:
    """Send a success to the council."""
    success = successes.save(
        playing.commitment,
        by=playing.teller,
        title=title,
        story=story,
        happened_from=clock.today() - timedelta(days=20),
        area_codes=script.codes(playing.promise.wards),
        people_consent=Success.Consent.NONE_IDENTIFIABLE,
        evidence=_evidence(playing.troupe.firm, Answer("", link=link)),
    )
    successes.submit(success, by=playing.teller)


def _values(commitment: Commitment, told: Turn) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if told.target:
        values["target_value"] = _number(told.target)
    if told.months and commitment.start_on:
        values["end_on"] = _end(commitment.start_on, told.months)
    return values


def _evidence(firm: Firm, answer: Answer) -> list[dict[str, Any]]:
    pieces: list[dict[str, Any]] = []
    today = clock.today()
    if answer.link:
        name = answer.link.replace("-", " ").capitalize()
        pieces.append(
            {
                "kind": "web_page",
                "title": f"{name}: our own page",
                "url": f"{firm.address}/{answer.link}",
                "dated_on": today - timedelta(days=9),
            }
        )
    if answer.hidden:
        pieces.append(
            {
                "kind": "document",
                "title": "What the figure comes from",
                "url": f"{firm.address}/for-the-council",
                "visibility": "council_only",
                "withheld_reason": answer.hidden,
            }
        )
    if answer.evaluation:
        pieces.append(
            {
                "kind": "evaluation",
                "title": "An independent look at the figure",
                "url": f"{firm.address}/evaluation",
                "author": answer.evaluation,
                "attribution": 75,
                "deadweight": 25,
                "page": "4",
                "quote": "Most of this would not have happened without the programme.",
            }
        )
    if answer.file:
        kind, title, alt_text = samples.ABOUT[answer.file]
        reference = uuid.uuid4()
        clean = samples.cleaned(answer.file)
        piece = {"reference": reference, "kind": kind, "title": title, "alt_text": alt_text}
        pieces.append(piece | evidence_files.fields(clean, reference))
    return pieces


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _end(start: date, months: int) -> date:
    return schedule.add_months(start, months) - timedelta(days=1)
