"""Taking back what was sent to the council, while it has not been decided."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from charter import permissions, review
from charter.errors import AlreadyDecidedError
from charter.views.access import SignedInRequest, member_required
from charter.views.business import get_own_commitment


@member_required("item.take_back")
@require_POST
def take_back(request: SignedInRequest, key: str, item_key: str) -> HttpResponse:
    """Make a commitment, or what was sent about it, a draft again, and open it for writing."""
    commitment = get_own_commitment(request, key)
    permissions.check(request.user, "item.take_back", commitment.signatory)
    waiting = {item.key: item for item in review.items_on_commitment(commitment)}
    try:
        if item_key not in waiting:
            raise AlreadyDecidedError
        review.take_back(waiting[item_key].submission, by=request.user)
    except AlreadyDecidedError as error:
        messages.info(request, str(error))
        return redirect("business:commitment", key)
    messages.success(request, "You have taken it back. It is a draft: change it and send it again.")
    return redirect(waiting[item_key].edit_address)
