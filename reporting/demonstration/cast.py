"""Who plays in the demonstration: firms that do not exist, their promises and their answers."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Firm:
    """A fictitious signatory; it joins so many days after the beginning."""

    name: str
    kind: str
    size: str
    sector: str
    route: str
    owner: str
    joins_on_day: int
    sponsor: str = ""
    wards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a firm says of one period; a `figure` of None means that nothing has changed."""

    figure: str | None
    words: str = ""
    view: str = "on_track"
    link: str = ""
    base: str = ""
    obstacles: str = ""


SAME = Answer(None)


@dataclass(frozen=True)
class Promise:
    """A promise, and how the firm keeps and reports it.

    `answers` are given one per period, `days_late` after it falls due (negative: before); when they
    are used up the firm falls silent.
    """

    firm: str
    measure: str
    title: str
    description: str
    evidence: tuple[str, str]
    target: str = ""
    baseline: str = ""
    months: int = 24
    wards: tuple[str, ...] = ()
    core: bool = False
    cadence: str = "quarterly"
    answers: tuple[Answer, ...] = ()
    days_late: int = -3
    written_after: int = 12
    # (days after publication, action, reason, values, end reason)
    changes: tuple[tuple[int, str, str, dict[str, Any], str], ...] = ()
    # (days after publication, title, story)
    successes: tuple[tuple[int, str, str], ...] = ()
    stays_in: str = field(default="public")  # or "queue", "returned", "draft"


LADYWOOD, NECHELLS, ASTON = "E05011151", "E05011155", "E05011121"
LOZELLS, SHARD_END, SPARKBROOK = "E05011153", "E05011165", "E05011170"
ERDINGTON, HANDSWORTH, BORDESLEY = "E05011135", "E05011142", "E05011127"
BIRMINGHAM = "E08000025"

FIRMS = (
    Firm("Brindlewick Catering Ltd", "company", "medium", "I", "contract",
         "business@example.org", 0, "sponsor@example.org", (LADYWOOD,)),
    Firm("Harrowbridge Construction plc", "company", "large", "F", "contract",
         "social.value@harrowbridge.example", 5, "director@harrowbridge.example"),
    Firm("Canalside Cleaning Co-operative", "cooperative", "small", "N", "contract",
         "hello@canalside.example", 12, wards=(NECHELLS,)),
    Firm("Tamebrook Housing", "housing_association", "large", "L", "grant",
         "charter@tamebrook.example", 20, "chair@tamebrook.example"),
    Firm("Two Kettles Community Café CIC", "community_interest_company", "micro", "I", "voluntary",
         "team@twokettles.example", 33, wards=(LOZELLS,)),
    Firm("Oakhurst & Vale LLP", "partnership", "medium", "M", "voluntary",
         "partners@oakhurstvale.example", 41),
    Firm("Meriden Fleet Services Ltd", "company", "medium", "H", "contract",
         "office@meridenfleet.example", 48),
    Firm("Larkfield Academy Trust", "school", "large", "P", "voluntary",
         "office@larkfield.example", 60, wards=(SHARD_END,)),
)  # fmt: skip

PAYROLL = ("payroll", "Our payroll extract, and letters from the college")
LETTER = ("partner_letter", "A letter from each school or group that we worked with")
LEDGER = ("invoices", "An extract of our purchase ledger, by postcode of the supplier")
TIMESHEETS = ("timesheet", "Timesheets signed by the group that was helped")
READINGS = ("environment_record", "Meter readings and the supplier's statements")
STATEMENT = ("public_link", "The statement on our website, which anyone can read")

PROMISES = (
    # Brindlewick Catering: the demonstration's own business. Reports well; one promise is due now.
    Promise(
        "Brindlewick Catering Ltd", "LE12", "20 apprenticeships for young people from Ladywood",
        "Take on 20 apprentices in our kitchens, at least half of them care leavers, and keep each "
        "of them until the end of the training.",
        PAYROLL, "20", "2", wards=(LADYWOOD,),
        answers=(
            Answer("5", "Three started in September at the two school kitchens."),
            Answer("9", "Four more have started. The college moved its intake to January.",
                   link="https://www.example.org/brindlewick/apprentices"),
            SAME,
            Answer("14", "Five started after the summer fair; one of them is a care leaver.",
                   link="https://www.example.org/brindlewick/apprentices-autumn"),
        ),
        changes=((200, "amend", "The Broad Street kitchen closed, and with it six places.",
                  {"target_value": "16"}, ""),),
        successes=((150, "From the wash-up to the pass",
                    "One of our first apprentices now runs the evening service at a school kitchen "
                    "in Ladywood, and trains the next two."),),
    ),
    Promise(
        "Brindlewick Catering Ltd", "BL01", "£400,000 a year with suppliers in Birmingham",
        "Buy fruit, bread and dairy from suppliers inside the city, and tell each new supplier how "
        "to sell to our other sites.",
        LEDGER, "400000", "210000", months=24, wards=(BIRMINGHAM,),
        answers=(
            Answer("92000", "Bread now comes from two bakeries in Aston."),
            Answer("201000", "A dairy in Erdington supplies all school kitchens.",
                   link="https://www.example.org/brindlewick/suppliers"),
            Answer("305000", "We added a fruit wholesaler."),
            Answer("352000", "The autumn was slower than planned.", view="at_risk",
                   obstacles="One bakery closed in September."),
        ),
    ),
    Promise(
        "Brindlewick Catering Ltd", "GE01", "Pay the real Living Wage to everyone we employ",
        "Pay all our people, casual staff included, at least the real Living Wage from the first "
        "hour.",
        ("certificate", "Our accreditation certificate"), "1", cadence="yearly", core=True,
        answers=(Answer("1", "Accredited again.", link="https://www.example.org/brindlewick/wage"),),
    ),
    Promise(
        "Brindlewick Catering Ltd", "PC01", "500 hours of volunteering in food banks",
        "Let each of our people volunteer for one paid day a year in a food bank of their choice.",
        TIMESHEETS, "500", "0", wards=(LADYWOOD, NECHELLS), days_late=20,
        answers=(Answer("110", "Fourteen people volunteered."), SAME,
                 Answer("262", "A good summer.")),
    ),
    Promise(
        "Brindlewick Catering Ltd", "GS03", "Keep 30 tonnes of food from being thrown away",
        "Pass on what we do not serve to three community fridges, and weigh what is left.",
        READINGS, "30", "0", written_after=416, stays_in="queue",
    ),
    Promise(
        "Brindlewick Catering Ltd", "PC05", "Cookery lessons in ten primary schools",
        "Teach children of ten schools to cook a meal for four for less than five pounds.",
        LETTER, "120", "0", written_after=409, stays_in="returned",
    ),
    # Harrowbridge Construction: large, mixed results, one weakened, one withdrawn.
    Promise(
        "Harrowbridge Construction plc", "LE05",
        "Jobs for 25 people who were out of work for a year",
        "Take on 25 people who have been out of work for a year or longer, on our sites in "
        "Nechells and Bordesley Green.",
        PAYROLL, "25", "4", wards=(NECHELLS, BORDESLEY), days_late=6,
        answers=(Answer("7", "Three people came through the job centre."),
                 Answer("12", "Five more joined the groundworks team.",
                        link="https://www.example.org/harrowbridge/jobs"),
                 Answer("13", "One person joined, one left.", view="at_risk"),
                 Answer("15", "Two joined after training.", view="at_risk")),
    ),
    Promise(
        "Harrowbridge Construction plc", "LE11", "600 weeks of apprenticeship on the canal bridge",
        "Give apprentices 600 weeks of training on the canal bridge, at level 2 and 3.",
        PAYROLL, "600", "0", days_late=2, wards=(NECHELLS,),
        answers=(Answer("130", "Ten apprentices."), Answer("262", "Two more joined."),
                 Answer("395", "On plan."), Answer("520", "On plan.")),
        changes=((240, "amend", "The bridge opens half a year later than planned.",
                  {"end_on": "+6"}, ""),),
    ),
    Promise(
        "Harrowbridge Construction plc", "BL06", "First orders for 15 local firms",
        "Give 15 small firms of the city their first order from us.",
        LEDGER, "15", "0", wards=(BIRMINGHAM,), months=12, days_late=-8,
        answers=(Answer("6", "Six firms at our first open day."), Answer("11", "Five more."),
                 Answer("16", "The sixteenth order went to a joiner in Handsworth.", view="met",
                        link="https://www.example.org/harrowbridge/first-orders")),
        changes=((300, "close", "Sixteen firms had their first order.", {}, "achieved"),),
        successes=((290, "Sixteen first orders",
                    "A joiner in Handsworth hired two people after the first order, and has since "
                    "had four more from us."),),
    ),
    Promise(
        "Harrowbridge Construction plc", "GS07", "A pocket park of 900 square metres",
        "Turn the strip beside the railway into a small park, and hand it over to the residents.",
        ("photograph", "Photographs, and the plan of the handover"), "900", "0",
        wards=(BORDESLEY,), answers=(Answer("0", "Waiting for the survey.", view="not_started"),),
        changes=((170, "withdraw", "The railway needs the strip for its own works.", {}, ""),),
    ),
    Promise(
        "Harrowbridge Construction plc", "EP01", "Pay nineteen of twenty invoices within 30 days",
        "Pay at least 95 per cent of our suppliers' invoices within 30 days.",
        ("management_information", "Our payment report, published each half-year"), "95", "88",
        cadence="half_yearly", core=True,
        answers=(Answer("91", "The new system went live.", base="4210"),
                 Answer("94", "Almost there.", base="4655")),
    ),
    # Canalside Cleaning: small co-operative, good and quick.
    Promise(
        "Canalside Cleaning Co-operative", "GE04", "Guaranteed hours for all our members",
        "Put every member who wants it on a contract with guaranteed hours.",
        ("payroll", "A count from our payroll"), "100", "61", cadence="half_yearly", core=True,
        answers=(Answer("74", "All day shifts are done.", base="38"),
                 Answer("92", "Night shifts follow.", base="39")),
    ),
    Promise(
        "Canalside Cleaning Co-operative", "LE18",
        "Twelve recruits from Nechells still with us after 26 weeks",
        "Recruit in Nechells first, and help people to stay: travel money in the first month, a "
        "mentor in the first half-year.",
        PAYROLL, "12", "0", wards=(NECHELLS,),
        answers=(Answer("2", "Two reached 26 weeks."), Answer("5", "Three more."),
                 Answer("8", "Three more."), Answer("11", "One to go.")),
        successes=((210, "A mentor makes the difference",
                    "Of eleven people who began in spring, ten are still here. They say that it "
                    "was the mentor, and the bus fare in the first month."),),
    ),
    Promise(
        "Canalside Cleaning Co-operative", "GS06", "20,000 kilometres fewer by van",
        "Serve the sites along the canal by cargo bike.",
        ("management_information", "Fuel cards and the route planner"), "20000", "0", days_late=-10,
        answers=(Answer("3100", "Two bikes."), Answer("7900", "Four bikes."), SAME,
                 Answer("12800", "Four bikes, all seasons.")),
    ),
    # Tamebrook Housing: reporting is paused.
    Promise(
        "Tamebrook Housing", "PC08", "1,000 hours of mentoring for residents",
        "Pair residents who look for work with mentors from our suppliers.",
        TIMESHEETS, "1000", "0", wards=(ERDINGTON,),
        answers=(Answer("180", "Thirty pairs."), Answer("410", "Forty-two pairs."),
                 Answer("655", "Fifty pairs.")),
    ),
    Promise(
        "Tamebrook Housing", "GS02", "Save 400,000 kilowatt-hours in our stairwells",
        "Change the lights in all stairwells, and tell residents what was saved.",
        READINGS, "400000", "0", wards=(ERDINGTON, ASTON),
        answers=(Answer("60000", "A third of the blocks."), Answer("150000", "Half."),
                 Answer("260000", "Two thirds.")),
    ),
    Promise(
        "Tamebrook Housing", "GE05", "Three training days a year for each employee",
        "Give everyone three days of training a year, and let them choose one of them.",
        ("payroll", "Our training log"), "3", "1.5", cadence="half_yearly",
        answers=(Answer("2", "More than last year."), Answer("2.5", "Nearly there.")),
    ),
    Promise(
        "Tamebrook Housing", "PC09", "Meeting rooms lent for 800 hours",
        "Lend our two meeting rooms to residents' groups, evenings and weekends, without charge.",
        ("attendance", "The booking sheet"), "800", "0", wards=(ERDINGTON,), days_late=15,
        answers=(Answer("140", "Six groups."), Answer("310", "Nine groups."), SAME),
    ),
    # Two Kettles: the small lane.
    Promise(
        "Two Kettles Community Café CIC", "LE16", "Twenty weeks of work experience in the café",
        "Offer twenty weeks of work experience to pupils of the schools around us.",
        LETTER, "20", "4", wards=(LOZELLS,), cadence="yearly",
        answers=(Answer("22", "Eleven pupils, two weeks each.", view="met",
                        link="https://www.example.org/two-kettles/pupils"),),
        successes=((330, "Two weeks behind the counter",
                    "Eleven pupils worked with us. Their school has asked for more, and two came "
                    "back for the summer, paid."),),
    ),
    Promise(
        "Two Kettles Community Café CIC", "GE08", "A recruitment day for people over 50",
        "Hold a recruitment day for people over 50 with three neighbours in the street, so that "
        "more of them get into paid work.",
        ("case_study", "A short account of the day, with what people said"), cadence="yearly",
        wards=(LOZELLS,), answers=(SAME,),
    ),
    # Oakhurst & Vale: has gone silent.
    Promise(
        "Oakhurst & Vale LLP", "BL07", "200 hours of legal advice for community groups",
        "Advise community groups on leases, employment and charity law, without charge.",
        TIMESHEETS, "200", "0", wards=(HANDSWORTH, LOZELLS),
        answers=(Answer("35", "Seven groups."), Answer("62", "Four more.")),
    ),
    Promise(
        "Oakhurst & Vale LLP", "PC03", "£15,000 for community projects",
        "Give £15,000 to projects that our people choose by vote.",
        LEDGER, "15000", "0", answers=(Answer("4000", "Two projects."),),
    ),
    Promise(
        "Oakhurst & Vale LLP", "GE10", "A pay gap of at most 8 per cent",
        "Bring the median hourly pay gap between women and men down to 8 per cent or less.",
        STATEMENT, "8", "14.2", cadence="yearly", answers=(),
    ),
    # Meriden Fleet: mail no longer reaches it.
    Promise(
        "Meriden Fleet Services Ltd", "GS05", "Half of our vans without exhaust",
        "Replace vans at the end of their lease by electric ones, until half of them are.",
        ("management_information", "Our fleet list, with dates of registration"), "50", "12",
        answers=(Answer("18", "Six new vans.", base="96"), Answer("21", "Three more.", base="97")),
    ),
    Promise(
        "Meriden Fleet Services Ltd", "LE06", "Ten jobs for veterans",
        "Take on ten people who served in the armed forces as drivers or mechanics.",
        PAYROLL, "10", "1", wards=(BIRMINGHAM,),
        answers=(Answer("3", "Two drivers."), Answer("4", "A mechanic.")),
    ),
    Promise(
        "Meriden Fleet Services Ltd", "GE09", "Sign the Armed Forces Covenant",
        "Sign the covenant with written pledges, and publish them.",
        STATEMENT, "1", cadence="yearly", months=12,
        answers=(Answer("1", "Signed in March.", view="met",
                        link="https://www.example.org/meriden/covenant"),), days_late=-150,
    ),
    # Larkfield Academy Trust: overdue on one, due on another.
    Promise(
        "Larkfield Academy Trust", "BL03", "£60,000 with social enterprises",
        "Buy catering for events, printing and cleaning from social enterprises.",
        LEDGER, "60000", "8000", wards=(SHARD_END,),
        answers=(Answer("14000", "Printing moved."), Answer("26500", "Events followed."),
                 Answer("38000", "Cleaning of two sites.")),
    ),
    Promise(
        "Larkfield Academy Trust", "PC07", "300 person-hours of digital skills for parents",
        "Open the computer rooms to parents on two evenings a week, with a teacher.",
        ("attendance", "The attendance sheets"), "300", "0", wards=(SHARD_END,),
        answers=(Answer("80", "Twenty parents."), Answer("150", "Twenty-six parents."),
                 Answer("214", "A waiting list."), Answer("268", "A third evening.")),
        days_late=-18,
        successes=((180, "Homework on both sides of the table",
                    "Parents of the evening course now book appointments, bid for homes and help "
                    "with homework online. Six have applied for jobs with it."),),
    ),
    Promise(
        "Larkfield Academy Trust", "GS01", "Cut 120 tonnes of carbon dioxide",
        "Cut the emissions of our five schools by 120 tonnes against the year before we signed.",
        READINGS, "120", "0", answers=(Answer("18", "New boiler controls."), Answer("41", "Roofs."),
                                       Answer("66", "Solar panels on one school.")), days_late=10,
    ),
    Promise(
        "Larkfield Academy Trust", "PC06", "Site visits for pupils of other schools",
        "Open our workshops to pupils of schools that have none.",
        LETTER, "40", "0", written_after=330, stays_in="draft",
    ),
)  # fmt: skip
