import pytest

from cycle.adapters.addresses import valid_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("vorstand@verein.example.org", "vorstand@verein.example.org"),
        ("Vorstand@VEREIN.example.org", "Vorstand@verein.example.org"),
        ("info@bücher.example.org", "info@xn--bcher-kva.example.org"),
        ("müller@verein.example.org", None),
        ("vorstand", None),
        ("a@verein.example.org, b@verein.example.org", None),
        ("a@x.example.org>\r\nRCPT TO:<b@x.example.org", None),
        ("", None),
    ],
)
def test_an_address_is_given_as_it_is_mailed_or_not_at_all(text: str, address: str | None) -> None:
    assert valid_address(text) == address
