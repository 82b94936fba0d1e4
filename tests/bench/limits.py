"""The limits: how cheaply the same bytes can be served by this server, and by nginx.

`application` answers with files that hold what the register answered, without a framework; its
environment names their FOLDER. nginx serves the same folder.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

NGINX_CONFIGURATION = """
daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
    access_log off; default_type text/html; sendfile on; keepalive_requests 1000000;
    client_body_temp_path {folder}/temporary; proxy_temp_path {folder}/temporary;
    fastcgi_temp_path {folder}/temporary; uwsgi_temp_path {folder}/temporary;
    scgi_temp_path {folder}/temporary;
    server {{ listen 127.0.0.1:{port}; location / {{ root {root}; }} }}
}}
"""


def file_name(address: str) -> str:
    """Return the name of the file that holds the answer of an address."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def nginx_command(folder: Path, root: Path, port: int) -> list[str] | None:
    """Write nginx's configuration and return its command, or None if there is no nginx."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX_CONFIGURATION.format(folder=folder, root=root, port=port))
    return [program, "-c", str(configuration), "-p", str(folder)]


@cache
def ready_answers() -> dict[str, bytes]:
    """Return the answers in FOLDER by their paths."""
    return {f"/{path.name}": path.read_bytes() for path in Path(os.environ["FOLDER"]).iterdir()}


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with ready bytes, or with 304 whenever the client names a version that it has."""
    if "HTTP_IF_NONE_MATCH" in environ:
        start_response("304 Not Modified", [("ETag", environ["HTTP_IF_NONE_MATCH"])])
        return []
    body = ready_answers()[environ["PATH_INFO"]]
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]
