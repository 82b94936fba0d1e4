"""The second look at an address that was refused: one more email, on a later working day."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q

from charter import acts
from charter.mail import identities, outbox, reachability
from charter.models import (
    Announcement,
    Follower,
    Invitation,
    Membership,
    Message,
    Organisation,
    RefusedAddress,
    Signatory,
    StaffMembership,
)
from charter.models.announcements import Statement
from charter.workflow import MessageState
from registry import clock
from registry.wording.sentences import unreachable_sentence
from registry.working_days import is_working_day

LOOKING_BEGINS = time(9)
# An address that is gone is kept so long if it belongs to nobody.
KEPT_FOR = timedelta(days=90)


def send_second_looks(now: datetime) -> int:
    """Queue the emails of the addresses whose second look is due; return their number.

    Idempotent: each address has one second look. If killed: the next run does the rest.
    """
    local = now.astimezone(clock.LONDON)
    if local.time() < LOOKING_BEGINS or not is_working_day(local.date()):
        return 0
    addresses = RefusedAddress.objects.in_doubt().filter(
        second_look=None, look_again_on__lte=local.date()
    )
    for address in addresses:
        _queue_second_look(address)
    return len(addresses)


@acts.act("mailbox.look_again")
def _queue_second_look(address: RefusedAddress) -> None:
    memberships = Membership.objects.current().filter(user__email=address.email)
    organisations = Organisation.objects.filter(memberships__in=memberships).distinct()
    # Any other address in doubt may come back as well.
    in_doubt = set(RefusedAddress.objects.in_doubt().values_list("email", flat=True))
    last_contact_of = [
        organisation
        for organisation in organisations
        if reachability.would_be_unreachable(organisation, lost=in_doubt)
    ]
    sentence = unreachable_sentence(clock.today())
    address.second_look = outbox.queue_from_template(
        "address_check",
        key=identities.new_key("address_check"),
        recipient=address.email,
        authority=next((o.only_authority for o in organisations), None),
        context={
            "refused_on": clock.local_date(address.refused_at),
            "organisations": last_contact_of,
            "sentence": sentence,
        },
    )
    address.save()
    signatories = Signatory.objects.public().filter(
        organisation__in=last_contact_of, left_on=None, unreachable_since=None
    )
    Announcement.objects.bulk_create(
        Announcement(
            message=address.second_look,
            signatory=signatory,
            about=signatory.key,
            statement=Statement.UNREACHABLE,
            public_from=clock.today(),
            sentence=sentence,
        )
        for signatory in signatories
    )


def note_looks(messages: Sequence[Message]) -> None:
    """Note that a server accepted second looks: email to the addresses goes on after a while."""
    RefusedAddress.objects.filter(second_look__in=messages).update(looked_at=clock.now())


def cancellation_reason(message: Message) -> str:
    """Return why a second look is no longer needed, or ""."""
    in_doubt = RefusedAddress.objects.in_doubt().filter(second_look=message)
    return "" if in_doubt.exists() else "The address works"


def forget_proofs(now: datetime) -> int:
    """Forget addresses whose second look proved nothing; return their number. Idempotent.

    One that a server accepted may still come back for some days. One that failed for another
    reason proves nothing. Addresses of nobody are forgotten after a time.
    """
    arrived = Q(
        second_look__state=MessageState.SENT,
        second_look__finished_at__lte=now - reachability.ARRIVED_AFTER,
    )
    without_proof = Q(
        second_look__state__in=[
            MessageState.BOUNCED,
            MessageState.FAILED,
            MessageState.EXPIRED,
            MessageState.CANCELLED,
        ]
    )
    unproved = RefusedAddress.objects.in_doubt().filter(arrived | without_proof)
    email = OuterRef("email")
    nobodys = RefusedAddress.objects.gone().filter(
        ~Exists(Membership.objects.current().filter(user__email=email)),
        ~Exists(StaffMembership.objects.current().filter(user__email=email)),
        ~Exists(Invitation.objects.open(now).filter(email=email)),
        ~Exists(Follower.objects.filter(email=email)),
        gone_at__lt=now - KEPT_FOR,
    )
    forgotten = {*unproved.values_list("pk", flat=True), *nobodys.values_list("pk", flat=True)}
    RefusedAddress.objects.filter(pk__in=forgotten).delete()
    return len(forgotten)
