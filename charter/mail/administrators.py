"""Email to the administrators of an authority about what only they can put right."""

from charter.mail import identities, outbox
from charter.models import Authority, StaffMembership

ASK_THE_PERSON = "If this should not have happened, speak to the person who did it."


def email_administrators(
    authority: Authority | None,
    *,
    sentence: str,
    details: str = "",
    address: str = "",
    advice: str = ASK_THE_PERSON,
) -> None:
    """Email all administrators of an authority, or of all authorities, what has happened.

    `sentence` says who did what, or what happened; `advice` what to do about it. `address` is the
    path of the page where they can see more.
    """
    administrators = StaffMembership.objects.administrators().select_related("user")
    if authority:
        administrators = administrators.filter(authority=authority)
    for user in {member.user for member in administrators}:
        outbox.queue_from_template(
            "administrators",
            key=identities.new_key("administrators"),
            recipient=user.email,
            authority=authority,
            context={
                "user": user,
                "sentence": sentence,
                "details": details,
                "address": address,
                "advice": advice,
            },
        )
