"""Form fields for a commitment's contract. A voluntary commitment has none."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, RegexValidator

from charter.forms.fields import FigureField, PlainTextField
from registry.schema.code_lists import ContractStage

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
FORM_FIELDS: dict[str, forms.Field] = {
    "contract_reference": PlainTextField(
        label="Contract reference",
        max_length=60,
        required=False,
        help_text="As in the council’s contract register. For example, P0123-2026.",
    ),
    "contract_title": PlainTextField(label="Contract title", max_length=200, required=False),
    "contract_department": PlainTextField(
        label="Buying department",
        max_length=100,
        required=False,
        help_text="For example, Highways.",
    ),
    "contract_stage": forms.ChoiceField(
        label="Contract stage",
        choices=[("", "Not given"), *ContractStage.choices],
        required=False,
    ),
    "contract_clause": PlainTextField(
        label="Clause with the commitment",
        max_length=100,
        required=False,
        help_text="For example, 14.2, social value.",
    ),
    "contract_ocid": PlainTextField(
        label="Open Contracting identifier (OCID)",
        max_length=60,
        required=False,
        help_text="Leave blank if the notice has none. For example, ocds-h6vhtk-04f5a1.",
        validators=[
            RegexValidator(r"^ocds-[0-9a-z]{6}-\S+$", "OCID must start with ocds- and a prefix")
        ],
    ),
    "contract_value": FigureField(label="Contract value in pounds", required=False),
    "contract_weighting": FigureField(
        label="Weight of social value in the award (%)",
        required=False,
        validators=[MaxValueValidator(100, "Weight must be 100 or less")],
    ),
}


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
        form.add_error("contract_reference", "Enter the contract reference")
