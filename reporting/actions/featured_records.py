"""Featured records: the council features a commitment or success with a public sentence."""

from charter import acts, permissions
from charter.errors import AlreadyExistsError, WrongStateError
from charter.models import Commitment, User
from registry import clock
from registry.log import keys, publishing
from registry.models import Record
from reporting import items
from reporting.models import FeaturedRecord, Success


def find_public_record(key: str) -> Commitment | Success | None:
    """Return the public, not withdrawn commitment or success with a key, or None."""
    current_records = Record.objects.readable().exclude(status=Record.Status.WITHDRAWN)
    if not keys.is_key(key) or not current_records.filter(pk=key).exists():
        return None
    return (
        Commitment.objects.select_related("signatory__charter").filter(key=key).first()
        or Success.objects.select_related("signatory__charter").filter(key=key).first()
    )


@acts.act("example.feature")
def feature_record(record: Commitment | Success, *, by: User, why: str) -> FeaturedRecord:
    """Feature a record and publish the reason at once."""
    permissions.check(by, "example.feature", record.signatory)
    # Two officers who feature the same record at the same time take turns here.
    locked_records = type(record).objects.select_for_update(of=["self"], no_key=True)
    record = locked_records.select_related("signatory__charter").get(pk=record.pk)
    if find_public_record(record.key) is None:
        raise WrongStateError(
            "Only what the public can read, and what still stands, can be copied."
        )
    if FeaturedRecord.objects.current().for_key(record.key).exists():
        raise AlreadyExistsError(f"{record.key} is an example already.")
    commitment, success = (record, None) if isinstance(record, Commitment) else (None, record)
    featured_record = FeaturedRecord.objects.create(
        commitment=commitment, success=success, why=why, chosen_at=clock.now(), chosen_by=by
    )
    publishing.publish(
        [
            publishing.NewEntry(
                "notice", featured_record.key, "publish", items.featured_record(featured_record)
            )
        ]
    )
    return featured_record


@acts.act("example.remove")
def unfeature_record(featured_record: FeaturedRecord, *, by: User, reason: str) -> FeaturedRecord:
    """Stop featuring a record, with a public reason. Idempotent."""
    permissions.check(by, "example.remove", featured_record.record.signatory)
    featured_record = (
        FeaturedRecord.objects.select_for_update(of=["self"])
        .select_related("commitment__signatory__charter", "success__signatory__charter")
        .get(pk=featured_record.pk)
    )
    if featured_record.ended_at is None:
        featured_record.ended_at, featured_record.end_reason = clock.now(), reason
        featured_record.save()
        content = items.featured_record(featured_record) | {"change_reason": reason}
        publishing.publish(
            [publishing.NewEntry("notice", featured_record.key, "withdraw", content)]
        )
    return featured_record
