"""Verify the log of a Charter Register, with nothing but Python's standard library.

python3 verify.py https://register.example              the log as it is on the web
python3 verify.py entries.json                          a file with the same entries
python3 verify.py https://register.example 4211:7a57…   and heads that you kept, as many as you like
"""

import hashlib
import json
import sys
import urllib.request


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_text(text):
    return hashlib.sha256(b"\x01" + text.encode()).hexdigest()


def read_entries(source):
    """Yield the entries of a register, or of a file with a list of them."""
    if not source.startswith(("http://", "https://")):
        with open(source, encoding="utf-8") as file:
            content = json.load(file)
        yield from content["entries"] if isinstance(content, dict) else content
        return
    address = f"{source.rstrip('/')}/api/v1/entries?limit=500"
    while address:
        with urllib.request.urlopen(address) as answer:
            page = json.load(answer)
        yield from page["data"]
        address = page["links"]["next"]


def find_faults(entries, heads=()):
    """Return the number of entries, the last hash, and a sentence for each fault."""
    faults, emptied, hashes, previous = [], {}, {}, "0" * 64
    for number, entry in enumerate(entries, start=1):
        if entry["number"] != number:
            return number - 1, previous, [*faults, f"entry {number} is missing"]
        text = entry["item_text"]
        if text is None:
            emptied[number] = entry["key"]
        elif hash_text(text) != entry["item_hash"]:
            faults.append(f"entry {number}: the item does not fit its hash")
        elif entry["action"] == "redact":
            for named in json.loads(text)["entries"]:
                if emptied.get(named) == entry["key"]:
                    del emptied[named]
        parts = [previous, *(entry[name] for name in ("number", "at", "kind", "key", "action"))]
        if hash_text(canonical([*parts, entry["item_hash"]])) != entry["hash"]:
            faults.append(f"entry {number}: the entry does not fit its hash, or the one before it")
        hashes[number] = previous = entry["hash"]
    faults += [f"entry {number}: the item is gone, and nothing says why" for number in emptied]
    for number, kept in heads:
        if not hashes.get(number, "").startswith(kept):
            faults.append(f"entry {number}: you kept another hash")
    return len(hashes), previous, faults


if __name__ == "__main__":
    kept_heads = [(int(number), kept) for number, kept in (a.split(":") for a in sys.argv[2:])]
    count, head, found = find_faults(read_entries(sys.argv[1]), kept_heads)
    print("\n".join(found) or f"No faults: {count} entries, head {head}")
    sys.exit(bool(found))
