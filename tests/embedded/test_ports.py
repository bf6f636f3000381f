"""A taken port is a clear word; a free one is simply taken into use."""

import socket

import pytest

from config.embedded import ports
from config.embedded.errors import BadSettingError, PortTakenError


def test_taken_port_names_the_port_and_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((ports.HOST, 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("HOLDFAST_REDIS_PORT", str(port))
        with pytest.raises(PortTakenError) as refused:
            ports.claim("HOLDFAST_REDIS_PORT")
        assert f"Port {port}" in str(refused.value)
        assert "HOLDFAST_REDIS_PORT=<port>" in str(refused.value)
    assert ports.claim("HOLDFAST_REDIS_PORT") == port


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80 80", "²"])
def test_setting_that_is_no_port_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("HOLDFAST_PORT", text)
    with pytest.raises(BadSettingError, match="HOLDFAST_PORT"):
        ports.configured("HOLDFAST_PORT")


def test_default_applies_when_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOLDFAST_PORT", raising=False)
    assert ports.configured("HOLDFAST_PORT") == 8000
    monkeypatch.setenv("HOLDFAST_PORT", " 8123 ")
    assert ports.configured("HOLDFAST_PORT") == 8123
