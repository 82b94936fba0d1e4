"""The council changes many promises at once, after it has seen what would be different."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from charter.actions import many
from charter.errors import StaleError
from charter.forms.many import FindForm, ManyForm
from charter.views.access import SignedInRequest, council_required


@council_required
@require_http_methods(["GET", "POST"])
def promises(request: SignedInRequest) -> HttpResponse:
    """Find promises, choose among them, show what would be different, change it."""
    asked = FindForm(request.GET or None)
    context = {"section": "signatories", "asked": asked}
    if not asked.is_valid():
        return render(request, "council/many.html", context)
    form = ManyForm(
        request.POST or None,
        promises=asked.promises(),
        signatory=asked.cleaned_data["signatory"],
    )
    if not form.is_valid():
        return render(request, "council/many.html", context | {"form": form})
    told = form.cleaned_data
    theme, contact = told["new_theme"], told.get("contact")
    if "read" in request.POST:
        try:
            changed = many.change(
                told["commitments"],
                by=request.user,
                theme=theme,
                contact=contact,
                reason=told["reason"],
                read=request.POST["read"],
            )
        except StaleError as error:
            messages.info(request, str(error))
        else:
            messages.success(request, f"Changed: {len(changed)}")
            return redirect(request.get_full_path())
    chosen = list(many.chosen(told["commitments"]))
    shown = {"chosen": chosen, "read": many.digest(chosen), "theme": theme, "contact": contact}
    return render(request, "council/many_preview.html", context | shown | {"form": form})
