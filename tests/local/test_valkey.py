"""The embedded Valkey keeps its data."""

import time
from pathlib import Path
from urllib.parse import urlsplit

import redis

from registry.local import valkey


def client(url: str) -> redis.Redis:
    return redis.Redis(unix_socket_path=urlsplit(url).path, decode_responses=True)


def test_kill_loses_nothing_older_than_a_second(tmp_path):
    server = valkey.Valkey(tmp_path)
    try:
        server.start()
        client(server.url).rpush("mail", "a bell")
        server.server.process.kill()
        while server.alive:
            time.sleep(0.01)
        server.start()
        assert client(server.url).lrange("mail", 0, -1) == ["a bell"]
    finally:
        server.stop()


def test_messages_are_never_evicted_for_lack_of_memory(tmp_path):
    with valkey.run_server(tmp_path) as url:
        assert client(url).config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_server_is_closed_to_other_users(tmp_path):
    with valkey.run_server(tmp_path) as url:
        assert client(url).config_get("port") == {"port": "0"}
        assert Path(urlsplit(url).path).parent.stat().st_mode & 0o077 == 0
