"""Contracts by hand: what they answer to each selector, as bytecode for anvil_setCode."""

from collections.abc import Mapping

REVERTS = "60006000fd"
ENDLESS = "5b80600056"  # loops until the gas is gone; only as the very first instruction
BY_ADDRESS = "600435545f5260205ff3"  # the storage slot that the first argument names


def returns(data: bytes) -> str:
    """Answers so many bytes, whoever asks; zeros may be of any length."""
    if not any(data) and len(data) > 32:
        return f"63{len(data):08x}5ff3"
    return f"{_stored(data)}61{len(data):04x}5ff3"


def _stored(data: bytes) -> str:
    words = [data[at : at + 32].ljust(32, bytes(1)) for at in range(0, len(data), 32)]
    return "".join(f"7f{word.hex()}61{32 * at:04x}52" for at, word in enumerate(words))


def logs(*topics: str, data: bytes = b"") -> str:
    """Logs so many topics with up to 255 bytes of data, and goes on."""
    store = _stored(data)
    pushed = "".join(f"7f{topic.removeprefix('0x').rjust(64, '0')}" for topic in reversed(topics))
    return f"{store}{pushed}60{len(data):02x}5fa{len(topics)}"


def stores(slot: str, value: int) -> str:
    """Puts a number into the storage slot that an address names, and goes on."""
    return f"61{value:04x}73{slot.removeprefix('0x')}55"


def program(answers: Mapping[str, str], otherwise: str = REVERTS) -> str:
    """Code that goes by the selector, as hex."""
    head, otherwise = "5f3560e01c", f"{otherwise}00"
    size = len(head) // 2 + 11 * len(answers)
    table, bodies, at = "", "", size + len(otherwise) // 2
    for selector, body in answers.items():
        table += f"8063{selector.removeprefix('0x')}1461{at:04x}57"
        bodies += f"5b{body}"
        at += 1 + len(body) // 2
    return f"0x{head}{table}{otherwise}{bodies}"
