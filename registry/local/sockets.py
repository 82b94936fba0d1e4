"""Private folders for the Unix sockets of the embedded services."""

import hashlib
import os
import tempfile
from pathlib import Path

# The kernel cuts a socket's path at about 108 bytes; the longest name in the folder has 17.
LONGEST_FOLDER = 80


def socket_folder(folder: Path, owner: int | None = None) -> Path:
    """Make a folder for `owner` alone (default: us); elsewhere if its path is too long."""
    owner = os.geteuid() if owner is None else owner
    if len(os.fsencode(folder)) > LONGEST_FOLDER:
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"register-{owner}-{name}"
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        os.chown(folder, owner, -1)
    if folder.is_symlink() or folder.stat().st_uid != owner:
        raise PermissionError(
            f"{folder} belongs to somebody else. Remove it, or set REGISTER_HOME to another folder."
        )
    folder.chmod(0o700)
    return folder
