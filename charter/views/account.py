"""Where a person goes after signing in."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from charter.views.access import SignedInRequest, sign_in_required


@never_cache
@sign_in_required
def account_home(request: SignedInRequest) -> HttpResponse:
    """Lead the council to its queue and everybody else to what they owe."""
    return redirect("council:queue" if request.user.is_council else "business:home")
