"""Which AWS and which ports: unusable variables are all named at once."""

import pytest

from cci.settings import load_settings


@pytest.mark.parametrize(
    "address", ["nonsense", "http://", "http://127.0.0.1:abc", "http://[::1", "127.0.0.1:4566"]
)
def test_an_endpoint_that_is_no_address_is_refused_by_name(address: str) -> None:
    with pytest.raises(ValueError, match="AWS_ENDPOINT_URL"):
        load_settings({"AWS_ENDPOINT_URL": address})


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "²"])
def test_a_port_that_is_no_port_is_refused_by_name(port: str) -> None:
    with pytest.raises(ValueError, match=r"LOCALAWS_PORT.*CCI_PREVIEW_PORT"):
        load_settings({"LOCALAWS_PORT": port, "CCI_PREVIEW_PORT": port})


def test_an_endpoint_and_ports_that_can_be_used_are_taken() -> None:
    found = load_settings({"AWS_ENDPOINT_URL": "http://127.0.0.1:24566", "LOCALAWS_PORT": "0"})
    assert (found.endpoint, found.local_port) == ("http://127.0.0.1:24566", 0)
