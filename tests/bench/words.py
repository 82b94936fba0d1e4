"""The words of made-up registers, and sentences of them with known frequencies.

Of the descriptions about one in four says "apprenticeship" and one in nine "library"; those of
every 2,000th commitment say "beekeeping".
"""

from random import Random


def _listed(text: str) -> list[str]:
    """Return the entries of a list that is written with bars, or else of single words."""
    return text.split("|") if "|" in text else text.split()


VERBS = _listed("Provide Create Offer Deliver Fund Support Host Plant Recruit Train Mentor Buy")
THINGS = _listed(
    "paid work placements|local jobs|volunteer days|repair sessions|school career talks|"
    "mentoring sessions|digital skills classes|community garden plots|native trees|warm meals|"
    "bus passes|reused laptops|supplier contracts|sports kit bundles|cycle parking stands|"
    "energy advice visits|mock interviews|work tasters|first aid courses|low carbon deliveries|"
    "refurbished bicycles|music lessons|sign language lessons|retrofit surveys"
)
PEOPLE = _listed(
    "care leavers|young people|older residents|veterans|new parents|disabled residents|"
    "school leavers|small suppliers|families|refugees|carers|former prisoners|"
    "long-term unemployed people|local charities|tenants|night workers"
)
KINDS = _listed(
    "local quarterly accessible inclusive practical measurable lasting ambitious joint weekly "
    "evening mobile free funded targeted neighbourhood seasonal pilot expanded renewed"
)
SETTINGS = _listed(
    "programme|partnership|workshop|scheme|network|garden|hub|kitchen|market|festival|clinic|"
    "academy|park|college|mosque|church|charity|depot|studio|theatre|museum|allotment|youth club|"
    "primary school|job centre|housing association|food bank|credit union|walking group"
)
TAILS = _listed(
    "with no cost to residents|in term time|for twelve months|through our supply chain|"
    "with paid staff time|led by our site team|alongside the council|with the local college|"
    "starting with the wards in greatest need|open to all, booked online|"
    "and checked by an independent reviewer"
)
PROGRESS = _listed(
    "On plan|Slightly behind plan, a catch-up is agreed|Ahead of plan|Delayed by recruitment|"
    "Completed for this period|Paused during the move, now running again|Met with partner help"
)
EVIDENCE = _listed(
    "Payroll records and letters from the colleges|Attendance logs of each session|Supplier "
    "invoices and the contract extract|A letter from the school|Meter readings, twice a year"
)
REASONS = _listed(
    "A partner closed and its places went with it.|The contract became smaller.|We counted "
    "people twice in the first plan.|The site opens later than we were promised."
)
NAME_STARTS = _listed(
    "Acorn Apex Beacon Bright Calder Civic Compass Copper Delta Ember First Forge Harbour Heron "
    "Keystone Lantern Meridian Northern Orchard Pennine Quarry Riverside Summit Tandem Union "
    "Vertex Willow Zenith"
)
TRADES = _listed(
    "Build Care Catering Cleaning Community Digital Energy Engineering Facilities Foods Health "
    "Homes Learning Legal Logistics Media Partners Print Recruitment Security Services Software "
    "Studios Support Training Transport Trust Works"
)
NAME_ENDS = ["Ltd", "CIC", "plc", "LLP", "Co-operative", "Foundation", "Group", "& Sons"]
ROLES = ["Head of people", "Contract manager", "Managing director", "Community lead"]


def sentence(rng: Random) -> str:
    """Return a sentence about what an organisation does for people."""
    pick = rng.choice
    kind, setting, tail = pick(KINDS), pick(SETTINGS), pick(TAILS)
    match rng.randrange(4):
        case 0:
            return f"We will {pick(VERBS).lower()} {pick(THINGS)} for {pick(PEOPLE)} {tail}."
        case 1:
            people = f"{pick(PEOPLE)} and {pick(PEOPLE)}"
            return f"The {kind} {setting} brings {people} together, {tail}."
        case 2:
            return (
                f"Our {kind} {setting} offers {pick(THINGS)} and “{pick(KINDS)}” support, {tail}."
            )
    return f"It shows as {pick(THINGS)} delivered to {pick(PEOPLE)} by the {kind} {setting}."


def description(rng: Random, number: int) -> str:
    """Return the description of a commitment, in two to four sentences."""
    sentences = [sentence(rng) for _ in range(rng.randrange(2, 5))]
    if rng.random() < 1 / 4:
        sentences.append("Each apprenticeship lasts a year or more.")
    if rng.random() < 1 / 9:
        sentences.append("We meet in the library.")
    if number % 2000 == 7:
        sentences.append("It includes beekeeping on the roof.")
    return " ".join(sentences)


def organisation_name(rng: Random, number: int, place: str) -> str:
    """Return a legal name that no other organisation of the register has."""
    pick = rng.choice
    return f"{pick(NAME_STARTS)} {pick(TRADES)} {place} {number} {pick(NAME_ENDS)}"
