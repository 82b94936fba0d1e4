"""`python -m registry.local run`."""

import argparse
import os
import sys

from registry.local import stopping


def main() -> int:
    """Run the register of this machine; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m registry.local")
    parser.add_argument("what", choices=["run"], help="run: a whole register, until Ctrl-C")
    parser.parse_args()
    stopping.listen()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")

    # Imported after listen(), so that Ctrl-C during these slow imports is not lost either.
    from django.core.exceptions import ImproperlyConfigured

    from registry.local.postgres import PostgresError
    from registry.local.supervisor import CannotRunError, Supervisor
    from registry.local.valkey import ValkeyError

    try:
        Supervisor().run()
    except (CannotRunError, PostgresError, ValkeyError, ImproperlyConfigured) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
