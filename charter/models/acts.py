"""The record of acts: who did what to which objects, when and why they could.

Its tables are append-only: registry/log/append_only.py.
"""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import Q

from charter.models.people import User, looked_after_by
from charter.roles import ACT_LABELS
from registry import clock


class ActPerson(models.Model):
    """The name of a person in their acts: a copy of the account, under the same number.

    A trigger keeps it in step with the account. Erasing the person leaves a pseudonym.
    """

    id = models.PositiveBigIntegerField(primary_key=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)

    class Meta:
        verbose_name_plural = "act people"

    def __str__(self) -> str:
        return self.name or self.email


class Act(models.Model):
    """An outermost action: the number orders acts, and public entries refer to it."""

    class Cause(models.TextChoices):
        PERSON = "person", "A signed-in person"
        TICK = "tick", "A scheduled task"
        LINK = "link", "The holder of a link"
        VISITOR = "visitor", "A visitor without an account"
        COMMAND_LINE = "command_line", "The command line"

    ALONE = "alone"

    number = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=clock.now)
    cause = models.CharField(max_length=20, choices=Cause)
    person = models.ForeignKey(ActPerson, on_delete=models.PROTECT, null=True, related_name="acts")
    role = models.CharField(max_length=40, blank=True, help_text="The role that allowed it, then")
    # Or ALONE, of a person who did what needs a second one.
    source = models.CharField(
        max_length=100,
        blank=True,
        help_text="The scheduled task, or the link: confirmation 17",
    )
    verb = models.CharField(max_length=40, help_text="The name of its permission")

    class Meta:
        ordering = ["number"]
        constraints = [
            # Anyone who acts had to ask for a permission, which records the role.
            models.CheckConstraint(
                name="act_of_a_person_names_the_role", condition=~Q(cause="person") | ~Q(role="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}: {ACT_LABELS[self.verb]}"


class ActObjectQuerySet(models.QuerySet["ActObject"]):
    def for_staff(self, user: User) -> "ActObjectQuerySet":
        """Filter to objects of the user's authorities and their signatories, and to nobody's."""
        path = "organisation__signatories__charter__authority"
        of_signatories = ActObject.objects.filter(looked_after_by(user, path))
        return self.filter(
            looked_after_by(user, "authority")
            | Q(authority=None, organisation=None)
            | Q(authority=None, pk__in=of_signatories)
        )

    def empty_values(self) -> None:
        """Forget what was kept of objects, by the owner's function: nobody else can."""
        with connection.cursor() as cursor:
            numbers = list(self.values_list("pk", flat=True))
            cursor.execute("SELECT empty_act_objects(%s::bigint[])", [numbers])


class ActObject(models.Model):
    """An object that an act touched, with the changed fields only.

    Before is empty for a new object, after for a deleted one, both for one that did not change.
    Redaction empties both.
    """

    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="objects_touched")
    label = models.CharField(max_length=60, help_text="Its model, such as charter.Commitment")
    object_id = models.PositiveBigIntegerField()
    key = models.CharField(max_length=10, blank=True, help_text="Its public key, if it has one")
    # Rows outlive what they name, so that the database must not check them.
    organisation = models.ForeignKey(
        "charter.Organisation",
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
    )
    authority = models.ForeignKey(
        "charter.Authority",
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
    )
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    objects = ActObjectQuerySet.as_manager()

    class Meta:
        indexes = [
            # The activity of an object.
            models.Index("label", "object_id", name="act_object_subject"),
            # The activity of a public record.
            models.Index("key", condition=~models.Q(key=""), name="act_object_key"),
        ]

    def __str__(self) -> str:
        return f"{self.act_id}: {self.label} {self.object_id}"
