"""Form fields for a commitment's contract. A voluntary commitment has none."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, RegexValidator

from charter.forms.fields import FigureField, PlainTextField
from registry.schema import code_lists

REFERENCE = PlainTextField(
    label="Contract reference",
    max_length=60,
    required=False,
    help_text="As the council's contract register writes it, such as P0123-2026.",
)
TITLE = PlainTextField(label="Title of the contract", max_length=200, required=False)
DEPARTMENT = PlainTextField(
    label="Department that buys", max_length=100, required=False, help_text="Such as Highways."
)
STAGE = forms.ChoiceField(
    label="Where the contract stands",
    choices=[("", "Not said"), *code_lists.CONTRACT_STAGES.items()],
    required=False,
)
CLAUSE = PlainTextField(
    label="Clause that the commitment stands in",
    max_length=100,
    required=False,
    help_text="Such as 14.2, social value.",
)
OCID = PlainTextField(
    label="Open Contracting identifier (OCID)",
    max_length=60,
    required=False,
    help_text="If the notice has one, such as ocds-h6vhtk-04f5a1.",
    validators=[
        RegexValidator(r"^ocds-[0-9a-z]{6}-\S+$", "An OCID begins with ocds- and a prefix")
    ],
)
VALUE = FigureField(label="Value of the contract in pounds", required=False)
WEIGHTING = FigureField(
    label="Weight of social value in the award (per cent)",
    required=False,
    validators=[MaxValueValidator(100, "At most 100 per cent")],
)

# Form fields by the names of the published contract's fields.
FIELDS = {
    "reference": "contract_reference",
    "title": "contract_title",
    "department": "contract_department",
    "stage": "contract_stage",
    "clause": "contract_clause",
    "ocid": "contract_ocid",
    "value": "contract_value",
    "weighting": "contract_weighting",
}
NAMES = tuple(FIELDS.values())


def published_contracts(cleaned: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the form's contract in its published format, as a list of one or none."""
    form_values = {name: cleaned.get(field) for name, field in FIELDS.items()}
    if not form_values["reference"]:
        return []
    # Figures in their shortest form, so that sending an unchanged form makes no difference.
    contract = {
        name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
        for name, value in form_values.items()
        if value
    }
    if "value" in contract:
        contract["value"] = {"amount": contract["value"], "currency": "GBP"}
    return [contract]


def initial_of(contracts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return initial values from the contracts of a saved commitment."""
    contract = contracts[0] if contracts else {}
    initial = {field: contract.get(name, "") for name, field in FIELDS.items()}
    value, weighting = contract.get("value"), contract.get("weighting")
    return initial | {
        "contract_value": Decimal(value["amount"]) if value else None,
        "contract_weighting": Decimal(weighting) if weighting else None,
    }


def require_reference(form: forms.Form) -> None:
    """Add an error if the form describes a contract without its reference."""
    cleaned = form.cleaned_data
    if any(cleaned.get(name) for name in NAMES) and not cleaned.get("contract_reference"):
        form.add_error("contract_reference", "Give the reference of the contract")
