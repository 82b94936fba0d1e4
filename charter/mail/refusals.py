"""What a refused email proves about a mailbox: pure, the same for replies and delivery reports.

Only proof says that a mailbox is gone: a code that means just that, or a phrase of a tested list.
Whatever else a server answers may pass, or is our own fault.
"""

import re
from enum import StrEnum

# RFC 3463: no such mailbox; moved and no forwarding address; recipient not found (Exchange).
GONE_CODES = {(5, 1, 1), (5, 1, 6), (5, 1, 10)}
# A mailbox that accepts nothing: disabled for good, or only for now.
DISABLED_CODE = (5, 2, 1)
FULL_CODES = {(4, 2, 2), (5, 2, 2)}

ENHANCED_CODE = re.compile(r"(?<![\w.])#?([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\w)")
# Addresses, names of hosts and links may contain any word.
NAMES = re.compile(r"\S*@\S*|<[^>\s]*>|https?:\S*|\b[\w-]+(?:\.[\w-]+)*\.[a-z][\w-]*")

GONE_PHRASES = re.compile(
    r"\b(?:"
    r"user (?:is )?unknown|unknown user|recipient (?:address )?(?:is )?unknown|unknown recipient"
    r"|no such (?:user|mailbox|recipient|address|account|person)"
    r"|(?:user|mailbox|recipient|account|email address|address)"
    r" (?:does not|doesn['’]t) exist"
    r"|(?:user|mailbox|recipient|account) (?:was |is )?not found"
    r"|no mailbox here by that name"
    r"|mailbox (?:is |was )?(?:gone|deleted)"
    r"|not a (?:known user|valid mailbox)"
    r"|doesn['’]t have an?\s+account"
    r")\b",
    re.IGNORECASE,
)
DISABLED_PHRASES = re.compile(
    r"\b(?:mailbox|account|user|recipient|address)\b[^.;]*\b(?:disabled|inactive|deactivated)\b",
    re.IGNORECASE,
)
DISABLED_WORDS = re.compile(r"\b(?:disabled|inactive)\b", re.IGNORECASE)
# A phrase beside such words is about us, or about today.
DOUBTS = re.compile(
    r"\bsender\b|\breturn[- ]path\b|\bmail from\b|\btemporar|\btry (?:again|later)\b", re.IGNORECASE
)
SENDING_PHRASES = re.compile(
    r"\b(?:sending|outgoing|outbound|daily|hourly)\b[^.;]*\b(?:quota|limit|exceeded)\b",
    re.IGNORECASE,
)
FULL_PHRASES = re.compile(
    r"\b(?:mailbox|inbox|storage)\b[^.;]*\b(?:full|quota|limit|exceed\w*)\b"
    r"|\bquota\b[^.;]*\b(?:mailbox|inbox)\b"
    r"|\b(?:user|recipient)(?: is| has)? (?:full|over|exceeded)\b"
    r"|\b552\b[^;]*\bquota\b",
    re.IGNORECASE,
)
OUR_PHRASES = re.compile(
    r"\brelay(?:ing|ed)?\b|\bquota\b|\b(?:sending|send|message|rate) limit"
    r"|\blimits? (?:exceeded|reached)\b"
    r"|\btoo many (?:messages|emails|connections|recipients)\b"
    r"|\b(?:block|black|deny)[- ]?list|\bblocked using\b|\bRBL\b|\bDNSBL\b|\bspamhaus\b"
    r"|\breputation\b|\bsender (?:address )?(?:rejected|denied)\b|\bsender verif",
    re.IGNORECASE,
)
# Postfix’s name for the list of mailboxes behind a gateway.
RELAY_TABLE = re.compile(r"\bin relay recipient table\b", re.IGNORECASE)


class Verdict(StrEnum):
    """What a refusal says."""

    GONE = "gone"  # there is no such mailbox
    FULL = "full"  # there is one, and it can be emptied
    OURS = "ours"  # our own server, account or reputation is at fault
    UNCLEAR = "unclear"  # nothing that could be held against anyone

    @property
    def may_be_ours(self) -> bool:
        """Return True if it counts towards the stop of all sending."""
        return self in (Verdict.OURS, Verdict.UNCLEAR)


def judge_refusal(words: str, *, is_permanent: bool) -> Verdict:
    """Return what a refusal says; `words` are the server's own, with any codes in them.

    Words about us or about a full mailbox count more than a code. Codes that contradict each other
    prove nothing. Without a code only a phrase of the list is proof.
    """
    codes = find_codes(words)
    prose = RELAY_TABLE.sub("", NAMES.sub(" ", words))
    if SENDING_PHRASES.search(prose):
        return Verdict.OURS
    if codes & FULL_CODES or FULL_PHRASES.search(prose):
        return Verdict.FULL
    if OUR_PHRASES.search(prose):
        return Verdict.OURS
    if not is_permanent:
        return Verdict.UNCLEAR
    return Verdict.GONE if _proves_gone(codes, prose) else Verdict.UNCLEAR


def find_codes(words: str) -> set[tuple[int, int, int]]:
    """Return the enhanced status codes in a text, without those that only name the class."""
    found = {tuple(map(int, match.groups())) for match in ENHANCED_CODE.finditer(words)}
    return {
        (kind, subject, detail) for kind, subject, detail in found if (subject, detail) != (0, 0)
    }


def _proves_gone(codes: set[tuple[int, int, int]], prose: str) -> bool:
    if codes and codes <= GONE_CODES:
        return True
    if DOUBTS.search(prose):
        return False
    if codes == {DISABLED_CODE}:
        return bool(DISABLED_WORDS.search(prose))
    return not codes and bool(GONE_PHRASES.search(prose) or DISABLED_PHRASES.search(prose))
