"""The server's own signing key. It vouches that a packet was issued here, and by which rule; who
stands behind what the packet says are the people who signed it."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from incidents.signing import ssh_keys
from incidents.signing.ssh_keys import SshKey

PRINCIPAL = "holdfast-server"


@cache
def private() -> Ed25519PrivateKey:
    """:raises ImproperlyConfigured: not an Ed25519 key without passphrase."""
    text = settings.SIGNING_KEY or _made_once(settings.VAR_DIR / "signing" / "key")
    data = text.encode() + b"\n"
    try:
        is_ssh = "BEGIN OPENSSH" in text
        load = serialization.load_ssh_private_key if is_ssh else serialization.load_pem_private_key
        found = load(data, None)
    except (ValueError, TypeError) as error:
        raise ImproperlyConfigured("HOLDFAST_SIGNING_KEY cannot be read") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise ImproperlyConfigured("HOLDFAST_SIGNING_KEY is not an Ed25519 key")
    return found


def public() -> SshKey:
    """As OpenSSH writes it."""
    return ssh_keys.of_ed25519(private().public_key())


def _made_once(path: Path) -> str:
    """A key of this installation's own. Of several processes that begin at once, one's stays."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
        handle, name = tempfile.mkstemp(dir=path.parent)  # readable by us alone
        with os.fdopen(handle, "wb") as file:
            file.write(text)
        try:
            os.link(name, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(name)
    return path.read_text()
