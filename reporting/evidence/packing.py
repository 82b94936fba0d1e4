"""A cleaned file on its way between two processes: a line of JSON, then its bytes."""

import json
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from reporting.evidence.rules import CleanFile, RefusedFileError


def pack_file(clean: CleanFile) -> bytes:
    """Return a file for `unpack_file`: its facts, itself, and then each size of a picture."""
    facts = asdict(clean)
    parts = {"content": facts.pop("content"), **facts.pop("sizes")}
    facts["lengths"] = {name: len(part) for name, part in parts.items()}
    return json.dumps(facts).encode() + b"\n" + b"".join(parts.values())


def unpack_file(packed: bytes) -> CleanFile:
    """Return the packed file; raise RefusedFileError if a refusal is all there is."""
    head, _, body = packed.partition(b"\n")
    facts: dict[str, Any] = json.loads(head)
    if "refused" in facts:
        raise RefusedFileError(facts["refused"])
    lengths = facts.pop("lengths")
    ends = [sum([*lengths.values()][:number]) for number in range(len(lengths) + 1)]
    parts = {
        name: body[start:end] for name, (start, end) in zip(lengths, pairwise(ends), strict=True)
    }
    return CleanFile(parts.pop("content"), **facts, sizes=parts)
