"""Pages to follow changes by email without an account: request, confirm, stop."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from charter.actions import following
from charter.forms.following import FollowForm
from charter.models import Follower
from charter.views.public_forms import public_form, render_public_page
from registry.website import follow_subjects


@public_form
def follow_subject(request: HttpRequest) -> HttpResponse:
    """Ask for an email address to follow the subject named in the query: `about=C-7F3K2`."""
    subject = follow_subjects.find_subject(request.GET.get("about", follow_subjects.REGISTER))
    if subject is None:
        raise Http404("There is nothing like this to follow.")
    form = FollowForm(request.POST or None)
    if not form.is_valid():
        return render_public_page("following/follow.html", {"form": form, "subject": subject})
    following.request_following(form.cleaned_data["email"], subject)
    return redirect("following:confirmation_sent")


@require_safe
def confirmation_sent(request: HttpRequest) -> HttpResponse:
    return render_public_page("following/confirmation_sent.html", {})


# Exempt because the unguessable URL proves that the form is ours; sending it signs nobody in.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_following(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm a following with a button, because email scanners open links."""
    requested_following = following.following_from_token(token)
    subject = (
        follow_subjects.find_subject(requested_following.about) if requested_following else None
    )
    if requested_following is None or subject is None:
        return render_public_page("following/ended.html", {}, status=410)
    if request.method == "POST":
        following.confirm(requested_following)
    stop_url = following.stop_url(requested_following.follower)
    context = {"subject": subject, "confirmed": request.method == "POST", "stop": stop_url}
    return render_public_page("following/confirm.html", context)


# Exempt because mail programs post here without a cookie; the signed URL identifies the follower.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_following(request: HttpRequest, token: str) -> HttpResponse:
    """List an address's followings and end one, or all with a mail program's own button."""
    follower = following.follower_from_token(token)
    if follower is None:
        return render_public_page("following/ended.html", {})
    if request.method == "POST":
        number = request.POST.get("following", "")
        # The text comes from outside, and int() fails on thousands of digits.
        following.stop(follower, int(number) if number.isdecimal() and len(number) < 16 else None)
    return render_public_page("following/stop.html", {"followed": _followed_subjects(follower)})


def _followed_subjects(follower: Follower) -> list[tuple[int, str, str]]:
    """Return the subjects that a follower follows, as (number, title, path)."""
    followings = follower.followings.confirmed().order_by("pk")
    return [
        (item.pk, subject.title, subject.path)
        for item in followings
        if (subject := follow_subjects.find_subject(item.about))
    ]
