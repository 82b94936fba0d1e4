"""People, organisations, charters, commitments and email: private data below reporting."""

from charter.models.acceptances import Acceptance, StatedSignature
from charter.models.acts import Act, ActObject, ActPerson
from charter.models.announcements import Announcement, Statement
from charter.models.applications import Application
from charter.models.charters import Authority, Charter, Measure, Theme
from charter.models.commitments import Change, Commitment
from charter.models.error_reports import ErrorReport
from charter.models.following import Follower, Following
from charter.models.hand_overs import HandOver
from charter.models.messages import (
    BrakeRelease,
    Message,
    MessageAttempt,
    Refusal,
    RefusedAddress,
    SendingPlace,
    SendingStop,
)
from charter.models.organisations import DetailsRequest, Identifier, Organisation, Signatory
from charter.models.people import Invitation, Membership, StaffMembership, User
from charter.models.plan_notes import PlanNote
from charter.models.proposals import Proposal
from charter.models.review import Reviewable
from charter.models.uploads import Upload

__all__ = [
    "Acceptance",
    "Act",
    "ActObject",
    "ActPerson",
    "Announcement",
    "Application",
    "Authority",
    "BrakeRelease",
    "Change",
    "Charter",
    "Commitment",
    "DetailsRequest",
    "ErrorReport",
    "Follower",
    "Following",
    "HandOver",
    "Identifier",
    "Invitation",
    "Measure",
    "Membership",
    "Message",
    "MessageAttempt",
    "Organisation",
    "PlanNote",
    "Refusal",
    "RefusedAddress",
    "Reviewable",
    "Proposal",
    "SendingPlace",
    "SendingStop",
    "Signatory",
    "StaffMembership",
    "StatedSignature",
    "Statement",
    "Theme",
    "Upload",
    "User",
]
