"""Whether somebody controls an account or a contract: what the room asks (incidents/ports.py)."""

from __future__ import annotations

from contextlib import closing

from incidents import scope
from incidents.exceptions import BadInput, ChainSilent
from incidents.ports import Controlled
from tracing.chains import evm_message, evm_typed
from tracing.chains.base import Head
from tracing.chains.errors import ChainError, RetryableChainError
from tracing.chains.pool import Pool
from tracing.models import Chain
from tracing.services import endpoints

GAS = 2_000_000  # a multisig of many owners needs some; a hostile contract gets no more


class AskedControl:
    """Implements incidents.ports.Control."""

    def check(self, chain: str, address: str, message: str, signature: str) -> Controlled | None:
        """Ask a signature, and where need be the chain. Never inside a transaction.

        The block is one that a quorum of the chain's operators has reached, and as many of them
        are asked what the contract answers there.

        :raises BadInput: no signature at all, or of a contract on a chain that is not watched.
        :raises ChainSilent: nobody, or too few, answer now.
        """
        return self._check(chain, address, evm_message.digest(message), signature)

    def check_request(
        self, chain: str, address: str, reference: str, digest: str, signature: str
    ) -> Controlled | None:
        """The same of a freeze request as EIP-712 words it (tracing/chains/evm_typed.py)."""
        hashed = evm_typed.hash_of(reference, digest)
        return self._check(chain, address, hashed, signature)

    def _check(self, chain: str, address: str, hashed: bytes, signature: str) -> Controlled | None:
        raw = evm_message.parse_signature(signature)
        if raw is None:
            raise BadInput("No signature: it is hexadecimal.", field="signature")
        is_signed = evm_message.signer(hashed, raw) == address
        with scope.within(scope.SYSTEM):
            row = Chain.objects.filter(caip2=chain, is_watched=True).first()
            if row is None:
                if is_signed:
                    return Controlled("eip191", None, "")
                raise BadInput(
                    "The key of this account did not sign this, and its chain is not watched here, "
                    "so that no contract can be asked.",
                    field="signature",
                )
            try:
                with closing(endpoints.adapter_for(row)) as pool:
                    return _asked(pool, address, hashed, raw, is_signed=is_signed)
            except ChainError as error:
                raise ChainSilent from error


def _asked(
    pool: Pool, address: str, hashed: bytes, raw: bytes, *, is_signed: bool
) -> Controlled | None:
    head = _agreed(pool)
    if is_signed:
        return Controlled("eip191", head.number, head.hash)
    if not pool.has_code([address], head.hash).get(address):
        return None
    (answer,) = pool.calls([(address, evm_message.question(hashed, raw))], head.hash, gas=GAS)
    return Controlled("eip1271", head.number, head.hash) if evm_message.says_yes(answer) else None


def _agreed(pool: Pool) -> Head:
    """The newest block that a quorum has. Raises RetryableChainError."""
    number = pool.agreed_head()
    head = None if number is None else pool.header(number)
    if head is None or len(pool.operators_of(head.number, head.hash)) < pool.quorum:
        raise RetryableChainError("no block that enough operators have")
    return head
