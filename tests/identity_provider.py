"""A council's own sign-in, played on the loopback address: OpenID Connect, as small as it goes."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

CLIENT, SECRET = "register", "a secret / of both"


class Provider(ThreadingHTTPServer):
    """Vouches for one person, whoever comes back with a code."""

    claims: dict

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        own = self.server.address
        pages = {
            "/tenant/.well-known/openid-configuration": {
                "issuer": f"{own}/tenant",
                "authorization_endpoint": f"{own}/authorize",
                "token_endpoint": f"{own}/token",
                "userinfo_endpoint": f"{own}/userinfo",
                "jwks_uri": f"{own}/keys",
            },
            "/userinfo": self.server.claims,
        }
        self.say(pages[self.path])

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        issued = {
            "iss": f"{self.server.address}/tenant",
            "aud": CLIENT,
            "exp": int(time.time()) + 60,
            **self.server.claims,
        }
        token = jwt.encode(issued, "a key of the provider that is long enough", algorithm="HS256")
        self.say({"access_token": "any", "token_type": "Bearer", "id_token": token})

    def say(self, answer: dict) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *words: object) -> None:
        """Keep quiet."""


@contextmanager
def running(**claims: object) -> Iterator[Provider]:
    """Let a provider vouch for somebody for a block."""
    with Provider(("127.0.0.1", 0), Answer) as provider:
        provider.claims = {"sub": "17"} | claims
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join(60)
