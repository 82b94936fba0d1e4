"""What the people of a journey do in their browsers, in their own words."""

import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from playwright.sync_api import Browser

from charter.models import User
from tests import visitors
from tests.axe import window

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
        for text in words:
            assert text in self.text(), f"{text!r} is not on {self.page.url}:\n{self.text()}"

    def text(self) -> str:
        return re.sub(r"\s+", " ", self.page.locator("main").inner_text())

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def write(self, **fields: str) -> None:
        """Fill fields by their label, or how it begins; underscores stand for spaces."""
        for label, text in fields.items():
            begins = re.compile(rf"^\s*{label.replace('_', ' ')}")
            self.page.get_by_label(begins).first.fill(text)

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
            self.page.get_by_label("Code").fill(self.code())
            self.press("Sign in")

    def is_signed_in_as(self, user: User) -> None:
        """Carry a session of somebody's, where signing in is not the subject."""
        name = settings.SESSION_COOKIE_NAME
        session = visitors.signed_in(user).cookies[name].value
        self.context.add_cookies([{"name": name, "value": session, "url": self.address}])

    def take_a_second_factor(self) -> None:
        """Set up an authenticator app: type its secret in, give back a code."""
        self.secret = self.page.locator("main .hash").inner_text()
        self.page.get_by_label("Authenticator code").fill(self.code())
        self.page.get_by_role("button", name="Finish").click()

    def code(self) -> str:
        """Return what the authenticator app shows now."""
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // 30))


def mails(home: Path, to: str) -> list[EmailMessage]:
    """Return the mails that the sink of a running register holds for somebody, oldest first."""
    read = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((home / "mail").glob("*.eml"))
    ]
    return [mail for mail in read if to in mail["To"]]


def mail_about(home: Path, to: str, words: str, seconds: float = 60) -> EmailMessage:
    """Wait until somebody has a mail with these words in its subject; return the newest."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = [mail for mail in mails(home, to) if words in mail["Subject"]]
        if found:
            return found[-1]
        time.sleep(0.3)
    subjects = [mail["Subject"] for mail in mails(home, to)]
    raise AssertionError(f"{to} has no mail about {words!r}, only {subjects}")


def links(mail: EmailMessage) -> list[str]:
    body = mail.get_body(("plain",))
    return re.findall(r"https?://\S+", body.get_content()) if body else []
