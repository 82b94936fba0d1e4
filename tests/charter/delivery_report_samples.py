"""Emails that arrive at the return path, `{to}`.

True reports in the formats of several servers, garbage, automatic replies and forgeries.
"""

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


# The mailbox is gone.
PERMANENT = {
    "postfix, unknown user": report(),
    "exim, mailbox unavailable": report(status="5.0.0", subject="Email delivery failed"),
    "exchange, not found": report(
        status="5.1.10", daemon="postmaster@tenant.example", subject="Undeliverable: Your update"
    ),
    "domain is gone": report(status="5.1.2"),
    "account disabled": report(status="5.2.1"),
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
}
# The mailbox may work again.
TEMPORARY = {
    "mailbox full": report(status="5.2.2"),
    "given up after days": report(status="4.4.7"),
    "host not found for days": report(status="4.4.4"),
    "greylisted for ever": report(status="4.2.0"),
    "system not accepting": report(status="4.3.2"),
}
# The receiver's rules reject us: recorded, but the mailbox is not at fault.
POLICY = {
    "policy": report(status="5.7.1"),
    "SPF": report(status="5.7.23"),
    "listed": report(status="5.7.606"),
    "rate": report(status="4.7.28"),
}
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
