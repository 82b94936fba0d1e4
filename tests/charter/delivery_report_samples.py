"""Emails that arrive at the return path, `{to}`.

True reports in the formats of several servers, garbage, automatic replies and forgeries.
"""

import base64

REPORT = """\
From: {daemon}
To: {{to}}
Subject: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

{words}

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 1 Mar 2027 10:00:00 +0000

Final-Recipient: rfc822; asha@brookfield.example
Action: {action}
Status: {status}
{more}
--B
Content-Type: text/rfc822-headers

Subject: Your update is due
--B--
"""


def report(action="failed", status="5.1.1", **more):
    defaults = {
        "daemon": "MAILER-DAEMON@mx.example",
        "subject": "Undelivered Email Returned to Sender",
        "words": "This is the email system at host mx.example.",
        "more": f"Diagnostic-Code: smtp; 550 {status} refused",
    }
    return REPORT.format(action=action, status=status, **defaults | more)


def diagnosis(words, status="5.0.0", **more):
    """Return a report with a server's own words."""
    return report(status=status, more=f"Diagnostic-Code: smtp; {words}", **more)


def encoded(text):
    """Return a report whose status part is in base64."""
    head, _, rest = text.partition("Reporting-MTA")
    fields, _, tail = ("Reporting-MTA" + rest).partition("--B\n")
    head = head.rstrip() + "\nContent-Transfer-Encoding: base64\n\n"
    return f"{head}{base64.encodebytes(fields.encode()).decode()}\n--B\n{tail}"


GLOBAL_REPORT = report().replace("delivery-status\n", "global-delivery-status\n")
PLAIN_HEAD = "From: MAILER-DAEMON@mx.example\nTo: {to}\nSubject: failure notice\n\n"
QMAIL = (
    PLAIN_HEAD
    + """Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<asha@brookfield.example>:
%s

--- Below this line is a copy of the message.

Subject: No such user 5.1.1
"""
)
EXIM = (
    PLAIN_HEAD
    + """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  asha@brookfield.example
    %s

------ This is a copy of the message, including all the headers. ------

Subject: unknown user
"""
)

# The mailbox is gone.
GONE = {
    "postfix, unknown user": report(),
    "exchange, not found": report(
        status="5.1.10", daemon="postmaster@tenant.example", subject="Undeliverable: Your update"
    ),
    "account disabled": diagnosis("550 5.2.1 This account is disabled", status="5.2.1"),
    "account inactive": diagnosis("550 5.2.1 The account you tried is inactive.", "5.2.1"),
    "capital letters": report(action="FAILED"),
    "with a comment": report(status="5.1.1 (bad destination mailbox address)"),
    "sendmail, status between spaces": report(status="  5.1.1  "),
    "moved away": report(status="5.1.6"),
    "lines ended by CRLF": report().replace("\n", "\r\n"),
    "address in another header": report().replace(
        "To: {to}", "To: undisclosed-recipients:;\nDelivered-To: {to}"
    ),
    "address in X-Original-To": report().replace(
        "To: {to}", "To: x@y.example\nX-Original-To: {to}"
    ),
    "address between angles": report().replace("To: {to}", "To: Register <{to}>"),
    "address folded to capitals": report().replace("{to}", "{to_in_capitals}"),
    "with an original message": report().replace("text/rfc822-headers", "message/rfc822"),
    "encoding that is not used": report().replace(
        "Content-Type: message/delivery-status",
        "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64",
    ),
    "several recipients": report(
        more="\nFinal-Recipient: rfc822; b@brookfield.example\nAction: delivered\nStatus: 2.0.0\n"
    ),
    "in base64": encoded(report()),
    "for addresses of all scripts": report().replace(
        "delivery-status\n", "global-delivery-status\n"
    ),
    "for all scripts, in base64": encoded(
        report().replace("delivery-status\n", "global-delivery-status\n")
    ),
    "the code only in the diagnosis": diagnosis("550 5.1.1 No mailbox"),
    "the code beside a number sign": diagnosis("550 #5.1.1 Recipient rejected"),
    "a gateway’s list of mailboxes": diagnosis(
        "550 5.1.1 <asha@brookfield.example>: User unknown in relay recipient table", "5.1.1"
    ),
    "words alone, unknown user": diagnosis("550 Unknown user"),
    "words alone, no such user": diagnosis("550 No such user here"),
    "words alone, no account": diagnosis("554 delivery error: This user doesn't have an account"),
    "words alone, folded": diagnosis("550 Recipient address\n rejected: User unknown"),
    "host named like a fault": diagnosis("550 relay.quota.example said: 5.1.1 no mailbox", "5.1.1"),
    "address named like a fault": diagnosis("550 5.1.1 <relay@blocklist.example> is unknown"),
    "qmail, no mailbox": QMAIL % "Sorry, no mailbox here by that name. (#5.1.1)",
    "qmail, words of another server": QMAIL
    % "192.0.2.7 does not like recipient.\nRemote host said: 550 no such user\nGiving up.",
    "old exim": EXIM % "SMTP error from remote mail server after RCPT TO: 550 5.1.1 User unknown",
    "old exim, words alone": EXIM % "host mx.example [192.0.2.7]: 550 No such recipient",
}
# There is a mailbox, but it is full.
FULL = {
    "mailbox full": report(status="5.2.2"),
    "full for now": report(status="4.2.2"),
    "over quota, in words": diagnosis("552 The recipient's mailbox is over quota"),
    "full, code of another kind": diagnosis("550 5.7.0 Mailbox full", "5.7.0"),
    "qmail, over quota": QMAIL % "Mailbox has exceeded its storage quota. (#5.2.2)",
}
# Our own server, account or reputation is at fault.
OURS = {
    "blocked by a list": diagnosis("554 rejected: blocked using a block list"),
    "blocked by a list, with the code of a missing mailbox": diagnosis(
        "550 5.1.1 Your host is on our blocklist", "5.1.1"
    ),
    "relay": diagnosis("550 relay not permitted!"),
    "relay denied": diagnosis("554 5.7.1 Relay access denied", "5.7.1"),
    "sending limit": diagnosis("550 5.4.5 Daily user sending limit exceeded", "5.4.5"),
    "our quota": diagnosis("550 quota exceeded"),
    "our account": diagnosis("550 5.2.2 Your mailbox exceeded its daily sending quota", "5.2.2"),
    "our reputation": diagnosis("550 5.7.1 Low reputation of your network", "5.7.1"),
    "our sender is not known": diagnosis("550 Sender verify failed: no such user"),
    "old exim, relay": EXIM % "550 relaying to this user is not permitted",
}
# Nothing that could be held against anyone.
UNCLEAR = {
    "domain is gone": report(status="5.1.2"),
    "bad address": report(status="5.1.3"),
    "mailbox unavailable": diagnosis("550 Requested action not taken: mailbox unavailable"),
    "DNS query failed": diagnosis("550 5.4.312 Message failed, DNS query failed", "5.4.312"),
    "message expired": diagnosis("550 5.4.300 Message expired", "5.4.300"),
    "too large": diagnosis("552 5.3.4 Message size exceeds what we take", "5.3.4"),
    "system off": report(status="5.3.2"),
    "content": report(status="5.6.0"),
    "protocol": report(status="5.5.0"),
    "no reason": report(status="5.0.0"),
    "disabled, without the words": diagnosis("550 5.2.1 Not accepted", "5.2.1"),
    "disabled for now": diagnosis("550 5.2.1 Account temporarily disabled", "5.2.1"),
    "two codes that differ": diagnosis("550 5.7.1 Rejected", "5.1.1"),
    "an address of the network like a code": diagnosis("550 5.1.1.7 rejected"),
    "unknown for now": diagnosis("450 4.1.1 User unknown", "4.1.1"),
    "unknown, last reply temporary": diagnosis("450 User unknown", "5.0.0"),
    "given up after days": report(status="4.4.7"),
    "host not found for days": report(status="4.4.4"),
    "greylisted for ever": report(status="4.2.0"),
    "system not accepting": report(status="4.3.2"),
    "policy": report(status="5.7.1"),
    "SPF": report(status="5.7.23"),
    "listed": report(status="5.7.606"),
    "rate": report(status="4.7.28"),
    "qmail, given up": QMAIL % "I'm not going to try again; it was too long in the queue.",
    "qmail, host": QMAIL % "Sorry, I couldn't find any host by that name. (#5.1.2)",
    "old exim, cannot be routed": EXIM % "Unrouteable address",
}
BY_VERDICT = {"gone": GONE, "full": FULL, "ours": OURS, "unclear": UNCLEAR}
REPLY = "From: asha@brookfield.example\nTo: {to}\n"
# None of these reports a failed delivery.
NO_FAILURE = {
    "still trying": report(action="delayed", status="4.4.1"),
    "delivered": report(action="delivered", status="2.0.0"),
    "relayed": report(action="relayed", status="2.0.0"),
    "expanded": report(action="expanded", status="2.0.0"),
    "failed with success": report(status="2.0.0"),
    "no status": report(status=""),
    "no number": report(status="bad"),
    "odd class": report(status="7.1.1"),
    "endless number": report(status="5." + "1" * 5000),
    "no action": report(action=""),
    "invented action": report(action="exploded"),
    "read receipt": report().replace("delivery-status", "disposition-notification"),
    "complaint": report().replace("delivery-status", "feedback-report"),
    "report in plain words": REPLY + "Subject: failure\n\nUser unknown 5.1.1\nAction: failed",
    "report that is no multipart": REPLY + "Content-Type: multipart/report\n\nStatus: 5.1.1",
    "status part in a plain email": report().replace("multipart/report", "multipart/mixed"),
    "status part as text": report().replace("message/delivery-status", "text/plain"),
    "boundary missing": report().replace('; boundary="B"', ""),
    "boundary never comes": report().replace("--B", "--C"),
    "cut off": report()[:420],
    "only a header": report()[:150],
    "empty": "",
    "a line": "\n",
    "no header": "Hello",
    "NUL": "To: {to}\n\0\0\0",
    "binary": "\x00\x01\x02\xff\xfe" * 200,
    "odd charset": REPLY + "Content-Type: text/plain; charset=klingon\n\nHello",
    "nested for ever": "Content-Type: multipart/report; boundary=B\nTo: {to}\n\n"
    + "--B\nContent-Type: multipart/mixed; boundary=B\n\n" * 300,
    "header of a million letters": "Subject: " + "x" * 1_000_000 + "\nTo: {to}\n\n",
    "out of office": REPLY + "Auto-Submitted: auto-replied\nSubject: Out of office\n\nIn May.",
    "holiday notice of an old kind": REPLY + "Precedence: bulk\nX-Autoreply: yes\n\nI am away.",
    "ticket opened": REPLY + "Subject: [#4711] We got your email\n\nThank you.",
    "challenge": REPLY + "Subject: Please confirm that you are human\n\nClick here.",
    "a person who quotes qmail": REPLY
    + "Subject: Re: failure\n\nThis came: Hi. This is the qmail-send program. No such user.",
    "Exim’s warning": PLAIN_HEAD
    + "This message was created automatically by mail delivery software.\n\nA message that you "
    "sent has not yet been delivered to one or more of its recipients after 24 hours. No such user",
    "status part in base64 that is none": report(more="Content-Transfer-Encoding: base64").replace(
        "Action: failed", "Action: ???"
    ),
    "a person's answer": REPLY + "Subject: Re: Your update\n\nI never got that. 5.1.1?",
    "advertisement": "From: spam@spam.example\nTo: {to}\nSubject: Buy\n\nNow",
}
# Well formed, but the return path belongs to none of our emails.
FORGED = {
    "no token": "bounce@localhost.test",
    "number alone": "bounce+{number}@localhost.test",
    "no signature": "bounce+{number}-@localhost.test",
    "short signature": "bounce+{number}-{signature_cut}@localhost.test",
    "signature of another": "bounce+{other}-{signature}@localhost.test",
    "zeros": "bounce+{number}-00000000000000000000@localhost.test",
    "huge number": "bounce+" + "9" * 400 + "-{signature}@localhost.test",
    "SQL": "bounce+1' OR 1=1 --@localhost.test",
    "path": "bounce+../../etc/passwd@localhost.test",
}
