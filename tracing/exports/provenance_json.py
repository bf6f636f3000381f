"""A provenance document as JSON: what `manage.py provenance --replay` reads."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from tracing.exports.base import ProvenanceExport


class ProvenanceJson(ProvenanceExport):
    """Everything, with the digest."""

    slug: ClassVar[str] = "json"
    media_type: ClassVar[str] = "application/json"

    def render(self, document: Mapping[str, Any]) -> bytes:
        return json.dumps(document, indent=1, ensure_ascii=False).encode()
