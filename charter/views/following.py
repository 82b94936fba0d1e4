"""Following something by email without an account: asking, confirming, ending."""

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
    """Ask for an address; what to follow stands in the query, `about=C-7F3K2`."""
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


# The unguessable address shows that the form is ours; sending it signs nobody in.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_following(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm by the button alone: scanners of email open links."""
    wanted = following.following_from_token(token)
    subject = follow_subjects.find_subject(wanted.about) if wanted else None
    if wanted is None or subject is None:
        return render_public_page("following/ended.html", {}, status=410)
    if request.method == "POST":
        following.confirm(wanted)
    stop = following.stop_url(wanted.follower)
    context = {"subject": subject, "confirmed": request.method == "POST", "stop": stop}
    return render_public_page("following/confirm.html", context)


# A mail program posts here without a cookie and from nowhere; the signed address says for whom.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_following(request: HttpRequest, token: str) -> HttpResponse:
    """Show what an address follows; end one, or all by the mail program's own button."""
    follower = following.follower_from_token(token)
    if follower is None:
        return render_public_page("following/ended.html", {})
    if request.method == "POST":
        one = request.POST.get("following", "")
        following.stop(follower, int(one) if one.isdecimal() and len(one) < 16 else None)
    return render_public_page("following/stop.html", {"followed": _followed_subjects(follower)})


def _followed_subjects(follower: Follower) -> list[tuple[int, str, str]]:
    """Return what somebody follows: number, words, address."""
    confirmed = follower.followings.confirmed().order_by("pk")
    return [
        (each.pk, subject.title, subject.path)
        for each in confirmed
        if (subject := follow_subjects.find_subject(each.about))
    ]
