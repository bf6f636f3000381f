"""The manifest itself: the bytes that are signed, the same for every recipient."""

from typing import ClassVar

from incidents.exports.packet.base import PacketExport, Sheet


class PacketJson(PacketExport):
    """Canonical JSON (RFC 8785)."""

    slug: ClassVar[str] = "json"
    name: ClassVar[str] = "JSON"
    media_type: ClassVar[str] = "application/json"

    def render(self, sheet: Sheet) -> bytes:
        return sheet.body
