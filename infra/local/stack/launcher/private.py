"""Files that nobody but their owner may read."""

import os
import secrets
from pathlib import Path


def write(file: Path, text: str) -> Path:
    """Writes the file with mode 600, whole or not at all."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = file.with_name(f".{file.name}.new")
    written.unlink(missing_ok=True)
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    return written.replace(file)


def secret(file: Path, random_bytes: int = 32) -> str:
    """The secret that the file holds, generated the first time: random bytes in URL-safe base64."""
    if not file.is_file():
        write(file, secrets.token_urlsafe(random_bytes) + "\n")
    return file.read_text(encoding="utf-8").strip()
