"""Who may do what: one table of permissions, with the roles that have each.

A permission has the name of the act it allows, such as `commitment.publish`. Guards of pages,
actions, the record of acts and the access matrix of the tests read this table.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models


class MemberRole(models.TextChoices):
    """The role of a person in an organisation."""

    OWNER = "owner", "Owner"
    EDITOR = "editor", "Editor"
    SPONSOR = "sponsor", "Senior sponsor"
    INTERMEDIARY = "intermediary", "Acts for the organisation"


class StaffRole(models.TextChoices):
    """The role of a person at an authority, such as a council."""

    READER = "reader", "Reader"
    REVIEWER = "reviewer", "Reviewer"
    PUBLISHER = "publisher", "Publisher"
    ASSESSOR = "assessor", "Assessor"
    ADMINISTRATOR = "administrator", "Administrator"


STAFF_ROLE_SUMMARIES = {
    StaffRole.READER: "sees what staff see, and changes nothing",
    StaffRole.REVIEWER: "returns items with comments",
    StaffRole.PUBLISHER: "publishes and returns items, and looks after signatories",
    StaffRole.ASSESSOR: "checks the evidence behind updates",
    StaffRole.ADMINISTRATOR: "publisher, and manages staff, charters and redactions",
}


@dataclass(frozen=True)
class Permission:
    """What an act is called in the record of acts, and the roles that may do it."""

    label: str  # after a person's name: “Asha submitted a commitment”
    members: frozenset[MemberRole] = frozenset()
    staff: frozenset[StaffRole] = frozenset()
    # Staff may also act for an organisation in which nobody has an account.
    for_organisations_without_people: bool = False

    @property
    def staff_in_order(self) -> list[StaffRole]:
        return [role for role in StaffRole if role in self.staff]


WRITERS = {MemberRole.OWNER, MemberRole.EDITOR, MemberRole.INTERMEDIARY}
OWNERS = {MemberRole.OWNER}
SIGNERS = {MemberRole.OWNER, MemberRole.SPONSOR}
MEMBERS = set(MemberRole)
STAFF = set(StaffRole)
REVIEWERS = {StaffRole.REVIEWER, StaffRole.PUBLISHER, StaffRole.ADMINISTRATOR}
PUBLISHERS = {StaffRole.PUBLISHER, StaffRole.ADMINISTRATOR}
ASSESSORS = {StaffRole.ASSESSOR, *PUBLISHERS}
ADMINISTRATORS = {StaffRole.ADMINISTRATOR}


def _written(label: str) -> Permission:
    """Return the permission to write for a signatory."""
    return Permission(
        label, frozenset(WRITERS), frozenset(PUBLISHERS), for_organisations_without_people=True
    )


def _decided(label: str, staff: Iterable[StaffRole]) -> Permission:
    """Return a permission that only staff have."""
    return Permission(label, staff=frozenset(staff))


def _shared(label: str, members: Iterable[MemberRole], staff: Iterable[StaffRole]) -> Permission:
    """Return a permission of an organisation's people and of staff alike."""
    return Permission(label, frozenset(members), frozenset(staff))


PERMISSIONS: dict[str, Permission] = {
    # Pages that change nothing.
    "business.read": Permission("read their organisation’s pages", frozenset(MEMBERS)),
    "desk.read": _decided("read the council’s pages", STAFF),
    "activity.read": _decided("read the activity", ADMINISTRATORS),
    # What signatories write and staff decide.
    "commitment.draft": _written("wrote a commitment"),
    "commitment.submit": _written("submitted a commitment"),
    "commitment.take_back": _written("took a commitment back"),
    "commitment.return": _decided("returned a commitment", REVIEWERS),
    "commitment.publish": _decided("published a commitment", PUBLISHERS),
    "commitment.change_many": _decided("changed several commitments", PUBLISHERS),
    "change.draft": _written("wrote a change"),
    "change.submit": _written("submitted a change"),
    "change.take_back": _written("took a change back"),
    "change.drop": _written("dropped a change"),
    "change.return": _decided("returned a change", REVIEWERS),
    "change.publish": _decided("published a change", PUBLISHERS),
    "change.correct_down": _decided("corrected a commitment downwards", PUBLISHERS),
    "update.draft": _written("wrote an update"),
    "update.submit": _written("sent an update"),
    "update.take_back": _written("took an update back"),
    "update.return": _decided("returned an update", REVIEWERS),
    "update.publish": _decided("published an update", PUBLISHERS),
    "success.draft": _written("wrote a success"),
    "success.submit": _written("sent a success"),
    "success.take_back": _written("took a success back"),
    "success.return": _decided("returned a success", REVIEWERS),
    "success.publish": _decided("published a success", PUBLISHERS),
    "reply.draft": _written("wrote a reply"),
    "reply.submit": _written("sent a reply"),
    "reply.take_back": _written("took a reply back"),
    "reply.return": _decided("returned a reply", REVIEWERS),
    "reply.publish": _decided("published a reply", PUBLISHERS),
    # Any of the five: which one, an item's own kind decides.
    "item.take_back": _written("took an item back"),
    "item.return": _decided("returned an item", REVIEWERS),
    "item.publish": _decided("published an item", PUBLISHERS),
    "item.ask_colleague": _decided("asked a colleague about an item", REVIEWERS),
    "spreadsheet.upload": _shared("uploaded a spreadsheet", WRITERS, PUBLISHERS),
    "spreadsheet.apply": _written("saved a spreadsheet"),
    "confirmation.request": _written("asked a beneficiary for confirmation"),
    "delegation.create": _written("asked a colleague for an update"),
    "help_request.send": Permission("asked the council for help", frozenset(MEMBERS)),
    "help_request.answer": _decided("answered a request for help", REVIEWERS),
    "check.reply": _written("replied to a check"),
    "letter.respond": _written("answered a letter"),
    # Reminders.
    "reminders.set": Permission("changed their reminders", frozenset(MEMBERS)),
    "calendar.renew": _written("renewed the calendar link"),
    "reminders.stop": _decided("stopped all reminders", PUBLISHERS),
    "reminders.resume": _decided("resumed reminders", PUBLISHERS),
    "reminders.test": _decided("sent a test reminder", PUBLISHERS),
    "first_update.invite": _decided("invited people to send first updates", PUBLISHERS),
    "contact.record": _decided("recorded a letter or call to a signatory", PUBLISHERS),
    "period.extend": _decided("moved due dates", PUBLISHERS),
    # Signatories.
    "charter.accept": Permission("signed the charter", frozenset(SIGNERS)),
    "charter.decline": Permission("declined to sign the charter", frozenset(SIGNERS)),
    "application.admit": _decided("admitted an applicant", PUBLISHERS),
    "application.decline": _decided("declined an application", REVIEWERS),
    "signatory.admit": _decided("invited an organisation to sign", PUBLISHERS),
    "organisations.import": _decided("imported organisations", PUBLISHERS),
    "signatory.invite_again": _decided("invited an organisation to sign again", PUBLISHERS),
    "signatory.delete_invited": _decided("deleted an organisation that had not signed", PUBLISHERS),
    "signature.state": _decided("stated signatures from the council’s files", PUBLISHERS),
    "signatory.pause": _decided("paused a signatory’s reporting", PUBLISHERS),
    "signatory.resume": _decided("ended a pause", PUBLISHERS),
    "signatory.retract_unreachable": _decided(
        "took back that a signatory was unreachable", PUBLISHERS
    ),
    "signatory.accredit": _decided("accredited a signatory", PUBLISHERS),
    "signatory.suspend": _decided("suspended a signatory", PUBLISHERS),
    "signatory.reinstate": _decided("reinstated a signatory", PUBLISHERS),
    "signatory.leave": _decided("ended a signatory’s membership", PUBLISHERS),
    "signatory.remove": _decided("removed a signatory", PUBLISHERS),
    "details.request": _written("asked for a change of details"),
    "details.decline": _decided("declined a change of details", REVIEWERS),
    "details.revise": _decided("changed an organisation’s details", PUBLISHERS),
    "error_report.answer": _decided("answered a reader’s report", REVIEWERS),
    # Evidence and public words of the council.
    "check.record": _decided("recorded a check", ASSESSORS),
    "evidence_plan.note": _decided("noted how evidence will be checked", ASSESSORS),
    "letter.publish": _decided("published a letter", PUBLISHERS),
    "letter.publish_first": _decided("published a first letter", PUBLISHERS),
    "example.feature": _decided("featured an example", PUBLISHERS),
    "example.remove": _decided("removed an example", PUBLISHERS),
    "proposal.make": _decided("proposed something that needs a second person", PUBLISHERS),
    "proposal.decline": _decided("declined a proposal", PUBLISHERS),
    "proposal.withdraw": _decided("withdrew a proposal", PUBLISHERS),
    "record.redact": _decided("redacted text", ADMINISTRATORS),
    "record.confirm_redaction": _decided("confirmed a redaction", ADMINISTRATORS),
    # People.
    "person.invite": _shared("invited a person", OWNERS, PUBLISHERS),
    "person.invite_beside_owner": _decided(
        "invited a person to an organisation that has had an owner", PUBLISHERS
    ),
    "person.invite_intermediary": Permission("invited an intermediary", frozenset(OWNERS)),
    "person.remove": _shared("removed a person", OWNERS, PUBLISHERS),
    "person.leave": Permission("left an organisation", frozenset(MEMBERS)),
    "person.change_role": _shared("changed a person’s role", OWNERS, PUBLISHERS),
    "invitation.withdraw": _shared("withdrew an invitation", OWNERS, PUBLISHERS),
    "staff.invite": _decided("invited staff", ADMINISTRATORS),
    "staff.invite_administrator": _decided("invited an administrator", ADMINISTRATORS),
    "staff.withdraw_invitation": _decided("withdrew an invitation of staff", ADMINISTRATORS),
    "staff.remove": _decided("removed staff", ADMINISTRATORS),
    # The register itself.
    "charter.set_up": _decided("set up a charter", ADMINISTRATORS),
    "charter.edit": _decided("changed a charter", ADMINISTRATORS),
    "charter.need_fewer_persons": _decided("let one person do what needed two", ADMINISTRATORS),
    "clock.trust": _decided("trusted the clock again", PUBLISHERS),
    "mail.release": _decided("released held emails", PUBLISHERS),
    "mailbox.mark_working": _decided("marked an address as working", PUBLISHERS),
    "message.resend": _decided("sent an email again", PUBLISHERS),
    "message.mark_sent": _decided("marked an email as sent", PUBLISHERS),
}

# What nobody needs a permission for: acts of visitors, holders of links, scheduled tasks
# and the command line.
OTHER_ACTS = {
    "application.submit": "applied to join",
    "application.sign": "signed the charter with an application",
    "signature.object": "objected to a signature from the council’s files",
    "signature.publish": "published signatures nobody had objected to",
    "error_report.submit": "reported an error",
    "invitation.accept": "accepted an invitation",
    "confirmation.answer": "answered a request for confirmation",
    "delegation.answer": "wrote an update for a colleague",
    "period.sync": "brought reporting periods up to date",
    "update.lapse": "published that returned updates were not sent again",
    "requests.publish": "published that a reminder was sent",
    "mailbox.look_again": "sent a second look to an address that had come back",
    "mailbox.mark_unreachable": "marked an address as unreachable",
    "signatory.lose_contact": "published that nobody is there to be asked",
    "signatory.lapse": "ended accreditations that had lapsed",
    "check.publish": "published checks without a reply",
    "figures.publish": "published the council’s figures",
    "link.check": "checked a link to evidence",
    "ledger.begin": "began a new ledger",
    "ledger.put_back": "put back what only the ledger remembered after a restore",
}
# What staff prepare among themselves; a business reads what follows from it.
INTERNAL_ACTS = (
    "proposal.make",
    "proposal.decline",
    "proposal.withdraw",
    "item.ask_colleague",
    "evidence_plan.note",
)
ACT_LABELS = {name: permission.label for name, permission in PERMISSIONS.items()} | OTHER_ACTS


def acts_by_staff_roles() -> list[tuple[list[StaffRole], bool, list[str]]]:
    """Return the acts of staff, grouped by the roles that may do them, the most roles first.

    True marks those for an organisation in which nobody has an account.
    """
    labels: dict[tuple[frozenset[StaffRole], bool], list[str]] = {}
    for permission in PERMISSIONS.values():
        if permission.staff:
            group = permission.staff, permission.for_organisations_without_people
            labels.setdefault(group, []).append(permission.label)
    groups = sorted(labels.items(), key=lambda group: (-len(group[0][0]), group[0][1]))
    return [
        ([role for role in StaffRole if role in staff], without_people, acts)
        for (staff, without_people), acts in groups
    ]


def usual_second_person_acts() -> list[str]:
    """Return the acts for which a new charter asks for a second person."""
    return [
        "signatory.remove",
        "signatory.leave",
        "signature.state",
        "letter.publish_first",
        "change.correct_down",
        "staff.invite_administrator",
        "person.invite_beside_owner",
    ]
