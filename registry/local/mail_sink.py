"""The local mail sink: an SMTP server that stores every email as a file and delivers none.

Run as `python -m registry.local.mail_sink FOLDER PORT`.
"""

import asyncio
import itertools
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class MailSinkHandler:
    """Stores each email as `FOLDER/<time>-<number>.eml`, after headers with its envelope."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(1)
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        self.save_message(content, str(envelope.mail_from), envelope.rcpt_tos, datetime.now(UTC))
        return "250 Kept"

    def save_message(
        self, content: bytes, sender: str, recipients: list[str], at: datetime
    ) -> None:
        name = f"{at:%Y%m%d-%H%M%S-%f}-{next(self.numbers):06}.eml"
        addresses = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n"
        # Written under another name first: a list of the folder never includes a partial email.
        partial_file = self.folder / f"{name}.half"
        partial_file.write_bytes(addresses.encode() + content)
        os.utime(partial_file, (at.timestamp(), at.timestamp()))
        partial_file.rename(self.folder / name)


async def run_server(folder: Path, port: int) -> None:
    """Accept email on the loopback address until the process ends."""
    handler = MailSinkHandler(folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True, hostname="localhost"), "127.0.0.1", port
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(run_server(Path(sys.argv[1]), int(sys.argv[2])))
