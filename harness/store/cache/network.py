"""Is a file on a network file system? SQLite's journal is shared memory there, which other machines do not see."""

from __future__ import annotations

import re
from pathlib import Path

from harness.workspace import operating_system

NETWORK = re.compile(
    r"nfs4?|cifs|smb[23]?|smbfs|afs|ceph|glusterfs|lustre|gpfs|beegfs|pvfs2|orangefs|ncpfs|davfs2?|coda|acfs|wekafs"
    r"|fuse\.(sshfs|s3fs|gcsfuse|goofys|rclone|glusterfs|ceph|ceph-fuse|juicefs|davfs2?|blobfuse2?|mount-s3|mfs|curlftpfs)",
    re.IGNORECASE,
)


def network_type(path: Path, mounts: str | None = None) -> str:
    """The type of the network file system that a path is on; empty where it is on none, or where that is not known.

    Args:
        path: a file, which need not exist.
        mounts: what ``/proc/self/mountinfo`` says; None reads it.
    """
    table = operating_system.mounts() if mounts is None else mounts
    target = path.resolve()
    deepest, kind = -1, ""
    for line in table.splitlines():
        fields, _, rest = line.partition(" - ")
        words, kinds = fields.split(" "), rest.split(" ")
        if len(words) < 5 or not kinds[0]:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), words[4]))
        # Of two mounts on one point the later hides the earlier.
        if target.is_relative_to(point) and len(point.parts) >= deepest:
            deepest, kind = len(point.parts), kinds[0]
    return kind if NETWORK.fullmatch(kind) else ""
