"""A council's own sign-in on the loopback address: a minimal OpenID Connect provider."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

CLIENT, SECRET = "register", "a secret / of both"


class Provider(ThreadingHTTPServer):
    """Confirms the same person to every client that returns with a code."""

    claims: dict

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        address = self.server.address
        pages = {
            "/tenant/.well-known/openid-configuration": {
                "issuer": f"{address}/tenant",
                "authorization_endpoint": f"{address}/authorize",
                "token_endpoint": f"{address}/token",
                "userinfo_endpoint": f"{address}/userinfo",
                "jwks_uri": f"{address}/keys",
            },
            "/userinfo": self.server.claims,
        }
        self.respond(pages[self.path])

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        claims = {
            "iss": f"{self.server.address}/tenant",
            "aud": CLIENT,
            "exp": int(time.time()) + 60,
            **self.server.claims,
        }
        token = jwt.encode(claims, "a key of the provider that is long enough", algorithm="HS256")
        self.respond({"access_token": "any", "token_type": "Bearer", "id_token": token})

    def respond(self, body: dict) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args: object) -> None:
        """Log nothing."""


@contextmanager
def run_provider(**claims: object) -> Iterator[Provider]:
    """Run a provider that confirms a person with these claims for a block."""
    with Provider(("127.0.0.1", 0), Handler) as provider:
        provider.claims = {"sub": "17"} | claims
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join(60)
