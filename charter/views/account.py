"""The start page after signing in."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from charter.views.access import SignedInRequest, sign_in_required


@never_cache
@sign_in_required
def account_home(request: SignedInRequest) -> HttpResponse:
    """Redirect staff to the review queue and everyone else to their organisation's page."""
    return redirect("council:queue" if request.user.is_staff else "business:home")
