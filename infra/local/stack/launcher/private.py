"""Files that only their owner may read."""

import os
import secrets
from pathlib import Path


def write(file: Path, text: str) -> Path:
    """Writes the file atomically with mode 600."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    return temporary.replace(file)


def secret(file: Path, random_bytes: int = 32) -> str:
    """The secret in the file. The first call generates it: random bytes in URL-safe base64."""
    if not file.is_file():
        write(file, secrets.token_urlsafe(random_bytes) + "\n")
    return file.read_text(encoding="utf-8").strip()
