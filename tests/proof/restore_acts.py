"""What people do in the restore drill, each in its own process: `python -m … ACT [words]`."""

import sys
import time
from datetime import date
from hashlib import sha256
from uuid import uuid4

import django


def build(*canaries: str) -> None:
    """Publish an update for each canary and submit another one, with files and emails."""
    for number, canary in enumerate(canaries):
        commitment = scenarios.commitment(title=f"Train {number} cooks with {canary}")
        factories.draft_change(commitment, reason=f"{canary} has left.")
        pieces = [evidence(f"Letter of {canary}")]
        update = scenarios.submitted_update(
            commitment, narrative=f"{canary} cooks for us.", evidence=pieces
        )
        if number % 2:
            factories.publish(update, by=factories.officer())


def publish_for(seconds: str) -> None:
    """Publish commitments one after another, as a busy day does."""
    ends_at = time.monotonic() + float(seconds)
    number = 0
    while time.monotonic() < ends_at:
        number += 1
        factories.published_commitment(title=f"Commitment {number} of {seconds} s")
        print(number, flush=True)


def redact(*words: str) -> None:
    for word in words:
        administrator = factories.administrator()
        letters = Evidence.objects.filter(title__contains=word)
        references = [str(letter.reference) for letter in letters]
        found = search.find_passages([word], references, user=administrator)
        assert references
        redactions.redact(
            [word],
            references,
            by=administrator,
            reason_code="personal_data",
            seen_digest=found.digest,
        )


def publish_waiting() -> None:
    """Publish all that waits for the council, and check every update and publish the check."""
    officer = factories.officer()
    for item in review.list_items(officer):
        factories.publish(item.submission, by=officer)
    for update in ProgressUpdate.objects.filter(status="published", check_made=None):
        checks.record_check(
            update, by=officer, by_role="The team", result="confirmed", finding="Seen."
        )
    Check.objects.update(reply_until=date(2020, 1, 1))
    checks.publish_due_checks(clock.now())


def invite(number: str) -> None:
    """Invite so many new people."""
    organisation = factories.asha().memberships.get().organisation
    for position in range(int(number)):
        people.invite(
            by=factories.asha(),
            email=f"new-{position}@brookfield.example",
            organisation=organisation,
            role=MemberRole.EDITOR,
        )


def evidence(title: str) -> dict:
    content = f"%PDF-1.7\n{title}".encode()
    return {
        "reference": uuid4(),
        "title": title,
        "kind": "document",
        "media_type": "application/pdf",
        "bytes": len(content),
        "sha256": sha256(content).hexdigest(),
        "file": ContentFile(content, name="letter.pdf"),
    }


if __name__ == "__main__":
    django.setup()
    from django.core.files.base import ContentFile

    from charter import review
    from charter.actions import people
    from charter.roles import MemberRole
    from registry import clock
    from reporting.actions import checks
    from reporting.models import Check, Evidence, ProgressUpdate
    from reporting.redaction import actions as redactions
    from reporting.redaction import search
    from tests import factories
    from tests.reporting import scenarios

    act, *words = sys.argv[1:]
    {
        "build": build,
        "publish_for": publish_for,
        "redact": redact,
        "publish_waiting": publish_waiting,
        "invite": invite,
    }[act](*words)
