"""People, their roles in organisations, and invitations."""

from datetime import datetime
from typing import Any

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from charter.models.identified import Identified
from charter.roles import STAFF_ROLE_SUMMARIES, MemberRole, StaffRole

OPERATOR = "operator@register.invalid"


def looked_after_by(user: "User", path: str) -> Q:
    """Return a filter for rows whose authority has the user as staff; the operator looks after all.

    `path` leads from the row to its authority.
    """
    if user.is_operator:
        return Q(pk__isnull=False)  # not Q(), which counts for nothing beside another condition
    staff = StaffMembership.objects.current().filter(user=user)
    return Q((f"{path}__in", staff.values("authority")))


class UserQuerySet(models.QuerySet["User"]):
    def for_staff(self, user: "User") -> "UserQuerySet":
        """Filter to the people of signatories that the user looks after, and to colleagues.

        People who have left count too.
        """
        members = Membership.objects.for_staff(user).values("user")
        colleagues = StaffMembership.objects.filter(looked_after_by(user, "authority"))
        return self.filter(Q(pk__in=members) | Q(pk__in=colleagues.values("user")))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user with this email address. Without a password nobody can sign in as them."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=(email or "").lower())


class User(Identified, AbstractBaseUser):
    """A person with an account, at a signatory, at an authority, or both."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = EMAIL_FIELD = "email"

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_email_in_small_letters", condition=Q(email=Lower("email"))
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_operator(self) -> bool:
        """Return True for the account of the command line, to which nobody can sign in."""
        return self.email == OPERATOR

    @property
    def is_staff(self) -> bool:
        """Return True if the person works for an authority."""
        return self.staff_memberships.current().exists()

    @property
    def is_member(self) -> bool:
        """Return True if the person acts for an organisation."""
        return self.memberships.current().exists()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def for_staff(self, user: User) -> "MembershipQuerySet":
        """Filter to people of signatories that the user looks after."""
        path = "organisation__signatories__charter__authority"
        return self.filter(pk__in=Membership.objects.filter(looked_after_by(user, path)))

    def current(self) -> "MembershipQuerySet":
        return self.filter(ended_on=None, user__is_active=True)


class Membership(models.Model):
    """A person's role in an organisation. Reminders go to memberships."""

    Role = MemberRole
    ROLE_SUMMARIES = {
        Role.OWNER: "writes and sends, and says who else may",
        Role.EDITOR: "writes and sends",
        Role.SPONSOR: "reads, and is told when an update is late",
        Role.INTERMEDIARY: "writes and sends from a support body, whose name is public beside it",
    }

    user = models.ForeignKey("charter.User", on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        "charter.Organisation", on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role)
    # The support body of an intermediary. By inviting it an owner consents to its acting for the
    # organisation; the consent ends with the membership.
    body = models.CharField(max_length=200, blank=True)
    invited_by = models.ForeignKey(
        "charter.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    ended_by = models.ForeignKey(
        "charter.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # This person's reminder settings.
    nudges_stopped = models.BooleanField(default=False)
    nudges_paused_until = models.DateField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="membership_people",
                operation=pgtrigger.Insert | pgtrigger.Delete,
                when=pgtrigger.After,
                func="""
                    IF TG_OP = 'INSERT' THEN
                        UPDATE charter_signatory SET has_had_people = TRUE
                        WHERE organisation_id = NEW.organisation_id AND NOT has_had_people;
                    ELSE
                        UPDATE charter_signatory SET has_had_people = FALSE
                        WHERE organisation_id = OLD.organisation_id AND NOT EXISTS (
                            SELECT FROM charter_membership
                            WHERE organisation_id = OLD.organisation_id
                        );
                    END IF;
                    RETURN NULL;
                """,
            )
        ]
        constraints = [
            models.UniqueConstraint(
                "user", "organisation", condition=Q(ended_on=None), name="membership_one_current"
            ),
            models.CheckConstraint(
                name="membership_intermediary_names_its_body",
                condition=Q(role="intermediary") & ~Q(body="")
                | ~Q(role="intermediary") & Q(body=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation} ({self.get_role_display()})"


def own_organisations(user: User) -> models.QuerySet[Membership, Any]:
    """Return the ids of the organisations that the user is a member of, for a subquery."""
    return Membership.objects.current().filter(user=user).values("organisation")


def own_organisation_ids(user: User) -> list[int]:
    """Return the ids of the organisations that the user is a member of, for a page."""
    return list(own_organisations(user).values_list("organisation", flat=True))


class StaffMembershipQuerySet(models.QuerySet["StaffMembership"]):
    def current(self) -> "StaffMembershipQuerySet":
        return self.filter(ended_on=None, user__is_active=True)

    def administrators(self) -> "StaffMembershipQuerySet":
        return self.current().filter(role=StaffRole.ADMINISTRATOR)


class StaffMembership(models.Model):
    """A person's role at an authority. Its charters are all that the role counts for."""

    user = models.ForeignKey(
        "charter.User", on_delete=models.CASCADE, related_name="staff_memberships"
    )
    # Empty for an administrator who is yet to set up the authority.
    authority = models.ForeignKey(
        "charter.Authority", on_delete=models.PROTECT, null=True, related_name="staff"
    )
    role = models.CharField(max_length=20, choices=StaffRole)
    invited_by = models.ForeignKey(
        "charter.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    objects = StaffMembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "user",
                "authority",
                condition=Q(ended_on=None),
                nulls_distinct=False,
                name="staff_membership_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.authority or 'A new authority'} ({self.get_role_display()})"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def for_staff(self, user: User) -> "InvitationQuerySet":
        """Filter to invitations of colleagues, and of people of signatories looked after."""
        path = "organisation__signatories__charter__authority"
        to_signatories = Invitation.objects.filter(looked_after_by(user, path))
        return self.filter(looked_after_by(user, "authority") | Q(pk__in=to_signatories))

    def open(self, now: datetime) -> "InvitationQuerySet":
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)


class Invitation(Identified):
    """A one-time link to an account. Only a hash of its token is stored."""

    email = models.EmailField()
    organisation = models.ForeignKey(
        "charter.Organisation", on_delete=models.CASCADE, null=True, blank=True
    )
    role = models.CharField(max_length=20, choices=Membership.Role, blank=True)
    body = models.CharField(max_length=200, blank=True)
    invited_by = models.ForeignKey(
        "charter.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    staff_role = models.CharField(max_length=20, choices=StaffRole, blank=True)
    # Of an invitation with a staff role; empty for one that is yet to be set up.
    authority = models.ForeignKey(
        "charter.Authority", on_delete=models.CASCADE, null=True, blank=True
    )
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="invitation_to_authority_or_organisation",
                condition=Q(organisation=None, role="") & ~Q(staff_role="")
                | Q(organisation__isnull=False, staff_role="", authority=None) & ~Q(role=""),
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def role_summary(self) -> str:
        """Return the role and what it may do: “reviewer: returns items with comments”."""
        if self.staff_role:
            staff_role = StaffRole(self.staff_role)
            return f"{staff_role.label.lower()}: {STAFF_ROLE_SUMMARIES[staff_role]}"
        role = MemberRole(self.role)
        return f"{role.label.lower()}: {Membership.ROLE_SUMMARIES[role]}"
