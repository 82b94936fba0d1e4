"""Email addresses that follow changes without an account. Never public."""

from datetime import date

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from charter.models.identified import Identified

NEVER = Value(date.min)


class Follower(Identified):
    """An address that receives emails about changes, deleted once it follows nothing."""

    email = models.EmailField(unique=True)
    emailed_until = models.DateField(help_text="The last day whose changes it was told of")

    class Meta:
        # For queue_daily_emails in actions/following.py.
        indexes = [models.Index("emailed_until", name="follower_emailed_until")]

    def __str__(self) -> str:
        return self.email


class FollowingQuerySet(models.QuerySet["Following"]):
    def confirmed(self) -> "FollowingQuerySet":
        return self.filter(confirmed_at__isnull=False)

    def emailed_by(self, day: date) -> "FollowingQuerySet":
        """Filter to keepers last emailed on or before a day, or never."""
        return self.alias(last=Coalesce("emailed_on", NEVER)).filter(last__lte=day)

    def unconfirmed(self) -> "FollowingQuerySet":
        return self.filter(confirmed_at=None)


class Following(Identified):
    """A subject that a follower follows. It has no effect until confirmed from the mailbox."""

    follower = models.ForeignKey(Follower, on_delete=models.CASCADE, related_name="followings")
    about = models.CharField(
        max_length=500,
        blank=True,
        help_text="A key, the code of a place, the query of a list, “head”; empty: the register",
    )
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    emailed_on = models.DateField(
        null=True, blank=True, help_text="The last day on which a keeper got the head of the log"
    )

    objects = FollowingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("follower", "about", name="followed_once")]
        indexes = [
            # For delete_unconfirmed in actions/following.py.
            models.Index("asked_at", condition=Q(confirmed_at=None), name="following_waiting"),
            # For queue_heads in actions/keepers.py.
            models.Index(
                Coalesce("emailed_on", NEVER), condition=Q(about="head"), name="following_keeper"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follower} follows {self.about or 'the register'}"
