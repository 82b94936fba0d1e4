"""The council's page of examples to copy: chosen by people, with a sentence on why."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from charter.errors import AlreadyThereError
from charter.views.access import SignedInRequest, council_required
from reporting.actions import examples
from reporting.forms.examples import ExampleForm, TakeBackForm
from reporting.models import Example


@council_required
@require_http_methods(["GET", "POST"])
def chosen(request: SignedInRequest) -> HttpResponse:
    """List the examples of today; choose another."""
    form = ExampleForm(request.POST or None, initial={"key": request.GET.get("about", "")})
    if request.method == "POST" and form.is_valid():
        try:
            about = form.cleaned_data["key"]
            examples.choose(about, by=request.user, why=form.cleaned_data["why"])
        except AlreadyThereError as error:
            form.add_error("key", str(error))
        else:
            messages.success(request, "The example is public, on the first page and its theme’s.")
            return redirect("council:examples")
    current = Example.objects.current().select_related("commitment", "success")
    context = {"section": "examples", "form": form, "examples": current.order_by("-chosen_at")}
    return render(request, "council/examples.html", context)


@council_required
@require_http_methods(["GET", "POST"])
def take_back(request: SignedInRequest, key: str) -> HttpResponse:
    """Ask why something is no longer an example, and end it."""
    current = Example.objects.current().select_related("commitment", "success")
    example = get_object_or_404(current, key=key)
    form = TakeBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        examples.take_back(example, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "It is no longer shown as an example.")
        return redirect("council:examples")
    context = {"section": "examples", "form": form, "example": example}
    return render(request, "council/example.html", context)
