"""The people of a journey, each in a browser, and the emails they get."""

import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from playwright.sync_api import Browser

from charter.models import Message, User
from tests import visitors
from tests.axe import window

# The accessible name of the focused element, without its error message.
LABEL = """focus => (focus.labels && focus.labels.length ? focus.labels[0] : focus).innerText"""
REQUIRED_FIELDS = """form => Object.fromEntries([...form.querySelectorAll(".govuk-form-group")]
    .filter(group => !group.closest("details"))
    .map(group => [
        group.querySelector("legend, label").innerText.trim(),
        group.querySelector("input:checked")?.value
            ?? (group.querySelector("input[type=radio]") && "")
            ?? group.querySelector("select")?.selectedOptions[0].text.replace(/ \\(.*/, "")
            ?? group.querySelector("input, textarea").value,
    ])
    .filter(([label]) => !label.endsWith("(optional)")))"""
CODE_SECONDS = 30  # an authenticator app shows each code so long
PASSWORD = "correct horse battery staple"


class Person:
    """A person with a browser of their own."""

    def __init__(self, browser: Browser, address: str, email: str = "", **options: object) -> None:
        self.address = address
        self.email = email
        self.secret = ""
        self.page = window(browser, **options)
        self.context = self.page.context

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else f"{self.address}{path}")

    def sees(self, *words: str) -> None:
        """Wait until all of these words are on the page."""
        deadline = time.monotonic() + 5
        while missing := [text for text in words if text not in self.text()]:
            assert time.monotonic() < deadline, f"{missing} not on {self.page.url}:\n{self.text()}"
            self.page.wait_for_timeout(50)

    def text(self) -> str:
        return re.sub(r"\s+", " ", self.page.locator("body").inner_text())

    def press(self, name: str) -> None:
        # The last, since a field of search is in each header.
        self.page.get_by_role("button", name=name, exact=True).last.click()

    def follow(self, name: str) -> None:
        self.page.locator("a").filter(has_text=name).first.click()

    def write(self, **fields: str) -> None:
        """Fill fields by the start of their label; underscores stand for spaces."""
        for label, text in fields.items():
            begins = re.compile(rf"^\s*{label.replace('_', ' ')}")
            self.page.get_by_label(begins).first.fill(text)

    def tab_to(self, words: str) -> None:
        """Press the tab key until the label of the focused element contains these words."""
        focus = self.page.locator("*:focus")
        for _ in range(150):
            self.page.keyboard.press("Tab")
            if focus.count() and words in focus.evaluate(LABEL):
                return
        raise AssertionError(f"No way by keyboard to {words!r} on {self.page.url}")

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def types(self, text: str) -> None:
        self.page.keyboard.type(text)

    def required_fields(self) -> dict[str, str]:
        """Return the required fields of the form, each with its present value."""
        return self.page.locator("main form").first.evaluate(REQUIRED_FIELDS)

    def open(self, words: str) -> None:
        self.page.locator("summary").filter(has_text=words).click()

    def choose(self, label: str) -> None:
        self.page.get_by_label(label, exact=True).check()

    def accept_invitation(self, link: str, name: str) -> None:
        self.go(link)
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_label("password").first.fill(PASSWORD)
        self.press("Accept")

    def sign_charter(self, organisation: str) -> None:
        """Sign on the page that shows the charter, with all three ticks."""
        self.choose(f"I may sign for {organisation}")
        self.choose("Texts that we publish are under the Open Government Licence")
        self.choose("What is published stays on record")
        self.press("Sign and make public")

    def sign_in(self) -> None:
        self.go("/account/login/")
        self.sign_in_here()

    def sign_in_here(self) -> None:
        """Sign in on the page to which someone without a session was redirected."""
        self.page.get_by_label("Email").fill(self.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.press("Sign in")
        if self.secret:
            self.page.get_by_label("Code").fill(authenticator_code(self.secret))
            self.press("Sign in")

    def start_session(self, user: User) -> None:
        """Start a session of a user's, for journeys that are not about signing in."""
        name = settings.SESSION_COOKIE_NAME
        session = visitors.signed_in(user).cookies[name].value
        self.context.add_cookies([{"name": name, "value": session, "url": self.address}])

    def set_up_second_factor(self) -> None:
        """Set up an authenticator app with the secret on the page."""
        self.secret = self.page.locator("main .hash").inner_text()
        self.page.get_by_label("Authenticator code").fill(authenticator_code(self.secret))
        self.page.get_by_role("button", name="Finish").click()


def authenticator_code(secret: str) -> str:
    """Return the code that an authenticator app shows now, once it holds for ten more seconds."""
    left = CODE_SECONDS - time.time() % CODE_SECONDS
    if left < 10:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // CODE_SECONDS))


def link_path(kind: str, to: str) -> str:
    """Return the path of the first link with a token in the latest email of a kind."""
    text = Message.objects.filter(kind=kind, recipient=to).latest("pk").text
    link = re.search(r"http://[^/\s]+(/(?:confirm|colleague|invitations|follow|join)/\S+)", text)
    assert link, text
    return link[1]


def emails(home: Path, to: str) -> list[EmailMessage]:
    """Return the emails that a running register sent to an address, oldest first."""
    messages = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((home / "mail").glob("*.eml"))
    ]
    return [email for email in messages if to in email["To"]]


def email_about(home: Path, to: str, words: str, seconds: float = 60) -> EmailMessage:
    """Wait for an email to an address with these words in its subject; return the newest."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        matches = [email for email in emails(home, to) if words in email["Subject"]]
        if matches:
            return matches[-1]
        time.sleep(0.3)
    subjects = [email["Subject"] for email in emails(home, to)]
    raise AssertionError(f"{to} has no email about {words!r}, only {subjects}")


def links(email: EmailMessage) -> list[str]:
    body = email.get_body(("plain",))
    return re.findall(r"https?://\S+", body.get_content()) if body else []
