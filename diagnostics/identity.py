"""Identity numbers and telephone numbers: checked at the door, never kept in the clear.

An identity number is an import key only. What is kept is an HMAC-SHA256 under a key of the
installation, and the last four characters for a human eye: without the key nobody can try out the
few billion possible numbers. The key comes from the environment variable `XUANKE_ID_KEY`, or from a
file beside the database (`keep_key_in`); where neither is set it lives as long as the process.
"""

from __future__ import annotations

import hmac
import os
import secrets
from datetime import date
from pathlib import Path

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"

_key: bytes = secrets.token_bytes(32)


def keep_key_in(path: Path) -> None:
    """Use the key in `path` from now on; a new one is made, readable by the owner alone."""
    global _key
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    _key = bytes.fromhex(path.read_text(encoding="ascii").strip())


def check_character(first17: str) -> str:
    """Return the 18th character that GB 11643 asks for after the first seventeen digits."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first17, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def is_identity_number(text: str) -> bool:
    """Tell whether `text` is an 18-character identity number with a real date and check digit."""
    if len(text) != 18 or not (text[:17].isascii() and text[:17].isdigit()):
        return False
    try:
        date.fromisoformat(f"{text[6:10]}-{text[10:12]}-{text[12:14]}")
    except ValueError:
        return False
    return text[17].upper() == check_character(text[:17])


def sealed(identity_number: str) -> str:
    """Return `hash:last4`, all that is kept of an identity number."""
    number = identity_number.upper()
    setting = os.environ.get("XUANKE_ID_KEY")
    key = setting.encode() if setting else _key
    return f"{hmac.new(key, number.encode(), 'sha256').hexdigest()}:{number[-4:]}"


def masked_phone(digits: str) -> str:
    """Return a telephone number with its middle hidden, as notices may show it."""
    return f"{digits[:3]}****{digits[-4:]}"


def is_phone(text: str) -> bool:
    """Tell whether `text` is a mainland mobile number."""
    return len(text) == 11 and text.isascii() and text.isdigit() and text[0] == "1"
