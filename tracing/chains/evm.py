"""EVM chains over JSON-RPC."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tracing.chains import evm_commitments, evm_digest, evm_history, evm_proof
from tracing.chains.base import ChainAdapter, Head, Log, RawBlock
from tracing.chains.errors import BadAnswer, ChainError, WrongChain
from tracing.chains.evm_blocks import BlockReader
from tracing.chains.evm_checks import read_head
from tracing.chains.evm_decode import assemble, to_movements
from tracing.chains.evm_json import data, hash32, mapping, objects, quantity
from tracing.chains.evm_logs import read_log
from tracing.chains.evm_rpc import JsonRpc, host_of, output_or_none, state_or_none
from tracing.chains.evm_windows import Windows
from tracing.chains.quorum import Digest
from tracing.core import caip
from tracing.core.inference.hubs import Past
from tracing.core.types import AccountKey, BlockMovements

_BALANCE_OF = bytes.fromhex("70a08231")  # balanceOf(address)
_BALANCE_OF_ID = bytes.fromhex("00fdd58e")  # balanceOf(address,uint256), ERC-1155
_OWNER_OF = bytes.fromhex("6352211e")  # ownerOf(uint256), ERC-721
_DECIMALS = bytes.fromhex("313ce567")  # decimals()
_ASSET_PRICE = bytes.fromhex("b3596f07")  # getAssetPrice(address), Aave's oracle
_SCALE = 10**36


class EvmAdapter(ChainAdapter):
    """One endpoint of an EVM chain."""

    slug = "evm"
    namespace = "eip155"

    def __init__(
        self, chain: str, url: str, *, timeout: float = 20.0, commitments: Collection[str] = ()
    ) -> None:
        super().__init__(chain, url, timeout=timeout, commitments=commitments)
        self._commitments = evm_commitments.declared(commitments)
        self._host = host_of(url)
        self._rpc = JsonRpc(url, timeout=timeout)
        self._windows = Windows(self._rpc)
        self._blocks = BlockReader(self._rpc, self._commitments)

    def __repr__(self) -> str:
        return f"EvmAdapter({self.chain!r} at {self._host})"

    def check_chain(self) -> None:
        found = quantity(self._rpc.call("eth_chainId"), "the chain's number")
        if f"eip155:{found}" != self.chain:
            raise WrongChain(self.chain, f"eip155:{found}")

    def head(self, tag: str = "latest") -> Head | None:
        if tag not in ("latest", "safe", "finalized"):
            raise ValueError(f"no such head: {tag}")
        return self._head("eth_getBlockByNumber", tag)

    def header(self, number: int) -> Head | None:
        found = self._head("eth_getBlockByNumber", hex(number))
        if found is not None and found.number != number:
            raise BadAnswer("the endpoint answered with another block than was asked for")
        return found

    def header_by_hash(self, block_hash: str) -> Head | None:
        found = self._head("eth_getBlockByHash", block_hash)
        if found is not None and found.hash != block_hash:
            raise BadAnswer("the endpoint answered with another block than was asked for")
        return found

    def block_of(self, tx: str) -> int | None:
        receipt = self._receipt(tx)
        if receipt is None:
            return None
        return quantity(receipt.get("blockNumber"), "a block's number")

    def has_failed(self, tx: str) -> bool:
        receipt = self._receipt(tx)
        # before Byzantium a receipt had a state root instead of a status
        if receipt is None or receipt.get("status") is None:
            return False
        return quantity(receipt["status"], "a transaction's status") == 0

    def read_block(self, number: int) -> RawBlock:
        (found,) = self._blocks.read([number])
        if isinstance(found, ChainError):
            raise found
        return found

    def read_blocks(self, numbers: Sequence[int]) -> list[RawBlock | ChainError]:
        return self._blocks.read(numbers)

    def decode(self, raw: RawBlock) -> BlockMovements:
        return to_movements(self.chain, assemble(raw.header, raw.receipts, raw.traces))

    def logs(self, raw: RawBlock) -> list[Log]:
        return [
            read_log(log)
            for receipt in raw.receipts or ()
            for log in objects(receipt.get("logs"), "a log")
        ]

    def digest(self, raw: RawBlock) -> Digest:
        return evm_digest.digest(raw)

    def balances(
        self, keys: Collection[AccountKey], block_hash: str
    ) -> dict[AccountKey, int | None]:
        (found,) = self.balances_at([(keys, block_hash)])
        return found

    def balances_at(
        self, wanted: Sequence[tuple[Collection[AccountKey], str]]
    ) -> list[dict[AccountKey, int | None]]:
        mine = [([key for key in keys if key.chain == self.chain], at) for keys, at in wanted]
        answers = iter(
            self._rpc.batch([_balance_call(key, at) for keys, at in mine for key in keys])
        )
        return [{key: _balance(key, next(answers)) for key in keys} for keys, _ in mine]

    def proved_balances(self, addresses: Collection[str], block_hash: str) -> dict[str, int] | None:
        return evm_proof.proved_balances(self._rpc, addresses, block_hash)

    def has_code(self, addresses: Collection[str], block_hash: str) -> dict[str, bool]:
        codes = self._codes(addresses, block_hash)
        return {address: bool(code) and not _delegates(code) for address, code in codes.items()}

    def delegated(self, addresses: Collection[str], block_hash: str) -> set[str]:
        codes = self._codes(addresses, block_hash)
        return {address for address, code in codes.items() if _delegates(code)}

    def _codes(self, addresses: Collection[str], block_hash: str) -> dict[str, bytes]:
        wanted = list(addresses)
        at = {"blockHash": block_hash}
        answers = self._rpc.batch([("eth_getCode", (address, at)) for address in wanted])
        return {
            address: data(state_or_none("eth_getCode", answer) or "0x", "code")
            for address, answer in zip(wanted, answers, strict=True)
        }

    def call(self, to: str, data: bytes, block_hash: str) -> bytes | None:
        (answer,) = self._rpc.batch([_eth_call(to, data, block_hash)])
        return _output(answer)

    def calls(
        self, wanted: Sequence[tuple[str, bytes]], block_hash: str, *, gas: int
    ) -> list[bytes | None]:
        asked = [_eth_call(to, data, block_hash, gas) for to, data in wanted]
        return [_output(answer) for answer in self._rpc.batch(asked)]

    def prices(self, oracle: str, assets: Collection[str], block_hash: str) -> dict[str, int]:
        contracts = {asset: caip.contract_of(asset) for asset in assets}
        tokens = {asset: contract for asset, contract in contracts.items() if contract}
        calls = []
        for contract in tokens.values():
            calls.append(_eth_call(oracle, _ASSET_PRICE + _word(contract), block_hash))
            calls.append(_eth_call(contract, _DECIMALS, block_hash))
        answers = iter(self._rpc.batch(calls))
        found = {}
        for asset in tokens:
            price, decimals = _number(next(answers)), _number(next(answers))
            if price and decimals is not None and decimals <= 77:
                found[asset] = price * _SCALE // 10**decimals
        return found

    def token_history(self, address: str, last: int, blocks: int) -> list[Past] | None:
        return evm_history.token_history(self._windows, self.chain, address, last, blocks)

    def token_histories(
        self, addresses: Sequence[str], last: int, blocks: int
    ) -> list[list[Past] | None]:
        return evm_history.token_histories(self._windows, self.chain, addresses, last, blocks)

    def acting(self, addresses: Collection[str], block_hash: str) -> set[str]:
        return evm_history.acting(self._rpc, addresses, block_hash)

    @property
    def learnt(self) -> dict[str, Any]:
        return self._blocks.learnt | self._rpc.learnt | self._windows.learnt

    def remember(self, learnt: Mapping[str, Any]) -> None:
        self._blocks.remember(learnt)
        self._rpc.remember(learnt)
        self._windows.remember(learnt)

    def close(self) -> None:
        self._rpc.close()

    def _head(self, method: str, which: str) -> Head | None:
        answer = self._rpc.call(method, which, False)
        if answer is None:
            return None
        header = mapping(answer, "a block")
        head = read_head(header)
        evm_commitments.check_header(header, self._commitments)
        return head

    def _receipt(self, tx: str) -> Mapping[str, Any] | None:
        answer = self._rpc.call("eth_getTransactionReceipt", tx)
        if answer is None:
            return None
        receipt = mapping(answer, "a receipt")
        if hash32(receipt.get("transactionHash"), "a transaction's hash") != tx:
            raise BadAnswer("the endpoint answered with another transaction than was asked for")
        return receipt


def _delegates(code: bytes) -> bool:
    """EIP-7702: 0xef0100 and an address is a delegation of an ordinary account."""
    return len(code) == 23 and code[:3] == b"\xef\x01\x00"


def _balance_call(key: AccountKey, block_hash: str) -> tuple[str, tuple[Any, ...]]:
    asset = caip.parse_asset(key.asset)
    if asset.is_native:
        return "eth_getBalance", (key.address, {"blockHash": block_hash})
    token = int(asset.token_id or 0).to_bytes(32)
    body = {
        "erc20": _BALANCE_OF + _word(key.address),
        "erc721": _OWNER_OF + token,
        "erc1155": _BALANCE_OF_ID + _word(key.address) + token,
    }[asset.namespace]
    return _eth_call(asset.reference, body, block_hash)


def _balance(key: AccountKey, answer: Any) -> int | None:
    if "/slip44:" in key.asset:
        native = state_or_none("eth_getBalance", answer)
        return None if native is None else quantity(native, "a balance")
    output = _output(answer)
    if output is None or len(output) < 32:
        return None  # no contract there (yet), or none that keeps balances
    number = int.from_bytes(output[:32])
    if "/erc721:" in key.asset:
        return int(output[12:32] == bytes.fromhex(key.address[2:]))
    return number


def _eth_call(
    to: str, body: bytes, block_hash: str, gas: int | None = None
) -> tuple[str, tuple[Any, ...]]:
    call = {"to": to, "data": f"0x{body.hex()}"} | ({} if gas is None else {"gas": hex(gas)})
    return "eth_call", (call, {"blockHash": block_hash})


def _output(answer: Any) -> bytes | None:
    result = output_or_none(answer)
    return None if result is None else data(result, "a call's output")


def _number(answer: Any) -> int | None:
    output = _output(answer)
    return int.from_bytes(output[:32]) if output and len(output) >= 32 else None


def _word(address: str) -> bytes:
    return bytes.fromhex(address[2:]).rjust(32, b"\0")
