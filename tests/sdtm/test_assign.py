from __future__ import annotations

import pandas as pd
import pytest
from tests.sdtm.conftest import CODELISTS, listed, make_context, told

from datacut.errors import SpecError
from datacut.sdtm.assign import (
    assign,
    assign_first,
    assign_list,
    assign_missing,
    assign_not_done,
    assign_number,
    assign_out_of_range,
    assign_sum,
    assign_ticked,
    combine_responses,
    hardcode,
    hardcode_code,
    hardcode_decode,
    hardcode_nth,
    hardcode_number,
    split_responses,
)
from datacut.sdtm.assign_datetime import assign_datetime
from datacut.spec.crf import CrfField
from datacut.spec.study import CodelistSpec, Term


def test_assign_without_codelist_cleans_and_keeps_everything_else(raw, context) -> None:
    form = raw("A\n.\n~\n~x~\nnA")
    form.loc[4] = ["line\r\nbreak\ttab", 5, 6, "raw/form.csv"]
    out = assign(form, "A", context)
    assert listed(out) == [None, None, "x", "nA", "line break tab"]
    assert str(out.dtype) == "str"
    assert len(context.findings) == 0


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("5、6", "5, 6"),
        ("1; 3", "1, 3"),
        ("１；３，", "1, 3"),
        ("see AE 5", "see AE 5"),  # a blank parts nothing
        ("、", None),
        ("", None),
    ],
)
def test_a_typed_list_has_commas_whatever_was_typed(raw, typed, shown) -> None:
    assert listed(assign_list(pd.DataFrame({"A": [typed or pd.NA]}, dtype="str"), "A")) == [shown]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("NA", "NA"),
        ("None", "None"),
        ("null", "null"),
        ("001", "001"),
        ("1.0", "1.0"),
        ("\ufeffRash", "Rash"),
        ("\u3000皮疹\u00a0", "皮疹"),
        ("Rash\u00a0(face)", "Rash (face)"),
        ("a\r\nb\tc\x00d", "a b c d"),
        ("cafe\u0301", "caf\u00e9"),
        ("1.73 m²", "1.73 m²"),
        ("①㎍ＡＢＣ１", "①㎍ＡＢＣ１"),
        ('says "no", twice;', 'says "no", twice;'),
        ("\u3000\n", None),
    ],
)
def test_free_text_keeps_every_character_that_means_something(context, typed: str, kept: str | None) -> None:
    form = pd.DataFrame({"A": pd.Series([typed], dtype="str")})
    assert listed(assign(form, "A", context)) == [kept]
    assert len(context.findings) == 0


def test_a_code_that_a_spreadsheet_made_a_number_of_is_read_and_noted(raw) -> None:
    context = make_context(codelist="LEVEL")
    assert listed(assign(raw("A\n1\n1.0\n２\n2.00\n1.5\n3.0"), "A", context)) == ["1", "1", "2", "2", "1.5", "3.0"]
    assert told(context) == [
        "note sdtm.codelist raw/form.csv:3:A 1.0",
        "note sdtm.codelist raw/form.csv:5:A 2.00",
        "error sdtm.codelist raw/form.csv:6:A 1.5",
        "error sdtm.codelist raw/form.csv:7:A 3.0",
    ]


def test_assign_gives_submission_values_whatever_the_case_and_reports_the_rest(raw) -> None:
    context = make_context(codelist="NY")
    out = assign(raw("A\n.\nYES\n否\n~no~\nMaybe"), "A", context)
    assert listed(out) == [None, "Y", "N", "N", "Maybe"], "a value outside is kept as collected"
    assert told(context) == ["error sdtm.codelist raw/form.csv:6:A Maybe"]


def test_assign_warns_only_where_the_codelist_may_be_extended(raw, context) -> None:
    assert listed(assign(raw("U\n10*9/L\nfurlong"), "U", context, codelist="UNIT")) == ["10^9/L", "furlong"]
    assert told(context) == ["warning sdtm.codelist raw/form.csv:3:U furlong"]


def test_the_spelling_of_a_unit_does_not_matter_and_its_capitals_do(raw) -> None:
    lists = CODELISTS | {
        "UNIT": CodelistSpec(
            name="Unit",
            code="C71620",
            extensible=True,
            terms=(
                Term(value="10^9/L"),
                Term(value="g/L"),
                Term(value="umol/L"),
                Term(value="U/L", collected=("u/L",)),
            ),
        )
    }
    context = make_context(codelists=lists, codelist="UNIT")
    form = raw("U\n×10⁹/L\n10*9/L\nx10E9/L\n\u00b5mol/L\n\u03bcmol/L\nu/L\ng/l\nG/L\nIU/L")
    assert listed(assign(form, "U", context)) == [
        "10^9/L", "10^9/L", "10^9/L", "umol/L", "umol/L", "U/L", "g/L", "G/L", "IU/L",
    ]  # fmt: skip
    assert told(context) == [
        "warning sdtm.codelist raw/form.csv:9:U G/L",
        "warning sdtm.codelist raw/form.csv:10:U IU/L",
    ]


def test_a_tick_reaches_a_yes_no_variable_through_the_codelist_of_its_field(raw) -> None:
    context = make_context(codelist="NY")
    assert listed(assign(raw("TICKED\n1\nx\n.\nY"), "TICKED", context)) == ["Y", "Y", None, "Y"]
    assert len(context.findings) == 0


def test_assign_with_an_unknown_codelist_stops_the_build(raw, context) -> None:
    with pytest.raises(SpecError, match="no such codelist"):
        assign(raw("A\nx"), "A", context, codelist="NOWHERE")


def test_assign_first_takes_the_first_that_is_not_blank(raw, context) -> None:
    form = raw("A B\n. .\n~ b\na b\n. b")
    assert listed(assign_first(form, ["A", "B"], context)) == [None, "b", "a", "b"]


def test_constants(raw, context) -> None:
    form = raw("A\n1\n2")
    assert listed(assign_missing(form)) == [None, None]
    assert listed(hardcode(form, "ONCE")) == ["ONCE", "ONCE"]
    assert listed(hardcode(form, 30, prefix="-P", suffix="D")) == ["-P30D", "-P30D"]
    assert listed(hardcode_number(form, 2)) == [2.0, 2.0]
    assert str(hardcode_number(form, 2).dtype) == "Float64"
    assert listed(hardcode_decode(form, "1", "LEVEL", context)) == ["Low", "Low"]
    assert listed(hardcode_decode(form, "2", "LEVEL", context)) == ["2", "2"], "without a decode the value itself"
    assert listed(hardcode_code(form, "Y", "NY", context)) == ["C49488", "C49488"]
    assert listed(hardcode_code(form, "1", "LEVEL", context)) == [None, None]


def test_hardcode_nth_is_the_value_at_a_place_of_a_list(raw, context) -> None:
    form = raw("A\n1\n2")
    assert listed(hardcode_nth(form, [3.0, 4.5, 5.2], place=1, scale=100, context=context)) == ["300", "300"]
    assert listed(hardcode_nth(form, [3.0, 4.5, 5.2], place=3, scale=100, context=context)) == ["520", "520"]
    assert listed(hardcode_nth(form, [3.0, 4.5], place=2, context=context)) == ["4.5", "4.5"]
    assert listed(hardcode_nth(form, [3.0, 4.5], place=3, context=context)) == [None, None]
    assert [(f.what, f.value) for f in context.findings.errors] == [("no such place in the list", "3")]


def test_a_decode_comes_from_controlled_terminology_where_the_study_has_no_such_list(raw, context) -> None:
    assert listed(hardcode_decode(raw("A\n1"), "TPHASE", "TSPARMCD", context)) == ["Trial Phase Classification"]
    with pytest.raises(SpecError, match="not a value of TSPARMCD"):
        hardcode_decode(raw("A\n1"), "TPHASEX", "TSPARMCD", context)


def test_numbers_are_read_in_full_width_too_and_nothing_else_is_guessed(raw, context) -> None:
    out = assign_number(raw("A\n.\n~4.6\n１２．５\n-3\n.5\n<50\n1,5\nnan\ninf\n1e400\n0x10"), "A", context)
    assert listed(out) == [None, 4.6, 12.5, -3.0, 0.5, None, None, None, None, None, None]
    assert [line.split()[-1] for line in told(context)] == ["<50", "1,5", "nan", "inf", "1e400", "0x10"]


def test_scaling_is_exact_in_decimals(raw, context) -> None:
    assert listed(assign_number(raw("A\n4.6\n.29\n."), "A", context, scale=100)) == [460.0, 29.0, None]
    assert 4.6 * 100 != 460.0, "floats alone are not"


def test_a_sum_leaves_blanks_out_and_is_exact(raw, context) -> None:
    bags = raw("A B C N\n1.5 1.5 1.6 3\n0.1 0.2 . 2\n. . . .\n4.5 . . 2\n1.5 x . 2")
    assert listed(assign_sum(bags, ["A", "B", "C"], context, scale=100, count="N")) == [460.0, 30.0, None, 450.0, None]
    assert told(context) == [
        "error sdtm.number raw/form.csv:6:B x",
        "error sdtm.count raw/form.csv:5:N 2",
    ]


def test_dates_use_the_format_of_the_crf_field_and_stay_partial(raw, context) -> None:
    form = raw("DAT TIM\n.  .\n03/02/2026 09:05\n02/2026 .\n03/02/2026 .\n31/02/2026 .\n03/02/2026 25:00\n. 09:05")
    out = assign_datetime(form, "DAT", context, time="TIM")
    assert listed(out) == [None, "2026-02-03T09:05", "2026-02", "2026-02-03", None, "2026-02-03", None]
    assert told(context) == [
        "error sdtm.date raw/form.csv:6:DAT 31/02/2026",
        "error sdtm.date raw/form.csv:7:TIM 25:00",
        "error sdtm.date raw/form.csv:8:TIM 09:05",
    ]


def test_dates_without_a_field_format_are_read_as_an_edc_writes_them(raw, context) -> None:
    out = assign_datetime(raw("D\n03-FEB-2026\nUN-FEB-2026\n2026-02-03\nUNK"), "D", context)
    assert listed(out) == ["2026-02-03", "2026-02", "2026-02-03", None]
    assert len(context.findings) == 0


def test_what_a_date_was_read_on_is_told_beside_it(raw, context) -> None:
    form = raw(
        "DAT TIM UNKN\n03/02/2026 24:00 .\n2026年2月3日 . .\n3.2.2026 . .\n03/02/26 . .\n46056 . .\n"
        "2026-02-03 . X\nUNK . X"
    )
    out = assign_datetime(form, "DAT", context, time="TIM", unknown="UNKN")
    assert listed(out) == ["2026-02-04T00:00", "2026-02-03", "2026-02-03", None, None, "2026-02-03", None]
    assert told(context) == [
        "error sdtm.date raw/form.csv:6:DAT 46056",
        "error sdtm.date raw/form.csv:5:DAT 03/02/26",
        "warning sdtm.date raw/form.csv:2:TIM 24:00",
        "note sdtm.date raw/form.csv:3:DAT 2026年2月3日",
        "warning sdtm.date raw/form.csv:4:DAT 3.2.2026",
        "warning sdtm.date raw/form.csv:7:DAT 2026-02-03",
    ]


def test_a_stated_pivot_gives_the_century(raw, context) -> None:
    assert listed(assign_datetime(raw("DAT\n03/02/26\n03/02/60"), "DAT", context, pivot=50)) == [
        "2026-02-03",
        "1960-02-03",
    ]
    assert [line.split()[0] for line in told(context)] == ["warning", "warning"]


def test_not_done_needs_a_tick_and_no_result(raw, context) -> None:
    form = raw("ND RES\n. .\nX .\nX 5\n. 5")
    assert listed(assign_not_done(form, "ND", "RES", context)) == [None, "NOT DONE", None, None]
    assert told(context) == ["warning sdtm.notdone raw/form.csv:4:ND X"]


def test_ticked_boxes_become_one_value(raw) -> None:
    form = raw("A B\n. .\n1 .\n. X\n1 1\n0 N")
    assert listed(combine_responses(form, ["A", "B"], ["ASIAN", "WHITE"])) == [None, "ASIAN", "WHITE", "MULTIPLE", None]


def test_a_box_that_the_form_asks_everybody_is_yes_or_no(raw) -> None:
    assert listed(assign_ticked(raw("A\n1\nX\n.\n~\n0\nN"), "A")) == ["Y", "Y", "N", "N", "N", "N"]


def test_several_ticked_boxes_are_split_for_supplemental_qualifiers(raw) -> None:
    form = raw("A B C\n. . .\n1 . .\n. X 1\n1 1 1\n0 1 N")
    boxes = (["A", "B", "C"], ["SKIN", "JOINT", "KIDNEY"])
    assert listed(combine_responses(form, *boxes)) == [None, "SKIN", "MULTIPLE", "MULTIPLE", "JOINT"]
    assert listed(split_responses(form, *boxes, number=1)) == [None, None, "JOINT", "SKIN", None]
    assert listed(split_responses(form, *boxes, number=2)) == [None, None, "KIDNEY", "JOINT", None]
    assert listed(split_responses(form, *boxes, number=3)) == [None, None, None, "KIDNEY", None]


def test_a_value_that_cannot_be_is_marked(raw) -> None:
    field = CrfField.model_validate(
        {"label": "Temperature", "type": "number", "range": {"low": "25", "high": "45", "source": "limits of survival"}}
    )
    out = assign_out_of_range(raw("T\n365\n45\n.\nxx\n-1"), "T", make_context(fields={"T": field}))
    assert listed(out) == ["Y", None, None, None, "Y"]
