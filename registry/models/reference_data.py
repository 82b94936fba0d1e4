"""Public reference data that a council loads."""

from django.db import models


class Postcode(models.Model):
    """The ward of a postcode, from a file loaded by the council: public reference data."""

    postcode = models.CharField(max_length=8, primary_key=True, help_text="Without space: B11BB")
    ward = models.CharField(max_length=9, help_text="The GSS code of its ward")

    def __str__(self) -> str:
        return self.postcode
