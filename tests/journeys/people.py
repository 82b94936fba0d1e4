"""What the people of a journey do in their browsers, in their own words."""

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

# What people hear of the element with the focus, less its error.
NAME = """focus => (focus.labels && focus.labels.length ? focus.labels[0] : focus).innerText"""
ASKED = """form => Object.fromEntries([...form.querySelectorAll(".govuk-form-group")]
    .filter(group => !group.closest("details"))
    .map(group => [
        group.querySelector("legend, label").innerText.trim(),
        group.querySelector("input:checked")?.value
            ?? group.querySelector("select")?.selectedOptions[0].text.replace(/ \\(.*/, "")
            ?? group.querySelector("input, textarea").value,
    ])
    .filter(([label]) => !label.endsWith("(optional)")))"""
PASSWORD = "correct horse battery staple"


class Person:
    """Somebody with a browser of their own."""

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
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.locator("a").filter(has_text=name).first.click()

    def write(self, **fields: str) -> None:
        """Fill fields by their label, or how it begins; underscores stand for spaces."""
        for label, text in fields.items():
            begins = re.compile(rf"^\s*{label.replace('_', ' ')}")
            self.page.get_by_label(begins).first.fill(text)

    def tab_to(self, words: str) -> None:
        """Press the tab key until what has the focus is called by these words."""
        focus = self.page.locator("*:focus")
        for _ in range(150):
            self.page.keyboard.press("Tab")
            if focus.count() and words in focus.evaluate(NAME):
                return
        raise AssertionError(f"No way by keyboard to {words!r} on {self.page.url}")

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def types(self, text: str) -> None:
        self.page.keyboard.type(text)

    def asked(self) -> dict[str, str]:
        """Return what the form asks for without fail, and what stands there already."""
        return self.page.locator("main form").first.evaluate(ASKED)

    def open(self, words: str) -> None:
        self.page.locator("summary").filter(has_text=words).click()

    def choose(self, label: str) -> None:
        self.page.get_by_label(label, exact=True).check()

    def accept_invitation(self, link: str, name: str) -> None:
        self.go(link)
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_label("password").first.fill(PASSWORD)
        self.press("Accept")

    def sign_in(self) -> None:
        self.go("/account/login/")
        self.sign_in_here()

    def sign_in_here(self) -> None:
        """Sign in on the page to which somebody without a session was led."""
        self.page.get_by_label("Email").fill(self.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.press("Sign in")
        if self.secret:
            self.page.get_by_label("Code").fill(authenticator_code(self.secret))
            self.press("Sign in")

    def is_signed_in_as(self, user: User) -> None:
        """Carry a session of somebody's, where signing in is not the subject."""
        name = settings.SESSION_COOKIE_NAME
        session = visitors.signed_in(user).cookies[name].value
        self.context.add_cookies([{"name": name, "value": session, "url": self.address}])

    def take_a_second_factor(self) -> None:
        """Set up an authenticator app: type its secret in, give back a code."""
        self.secret = self.page.locator("main .hash").inner_text()
        self.page.get_by_label("Authenticator code").fill(authenticator_code(self.secret))
        self.page.get_by_role("button", name="Finish").click()


def authenticator_code(secret: str) -> str:
    """Return what an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def path_in_the_email(kind: str, to: str) -> str:
    """Return where the first link with a token leads in the latest email of a kind."""
    text = Message.objects.filter(kind=kind, recipient=to).latest("pk").text
    found = re.search(r"http://[^/\s]+(/(?:confirm|colleague|invitations|follow)/\S+)", text)
    assert found, text
    return found[1]


def emails(home: Path, to: str) -> list[EmailMessage]:
    """Return the emails that the sink of a running register holds for somebody, oldest first."""
    read = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((home / "mail").glob("*.eml"))
    ]
    return [email for email in read if to in email["To"]]


def email_about(home: Path, to: str, words: str, seconds: float = 60) -> EmailMessage:
    """Wait until somebody has an email with these words in its subject; return the newest."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = [email for email in emails(home, to) if words in email["Subject"]]
        if found:
            return found[-1]
        time.sleep(0.3)
    subjects = [email["Subject"] for email in emails(home, to)]
    raise AssertionError(f"{to} has no email about {words!r}, only {subjects}")


def links(email: EmailMessage) -> list[str]:
    body = email.get_body(("plain",))
    return re.findall(r"https?://\S+", body.get_content()) if body else []
