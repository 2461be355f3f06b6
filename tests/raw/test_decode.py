"""Bytes to text."""

import pytest

from datacut.raw.decode import Decoded, decode

TEXT = "SUBJID,姓名\n101,张\n"


@pytest.mark.parametrize(
    ("data", "declared", "used"),
    [
        (TEXT.encode("utf-8"), "utf-8", "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8", "utf-8-sig"),
        (TEXT.encode("utf-8-sig"), None, "utf-8-sig"),
        (TEXT.encode("utf-8"), None, "utf-8"),
        (TEXT.encode("gb18030"), "gb18030", "gb18030"),
        (TEXT.encode("gb18030"), None, "gb18030"),
        (TEXT.encode("utf-16"), None, "utf-16"),
        (TEXT.encode("utf-16"), "utf-16-le", "utf-16"),
        (b"", "utf-8", "utf-8"),
    ],
)
def test_what_fits(data, declared, used):
    assert decode(data, declared) == Decoded(TEXT if data else "", used)


def test_gb18030_declared_as_utf_8_is_read_and_told_with_row_and_byte():
    data = "SUBJID,NAME\n101,张\n".encode("gb18030")
    assert decode(data, "utf-8") == Decoded("SUBJID,NAME\n101,张\n", "gb18030", "utf-8", 2, 5, "0xD5")


def test_a_byte_order_mark_outweighs_the_declared_encoding():
    # gb18030 would read the three bytes of the mark as two Chinese characters
    assert decode(TEXT.encode("utf-8-sig"), "gb18030") == Decoded(TEXT, "utf-8-sig", "gb18030", 1, 1, "0xEF")
    assert decode(TEXT.encode("utf-16"), "utf-8") == Decoded(TEXT, "utf-16", "utf-8", 1, 1, "0xFF")


@pytest.mark.parametrize("declared", ["utf-8", None])
def test_what_fits_no_encoding_is_not_read(declared):
    assert decode(b"A\nB\xff\xff\n", declared) == Decoded(None, "", "utf-8", 2, 2, "0xFF")


def test_the_place_counts_the_byte_order_mark():
    assert decode(b"\xef\xbb\xbfA\nB\xff\xff\n", "utf-8") == Decoded(None, "", "utf-8", 2, 2, "0xFF")
