"""What no log holds."""

import logging
import sys

import pytest

from config.logs import HideSecrets, Plain
from tests import factories

ACCOUNT = f"{factories.CHAIN}/{factories.ADDRESS}"


def written(message: str, *args: object) -> str:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, args, None)
    assert HideSecrets().filter(record)
    return Plain("%(message)s").format(record)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        (f"/incidents/x/addresses/{ACCOUNT}/label/", "/incidents/x/addresses/…"),
        (
            f"/api/v1/incidents/x/addresses/{factories.CHAIN}:0x12/",
            "/api/v1/incidents/x/addresses/…",
        ),
        (f"/incidents/x/traces/y/provenance/{ACCOUNT}/csv/", "/incidents/x/traces/y/provenance/…"),
        ("/join/abcdefghijkl/", "/join/…/"),
        ("/incidents/x/addresses/new/", "/incidents/x/addresses/new/"),
    ],
)
def test_log_of_a_refused_request_keeps_no_address(path: str, kept: str) -> None:
    assert written("Not Found: %s", path) == f"Not Found: {kept}"


def test_log_of_an_error_keeps_no_values_of_the_database() -> None:
    # Not in the line that raises: a traceback shows the source.
    words = "duplicate key\nDETAIL:  Key (email)=(a@b.example) already exists."
    try:
        raise ValueError(words)
    except ValueError:
        told = Plain().formatException(sys.exc_info())
    assert "a@b.example" not in told
    assert "duplicate key" in told
