"""Pages: breaks, continuation, repeated keys, horizontal split, footnotes."""

from dataclasses import replace

from datacut.tlf.layout import LETTER, Align, Column, Display, Image, Kind, PageRow, Row, Section, Span
from datacut.tlf.paginate import figure_size, paginate

TWO = (Column(("label",), ("Term",), stub=True), Column(("n",), ("n",), align=Align.DECIMAL))


def display(*rows: Row, columns: tuple[Column, ...] = TWO, **changes: object) -> Display:
    made = Display("t-1", "Table 1", "A title", columns, (Section(rows),), source="Source: x")
    return replace(made, **changes)  # type: ignore[arg-type]


def texts(row: PageRow) -> tuple[str, ...]:
    return tuple(" ".join(line.strip() for line in lines).strip() for lines in row.cells)


def first_column(rows: tuple[PageRow, ...]) -> list[str]:
    return [row.cells[0][0] for row in rows]


def test_a_break_inside_a_group_repeats_its_heading() -> None:
    soc = "Cardiac disorders"
    rows = [Row((soc, "9"), group=(soc,))] + [Row((f"PT {i}", "1"), indent=1, group=(soc,)) for i in range(60)]
    layout, findings = paginate(display(*rows))
    one, two = layout.pages
    assert findings == []
    assert first_column(one.rows)[:2] == [soc, "  PT 0"]
    assert texts(two.rows[0]) == ("Cardiac disorders (continued)", "")
    assert two.rows[0].continued
    shown = [row for page in layout.pages for row in page.rows if not row.continued]
    assert len(shown) == len(rows)
    assert (one.heads[-1], two.heads[-1]) == (("", "Page 1 of 2"), ("", "Page 2 of 2"))


def test_a_heading_stays_with_its_first_row() -> None:
    nine = LETTER[:1]
    filler, _ = paginate(display(*(Row((f"R{i}", "1")) for i in range(99))), nine)
    room = len(filler.pages[0].rows)
    rows = [Row((f"R{i}", "1")) for i in range(room - 1)]
    rows += [Row(("SOC", "1"), group=("SOC",)), Row(("PT", "1"), indent=1, group=("SOC",))]
    layout, _ = paginate(display(*rows), nine)
    assert first_column(layout.pages[1].rows) == ["SOC", "  PT"]


def test_nested_groups_repeat_every_open_heading() -> None:
    rows = [Row(("A", ""), group=("A",)), Row(("B", ""), indent=1, group=("A", "B"))]
    rows += [Row((f"C{i}", "1"), indent=2, group=("A", "B")) for i in range(70)]
    layout, _ = paginate(display(*rows))
    assert first_column(layout.pages[1].rows)[:2] == ["A (continued)", "  B (continued)"]


def test_blocks_stay_together_and_a_blank_line_is_dropped_at_a_page_top() -> None:
    rows = []
    for visit in range(8):
        rows.append(Row((f"Visit {visit}", ""), block=visit, gap=True))
        rows += [Row((f"s{i}", "1"), indent=1, block=visit) for i in range(6)]
    layout, _ = paginate(display(*rows))
    tops = [page.rows[0].cells[0][0] for page in layout.pages]
    assert all(top.startswith("Visit") for top in tops)
    assert [row.gap for row in layout.pages[0].rows[:9]] == [False] * 7 + [True, False]


def test_a_block_larger_than_a_page_is_broken_and_marked() -> None:
    rows = [Row(("Visit 1", ""), block=1)] + [Row((f"s{i}", "1"), indent=1, block=1) for i in range(70)]
    layout, _ = paginate(display(*rows))
    assert len(layout.pages) == 2
    assert texts(layout.pages[1].rows[0]) == ("Visit 1 (continued)", "")


def test_listing_keys_print_once_per_page() -> None:
    columns = (Column(("s",), ("Subject",), stub=True, once=True), Column(("v",), ("Value",)))
    rows = [Row(("001", f"v{i}")) for i in range(50)]
    layout, _ = paginate(display(*rows, columns=columns, kind=Kind.LISTING))
    for page in layout.pages:
        keys = first_column(page.rows)
        assert keys[0] == "001"
        assert set(keys[1:]) == {""}


def test_a_row_taller_than_a_page_is_carried_on() -> None:
    columns = (Column(("s",), ("Subject",), stub=True, once=True), Column(("v",), ("Value",)))
    text = "word " * 2000
    layout, _ = paginate(display(Row(("001", text.strip())), columns=columns, kind=Kind.LISTING))
    assert len(layout.pages) > 1
    assert texts(layout.pages[1].rows[0]) == ("001 (continued)", "")
    words = [w for page in layout.pages for row in page.rows for line in row.cells[1] for w in line.split()]
    assert len(words) == 2000
    assert all(sum(row.height for row in page.rows) < layout.paper.lines for page in layout.pages)


def test_too_many_columns_split_into_page_sets_with_the_stub_repeated() -> None:
    columns = (Column(("label",), ("Test",), stub=True), *(Column((f"c{i}",), min_width=20) for i in range(8)))
    spans = (Span("First", ("c0",), ("c3",)), Span("Second", ("c4",), ("c7",)))
    layout, _ = paginate(display(Row(("Row", *"12345678")), columns=columns, spans=spans))
    assert [["/".join(c.key) for c in page.columns] for page in layout.pages] == [
        ["label", "c0", "c1", "c2", "c3"],
        ["label", "c4", "c5", "c6", "c7"],
    ]
    assert [cell.lines for cell in layout.pages[1].header[0]] == [("",), ("Second",)]


def test_panels_never_share_a_page() -> None:
    columns = (Column(("label",), stub=True), Column(("a",), panel=0), Column(("b",), panel=1))
    layout, _ = paginate(display(Row(("x", "1", "2")), columns=columns))
    assert [["/".join(c.key) for c in page.columns] for page in layout.pages] == [["label", "a"], ["label", "b"]]


def test_three_header_levels() -> None:
    columns = (Column(("l",), ("Row",), stub=True), Column(("o",), ("Obs",)), Column(("c",), ("Chg",)))
    spans = (
        Span("Escalation", ("o",), ("c",), 1),
        Span("3.0×10⁸", ("o",), ("c",), 2),
        Span("(N=3)", ("o",), ("c",), 3),
    )
    layout, _ = paginate(display(Row(("x", "1", "2")), columns=columns, spans=spans))
    header = layout.pages[0].header
    assert [[cell.lines[0] for cell in level] for level in header] == [
        ["", "Escalation"],
        ["", "3.0×10⁸"],
        ["", "(N=3)"],
        ["Row", "Obs", "Chg"],
    ]
    assert [level[1].rule for level in header] == [False, False, True, False]


def test_an_empty_output_is_one_complete_page() -> None:
    layout, _ = paginate(display(footnotes=("Note.",)))
    (page,) = layout.pages
    assert (page.message, page.rows, page.footnotes) == (("No data to report",), (), ("Note.",))
    assert page.header[-1][1].lines == ("n",)


def test_sections_whose_columns_fit_together_share_pages_under_their_bylines() -> None:
    sections = tuple(
        Section((Row(("V1", "")), Row(("x", "1"), indent=1)), byline=f"Parameter: {name}") for name in "ABC"
    )
    layout, _ = paginate(display(sections=sections))
    (page,) = layout.pages
    assert page.byline == ()
    shown = [row.cells[0][0] for row in page.rows if not row.gap]
    assert shown == [text for name in "ABC" for text in (f"Parameter: {name}", "  V1", "    x")]


def test_lines_of_a_key_run_beside_its_rows() -> None:
    columns = (Column(("key",), ("Key",), stub=True, once=True), Column(("v",), ("Value",)))
    rows = [Row(("dose\nstage\n001", f"v{i}"), block=1) for i in range(4)]
    rows += [Row(("dose\nstage\n002", "alone"), block=2, gap=True)]
    layout, _ = paginate(display(*rows, columns=columns, kind=Kind.LISTING))
    (page,) = layout.pages
    assert [row.cells for row in page.rows] == [
        (("dose",), ("v0",)), (("stage",), ("v1",)), (("001",), ("v2",)), (("",), ("v3",)),
        (("",), ("",)),
        (("dose", "stage", "002"), ("alone",)),
    ]  # fmt: skip
    assert [row.height for row in page.rows] == [1, 1, 1, 1, 1, 3]


def test_sections_start_pages_with_their_byline() -> None:
    rows = (Row(("x", "1")),)
    layout, _ = paginate(display(sections=(Section(rows, "Parameter: A"), Section((), "Parameter: B"))))
    assert [page.byline for page in layout.pages] == [("Parameter: A",), ("Parameter: B",)]
    assert [page.message for page in layout.pages] == [(), ("No data to report",)]


def sizes(*sections: Section) -> list[list[tuple[str, int]]]:
    """Key and width of the columns of each page."""
    columns = (Column(("label",), ("Row",), stub=True), *(Column((k,), align=Align.DECIMAL) for k in "ab"))
    layout, _ = paginate(display(columns=columns, sections=sections))
    return [[("/".join(c.key), c.width) for c in page.columns] for page in layout.pages]


def test_sections_of_the_same_columns_look_alike_where_they_fit() -> None:
    first, second = sizes(Section((Row(("x", "1", "2")),)), Section((Row(("x", "1" * 30, "2")),)))
    assert first == second
    a, b = Section((Row(("x", "1" * 100, "2")),)), Section((Row(("x", "1", "2" * 100)),))
    assert [len(page) for page in sizes(a, b)] == [3, 3], "each alone on one page set, not 100 + 100 characters"


def test_a_section_leaves_out_the_columns_it_does_not_use() -> None:
    columns = (Column(("label",), ("Row",), stub=True), *(Column((k,), (k.upper(),)) for k in "abc"))
    spans = (Span("Over A and B", ("a",), ("b",)), Span("Over C", ("c",), ("c",)))
    sections = (
        Section((Row(("x", "1", "2", "3")),)),
        Section((Row(("x", "", "2", "")),), unused=frozenset({("a",), ("c",)})),
    )
    layout, _ = paginate(display(columns=columns, spans=spans, sections=sections))
    assert [["/".join(c.key) for c in page.columns] for page in layout.pages] == [
        ["label", "a", "b", "c"],
        ["label", "b"],
    ]
    assert [cell.lines[0] for cell in layout.pages[1].header[0]] == ["", "Over A and B"]
    assert [row.cells for row in layout.pages[1].rows] == [(("x",), ("2",))]


def test_blank_lines_give_way_where_that_saves_a_page() -> None:
    """40 rows and 10 blank lines on pages of 54 lines, then 48 and 10."""

    def pages(rows: int) -> list[int]:
        layout, _ = paginate(display(*(Row((f"R{i}", "1"), gap=i in range(1, 11)) for i in range(rows))), LETTER[1:])
        return [sum(row.gap for row in page.rows) for page in layout.pages]

    assert pages(40) == [10]
    assert pages(48) == [0]
    assert sum(pages(60)) == 10, "two pages with them and without them"


def test_page_sets_of_a_listing_leave_out_rows_that_say_nothing_there() -> None:
    columns = (
        Column(("key",), ("Key",), stub=True, once=True),
        Column(("a",), ("A",)),
        Column(("b",), ("B",), panel=1),
    )
    rows = (Row(("1", "x", "")), Row(("1", "", "y")), Row(("2", "x", "")))
    layout, _ = paginate(display(*rows, columns=columns, kind=Kind.LISTING))
    assert [[row.cells for row in page.rows] for page in layout.pages] == [
        [(("1",), ("x",)), (("2",), ("x",))],
        [(("1",), ("y",))],
    ]
    table, _ = paginate(display(*rows, columns=columns))
    assert [len(page.rows) for page in table.pages] == [3, 3], "page sets of a table break at the same rows"


def test_words_in_a_column_of_numbers_have_room() -> None:
    columns = (Column(("a",), ("A",), stub=True), Column(("b",), ("B",), align=Align.DECIMAL), Column(("c",), ("C",)))
    layout, _ = paginate(display(Row(("x", "发热，伴咳嗽", "word " * 30)), columns=columns), LETTER[:1])
    assert layout.pages[0].columns[1].width >= 3, "a character of two cells with its mark"


def test_short_cells_do_not_wrap_where_there_is_room() -> None:
    """A result of 10 characters stands on one line though its longest word has 5 and its share of the width is 6."""
    columns = (Column(("a",), ("A",), width=100.0), Column(("b",), ("B",), width=5.0))
    layout, _ = paginate(display(Row(("x", "0.299 H G1")), columns=columns), LETTER[:1])
    assert layout.pages[0].rows[0].cells[1] == ("0.299 H G1",)


def test_footnotes_run_on_but_for_those_with_marks_or_lines_of_their_own() -> None:
    notes = ("One.", "Two.", "x" * 130 + ".", "[1] Four.", "Five.", "Six\nseven.", "Eight.")
    layout, _ = paginate(display(Row(("x", "1")), footnotes=notes), LETTER[:1])
    assert layout.pages[0].footnotes == (
        "One. Two.", f"  {'x' * 130}.", "[1] Four.", "Five.", "Six", "  seven.", "Eight.",
    )  # fmt: skip


def test_footnotes_hang_and_stand_on_every_page() -> None:
    note = "[1] " + "word " * 40
    layout, _ = paginate(display(*(Row((f"R{i}", "1")) for i in range(60)), footnotes=(note.strip(),)))
    assert all(page.footnotes[1].startswith("    word") for page in layout.pages)


def test_footnotes_longer_than_a_page_move_to_the_end() -> None:
    notes = tuple(f"[{i}] note" for i in range(60))
    layout, findings = paginate(display(Row(("x", "1")), footnotes=notes))
    assert [f.rule for f in findings] == ["tlf.notes"]
    assert layout.pages[0].rows[0].cells[0] == ("x",)
    assert [line for page in layout.pages[1:] for line in page.footnotes] == list(notes)


def shape(rows: int) -> tuple[int, int, int]:
    """Pages at 9 pt, then the pages and half points chosen; a page holds 46 rows at 9 pt and 54 at 8 pt."""
    shown = display(*(Row((f"R{i}", "1")) for i in range(rows)))
    layout, _ = paginate(shown)
    return len(paginate(shown, LETTER[:1])[0].pages), len(layout.pages), layout.paper.half_points


def test_smaller_type_is_taken_where_it_saves_a_page() -> None:
    assert shape(46) == (1, 1, 18)
    assert shape(48) == (2, 1, 16)
    assert shape(4 * 46) == (4, 4, 18)
    assert shape(3 * 46 + 15) == (4, 3, 16)
    assert shape(20 * 46) == (20, 18, 16)
    assert shape(5 * 46) == (5, 5, 18)


def test_the_last_column_may_stand_closer_to_the_edge_where_that_saves_a_page_set() -> None:
    def columns(last: int) -> Display:
        heads = [Column(("label",), ("T",), stub=True, min_width=20)]
        heads += [Column((f"c{i}",), ("C",), min_width=width) for i, width in enumerate((50, last))]
        return display(Row(("R", "1", "2")), columns=tuple(heads))

    # 153 characters at 8 pt: 20 + 2 + 50 + 2 + 78 + 1
    assert len(paginate(columns(78))[0].pages) == 1
    assert len(paginate(columns(79))[0].pages) == 2


def test_columns_wider_than_the_page_are_narrowed_and_told() -> None:
    columns = (Column(("label",), ("T",), stub=True, min_width=20), Column(("c",), ("C",), align=Align.DECIMAL))
    number = "1" * 131  # at 8 pt: 20 + 2 + 131 + 1 = 154 of 153 characters
    layout, findings = paginate(display(Row(("R", number)), columns=columns))
    assert [(f.rule, str(f.where), f.value) for f in findings] == [
        ("tlf.wide", "t-1:label, c", "154 characters of 153")
    ]
    assert "".join("".join(row.cells[1]).strip() for page in layout.pages for row in page.rows) == number
    assert paginate(display(Row(("R", number[1:])), columns=columns))[1] == []


def test_unprintable_characters_are_replaced_and_found() -> None:
    layout, findings = paginate(display(Row(("a\x07b", "1"))))
    assert layout.pages[0].rows[0].cells[0] == ("a\ufffdb",)
    assert [(f.rule, f.value) for f in findings] == [("tlf.characters", r"'a\x07b'")]


def test_an_image_is_shrunk_to_its_page() -> None:
    figure = display(columns=(), kind=Kind.FIGURE, sections=(Section(image=Image(b"", 9.0, 9.0, "x")),))
    layout, findings = paginate(figure)
    image = layout.pages[0].image
    assert image is not None
    assert image.width == image.height < 6.5 * 1440
    assert [f.rule for f in findings] == ["tlf.image"]
    wide, high = figure_size(figure)
    fitting = replace(figure, sections=(Section(image=Image(b"", wide, high, "x")),))
    assert paginate(fitting)[1] == []
