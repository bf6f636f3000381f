"""Texts that hold no canary, each with the reason. A new text field that is not here fails."""

_CHAIN = "told by a chain; shown through its trace, whose address, lead and table hold canaries"
_NODE = "told by a node or measured at it"
_LATER = 'no row of it is made here yet: docs/security.md, "Not there yet"'
_LOT = "drawn by lot, or a digest of that"
_OURS = "identifiers of chains and assets, or words of ours"

# By model: none of its texts.
MODELS = {
    "Undo": _CHAIN,
    "Transfer": _CHAIN,
    "Hop": _CHAIN,
    "Arrival": _CHAIN,
    "ChainFreeze": _CHAIN,
    "Finding": _CHAIN,
    "Crossing": _CHAIN,
    "Landing": _CHAIN,
    "PastTransfer": _CHAIN,
    "PoolEvent": _CHAIN,
    "RangeAccount": _CHAIN,
    "RangeUndo": _CHAIN,
    "Seed": _CHAIN,
    "Exposure": _CHAIN,
    "Block": _CHAIN,
    "TokenProbe": _CHAIN,
    "Lookback": _CHAIN,
    "Quarantine": _NODE,
    "Chain": _NODE,
    "Service": "shipped with the code, the same for everybody",
    "Asset": "shipped with the code, the same for everybody",
    "Recovery": _LATER,
    "TermsRevision": _LATER,
    "Removal": _LATER,
    "ControlProof": _LATER,
    "ReleaseRequest": _LATER,
    "Invitation": "made in test_outside.py, with canaries",
    "StatusPage": _OURS,
    "Price": "quotes of assets, which every party of the room sees; no row is made here",
}
FIELDS = {
    "Terms.text": "every seat reads it, signed or not",
    "TrackedAddress.chain": _OURS,
    "FreezeRequest.desk_slug": _OURS,
    "FreezeRequest.alone_because": _OURS,
    "FreezeTarget.chain": _OURS,
    "FreezeTarget.asset": _OURS,
    "CalendarFeed.seat": _OURS,
    "DeskLink.selector": _LOT,
    "DeskLink.secret_digest": _LOT,
    "DeskDevice.word": _LOT,
    "DeskDevice.network": "cut from the address of a connection",
    "DeskView.network": "cut from the address of a connection",
    "DeskView.what": "words of ours, and digests",
    "LedgerEntry.actor": _OURS,
    "PersonalContent.name": _OURS,
    "TimelineEntry.key": _OURS,
    "Endpoint.learnt": _NODE,
    "Label.category": _OURS,
    "Label.stated": _OURS,
    "FlowTable.unit": _OURS,
    "FlowTable.sources": "the seeds' receivers",
    "FlowRow.tx": _CHAIN,
    "FlowRow.from_address": _CHAIN,
    "Lead.chain": _OURS,
    "Lead.block_hash": _CHAIN,
}
