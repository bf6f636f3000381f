"""Why a signature or a key is not taken."""


class BadSignature(ValueError):
    """It does not fit: another key, another text, another purpose, or no signature at all."""


class BadKey(ValueError):
    """No public key of a kind that is taken here."""
