"""Change a signatory's charter status, with a public reason and an email to its people."""

from collections.abc import Sequence
from datetime import date

from charter import acts, departures, items, permissions, pledge
from charter.actions import second_person
from charter.errors import AlreadyExistsError, WrongStateError
from charter.mail import identities, outbox
from charter.models import Proposal, Signatory, User
from charter.workflow import STANDING_MOVES, ChangeStatus
from registry import clock
from registry.log import publishing
from registry.schema.code_lists import Standing
from registry.wording.formatting import format_day


@acts.act("signatory.accredit")
def accredit(
    signatory: Signatory, *, by: User, certificate_number: str, accredited_from: date, reason: str
) -> Signatory:
    """Accredit a signatory or renew its accreditation, for the period that the charter sets.

    Raise AlreadyExistsError if another signatory has the certificate's number.
    """
    permissions.check(by, "signatory.accredit", signatory)
    signatory = _lock_signatory(signatory)
    if signatory.standing != Standing.ACCREDITED:
        _check_transition(signatory, Standing.ACCREDITED)
    others = signatory.charter.signatories.exclude(pk=signatory.pk)
    if holder := others.filter(certificate_number=certificate_number).first():
        raise AlreadyExistsError(f"{holder} has the certificate of this number.")
    signatory.certificate_number = certificate_number
    signatory.accredited_from = accredited_from
    signatory.accredited_to = signatory.charter.accredited_until(accredited_from)
    departures.set_standing(signatory, Standing.ACCREDITED, reason)
    return _publish_standing(signatory)


@acts.act("signatory.suspend")
def suspend(signatory: Signatory, *, by: User, reason: str, plan: str) -> Signatory:
    """Suspend a signatory. `plan` is public: what has to happen before it is reinstated."""
    permissions.check(by, "signatory.suspend", signatory)
    signatory = _lock_signatory(signatory)
    _check_transition(signatory, Standing.SUSPENDED)
    departures.set_standing(signatory, Standing.SUSPENDED, reason, plan=plan)
    return _publish_standing(signatory)


@acts.act("signatory.reinstate")
def reinstate(signatory: Signatory, *, by: User, reason: str) -> Signatory:
    """End a suspension, with the accreditation if it is still valid, or else a plan in progress."""
    permissions.check(by, "signatory.reinstate", signatory)
    signatory = _lock_signatory(signatory)
    is_accredited = signatory.accredited_to and signatory.accredited_to >= clock.today()
    standing = Standing.ACCREDITED if is_accredited else Standing.PLAN_IN_PROGRESS
    _check_transition(signatory, standing)
    departures.set_standing(signatory, standing, reason)
    return _publish_standing(signatory)


@acts.act()
def leave_charter(
    signatory: Signatory,
    *,
    by: User,
    standing: str,
    reason: str,
    on: date | None = None,
    successor: Signatory | None = None,
    goes_on: bool = False,
) -> Signatory:
    """End a signatory's membership: it has withdrawn voluntarily, been removed, or ceased.

    It leaves on the day `on`, by default today. Its open commitments are closed, or transferred to
    the successor if `goes_on`; open changes of them are dropped.
    """
    name = end_act(standing)
    permissions.check(by, name, signatory)
    second_person.check(by, name, signatory.charter.authority, signatory.organisation)
    signatory = _lock_signatory(signatory)
    _check_transition(signatory, standing)
    if successor and (successor == signatory or successor.charter != signatory.charter):
        raise WrongStateError("The successor has to be another signatory of this charter.")
    if successor:
        pledge.check_public(successor)
    departure = departures.Departure(standing, reason, on or clock.today(), successor, goes_on)
    commitments = departures.ending_commitments(signatory).select_for_update(of=["self"])
    entries = [departures.end_commitment(commitment, departure) for commitment in commitments]
    for commitment in commitments:
        acts.update(commitment.changes.open(), status=ChangeStatus.DROPPED)
        commitment.save()
    departures.end_membership(signatory, departure)
    return _publish_standing(signatory, entries)


@acts.act()
def end_membership(
    signatory: Signatory,
    *,
    by: User,
    standing: str,
    reason: str,
    on: date | None = None,
    successor: Signatory | None = None,
    goes_on: bool = False,
) -> Signatory | Proposal:
    """End a signatory's membership; propose it where that needs a second person."""
    done: Signatory | Proposal = second_person.do_or_propose(
        end_act(standing),
        by=by,
        authority=signatory.charter.authority,
        organisation=signatory.organisation,
        arguments={
            "signatory": signatory.key,
            "standing": standing,
            "reason": reason,
            "on": on.isoformat() if on else None,
            "successor": successor.key if successor else None,
            "goes_on": goes_on,
        },
    )
    return done


@acts.act("signatory.lapse")
def lapse() -> int:
    """Publish accreditations that have lapsed; return the number. Idempotent.

    A lapse follows from the calendar alone, so it has no reason and no email.
    """
    lapsed_signatories = list(
        Signatory.objects.public()
        .filter(standing=Standing.ACCREDITED, accredited_to__lt=clock.today())
        .select_related("organisation", "charter")
        .select_for_update(of=["self"])
    )
    for signatory in lapsed_signatories:
        departures.set_standing(signatory, Standing.LAPSED, "")
        signatory.save()
    if lapsed_signatories:
        publishing.publish(
            [
                publishing.NewEntry("signatory", s.key, "publish", items.signatory(s))
                for s in lapsed_signatories
            ]
        )
    return len(lapsed_signatories)


def end_act(standing: str) -> str:
    """Return the act by which the council ends a membership: removed, or any other way."""
    return "signatory.remove" if standing == Standing.REMOVED else "signatory.leave"


def next_certificate(signatory: Signatory) -> str:
    """Return the number after the charter's highest certificate number."""
    numbers = signatory.charter.signatories.values_list("certificate_number", flat=True)
    return str(max((int(number) for number in numbers if number.isdecimal()), default=0) + 1)


def _lock_signatory(signatory: Signatory) -> Signatory:
    signatory = (
        Signatory.objects.select_for_update(of=["self"])
        .select_related("organisation", "charter")
        .get(pk=signatory.pk)
    )
    pledge.check_public(signatory)
    return signatory


def _check_transition(signatory: Signatory, standing: str) -> None:
    # A restated signatory may have no standing: treat it as if its plan were in progress.
    before = signatory.standing or Standing.PLAN_IN_PROGRESS
    if standing not in STANDING_MOVES[before]:
        raise WrongStateError(f"{signatory} is in another standing by now. Look again.")


def _publish_standing(
    signatory: Signatory, commitment_entries: Sequence[publishing.NewEntry] = ()
) -> Signatory:
    """Save and publish a step, and email it to the signatory's people."""
    signatory.save()
    for member in signatory.organisation.memberships.current().select_related("user"):
        outbox.queue_from_template(
            "standing",
            key=identities.new_key("standing"),
            recipient=member.user.email,
            authority=signatory.charter.authority,
            context={"signatory": signatory, "user": member.user},
        )
    publishing.publish([departures.standing_entry(signatory), *commitment_entries])
    return signatory


def _leave_as_proposed(proposal: Proposal, by: User) -> Signatory:
    signatory, departure = _proposed_departure(proposal)
    return leave_charter(
        signatory,
        by=by,
        standing=departure.standing,
        reason=departure.reason,
        on=departure.on,
        successor=departure.successor,
        goes_on=departure.goes_on,
    )


def _leaving_facts(proposal: Proposal) -> second_person.Facts:
    signatory, departure = _proposed_departure(proposal)
    has_day = bool(proposal.arguments["on"])
    facts = [
        ("Signatory", f"{signatory} ({signatory.key})"),
        ("How it ends", Standing.from_code(departure.standing).description),
        ("Leaves on", format_day(departure.on) if has_day else "The day of the decision"),
        *([("Became part of", str(departure.successor))] if departure.successor else []),
        ("Reason (public)", departure.reason),
    ]
    if proposal.decided_at:
        return facts
    outlooks = departures.outlook(signatory, departure)
    label = "Open commitments that pass to it" if departure.goes_on else "What each page will say"
    lines = [f"{outlook.title}: {outlook.sentence}" for outlook in outlooks]
    return [*facts, (label, "\n".join(lines) or "It has no open commitments.")]


def _proposed_departure(proposal: Proposal) -> tuple[Signatory, departures.Departure]:
    arguments = proposal.arguments
    departure = departures.Departure(
        standing=arguments["standing"],
        reason=arguments["reason"],
        on=date.fromisoformat(arguments["on"]) if arguments["on"] else clock.today(),
        successor=Signatory.objects.filter(key=arguments["successor"]).first(),
        goes_on=arguments["goes_on"],
    )
    return _proposed_signatory(proposal), departure


def _proposed_signatory(proposal: Proposal) -> Signatory:
    signatories = Signatory.objects.select_related("charter__authority", "organisation")
    return signatories.get(key=proposal.arguments["signatory"])


for _name, _title in [
    ("signatory.remove", "Remove a signatory"),
    ("signatory.leave", "End a membership that is withdrawn or has ceased"),
]:
    second_person.register(
        _name, second_person.TwoPersonAct(_title, _leave_as_proposed, _leaving_facts)
    )
