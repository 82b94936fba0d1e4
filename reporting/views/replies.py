"""Pages for the reply beside what the public page says against a signatory."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from charter import permissions, personal_data, review
from charter.errors import ChangedSinceReadError, WrongStateError
from charter.views.access import SignedInRequest, member_required
from charter.views.business import get_own_commitment
from registry import clock
from registry.website import commitment as page
from reporting.actions import replies
from reporting.forms.replies import ReplyForm
from reporting.models import Reply


@member_required("business.read")
@require_http_methods(["GET", "POST"])
def edit_reply(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the reply, or the form to write it; save it on submission."""
    commitment = get_own_commitment(request, key)
    may_write = permissions.can(request.user, "reply.draft", commitment.signatory)
    if request.method == "POST":
        permissions.check(request.user, "reply.draft", commitment.signatory)
    reply = replies.expected_reply(commitment)
    if reply is None:
        messages.info(request, replies.NOTHING_SAID)
        return redirect("business:commitment", key)
    initial = {"text": reply.text, "version": reply.version}
    form = ReplyForm(request.POST or None, initial=initial)
    colleagues_text = ""
    if request.method == "POST" and form.is_valid():
        try:
            replies.save_draft(commitment, by=request.user, **form.cleaned_data)
            return _redirect_after_save(request, key)
        except ChangedSinceReadError as error:
            colleagues_text = error.current.text
            form.data = {**request.POST.dict(), "version": str(error.current.version)}
        except WrongStateError as error:
            messages.info(request, str(error))
            return redirect("business:reply", key)
    context = {
        "commitment": commitment,
        "reply": reply,
        "form": form,
        "may_write": may_write,
        "colleagues_text": colleagues_text,
        "section": "business",
    }
    status = 409 if colleagues_text else 200
    return render(request, "reporting/reply.html", context, status=status)


@member_required("business.read")
@require_http_methods(["GET", "POST"])
def reply_preview(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the public page with the draft reply; send it on submission."""
    commitment = get_own_commitment(request, key)
    reply = replies.expected_reply(commitment)
    if request.method == "POST":
        permissions.check(request.user, "reply.submit", commitment.signatory)
    if reply is None or reply.pk is None or not reply.is_working_copy:
        return redirect("business:reply", key)
    # If a newer version was saved, its author reads it first.
    if request.method == "POST" and request.POST.get("version") == str(reply.version):
        return _send_reply(request, reply)
    entries = replies.entries_to_append(reply)
    context = {
        "reply": reply,
        "commitment": page.preview_page(entries, key=commitment.key, today=clock.today()),
        "personal_data": personal_data.find_in_entries(entries),
        "may_write": permissions.can(request.user, "reply.submit", commitment.signatory),
        "section": "business",
    }
    return render(request, "reporting/reply_preview.html", context)


def _redirect_after_save(request: SignedInRequest, key: str) -> HttpResponse:
    if "later" in request.POST:
        messages.success(request, "Your draft is saved. Nobody outside your organisation sees it.")
        return redirect("business:commitment", key)
    return redirect("business:reply_preview", key)


def _send_reply(request: SignedInRequest, reply: Reply) -> HttpResponse:
    try:
        review.submit(reply, by=request.user)
        messages.success(request, "Your reply is with the council.")
    except WrongStateError as error:
        messages.info(request, str(error))
    return redirect("business:commitment", reply.commitment.key)
