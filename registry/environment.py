"""Reading settings from the environment, with errors that say what to do."""

import base64
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from psycopg import IsolationLevel

env = environ.Env()

SIGNING_KEY_BYTES = 32  # of Ed25519
# Of a replica that hangs, in seconds and milliseconds: the primary can answer as well.
SOON = {"connect_timeout": 2, "tcp_user_timeout": 3000}


def env_integer(name: str, *, default: int) -> int:
    """Return a whole number from the environment, or raise ImproperlyConfigured."""
    text = env.str(name, default=str(default))
    try:
        return int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {text!r}. Give a whole number.") from None


def env_flag(name: str, *, default: bool) -> bool:
    """Return a yes or no from the environment, or raise ImproperlyConfigured."""
    text = env.str(name, default="1" if default else "0")
    if text not in ("0", "1"):
        raise ImproperlyConfigured(f"{name} is {text!r}. Set it to 1 for yes or 0 for no.")
    return text == "1"


def local_secret_key(home: Path) -> str:
    """Return the secret key of a local register, made once and stored in its home."""
    return _local_secret(home / "secret_key", lambda: secrets.token_urlsafe(50))


def signing_key(text: str, home: Path) -> str:
    """Return the key that signs heads: the one given, or that of a local register.

    Raise ImproperlyConfigured if it is none.
    """
    key = text or _local_secret(home / "head_signing_key", new_signing_key)
    try:
        is_key = len(base64.b64decode(key, validate=True)) == SIGNING_KEY_BYTES
    except ValueError:
        is_key = False
    if not is_key:
        raise ImproperlyConfigured(
            "HEAD_SIGNING_KEY must be 32 random bytes in base64. Make it with: "
            "openssl rand -base64 32"
        )
    return key


def new_signing_key() -> str:
    """Return a new key that signs heads."""
    return base64.b64encode(secrets.token_bytes(SIGNING_KEY_BYTES)).decode()


def _local_secret(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(make())
    return path.read_text()


def databases(
    address: str, public_address: str, replica_address: str = "", *, must_differ: bool
) -> dict[str, Any]:
    """Return the connections to the database: of the application, and of what the public reads.

    With the address of a replica, one more. Raise ImproperlyConfigured if one is not PostgreSQL, or
    if the application and the public have one role.
    """
    options = "-c default_transaction_read_only=on -c statement_timeout=2s"
    isolation = IsolationLevel.REPEATABLE_READ
    default = _connection(address)
    public = _connection(public_address, isolation_level=isolation, options=options)
    connections = {"default": default, "public": public}
    if replica_address:
        connections["replica"] = _connection(
            replica_address, isolation_level=isolation, options=options, **SOON
        )
    if must_differ and any(
        default["USER"] == connection["USER"]
        for alias, connection in connections.items()
        if alias != "default"
    ):
        raise ImproperlyConfigured(
            "DATABASE_PUBLIC_URL and DATABASE_REPLICA_URL must name another role than "
            "DATABASE_URL: register_public, which reads nothing private."
        )
    return connections


def _connection(address: str, **options: Any) -> dict[str, Any]:
    parsed = env.db_url_config(address)
    if parsed["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "DATABASE_URL, DATABASE_PUBLIC_URL and DATABASE_REPLICA_URL must name PostgreSQL "
            "(postgres://…): the log relies on what it does."
        )
    return {
        **parsed,
        "OPTIONS": parsed.get("OPTIONS", {}) | options,
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 60,
        # After a restart of the database, the next request only opens a new connection.
        "CONN_HEALTH_CHECKS": True,
    }


def evidence_storage(address: str, home: Path) -> dict[str, Any]:
    """Return the storage of evidence files: a folder in the register's home, or a bucket.

    A bucket's address is s3://key:secret@host/bucket. Raise ImproperlyConfigured for any other.
    """
    if not address:
        folder = {"location": home / "evidence", "file_permissions_mode": 0o600}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": folder}
    parts = urlsplit(address)
    if parts.scheme != "s3" or not (parts.hostname and parts.path.strip("/")):
        raise ImproperlyConfigured("EVIDENCE_URL must look like s3://key:secret@host/bucket.")
    bucket = {
        "access_key": unquote(parts.username or ""),
        "secret_key": unquote(parts.password or ""),
        "endpoint_url": f"https://{parts.netloc.rpartition('@')[2]}",
        "bucket_name": parts.path.strip("/"),
        "file_overwrite": False,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": bucket}
