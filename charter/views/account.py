"""The start page after signing in."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from charter import second_factor
from charter.views.access import SignedInRequest, sign_in_required


@never_cache
@sign_in_required
def account_home(request: SignedInRequest) -> HttpResponse:
    """Redirect to the page a person wanted, else to the review queue or their organisation.

    A person without either, who may just have left, reads that here.
    """
    if wanted_page := request.session.pop(second_factor.WANTED_PAGE, ""):
        return redirect(wanted_page)
    if request.user.is_staff:
        return redirect("council:queue")
    if request.user.is_member:
        return redirect("business:home")
    return render(request, "account/no_organisation.html", {"section": ""})
