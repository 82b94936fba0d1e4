"""Private folders for the Unix sockets of the embedded services."""

import hashlib
import os
import tempfile
from pathlib import Path

# Bytes: the kernel limits a socket's path to about 108; the longest name in a folder has 14.
LONGEST_FOLDER = 84


def socket_folder(home: Path, service: str) -> Path:
    """Return the folder of a service's socket: below `home`, or in /tmp for a long `home`."""
    folder = home / f"{service}-socket"
    if len(os.fsencode(folder)) <= LONGEST_FOLDER:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"register-{digest}"


def make_private(folder: Path, owner: int | None = None) -> None:
    """Make a folder that only `owner`, by default the current user, may enter."""
    owner = os.geteuid() if owner is None else owner
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        os.chown(folder, owner, -1)
    if folder.is_symlink() or folder.stat().st_uid != owner:
        raise PermissionError(
            f"{folder} belongs to someone else. Remove it, or set REGISTER_HOME to another folder."
        )
    folder.chmod(0o700)


def remove_if_empty(folder: Path) -> None:
    """Remove a folder if it is empty, so that none is left in the system's temporary folder."""
    try:
        folder.rmdir()
    except OSError:
        pass  # a killed server left its socket; the next start uses the folder again
