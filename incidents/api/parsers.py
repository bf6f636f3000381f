"""Reading of bodies: JSON of a bounded size."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

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
            parsed: object = super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError("Nested too deeply.") from error
        if not isinstance(parsed, dict):
            raise ParseError("Send one JSON object.")
        return parsed
