"""Reading of bodies: JSON of a bounded size."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

MOST_BYTES = 256 * 1024


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"At most {MOST_BYTES // 1024} KiB."
    default_code = "too_large"


class BoundedJSONParser(JSONParser):
    """JSON of at most MOST_BYTES. DRF's own parser reads whatever is sent.

    :raises TooLarge: more. :raises ParseError: no JSON, or nested beyond reason.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise TooLarge
        try:
            # Not the standard library's: it recurses, and a deep enough body ends the process.
            parsed: object = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"No JSON, or nested too deeply: {error}") from error
        if not isinstance(parsed, dict):
            raise ParseError("Send one JSON object.")
        return parsed
