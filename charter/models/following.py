"""Who hears of changes by email without an account. None of it is ever public."""

from django.db import models
from django.db.models import Q


class Follower(models.Model):
    """An address that emails about changes go to, for as long as it follows something."""

    email = models.EmailField(unique=True)
    emailed_until = models.DateField(help_text="The last day whose changes it was told of")

    class Meta:
        # The daily look in actions/following.py.
        indexes = [models.Index("emailed_until", name="follower_emailed_until")]

    def __str__(self) -> str:
        return self.email


class FollowingQuerySet(models.QuerySet["Following"]):
    def confirmed(self) -> "FollowingQuerySet":
        return self.filter(confirmed_at__isnull=False)

    def unconfirmed(self) -> "FollowingQuerySet":
        return self.filter(confirmed_at=None)


class Following(models.Model):
    """What one follower wants to hear of; without effect until confirmed from its mailbox."""

    follower = models.ForeignKey(Follower, on_delete=models.CASCADE, related_name="followings")
    about = models.CharField(
        max_length=500,
        blank=True,
        help_text="A key, the code of a place, the query of a list; empty: the whole register",
    )
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = FollowingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("follower", "about", name="followed_once")]
        indexes = [
            # What was never confirmed, in actions/following.py.
            models.Index("asked_at", condition=Q(confirmed_at=None), name="following_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.follower} follows {self.about or 'the register'}"
