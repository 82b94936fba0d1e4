"""Organisations and signatories."""

from datetime import date, timedelta
from functools import partial

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable

from charter.models.charters import Authority, labels_in_charters
from charter.models.identified import Identified
from charter.models.people import Membership, User, looked_after_by, own_organisations
from charter.workflow import STANDING_MOVES, trigger_moves
from registry.log import keys
from registry.log.reporting import Absence
from registry.schema.code_lists import Cadence, OrganisationKind, Route, Size, Standing


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def for_staff(self, user: User) -> "OrganisationQuerySet":
        """Filter to signatories of charters that the user looks after, also former ones."""
        own_signatories = Signatory.objects.for_staff(user)
        return self.filter(pk__in=own_signatories.values("organisation"))

    def signed_with(self, authority: Authority) -> "OrganisationQuerySet":
        """Filter to current and invited signatories of an authority's charters, by name."""
        signatories = Signatory.objects.filter(charter__authority=authority, left_on=None)
        return self.filter(pk__in=signatories.values("organisation")).order_by("legal_name", "pk")

    def without_owner(self) -> "OrganisationQuerySet":
        """Filter to current signatories without an owner that have, or had, people."""
        owners = Membership.objects.current().filter(role=Membership.Role.OWNER)
        signatories = Signatory.objects.public().filter(left_on=None)
        with_people = self.filter(pk__in=Membership.objects.values("organisation"))
        return with_people.filter(pk__in=signatories.values("organisation")).exclude(
            pk__in=owners.values("organisation")
        )


class Organisation(models.Model):
    """A legal or natural person, signatory to one or more charters."""

    legal_name = models.CharField(max_length=200)
    trading_name = models.CharField(max_length=200, blank=True)
    # Earlier names in their published format: [{"name", "to": the last day}].
    former_names = models.JSONField(default=list, blank=True)
    kind = models.CharField(max_length=40, choices=OrganisationKind)
    social_enterprise = models.BooleanField(default=False)
    size = models.CharField(max_length=10, choices=Size, blank=True)
    sector = models.CharField(max_length=1, blank=True, help_text="Section of SIC 2007, A to U")
    website = models.URLField(blank=True)
    area_codes = ArrayField(models.CharField(max_length=9), default=list, blank=True)

    objects = OrganisationQuerySet.as_manager()

    def __str__(self) -> str:
        return self.trading_name or self.legal_name

    def rename(self, legal_name: str, *, today: date) -> None:
        """Change the legal name from `today`, and keep the earlier one with its last day.

        A change of capitals alone is a correction and is not recorded, and neither is a name that
        was never public. Not saved.
        """
        is_another = legal_name.casefold() != self.legal_name.casefold()
        if is_another and self.signatories.public().exists():
            until = (today - timedelta(days=1)).isoformat()
            former_name = {"name": self.legal_name, "to": until}
            self.former_names = [*self.former_names, former_name]
        self.legal_name = legal_name

    @property
    def invited_signatories(self) -> "SignatoryQuerySet":
        """Return it as a signatory of the charters that it was invited to sign and has not."""
        private = self.signatories.private().filter(left_on=None)
        return private.select_related("charter").order_by("pk")

    @property
    def only_authority(self) -> Authority | None:
        """Return the authority whose charters it signed, or None if there are several."""
        authorities = Authority.objects.filter(charters__signatories__organisation=self).distinct()
        first_two = list(authorities[:2])
        return first_two[0] if len(first_two) == 1 else None

    @property
    def is_small(self) -> bool:
        """Return True for the short route: three questions, once a year."""
        return self.size == Size.MICRO

    def support_body_of(self, user: User) -> str:
        """Return the support body through which `user` acts for it, or "" for its own people."""
        member = self.memberships.current().filter(user=user).first()
        return member.body if member else ""


class Identifier(models.Model):
    """An organisation's number in a public list, by org-id scheme."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="identifiers"
    )
    scheme = models.CharField(max_length=20, help_text="Such as GB-COH")
    number = models.CharField(max_length=30)
    primary = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "scheme", "number", name="identifier_belongs_to_one_organisation"
            ),
            models.UniqueConstraint(
                "organisation", condition=Q(primary=True), name="identifier_one_primary"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}-{self.number}"


IS_PUBLIC = Q(accepted_at__isnull=False) | Q(source__isnull=False)


class SignatoryQuerySet(models.QuerySet["Signatory"]):
    def for_user(self, user: User) -> "SignatoryQuerySet":
        """Filter to the signatories of the user's own organisations."""
        return self.filter(organisation__in=own_organisations(user))

    def for_staff(self, user: User) -> "SignatoryQuerySet":
        """Filter to the signatories of charters that the user looks after."""
        return self.filter(looked_after_by(user, "charter__authority"))

    def public(self) -> "SignatoryQuerySet":
        """Filter to signatories that accepted the charter, or are restated from a source."""
        return self.filter(IS_PUBLIC)

    def private(self) -> "SignatoryQuerySet":
        """Filter to organisations that were invited and have not accepted."""
        return self.exclude(IS_PUBLIC)

    def labels(self) -> list[tuple[str, str]]:
        """Return key and name of each, by name, and its charter if there are several."""
        signatories = self.select_related("organisation", "charter").order_by(
            "organisation__legal_name", "pk"
        )
        return labels_in_charters((s.key, str(s), s.charter) for s in signatories)

    def without_owner(self) -> "SignatoryQuerySet":
        """Filter to current signatories that lost their owner, annotated with `has_people`."""
        people = Membership.objects.current().filter(organisation=OuterRef("organisation"))
        ownerless = self.public().filter(
            left_on=None, organisation__in=Organisation.objects.without_owner()
        )
        return ownerless.annotate(has_people=Exists(people))

    def paused_on(self, day: date | Combinable) -> "SignatoryQuerySet":
        """Filter to signatories whose reporting is paused on a day, which may be an expression."""
        return self.filter(Q(pause_to__gte=day) | Q(pause_to=None), pause_from__lte=day)


class Signatory(keys.KeyedRow):
    """An organisation in one charter. Private until it accepts, unless restated from a source."""

    key = models.CharField(max_length=10, unique=True, default=partial(keys.new_key, "signatory"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="signatories"
    )
    charter = models.ForeignKey(
        "charter.Charter", on_delete=models.PROTECT, related_name="signatories"
    )
    route = models.CharField(max_length=20, choices=Route, blank=True)
    # Standing and joined_on are empty if a restated report does not mention them.
    standing = models.CharField(
        max_length=20, choices=Standing, default=Standing.PLAN_IN_PROGRESS, blank=True
    )
    # Of the latest step of the standing: its day, and the words that the council published with it.
    standing_since = models.DateField(null=True, blank=True)
    standing_reason = models.CharField(max_length=300, blank=True)
    standing_plan = models.CharField(
        max_length=500, blank=True, help_text="What has to happen before it is reinstated"
    )
    certificate_number = models.CharField(max_length=20, blank=True)
    accredited_from = models.DateField(null=True, blank=True)
    accredited_to = models.DateField(null=True, blank=True)
    joined_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    successor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors"
    )
    covers = models.TextField(
        blank=True, help_text="Subsidiaries or sites that the commitments cover"
    )
    # A pause agreed with the council, without reminders.
    pause_from = models.DateField(null=True, blank=True)
    pause_to = models.DateField(null=True, blank=True)
    pause_reason = models.CharField(max_length=300, blank=True)
    unreachable_since = models.DateField(null=True, blank=True)
    no_contact_since = models.DateField(null=True, blank=True)
    # Of “unreachable”, where that was our fault, in their published format.
    retractions = models.JSONField(default=list, blank=True)
    # For a record restated from another source, such as the press: {"note", "title", "dated"}.
    source = models.JSONField(null=True, blank=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    has_had_people = models.BooleanField(
        default=False, help_text="Set by the database: it has memberships, perhaps ended"
    )

    objects = SignatoryQuerySet.as_manager()

    class Meta:
        indexes = [
            # For lapse in actions/standing.py.
            models.Index(
                "accredited_to",
                condition=Q(standing=Standing.ACCREDITED),
                name="signatory_accredited",
            ),
            # For mark_without_contact in mail/reachability.py.
            models.Index(
                "id",
                condition=IS_PUBLIC & Q(left_on=None, no_contact_since=None, has_had_people=False),
                name="signatory_without_people",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "organisation",
                "charter",
                condition=Q(left_on=None),
                name="signatory_once_in_a_charter",
            ),
            models.CheckConstraint(
                name="signatory_with_a_successor_has_left",
                condition=Q(successor=None) | Q(left_on__isnull=False),
            ),
            models.CheckConstraint(
                name="signatory_accepted_or_declined",
                condition=Q(accepted_at=None) | Q(declined_at=None),
            ),
            models.CheckConstraint(
                name="signatory_pause_has_a_reason",
                condition=Q(pause_from=None) | ~Q(pause_reason=""),
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="standing_moves",
                field="standing",
                transitions=[
                    *trigger_moves(STANDING_MOVES),
                    *(("", str(standing)) for standing in Standing),
                ],
            ),
            pgtrigger.Trigger(
                name="signatory_people",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__has_had_people=False),
                func="""
                    NEW.has_had_people = EXISTS (
                        SELECT FROM charter_membership WHERE organisation_id = NEW.organisation_id
                    );
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation)

    @property
    def is_public(self) -> bool:
        return self.accepted_at is not None or self.source is not None

    @property
    def must_accept(self) -> bool:
        """Return True while it cannot send anything to the council.

        One restated from a source accepts too, once it has people.
        """
        if self.accepted_at:
            return False
        return not self.is_public or self.organisation.memberships.current().exists()

    @property
    def usual_cadence(self) -> str:
        return usual_cadence(
            self.charter.default_cadence, size=self.organisation.size, route=self.route
        )

    @property
    def absence(self) -> Absence:
        """Return when no updates are expected, for the reporting rule."""
        return Absence(
            self.pause_from, self.pause_to, self.unreachable_since, self.no_contact_since
        )

    def is_paused(self, day: date) -> bool:
        """Return True if a pause agreed with the council covers `day`."""
        return self.absence.is_paused(day)


def usual_cadence(default: str, *, size: str, route: str) -> str:
    """Return how often updates are due: yearly for small organisations, quarterly by contract."""
    if size == Size.MICRO:
        return Cadence.YEARLY
    return Cadence.QUARTERLY if route == Route.CONTRACT else default


class DetailsRequestQuerySet(models.QuerySet["DetailsRequest"]):
    def for_staff(self, user: User) -> "DetailsRequestQuerySet":
        """Filter to requests by signatories that the user looks after."""
        return self.filter(looked_after_by(user, "signatory__charter__authority"))

    def awaiting_decision(self) -> "DetailsRequestQuerySet":
        return self.filter(decided_at=None).order_by("asked_at")


class DetailsRequest(Identified):
    """A signatory's request to change its public details."""

    signatory = models.ForeignKey(
        Signatory, on_delete=models.CASCADE, related_name="details_requests"
    )
    values = models.JSONField(help_text="What becomes different, by the fields of the details")
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(
        "charter.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = DetailsRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "signatory", condition=Q(decided_at=None), name="details_request_one_waits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signatory}: {', '.join(self.values)}"
