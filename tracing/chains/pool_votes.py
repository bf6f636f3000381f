"""What operators say of one block, counted. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from tracing.chains.base import Head, RawBlock
from tracing.chains.pool_member import Member
from tracing.chains.quorum import Agreement, Digest, Standing

Said = TypeVar("Said", bound=Hashable)


@dataclass(frozen=True, slots=True)
class View:
    """One way in which a block is told.

    ``raw`` carries its agreement. ``operators`` tell exactly this, ``supporters`` the same hash and
    contents, ``claimants`` at least the same hash (they may have been asked for no more).
    """

    raw: RawBlock
    digest: Digest
    operators: tuple[str, ...]
    supporters: tuple[str, ...]
    claimants: tuple[str, ...]

    @property
    def standing(self) -> Standing:
        """How far the view may be relied on."""
        return agreement_of(self).standing


class Full(NamedTuple):
    """A whole block as one member gave it."""

    raw: RawBlock
    digest: Digest


def voices(said: Iterable[tuple[Member, Said]]) -> dict[Said, set[str]]:
    """Operators by what they say. One whose endpoints say different things says nothing."""
    by_voice: dict[str, set[Said]] = {}
    names: dict[str, str] = {}
    for member, what in said:
        by_voice.setdefault(member.voice, set()).add(what)
        names.setdefault(member.voice, member.operator)
    found: dict[Said, set[str]] = {what: set() for all_of in by_voice.values() for what in all_of}
    for voice, all_of in by_voice.items():
        if len(all_of) == 1:
            found[next(iter(all_of))].add(names[voice])
    return found


def agreement_of(view: View) -> Agreement:
    """What `Votes` wrote into the view's block."""
    if view.raw.agreement is None:
        raise ValueError("a view without its agreement")
    return view.raw.agreement


@dataclass
class Votes:
    """The votes on one height. ``ours``: hashes by height of the branch that we are on."""

    number: int
    quorum: int
    ours: Mapping[int, str]
    fulls: dict[Member, Full] = field(default_factory=dict)
    heads: dict[Member, Head] = field(default_factory=dict)

    def full(self, member: Member, raw: RawBlock, digest: Digest) -> None:
        """A member gave the whole block."""
        self.fulls[member] = Full(raw, digest)
        self.heads[member] = raw.head

    def header(self, member: Member, head: Head) -> None:
        """A member named the block."""
        self.heads.setdefault(member, head)

    def by_hash(self) -> dict[str, set[str]]:
        """Operators by the hash that they claim."""
        return voices((member, head.hash) for member, head in self.heads.items())

    def views(self) -> list[View]:
        """All views, the best first: a quorum before support, support before our own branch."""
        contents = voices((m, (f.digest.hash, f.digest.contents)) for m, f in self.fulls.items())
        # an endpoint without a tracer does not contradict its operator's other one
        traced = voices((m, f.digest) for m, f in self.fulls.items() if f.digest.traces)
        untraced = voices((m, f.digest) for m, f in self.fulls.items() if not f.digest.traces)
        claimed = self.by_hash()
        found: dict[Digest, View] = {}
        for full in self.fulls.values():
            digest = full.digest
            if digest in found:
                continue
            same = (traced if digest.traces else untraced)[digest]
            support = contents[digest.hash, digest.contents]
            agreement = Agreement(
                self._standing(digest, same, support), digest, tuple(sorted(support))
            )
            found[digest] = View(
                replace(full.raw, agreement=agreement),
                digest,
                tuple(sorted(same)),
                tuple(sorted(support)),
                tuple(sorted(claimed[digest.hash])),
            )
        return sorted(found.values(), key=self._weight, reverse=True)

    def _standing(self, digest: Digest, same: set[str], support: set[str]) -> Standing:
        if self.quorum <= 1:
            return Standing.SINGLE
        if len(support) < self.quorum:
            return Standing.UNVERIFIED
        if digest.traces and len(same) >= self.quorum:
            return Standing.VERIFIED
        return Standing.LOGS

    def _weight(self, view: View) -> tuple[int | bool, ...]:
        head = view.raw.head
        is_ours = self.ours.get(head.number) == head.hash
        follows_ours = self.ours.get(head.number - 1) == head.parent_hash
        return (
            len(view.supporters) >= self.quorum,
            len(view.claimants),
            is_ours,
            follows_ours,
            len(view.supporters),
            len(view.operators) if view.digest.traces else 0,
            bool(view.digest.traces),
        )


def best_head(heads: Mapping[Member, Head], ours: Mapping[int, str]) -> Head | None:
    """The header with most operators; among equals ours."""
    claimed = voices((member, head.hash) for member, head in heads.items())

    def weight(head: Head) -> tuple[int, bool, bool]:
        is_ours = ours.get(head.number) == head.hash
        return len(claimed[head.hash]), is_ours, ours.get(head.number - 1) == head.parent_hash

    return max(heads.values(), key=weight, default=None)
