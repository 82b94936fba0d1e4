"""The code lists of measures: what is counted, in which unit and with which evidence."""

from typing import Self

from registry.schema.codes import CodeList


class Nature(CodeList):
    INPUT = "input", "What is put in", "Input"
    OUTPUT = "output", "What is done", "Output"
    OUTCOME = "outcome", "What changes for people", "Outcome"
    IMPACT = "impact", "What lasts", "Impact"


class Direction(CodeList):
    INCREASE = "increase", "More is better"
    DECREASE = "decrease", "Less is better"
    MAINTAIN = "maintain", "To be kept as it is"
    ACHIEVE = "achieve", "Done or not done"


class ValueType(CodeList):
    QUANTITY = "quantity", "Number"
    MONEY = "money", "Pounds"
    PERCENTAGE = "percentage", "Percentage"
    YES_NO = "yes_no", "Yes or no"
    NARRATIVE = "narrative", "Text"

    @classmethod
    def numeric_types(cls) -> tuple[Self, ...]:
        """Return the types of value that take a figure."""
        return cls.QUANTITY, cls.MONEY, cls.PERCENTAGE


class Unit(CodeList):
    COUNT = "count", ValueType.QUANTITY, "Number"
    FTE = "fte", ValueType.QUANTITY, "Full-time equivalent"
    WEEKS = "weeks", ValueType.QUANTITY, "Weeks"
    HOURS = "hours", ValueType.QUANTITY, "Hours"
    PERSON_HOURS = "person_hours", ValueType.QUANTITY, "Person-hours"
    GBP = "gbp", ValueType.MONEY, "Pounds"
    GBP_PROXY = "gbp_proxy", ValueType.MONEY, "Proxy pounds: an estimate of social value"
    PERCENT = "percent", ValueType.PERCENTAGE, "Per cent"
    DAYS = "days", ValueType.QUANTITY, "Days"
    TCO2E = "tco2e", ValueType.QUANTITY, "Tonnes of CO2 equivalent"
    KWH = "kwh", ValueType.QUANTITY, "Kilowatt-hours"
    TONNES = "tonnes", ValueType.QUANTITY, "Tonnes"
    KM = "km", ValueType.QUANTITY, "Kilometres"
    SQM = "sqm", ValueType.QUANTITY, "Square metres"
    YESNO = "yesno", ValueType.YES_NO, "Yes or no"
    TEXT = "text", ValueType.NARRATIVE, "Text"

    def __init__(self, code: str, value_type: ValueType) -> None:
        super().__init__(code)
        self.value_type = value_type

    @classmethod
    def addable_units(cls) -> list[Self]:
        """Return the units whose figures add up: not those of shares, answers or estimates."""
        addable = (ValueType.QUANTITY, ValueType.MONEY)
        return [unit for unit in cls if unit.value_type in addable and unit != cls.GBP_PROXY]


class Counts(CodeList):
    """What a figure of a measure counts."""

    SINCE_PROMISE = "since_promise", "Everything since the commitment began"
    ON_A_DAY = "on_a_day", "How things are on the last day of the period"
    IN_A_YEAR = "in_a_year", "The 12 months to the last day of the period"


class EvidenceStrength(CodeList):
    """How convincing a measure's usual evidence is to others."""

    INDEPENDENT = "independent", "Strong: someone else made it, or anyone can look it up"
    RECORDS = "records", "Good: a record kept at the time, which can be checked"
    STATEMENT = "statement", "Weak on its own: a statement by the organisation itself"
