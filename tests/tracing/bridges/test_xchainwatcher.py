"""Nomad and Ronin as they were: matched crossings are certain, the thefts are unpaid for.

Rows of XChainWatcher (MIT, beside the repository: ../shared/data) are put back into the logs that
they were read from, and go through the decoders.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.tracing.bridges.logs import contract_of, event_of, log_of, word
from tests.tracing.chains.recorded import DATA
from tracing.bridges import Departure, Landing, Receipt, departures, landings
from tracing.core.crossings import Certainty, Seen, match, unbacked
from tracing.core.logs import Log

HERE = DATA / "bridges" / "xchainwatcher" / "cross-chain-rules-validator"
E1, MOONBEAM, RONIN = "eip155:1", "eip155:1284", "eip155:2020"
ETH_DOMAIN, BEAM_DOMAIN = 6648936, 1650811245
NOBODY = "0x" + "00" * 20

needs_crossings = pytest.mark.skipif(
    not HERE.is_dir(), reason=f"no XChainWatcher data at {DATA} (set HOLDFAST_DATA)"
)


@dataclass(frozen=True)
class Row:
    left_at: int
    left_tx: str
    came_at: int
    came_tx: str
    number: int
    near_token: str
    far_token: str
    sender: str
    beneficiary: str
    amount: int


def crossings(path: str) -> list[Row]:
    """Rows of a matched crossing: near chain, time, hash, far chain, time, hash, number, tokens,
    sender, beneficiary, amount."""
    rows = [line.split("\t") for line in _text(path).splitlines()]
    return [Row(int(r[1]), r[2], int(r[4]), r[5], int(r[6]), *r[7:11], int(r[11])) for r in rows]


def attacks(path: str) -> list[Row]:
    return [
        Row(0, "", int(r["dst_timestamp"]), r["dst_transaction_hash"], int(r["withdrawal_id"]),
            "", r["dst_token"], "", r["beneficiary"], int(r["amount"]))
        for r in csv.DictReader(_text(path).splitlines())
    ]  # fmt: skip


def never_paid_out() -> list[Row]:
    """Withdrawals that left Moonbeam and never arrived."""
    path = "analysis/nomad-bridge/data/matched_and_unmatched_tc_withdrawals.csv"
    return [
        Row(int(r["origin_timestamp"]), r["origin_transaction_hash"], 0, "",
            int(r["withdrawal_id"]), r["origin_token"], "", r["sender"], r["beneficiary"],
            int(r["amount"]))
        for r in csv.DictReader(_text(path).splitlines())
        if r["matched"] == "False"
    ]  # fmt: skip


def _text(path: str) -> str:
    return Path(HERE / path).read_text(encoding="utf-8")


def nomad_left(row: Row) -> Departure:
    dispatched = log_of(event_of("nomad", "Dispatch"), contract_of("nomad", MOONBEAM, "home"), {
        "messageHash": bytes(32), "leafIndex": row.number, "committedRoot": bytes(32),
        "destinationAndNonce": (ETH_DOMAIN << 32) + row.number, "message": b""})  # fmt: skip
    sent = log_of(event_of("nomad", "Send"), contract_of("nomad", MOONBEAM, "bridge_router"), {
        "token": row.near_token, "from": row.sender, "toDomain": ETH_DOMAIN,
        "toId": word(row.beneficiary), "amount": row.amount,
        "fastLiquidityEnabled": False}, index=1)  # fmt: skip
    return _only(departures(_receipt(MOONBEAM, row.left_tx, dispatched, sent)))


def nomad_came(row: Row) -> Landing:
    log = log_of(event_of("nomad", "Receive"), contract_of("nomad", E1, "bridge_router"), {
        "originAndNonce": (BEAM_DOMAIN << 32) + row.number, "token": row.far_token,
        "recipient": row.beneficiary, "liquidityProvider": NOBODY,
        "amount": row.amount})  # fmt: skip
    return _only(landings(_receipt(E1, row.came_tx, log)))


def ronin_left(row: Row) -> Departure:
    log = log_of(event_of("ronin", "SidechainWithdrew"), contract_of("ronin", RONIN), {
        "_withdrawId": row.number, "_owner": row.beneficiary, "_tokenAddress": row.near_token,
        "_mainchainAddress": row.far_token, "_standard": 20,
        "_tokenNumber": row.amount})  # fmt: skip
    return _only(departures(_receipt(RONIN, row.left_tx, log)))


def ronin_came(row: Row) -> Landing:
    log = log_of(event_of("ronin", "MainchainWithdrew"), contract_of("ronin", E1), {
        "_withdrawId": row.number, "_owner": row.beneficiary, "_tokenAddress": row.far_token,
        "_tokenNumber": row.amount})  # fmt: skip
    return _only(landings(_receipt(E1, row.came_tx, log)))


def _receipt(chain: str, tx: str, *logs: Log) -> Receipt:
    return Receipt(chain, tx, NOBODY, logs[0].address, logs)


def _only(read: Any) -> Any:
    (found,), refused = read
    assert refused == []
    return found


@cache
def nomad() -> list[tuple[Row, Departure, Landing]]:
    rows = crossings("datalog/nomad-bridge/results/CCTX_Withdrawal.csv")
    return [(row, nomad_left(row), nomad_came(row)) for row in rows]


@needs_crossings
def test_all_4482_matched_crossings_of_nomad_are_certain() -> None:
    """Among the landings of all, each departure finds its own and no other."""
    by_key: dict[str, list[Seen]] = {}
    for row, _, came in nomad():
        by_key.setdefault(came.match_key, []).append(Seen(came, row.came_at))
    assert len(by_key) == len(nomad()) == 4482
    for row, left, came in nomad():
        (one,) = match(left, row.left_at, by_key[left.match_key])
        assert (one.landing, one.certainty) == (came, Certainty.CERTAIN)


@needs_crossings
def test_the_382_withdrawals_of_the_nomad_theft_are_recognised() -> None:
    """Messages were replayed with other recipients: their numbers had been used, or never left."""
    thefts = [(row, nomad_came(row)) for row in attacks("analysis/nomad-bridge/data/attacks.csv")]
    honest = [(row, came) for row, _, came in nomad()]
    left = [left for _, left, _ in nomad()] + [nomad_left(row) for row in never_paid_out()]
    seen = sorted([*honest, *thefts], key=lambda one: one[0].came_at)
    found = unbacked([came for _, came in seen], left)
    assert len(thefts) == len(found) == 382
    assert sorted(map(repr, found)) == sorted(repr(came) for _, came in thefts)


@needs_crossings
def test_no_theft_of_nomad_is_certain_of_an_honest_departure() -> None:
    """A replay has an honest message's number: two landings then, and no certainty for either."""
    departed = {left.match_key: (row, left, came) for row, left, came in nomad()}
    replays = 0
    for row in attacks("analysis/nomad-bridge/data/attacks.csv"):
        theft = nomad_came(row)
        if theft.match_key not in departed:
            continue
        replays += 1
        honest, left, came = departed[theft.match_key]
        found = match(left, honest.left_at, [Seen(came, honest.came_at), Seen(theft, row.came_at)])
        assert [one.certainty for one in found] == [Certainty.PROBABLE] * 2
    assert replays == 341


@needs_crossings
def test_the_two_withdrawals_of_the_ronin_theft_are_recognised() -> None:
    rows = crossings("datalog/ronin-bridge/results/CCTX_Withdrawal_FinalityBreak.csv")
    thefts = [ronin_came(row) for row in attacks("analysis/ronin-bridge/data/attacks.csv")]
    honest = [ronin_came(row) for row in rows]
    assert unbacked([*honest, *thefts], [ronin_left(row) for row in rows]) == thefts
    assert [theft.amount for theft in thefts] == [173_600 * 10**18, 25_500_000 * 10**6]
    for row in rows:
        (one,) = match(ronin_left(row), row.left_at, [Seen(ronin_came(row), row.came_at)])
        assert one.certainty is Certainty.CERTAIN
