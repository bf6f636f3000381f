"""Contracts that do as they are told: a mouth logs what it is given, a hand calls in order.

With anvil_setCode a mouth stands where a real bridge has its contract, so that real event layouts
come out of a real node at the real addresses.
"""

from __future__ import annotations

from tracing.core.logs import Log

_OPS = {
    "STOP": 0x00, "ADD": 0x01, "SUB": 0x03, "GT": 0x11, "EQ": 0x14, "ISZERO": 0x15, "SHL": 0x1B,
    "SHR": 0x1C, "CALLDATALOAD": 0x35, "CALLDATASIZE": 0x36, "CALLDATACOPY": 0x37, "JUMP": 0x56,
    "JUMPI": 0x57, "GAS": 0x5A, "CALL": 0xF1, "REVERT": 0xFD, "JUMPDEST": 0x5B,
}  # fmt: skip


def assemble(text: str) -> str:
    """EVM code: op names, DUPn, LOGn, numbers (pushed, one byte), ":name" (a place), "@name"."""
    code = bytearray()
    places: dict[str, int] = {}
    wanted: list[tuple[int, str]] = []
    for word in text.split():
        if word.startswith(":"):
            places[word[1:]] = len(code)
            code.append(_OPS["JUMPDEST"])
        elif word.startswith("@"):
            code += b"\x60\x00"
            wanted.append((len(code) - 1, word[1:]))
        elif word.isdigit():
            code += bytes([0x60, int(word)])
        elif word.startswith("DUP"):
            code.append(0x7F + int(word[3:]))
        elif word.startswith("LOG"):
            code.append(0xA0 + int(word[3:]))
        else:
            code.append(_OPS[word])
    for at, name in wanted:
        code[at] = places[name]
    return "0x" + code.hex()


def _say(count: int) -> str:
    topics = " ".join(f"{1 + 32 * at} CALLDATALOAD" for at in reversed(range(count)))
    return f":say{count} {topics} DUP{count + 1} 0 LOG{count} STOP"


# calldata: how many topics (one byte), the topics, the data. Nothing: it takes ether and is silent.
MOUTH = assemble(
    "CALLDATASIZE ISZERO @end JUMPI 0 CALLDATALOAD 248 SHR DUP1 5 SHL 1 ADD DUP1 CALLDATASIZE SUB "
    "DUP1 DUP3 0 CALLDATACOPY "
    + " ".join(f"DUP3 {count} EQ @say{count} JUMPI" for count in range(1, 5))
    + " :end STOP "
    + " ".join(_say(count) for count in range(1, 5))
)
# calldata: target (20 bytes), value (32), length (4), data; and so on. All or nothing.
HAND = assemble(
    "0 :loop DUP1 CALLDATASIZE GT ISZERO @end JUMPI DUP1 52 ADD CALLDATALOAD 224 SHR "
    "DUP1 DUP3 56 ADD 0 CALLDATACOPY 0 0 DUP3 0 DUP6 20 ADD CALLDATALOAD DUP7 CALLDATALOAD 96 SHR "
    "GAS CALL ISZERO @fail JUMPI ADD 56 ADD @loop JUMP :end STOP :fail 0 0 REVERT"
)

Step = tuple[str, int, str]  # target, wei, calldata


def pay(target: str, value: int) -> Step:
    return target, value, "0x"


def say(log: Log, value: int = 0) -> Step:
    """The mouth at the log's address logs it, and takes so much ether."""
    topics = "".join(topic[2:] for topic in log.topics)
    return log.address, value, f"0x{len(log.topics):02x}{topics}{log.data[2:]}"


def script(*steps: Step) -> str:
    """The calldata of a hand."""
    return "0x" + "".join(
        f"{target[2:]}{value:064x}{len(data) // 2 - 1:08x}{data[2:]}"
        for target, value, data in steps
    )
