"""YAML as text with line numbers."""

import pytest

from datacut.errors import SpecError, in_spec
from datacut.spec.document import read_document


@pytest.fixture
def read(tmp_path):
    def of(text):
        path = tmp_path / "x.yml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_document(path, "specs/x.yml")

    return of


def faults(raised):
    return [(str(f.where), f.what, f.value) for f in raised.value.findings]


def test_every_scalar_stays_the_text_that_was_typed(read):
    found = read("a: NO\nb: 007\nc: 12:30\nd: 1e3\ne: ~\nf: null\ng: 2026-01-31\nh:\ni: 'x'\nj: [yes, 0x1F]\n")
    assert found.data == {
        "a": "NO",
        "b": "007",
        "c": "12:30",
        "d": "1e3",
        "e": "~",
        "f": "null",
        "g": "2026-01-31",
        "h": "",
        "i": "x",
        "j": ["yes", "0x1F"],
    }


def test_keys_are_text_too(read):
    assert read("NO: 1\n007: 2\n").data == {"NO": "1", "007": "2"}


def test_the_line_of_a_place_or_of_what_is_above_it(read):
    found = read("a: 1\nb:\n  c: 2\n  d:\n    - x\n    - y\n")
    assert found.where(("a",)) == in_spec("specs/x.yml", 1)
    assert found.where(("b", "c")) == in_spec("specs/x.yml", 3)
    assert found.where(("b", "d", 1)) == in_spec("specs/x.yml", 6)
    assert found.where(("b", "d", 7)) == in_spec("specs/x.yml", 4)
    assert found.where(("nowhere", "at", "all")) == in_spec("specs/x.yml", 1)


def test_every_duplicate_key_is_told_with_its_line(read):
    with pytest.raises(SpecError) as raised:
        read("variables:\n  AETERM: 1\n  AESEV: 2\n  AETERM: 3\nvariables: 4\n")
    assert faults(raised) == [
        ("specs/x.yml:4", "the key is given twice", "AETERM"),
        ("specs/x.yml:5", "the key is given twice", "variables"),
    ]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("a: 1\nb: [1\n", "specs/x.yml:3", "the file is not YAML"),
        ("a:\n  b: 1\n c: 2\n", "specs/x.yml:3", "the file is not YAML"),
        ("a: 1\n\tb: 2\n", "specs/x.yml:2", "the file is not YAML"),
        ("a: 1\n---\nb: 2\n", "specs/x.yml:2", "the file is not YAML"),
        ("# 中文\na: \x07\n", "specs/x.yml:2", "a character YAML does not allow"),
        ("a: 1\nb: {{NAME}: 1}\n", "specs/x.yml:2", "a key must be text; a value with brackets goes in quotes"),
        ("a: &x [*x]\n", "specs/x.yml:1", "an alias holds itself"),
        ("a: 张\n".encode("gb18030"), "specs/x.yml:1", "the file is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(read, text, where, what):
    with pytest.raises(SpecError) as raised:
        read(text)
    assert [(w, x) for w, x, _ in faults(raised)] == [(where, what)]


def test_empty_files_aliases_and_a_byte_order_mark(read):
    assert read("# nothing\n").data == {}
    assert read("a: &x {b: 1}\nc: *x\n").data == {"a": {"b": "1"}, "c": {"b": "1"}}
    assert read("\ufeffa: 1\n").data == {"a": "1"}
