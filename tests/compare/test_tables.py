"""Tables as RTF: written here as their makers write them; and files of three makers, where they are at hand.

How each writes: SAS ODS puts each cell and each end of a row into a group and marks header rows, which it repeats;
r2rtf and rtflite mark none; pharmaRTF writes the headings into the header of the page.
"""

import re
from pathlib import Path

import pytest

from datacut.compare.rtf import read_rtf_rows
from datacut.compare.table_pairs import NoTableError, compare_tables
from datacut.compare.tables import read_tables
from datacut.errors import InputError

FOREIGN = Path("/work/shared/oracle/rtf")
EDGES = (3000, 5000, 7000)


def sas(pages, header=(("", "Placebo\\line (N=86)", "Active\\line (N=84)"),)):
    """As SAS ODS RTF writes it."""

    def row(cells, mark, edges=EDGES):
        defined = "".join(f"\\cltxlrtb\\clvertalt\\clpadt67\\clpadft3\\cellx{e}\n" for e in edges)
        texts = "".join(f"\\pard\\plain\\intbl\\sb67\\sa67\\ql\\f1\\fs20\\cf1{{{c}\\cell}}\n" for c in cells)
        return f"\\trowd\\trkeep{mark}\\trqc\\trgaph67\n{defined}{texts}{{\\row}}\n"

    body = "\\pard{\\page}\n".join(
        "".join(row(h, "\\trhdr") for h in header) + "".join(row(r, "") for r in page) for page in pages
    )
    fonts = "{\\fonttbl{\\f1\\froman\\fprq2\\fcharset0 Times;}}"
    title = "{\\header\\pard\\plain\\qc{Table 14.1 Page 7 of 9\\par}}"
    return f"{{\\rtf1\\ansi\\ansicpg1252\\uc1\\deff0{fonts}\\sectd{title}{{\\*\\bkmkstart IDX}}{body}\\pard}}\n"


def r2rtf(pages, header=(("", "Placebo (N=86)", "Active (N=84)"),), edges=None):
    """As r2rtf and rtflite write it."""

    def row(cells, stops):
        defined = "".join(f"\\clbrdrl\\brdrs\\brdrw15\\clvertalt\\cellx{e}\n" for e in stops)
        texts = "".join(f"\\pard\\hyphpar0\\sb15\\sa15\\fi0\\li0\\ri0\\ql\\fs18{{\\f0 {c}}}\\cell\n" for c in cells)
        return f"\\trowd\\trgaph108\\trleft0\\trqc\n{defined}{texts}\\intbl\\row\\pard\n"

    stops = edges or (EDGES,) * len(header)
    title = "{\\pard\\hyphpar\\qc\\fs24{\\f0 Table 9}\\line\\fs24{\\f0 of 12}\\par}\n"
    tops = "".join(row(h, s) for h, s in zip(header, stops, strict=True))
    body = "\\pard\\page\n".join(title + tops + "".join(row(r, stops[-1][: len(r)]) for r in page) for page in pages)
    return f"{{\\rtf1\\ansi\n\\deff0\\deflang1033\n{{\\fonttbl{{\\f0\\froman\\fcharset1\\fprq2 Times;}}}}\n{body}}}\n"


def ours(rows, heads=("", "Placebo\\line (N=86)", "Active\\line (N=84)")):
    """As our own renderer writes it: indents are blanks, headings are marked, an empty column pads a spanner."""
    defined = "".join(f"\\cellx{e}" for e in EDGES)

    def row(cells, mark):
        texts = "".join(f"\\pard\\intbl\\sl-190\\slmult0\\ql {c}\\cell" for c in cells)
        return f"\\trowd\\trgaph0\\trleft0\\trkeep{mark}{defined}\n{texts}\\row\n"

    spanner = (
        "\\trowd\\trhdr\\cellx3000\\cellx6900\\cellx7000\n\\pard\\intbl \\cell\\pard\\intbl Arm\\cell \\cell\\row\n"
    )
    body = row(heads, "\\trhdr") + "".join(row(r, "") for r in rows)
    title = "{\\info{\\title 3}}\n\\pard Table 3\\par\n"
    return f"{{\\rtf1\\ansi\\ansicpg1252\\uc1\\deff0{title}{spanner}{body}\\pard Note 4\\par}}\n"


ROWS = (
    ("Sex, n (%)", "", ""),
    ("  Male", "33 (38.4%)", "44 (52.4%)"),
    ("  Female", "53 (61.6%)", "40 (47.6%)"),
    ("", "", ""),
    ("Age (years)", "", ""),
    ("  Mean (SD)", "75.2 (8.59)", "74.4 (7.89)"),
    ("  Min, max", "52, 89", "56, 88"),
    ("p-value", "", "<0.001"),
)


def table(text, tmp_path, name="a.rtf"):
    path = tmp_path / name
    path.write_text(text, encoding="ascii")
    return path


def compared(one, other, tmp_path):
    return compare_tables(table(one, tmp_path), table(other, tmp_path, "b.rtf"))


def told(found):
    return [(d.row, d.column, d.what, d.ours, d.theirs) for d in found.differences]


MAKERS = {"sas": lambda rows: sas([rows]), "r2rtf": lambda rows: r2rtf([rows]), "ours": ours}


@pytest.mark.parametrize("maker", MAKERS)
def test_lines_and_columns_as_each_maker_writes_them(tmp_path, maker):
    (found,) = read_tables(read_rtf_rows(table(MAKERS[maker](ROWS), tmp_path)))
    arm = "Arm " if maker == "ours" else ""
    assert found.headings == (f"{arm}Placebo (N=86)", f"{arm}Active (N=84)")
    assert [(x.parents, x.label, x.values) for x in found.lines] == [
        ((), "Sex, n (%)", {}),
        (("Sex, n (%)",), "Male", {0: "33 (38.4%)", 1: "44 (52.4%)"}),
        (("Sex, n (%)",), "Female", {0: "53 (61.6%)", 1: "40 (47.6%)"}),
        ((), "Age (years)", {}),
        (("Age (years)",), "Mean (SD)", {0: "75.2 (8.59)", 1: "74.4 (7.89)"}),
        (("Age (years)",), "Min, max", {0: "52, 89", 1: "56, 88"}),
        ((), "p-value", {1: "<0.001"}),
    ]


@pytest.mark.parametrize("left", MAKERS)
@pytest.mark.parametrize("right", MAKERS)
def test_one_altered_number_is_found_between_any_two_makers(tmp_path, left, right):
    other = [*ROWS]
    other[5] = ("  Mean (SD)", "75.2 (8.95)", "74.4 (7.89)")
    spanner = {"Arm Placebo (N=86)": "Placebo (N=86)"}
    found = compared(MAKERS[left](ROWS), MAKERS[right](other), tmp_path)
    rows = [(row, spanner.get(column, column), *rest) for row, column, *rest in told(found)]
    assert rows == [("Age (years) / Mean (SD)", "Placebo (N=86)", "numbers", "75.2 (8.59)", "75.2 (8.95)")]
    assert (found.different, found.unpaired) == (1, 0)
    assert compared(MAKERS[left](ROWS), MAKERS[right](ROWS), tmp_path).equal


def test_pages_are_one_table_and_their_headings_are_no_lines(tmp_path):
    whole = sas([ROWS])
    paged = sas([ROWS[:2], (("Sex, n (%) (continued)", "", ""), *ROWS[2:5]), ROWS[5:]])
    assert compared(whole, paged, tmp_path).equal
    paged = r2rtf([ROWS[:2], ROWS[2:5], ROWS[5:]])
    assert compared(whole, paged, tmp_path).equal
    assert read_tables(read_rtf_rows(table(paged, tmp_path)))[0].headings == ("Placebo (N=86)", "Active (N=84)")


def test_headings_that_span_belong_to_each_column_under_them(tmp_path):
    header = (("", "Placebo", "Active"), ("", "n", "(%)", "n", "(%)"))
    stops = ((3000, 5000, 7000), (3000, 4000, 5000, 6000, 7000))
    rows = (("Nausea", "6", "8.7", "22", "27.8"), ("Rash", "9", "13.0", "0", "0"))
    text = r2rtf([rows], header, stops)
    (found,) = read_tables(read_rtf_rows(table(text, tmp_path)))
    assert found.headings == ("Placebo n", "Placebo (%)", "Active n", "Active (%)")


def test_a_number_and_its_percent_may_stand_in_one_column_or_in_two(tmp_path):
    header = (("", "Placebo", "Active"), ("", "n", "(%)", "n", "(%)"))
    stops = ((3000, 5000, 7000), (3000, 4000, 5000, 6000, 7000))
    apart = r2rtf([(("Nausea", "6", "8.7", "22", "27.8"),)], header, stops)
    together = r2rtf([(("Nausea", "6 (8.7%)", "22 (27.9%)"),)], (("", "Placebo", "Active"),))
    found = compared(apart, together, tmp_path)
    assert [(d.column, d.ours, d.theirs) for d in found.differences] == [("Active", "22 27.8", "22 (27.9%)")]
    assert (found.equal_numbers, found.different, found.unpaired) == (3, 1, 0)


def test_numbers_in_headings_and_labels_are_compared(tmp_path):
    found = compared(sas([ROWS]), sas([ROWS], (("", "Placebo\\line (N=87)", "Active\\line (N=84)"),)), tmp_path)
    assert told(found) == [("(heading)", "Placebo (N=86)", "numbers", "Placebo (N=86)", "Placebo (N=87)")]
    rows = (("Week 12", "", ""), ("  n", "5", "6"), ("Week 24", "", ""), ("  n", "7", "8"))
    other = (("Week 12", "", ""), ("  n", "5", "6"), ("Week 26", "", ""), ("  n", "7", "8"))
    assert told(compared(sas([rows]), sas([other]), tmp_path)) == [
        ("Week 24", "(label)", "numbers", "Week 24", "Week 26")
    ]


def test_a_line_of_one_side_is_told_with_its_numbers(tmp_path):
    found = compared(sas([ROWS]), r2rtf([ROWS[:2] + ROWS[3:]]), tmp_path)
    assert told(found) == [("Sex, n (%) / Female", "(line)", "only in ours", "Female | 53 (61.6%) | 40 (47.6%)", "")]
    assert (found.different, found.unpaired) == (0, 4)


def test_a_column_of_one_side_is_told_with_its_numbers(tmp_path):
    rows = [r[:2] for r in ROWS[:3]]
    found = compared(r2rtf([ROWS[:3]]), r2rtf([rows], (("", "Placebo (N=86)"),)), tmp_path)
    assert {(d.column, d.what) for d in found.differences} == {("Active (N=84)", "only in ours")}
    assert found.unpaired == 4


def test_a_label_broken_over_two_rows_is_one(tmp_path):
    whole = (("Immune effector cell-associated neurotoxicity", "1 (2.0%)", "0"), ("Rash", "2", "3"))
    broken = (("Immune effector cell-associated", "", ""), ("neurotoxicity", "1 (2.0%)", "0"), ("Rash", "2", "3"))
    assert compared(sas([whole]), sas([broken]), tmp_path).equal
    assert compared(sas([broken]), sas([whole]), tmp_path).equal
    other = (("Immune effector cell-associated", "1 (2.0%)", "4"), ("neurotoxicity", "", ""), ("Rash", "2", "3"))
    found = compared(sas([whole]), sas([other]), tmp_path)
    assert [(d.ours, d.theirs) for d in found.differences] == [("0", "4")]


def test_digits_that_say_the_same_are_equal_and_told(tmp_path):
    other = [*ROWS]
    other[5] = ("  Mean (SD)", "75.20 (8.59)", "74.4 (7.89)")
    found = compared(sas([ROWS]), sas([other]), tmp_path)
    assert (found.equal, found.written_otherwise) == (True, 1)
    found = compared(sas([(("N", "1,234", "5"),)]), sas([(("N", "1234", "5"),)]), tmp_path)
    assert (found.equal, found.written_otherwise) == (True, 0)


@pytest.mark.parametrize(
    ("left", "right", "what"),
    [
        ("<0.001", "0.001", "words"),
        ("NE", "NA", "words"),
        ("-0.5 (0.82)", "0.5 (0.82)", "numbers"),
        ("1 (2.0%)", "1", "numbers unpaired"),
        ("101-005", "101-05", "numbers"),
        ("5", "", "numbers unpaired"),
        ("CT1195E", "CT1196E", "words"),
        ("(-2.1;1.1)", "(-2.1, 1.1)", None),
        ("5 (83.3%)", "5 ( 83.3 )", None),
        ("\\u8722?0.5", "-0.5", None),
        ("12\\u8211?24", "12-24", None),
    ],
)
def test_what_differs_in_a_cell(tmp_path, left, right, what):
    found = compared(sas([(("A", left, "1"), ("B", "2", "2"))]), sas([(("A", right, "1"), ("B", "2", "2"))]), tmp_path)
    assert [d.what for d in found.differences] == ([what] if what else [])


def test_lines_of_one_label_are_paired_so_that_fewest_cells_differ(tmp_path):
    """A listing: a record is missing in the one, and the others stay with theirs."""
    rows = (("101-001", "Rash", "1"), ("", "Fever", "2"), ("", "Nausea", "3"), ("", "Pain", "4"))
    found = compared(sas([rows]), sas([(rows[0], *rows[2:])]), tmp_path)
    assert [(d.what, d.ours) for d in found.differences] == [("only in ours", " | Fever | 2")]


def test_texts_in_any_encoding_of_rtf(tmp_path):
    fonts = "{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fnil\\fcharset134 B;}}"
    cells = "\\u8805?65\\cell {\\f1\\'d6\\'d0}\\cell \\'e9\\~\\{x\\}\\cell"
    text = f"{{\\rtf1\\ansi\\ansicpg1252\\uc1{fonts}\\trowd\\cellx1\\cellx2\\cellx3 {cells}\\row}}"
    (row,) = read_rtf_rows(table(text, tmp_path))
    assert [c.text for c in row.cells] == ["≥65", "中", "é {x}"]


def test_files_that_are_no_tables_are_said(tmp_path):
    good = table(sas([ROWS]), tmp_path)
    for name, text, what in (
        ("text.rtf", "A,B\n", "not RTF"),
        ("cut.rtf", sas([ROWS])[:900], "cut off"),
        ("more.rtf", sas([ROWS]) + "}", "cut off"),
        ("figure.rtf", "{\\rtf1\\ansi{\\pict 1234}\\par}", "no table with lines"),
    ):
        with pytest.raises(InputError, match=what) as caught:
            compare_tables(good, table(text, tmp_path, name))
        assert name in str(caught.value)
    figure = table("{\\rtf1\\ansi{\\pict 1234}\\par}", tmp_path, "figure.rtf")
    with pytest.raises(NoTableError):
        compare_tables(figure, figure)


NUMBER = re.compile(r"(?<=[ {(])\d+(?=[ .)%}\\;,]|$)")
"""A number in the text of a cell: control words have letters before their numbers."""


def places(text):
    """Where the numbers of cells stand in the raw text of a file, without a look at the reader."""
    start = 0
    for line in text.splitlines(keepends=True):
        if "\\cell" in re.sub(r"\\cellx", "", line):
            yield from (start + m.end() - 1 for m in NUMBER.finditer(line))
        start += len(line)


@pytest.mark.skipif(not FOREIGN.is_dir(), reason="the RTF files of other makers are not at hand")
@pytest.mark.parametrize("number", range(10))
def test_a_number_altered_in_a_file_of_another_maker_is_found_and_nothing_else(tmp_path, number):
    """Ten files of three makers (pharmaRTF, r2rtf, and one of rtables); twelve numbers of each, one at a time."""
    path = sorted(FOREIGN.glob("*.rtf"))[number]
    text = path.read_text(encoding="latin-1")
    found = [*places(text)]
    assert len(found) >= 12
    for at in found[:: len(found) // 12][:12]:
        digit = str((int(text[at]) + 1) % 10)
        other = tmp_path / path.name
        other.write_text(text[:at] + digit + text[at + 1 :], encoding="latin-1")
        result = compare_tables(path, other)
        assert (result.different, result.unpaired) == (1, 0), text[at - 40 : at + 10]
        (difference,) = result.differences
        assert difference.ours != difference.theirs
    assert compare_tables(path, path).equal


def test_cells_beyond_those_defined_are_read(tmp_path):
    one = "{\\rtf1\\trowd\\cellx9 A\\cell 1\\cell 2\\cell\\row}"
    found = compared(one, one.replace("2\\cell", "3\\cell"), tmp_path)
    assert (found.different, found.unpaired) == (1, 0)
