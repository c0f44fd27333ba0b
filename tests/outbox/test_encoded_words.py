"""Names and subjects beyond ASCII: decoded back exactly, in lines that every server takes."""

from email.header import decode_header, make_header

from hypothesis import given, settings
from hypothesis import strategies as st

from cycle.outbox.rules.encoded_words import MAX_LINE, encoded

ALPHABETS = (
    st.sampled_from("Frühjahrstreffen äöüÄÖÜß „“–, [IP-2025-017] aeinrstu"),
    st.sampled_from("İstanbul Şükrü Çağlayan ğışöüç "),
    st.sampled_from("Зустріч громадських організацій їєґ"),
    st.sampled_from("اجتماع الشبكة السنوي "),
    st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]),
)
TEXTS = st.one_of(*(st.text(letters, min_size=1, max_size=200) for letters in ALPHABETS))


@settings(max_examples=3000, deadline=None)
@given(header=st.sampled_from(["Subject", "From", "To"]), value=TEXTS)
def test_every_name_and_subject_is_read_back_as_it_was_written(header: str, value: str) -> None:
    written = encoded(header, value)

    lines = f"{header}: {written}".split("\r\n")
    assert str(make_header(decode_header(written))) == value
    assert [line for line in lines if len(line) > MAX_LINE] == []
    assert written.isascii()
    # No character is cut in two: each encoded word can be read by itself (RFC 2047 §5).
    assert "".join(str(make_header(decode_header(line.strip()))) for line in written.split("\r\n")) == value


def test_german_stays_readable_and_what_would_grow_threefold_does_not() -> None:
    assert encoded("Subject", "Einladung für Frühjahr") == "=?utf-8?q?Einladung_f=C3=BCr_Fr=C3=BChjahr?="
    assert encoded("Subject", "Зустріч") == "=?utf-8?b?0JfRg9GB0YLRgNGW0Yc=?="
