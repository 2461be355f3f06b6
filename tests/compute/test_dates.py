from __future__ import annotations

from datetime import date as day_of
from datetime import datetime as moment_of
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacut.compute.dates import (
    CENTURY,
    MIDNIGHT,
    NO_CLOCK,
    ORDER,
    PARTS,
    SPELLING,
    date_part,
    datetime_part,
    impute_date,
    is_iso_partial,
    iso_parts,
    parse_parts,
    study_day,
    to_iso,
)

FORMATS = ["y-m-d", "d-m-y", "d/m/y", "d-mmm-y", "d/mmm/y", "y年m月d日"]


def texts(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def days(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="datetime64[s]")


def listed(series: pd.Series) -> list[object]:
    return series.astype(object).where(series.notna(), None).tolist()


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        ("2026-03-05", "2026-03-05"),
        ("5-mar-2026", "2026-03-05"),
        ("05-MAR-2026", "2026-03-05"),
        ("UN/UNK/2024", "2024"),
        ("UN-MAR-2024", "2024-03"),
        ("UN-UNK-2024", "2024"),
        ("UK-05-2024", "2024-05"),
        ("--/05/2024", "2024-05"),
        ("-/-/2024", "2024"),
        ("2024", "2024"),
        ("2024-03", "2024-03"),
        ("MAR-2024", "2024-03"),
        ("2024-UN-05", "2024---05"),
        ("2024---05", "2024---05"),
        ("UNK-03-05", "--03-05"),
        ("2026年3月5日", "2026-03-05"),
        ("2024年5月", "2024-05"),
        ("２０２６年３月５日", "2026-03-05"),
        ("29/02/2024", "2024-02-29"),
        ("  2024-03 ", "2024-03"),
    ],
)
def test_reads_what_sites_type(raw: str, iso: str) -> None:
    parts = parse_parts(texts(raw), None, FORMATS)
    assert listed(parts["problem"]) == [None]
    assert to_iso(parts).tolist() == [iso]


@pytest.mark.parametrize("raw", ["UNK", "NK", "ND", "UN-UNK-UNK", "--", "", "  ", None])
def test_wholly_unknown_and_blank_are_missing_without_a_problem(raw: str | None) -> None:
    parts = parse_parts(texts(raw), None, FORMATS)
    assert parts.drop(columns="states").isna().all(axis=None)
    assert to_iso(parts).isna().all()


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("31-FEB-2026", "no such day"),
        ("29-FEB-2025", "no such day"),
        ("00-03-2026", "no such day"),
        ("2026-13-01", "no such month"),
        ("0000-01-01", "no such year"),
        ("05-03-26", "two-digit year"),
        ("45356", "serial number"),
        ("45356.5", "serial number"),
        ("yesterday", "unreadable"),
        ("2026-03-05x", "unreadable"),
    ],
)
def test_a_problem_keeps_no_component(raw: str, problem: str) -> None:
    parts = parse_parts(texts(raw), None, FORMATS)
    assert parts["problem"].tolist() == [problem]
    assert parts[list(PARTS)].isna().all(axis=None)


def test_29_february_of_an_unknown_year_is_possible() -> None:
    assert to_iso(parse_parts(texts("29-FEB-UNK"), None, ["d-mmm-y"])).tolist() == ["--02-29"]


def test_the_first_clean_reading_wins() -> None:
    raw = texts("03/04/2026", "13/04/2026")
    assert to_iso(parse_parts(raw, None, ["m/d/y", "d/m/y"])).tolist() == ["2026-03-04", "2026-04-13"]


def test_packed_digits_and_month_day_year() -> None:
    assert to_iso(parse_parts(texts("20260305"), texts("0830"), ["ymd HM"])).tolist() == ["2026-03-05T08:30"]
    assert to_iso(parse_parts(texts("3/5/2026", "3/2026"), None, ["m/d/y"])).tolist() == [
        "2026-03-05",
        "2026-03",
    ]


@pytest.mark.parametrize("form", ["", "x", "y-m-y", "-d-m-y"])
def test_unusable_formats_are_refused(form: str) -> None:
    with pytest.raises(ValueError, match="not a date or time format"):
        parse_parts(texts("2026"), None, [form])


@pytest.mark.parametrize(
    ("date", "time", "iso", "problem"),
    [
        ("2026-03-05", "8:30", "2026-03-05T08:30", None),
        ("2026-03-05", "08:30:15", "2026-03-05T08:30:15", None),
        ("2026-03-05", "UN:30", "2026-03-05T-:30", None),
        ("2026-03-05", "08:UNK", "2026-03-05T08", None),
        ("2026-03-05", "UN:UN", "2026-03-05", None),
        ("2026-03-05", None, "2026-03-05", None),
        ("2026-03", "08:30", "2026-03--T08:30", None),
        ("2026-03-05", "24:00", "2026-03-06T00:00", None),
        ("2026-03", "24:00", "2026-03", "24:00"),
        ("UNK", "24:00", None, "time without date"),
        ("2026-03-05", "24:01", "2026-03-05", "no such time"),
        ("2026-03-05", "08:60", "2026-03-05", "no such time"),
        ("2026-03-05", "noon", "2026-03-05", "unreadable time"),
        (None, "08:30", None, "time without date"),
        ("UNK", "08:30", "-----T08:30", None),
        ("31-FEB-2026", "08:30", None, "no such day"),
    ],
)
def test_separate_time(date: str | None, time: str | None, iso: str | None, problem: str | None) -> None:
    parts = parse_parts(texts(date), texts(time), ["y-m-d H:M:S", "d-mmm-y"])
    assert listed(to_iso(parts)) == [iso]
    assert listed(parts["problem"]) == [problem]


def test_time_inside_the_date_text() -> None:
    raw = texts("2026-03-05 08:30", "2026-03-05T08:30:15", "2026-03-05")
    parts = parse_parts(raw, None, ["y-m-d H:M:S", "y-m-dTH:M:S"])
    assert to_iso(parts).tolist() == ["2026-03-05T08:30", "2026-03-05T08:30:15", "2026-03-05"]


def test_24_00_of_a_complete_date_is_the_start_of_the_next_day_and_told() -> None:
    parts = parse_parts(
        texts("2026-03-05", "2025-12-31", "2024-02-28", "2026-03"),
        texts("24:00", "24:00:00", "24:00", "24:00"),
        ["y-m-d H:M:S"],
    )
    assert to_iso(parts).tolist() == [
        "2026-03-06T00:00",
        "2026-01-01T00:00:00",
        "2024-02-29T00:00",
        "2026-03",
    ]
    assert listed(parts["problem"]) == [None, None, None, "24:00"]
    assert listed(parts["doubt"]) == [MIDNIGHT, MIDNIGHT, MIDNIGHT, None]


def test_parse_keeps_a_doubled_index() -> None:
    raw = pd.Series(["2026", "x"], index=[4, 4], dtype="str")
    parts = parse_parts(raw, pd.Series([None, None], index=[4, 4], dtype="str"), ["y-m-d H:M"])
    assert parts.index.tolist() == [4, 4]
    assert to_iso(parts).index.tolist() == [4, 4]


def test_empty_input() -> None:
    parts = parse_parts(texts(), texts(), ["y-m-d H:M"])
    assert parts.columns.tolist() == [*PARTS, "states", "problem", "doubt", "written"]
    assert to_iso(parts).tolist() == []
    assert impute_date(texts(), "first", "M")[0].tolist() == []
    assert is_iso_partial(texts()).tolist() == []
    assert study_day(days(), days()).tolist() == []


@pytest.mark.parametrize(
    ("dtc", "legal"),
    [
        ("2026", True),
        ("2026-03", True),
        ("2026-03-05", True),
        ("2026-03-05T08", True),
        ("2026-03-05T08:30:15.5", True),
        ("2026---05", True),
        ("--03-05", True),
        ("-----T07:15", True),
        ("2026-03-05T-:30", True),
        ("2026-03--T08:30", True),
        ("", False),
        ("-", False),
        ("2026-", False),
        ("2026-03--", False),
        ("2026-3-5", False),
        ("2026-02-31", False),
        ("2026-13", False),
        ("2026-03-05T24:00", False),
        ("2026-03-05T", False),
        ("05-MAR-2026", False),
        ("26", False),
    ],
)
def test_is_iso_partial(dtc: str, legal: bool) -> None:
    assert is_iso_partial(texts(dtc)).tolist() == [legal]


def test_is_iso_partial_keeps_missing() -> None:
    assert listed(is_iso_partial(texts("2026", None))) == [True, None]


def test_date_and_datetime_need_every_component() -> None:
    dtc = texts("2026-03-05T08:30", "2026-03-05T08:30:15", "2026-03-05T08", "2026-03-05", "2026-03", None)
    assert date_part(dtc).dtype == "datetime64[s]"
    assert date_part(dtc).isna().tolist() == [False, False, False, False, True, True]
    assert date_part(dtc).iloc[0] == pd.Timestamp("2026-03-05")
    assert datetime_part(dtc).dtype == "datetime64[s]"
    assert datetime_part(dtc).isna().tolist() == [False, False, True, True, True, True]
    assert datetime_part(dtc).iloc[0] == pd.Timestamp("2026-03-05 08:30:00")
    assert datetime_part(dtc).iloc[1] == pd.Timestamp("2026-03-05 08:30:15")


@pytest.mark.parametrize(
    ("dtc", "how", "highest", "date", "flag"),
    [
        ("2026-03-05", "first", "n", "2026-03-05", None),
        ("2026-03-05T08:30", "first", "n", "2026-03-05", None),
        ("2026-03", "first", "n", None, None),
        ("2026-03", "first", "D", "2026-03-01", "D"),
        ("2024-02", "last", "D", "2024-02-29", "D"),
        ("2026-03", "mid", "D", "2026-03-15", "D"),
        ("2026", "first", "D", None, None),
        ("2026", "first", "M", "2026-01-01", "M"),
        ("2026", "last", "M", "2026-12-31", "M"),
        ("2026", "mid", "M", "2026-06-30", "M"),
        ("2026---05", "first", "D", None, None),
        ("2026---05", "first", "M", "2026-01-05", "M"),
        ("--03-05", "first", "M", None, None),
        ("2026-02-31", "first", "M", None, None),
        (None, "first", "M", None, None),
    ],
)
def test_impute(dtc: str | None, how: str, highest: str, date: str | None, flag: str | None) -> None:
    imputed, level = impute_date(texts(dtc), how, highest)  # type: ignore[arg-type]
    assert imputed.dtype == "datetime64[s]"
    assert listed(imputed) == [None if date is None else pd.Timestamp(date)]
    assert listed(level) == [flag]


@pytest.mark.parametrize(
    ("dtc", "how", "not_before", "not_after", "date"),
    [
        ("2026-03", "first", "2026-03-10", None, "2026-03-10"),
        ("2026-03", "first", "2026-02-10", None, "2026-03-01"),
        ("2026-03", "first", "2026-04-10", None, "2026-03-01"),
        ("2026-03-05", "first", "2026-03-10", None, "2026-03-05"),
        ("2026", "first", "2026-03-10", None, "2026-03-10"),
        ("2026-03", "last", None, "2026-03-20", "2026-03-20"),
        ("2026-03", "last", None, "2026-05-20", "2026-03-31"),
        ("2026", "last", None, "2026-05-20", "2026-05-20"),
        ("2026-03", "last", "2026-03-01", "2026-03-20", "2026-03-20"),
        ("2026-03", "first", None, None, "2026-03-01"),
    ],
)
def test_bounds_move_only_imputed_dates(
    dtc: str, how: str, not_before: str | None, not_after: str | None, date: str
) -> None:
    imputed, _ = impute_date(
        texts(dtc),
        how,
        "M",
        not_before=days(not_before),
        not_after=days(not_after),  # type: ignore[arg-type]
    )
    assert listed(imputed) == [pd.Timestamp(date)]


def test_a_year_is_imputed_only_as_a_bound() -> None:
    dtc = texts(None, "--03-05", "2026-03", "2026-02-31", None)
    bound = days("2026-03-10", "2025-01-01", "2026-03-10", "2026-01-01", None)
    date, flag = impute_date(dtc, "first", "Y", not_before=bound)
    assert listed(date) == [
        pd.Timestamp("2026-03-10"),
        pd.Timestamp("2025-01-01"),
        pd.Timestamp("2026-03-10"),
        None,
        None,
    ]
    assert listed(flag) == ["Y", "Y", "D", None, None]
    for how in ("first", "last", "mid"):
        with pytest.raises(ValueError, match="only as a bound"):
            impute_date(dtc, how, "Y")  # type: ignore[arg-type]


def test_study_day_has_no_zero() -> None:
    date = days("2026-03-04", "2026-03-05", "2026-03-06", None, "2026-03-05")
    reference = days("2026-03-05", "2026-03-05", "2026-03-05", "2026-03-05", None)
    assert listed(study_day(date, reference)) == [-1, 1, 2, None, None]
    assert study_day(date, reference).dtype == "Int64"


def test_study_day_ignores_times() -> None:
    date = pd.Series(["2026-03-06 00:10"], dtype="datetime64[s]")
    reference = pd.Series(["2026-03-05 23:50"], dtype="datetime64[s]")
    assert study_day(date, reference).tolist() == [2]


@pytest.mark.parametrize(
    ("raw", "iso", "doubt"),
    [
        ("05-MAR-2026", "2026-03-05", None),
        ("2026-03-05", "2026-03-05", None),
        ("2026-03-05T08:30", "2026-03-05T08:30", None),
        ("2026-03-05 00:00:00", "2026-03-05", NO_CLOCK),
        ("UN-MAR-2024", "2024-03", None),
        ("--/05/2024", "2024-05", ORDER),
        ("UN/UNK/2024", "2024", SPELLING),
        ("2024年5月3日", "2024-05-03", SPELLING),
        ("２０２４年５月３号", "2024-05-03", SPELLING),
        ("2024年5月", "2024-05", SPELLING),
        ("2024年", "2024", SPELLING),
        ("2024/5/UN", "2024-05", SPELLING),
        ("2024/5/3", "2024-05-03", SPELLING),
        ("2024.05.03", "2024-05-03", SPELLING),
        ("20240503", "2024-05-03", SPELLING),
        ("5 Mar 2024", "2024-03-05", SPELLING),
        ("05MAR2024", "2024-03-05", SPELLING),
        ("03/05/2024", "2024-05-03", ORDER),
        ("3.5.2024", "2024-05-03", ORDER),
        ("UN\u00a0-\u3000MAR-2024", "2024-03", None),
        ("不详-MAR-2024", "2024-03", None),
        ("XX-MAR-2024", "2024-03", None),
    ],
)
def test_another_spelling_than_the_field_has_is_told(raw: str, iso: str, doubt: str | None) -> None:
    parts = parse_parts(texts(raw), None, ["d-mmm-y"])
    assert listed(parts["problem"]) == [None]
    assert to_iso(parts).tolist() == [iso]
    assert listed(parts["doubt"]) == [doubt]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [("31-FEB-2024", "no such day"), ("2024年2月30日", "no such day"), ("03/13/2024", "no such month"),
     ("05-MAR-24", "two-digit year"), ("24/5/3", "two-digit year"), ("45352", "serial number"),
     ("٢٠٢٤-05-03", "unreadable"), ("ND-ish", "unreadable"), ("2024-05-03 and later", "unreadable")],
)  # fmt: skip
def test_nothing_is_made_of_what_may_mean_something_else(raw: str, problem: str) -> None:
    parts = parse_parts(texts(raw), None, ["d-mmm-y"])
    assert listed(parts["problem"]) == [problem]
    assert parts[list(PARTS)].isna().all(axis=None)
    assert listed(parts["doubt"]) == [None]


def test_the_century_is_taken_from_a_stated_pivot_only() -> None:
    parts = parse_parts(
        texts("05-MAR-24", "05-MAR-49", "05-MAR-50", "UN-UNK-99", "29-FEB-00"), None, ["d-mmm-y"], pivot=50
    )
    assert to_iso(parts).tolist() == ["2024-03-05", "2049-03-05", "1950-03-05", "1999", "2000-02-29"]
    assert listed(parts["doubt"]) == [CENTURY] * 5


def test_excel_serial_numbers_where_the_field_holds_them() -> None:
    parts = parse_parts(texts("45352", "45352.5", "45351", "45352.25069", "2024"), None, ["serial", "d-mmm-y"])
    assert to_iso(parts).tolist() == ["2024-03-01", "2024-03-01T12:00", "2024-02-29", "2024-03-01T06:01", "2024"]
    assert parts["problem"].isna().all()


@pytest.mark.parametrize(
    ("date", "time", "states"),
    [
        ("05-MAR-2024", "08:30", "kkkkkb"),
        ("UN-MAR-2024", "UNK", "kkuuuu"),
        ("MAR-2024", None, "kkbbbb"),
        ("2024", "ND", "kbbnnn"),
        ("UNK", None, "uuuuuu"),
        ("ND", None, "nnnnnn"),
        ("未做", None, "nnnnnn"),
        ("  ", "", "bbbbbb"),
        (None, None, "bbbbbb"),
    ],
)
def test_known_unknown_not_done_and_blank_are_kept_apart(date: str | None, time: str | None, states: str) -> None:
    assert parse_parts(texts(date), texts(time), ["d-mmm-y", "H:M"])["states"].tolist() == [states]


@pytest.mark.parametrize(
    ("date", "time", "iso"),
    [
        ("15 December 2003 13:14:17", None, "2003-12-15T13:14:17"),
        ("2003-12-15", "13:14", "2003-12-15T13:14"),
        ("2003-12-15", "13:UN", "2003-12-15T13"),
        ("2003-12-15", None, "2003-12-15"),
        ("2003-12", None, "2003-12"),
        ("2003", None, "2003"),
        ("2003-UN-15", None, "2003---15"),
        ("UN-12-15", None, "--12-15"),
        ("2003-12-15", "UN:15", "2003-12-15T-:15"),
        ("2003-12-UN", "13:15", "2003-12--T13:15"),
        ("UN-UN-UN", None, None),
    ],
)
def test_precision_as_sdtmig_4_4_writes_it(date: str, time: str | None, iso: str | None) -> None:
    """SDTMIG 3.4 section 4.4.2, the table of dates with components missing on the right, on the left and between."""
    date = date.replace(" December ", "-DEC-")
    formats = ["y-m-d", "d-mmm-y H:M:S"]
    assert listed(to_iso(parse_parts(texts(date), texts(time) if time else None, formats))) == [iso]


REAL_DAYS = st.dates(min_value=day_of(1900, 1, 1), max_value=day_of(2100, 12, 31))


@st.composite
def partial_iso(draw: st.DrawFn) -> str:
    """Any ISO text with known and unknown components in any place."""
    moment = draw(REAL_DAYS)
    clock = draw(st.times())
    values = [
        f"{moment.year:04d}",
        f"{moment.month:02d}",
        f"{moment.day:02d}",
        f"{clock.hour:02d}",
        f"{clock.minute:02d}",
        f"{clock.second:02d}",
    ]
    known = draw(st.lists(st.booleans(), min_size=6, max_size=6).filter(any))
    last = max(i for i, k in enumerate(known) if k)
    leads = ["", "-", "-", "T", ":", ":"]
    return "".join(leads[i] + (values[i] if known[i] else "-") for i in range(last + 1))


@given(st.lists(partial_iso(), max_size=5))
def test_iso_partials_round_trip(dtc: list[str]) -> None:
    series = texts(*dtc)
    assert to_iso(iso_parts(series)).tolist() == dtc
    assert is_iso_partial(series).all()


@given(REAL_DAYS, REAL_DAYS)
def test_no_study_day_zero(date: day_of, reference: day_of) -> None:
    (day,) = study_day(days(date.isoformat()), days(reference.isoformat()))
    assert day != 0
    assert reference + timedelta(days=int(day) - int(day > 0)) == date


@given(st.lists(partial_iso(), min_size=1, max_size=5))
def test_imputed_first_mid_last_are_in_order_and_agree_on_level(dtc: list[str]) -> None:
    series = texts(*dtc)
    (first, level), (mid, _), (last, same) = (impute_date(series, how, "M") for how in ("first", "mid", "last"))
    assert listed(level) == listed(same)
    known = first.notna()
    assert (first[known] <= mid[known]).all()
    assert (mid[known] <= last[known]).all()


@given(REAL_DAYS, st.integers(1, 3))
def test_typed_dates_read_back(day: day_of, precision: int) -> None:
    pieces = [f"{day.year:04d}", f"{day.month:02d}", f"{day.day:02d}"]
    unknown = [*pieces[:precision], *["UN"] * (3 - precision)]
    for raw, form in (("-".join(unknown), "y-m-d"), ("/".join(reversed(unknown)), "d/m/y")):
        assert to_iso(parse_parts(texts(raw), None, [form])).tolist() == ["-".join(pieces[:precision])]


FORMAT_PIECES = {
    "y-m-d": ("{y}-{m}-{d}", "{H}:{M}:{S}"),
    "d-m-y": ("{d}-{m}-{y}", "{H}:{M}:{S}"),
    "m/d/y": ("{m}/{d}/{y}", "{H}:{M}:{S}"),
    "d-mmm-y": ("{d}-{mmm}-{y}", "{H}:{M}:{S}"),
    "d mmm y": ("{d} {mmm} {y}", "{H}:{M}:{S}"),
    "y年m月d日": ("{y}年{m}月{d}日", "{H}时{M}分{S}秒"),
    "y/m/d": ("{y}/{m}/{d}", "{H}:{M}:{S}"),
    "ymd": ("{y}{m}{d}", "{H}:{M}:{S}"),
}
MONTH_NAMES = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


@pytest.mark.parametrize("form", list(FORMAT_PIECES))
@settings(max_examples=40)
@given(
    moment=st.datetimes(
        min_value=moment_of.fromisoformat("1950-01-01"), max_value=moment_of.fromisoformat("2049-12-31")
    ),
    known=st.lists(st.booleans(), min_size=6, max_size=6),
    word=st.sampled_from(["UN", "UNK", "NK", "--", "不详"]),
)
def test_every_mix_of_known_and_unknown_parts_reads_back_and_nothing_is_invented(
    form: str, moment: moment_of, known: list[bool], word: str
) -> None:
    values = dict(zip("ymdHMS", moment.strftime("%Y %m %d %H %M %S").split(), strict=True))
    typed = {c: v if k else word for (c, v), k in zip(values.items(), known, strict=True)}
    typed["mmm"] = MONTH_NAMES[moment.month - 1] if known[1] else word
    date, clock = (text.format(**typed) for text in FORMAT_PIECES[form])
    parts = parse_parts(texts(date), texts(clock), [form, "H:M:S"])
    assert listed(parts["problem"]) == [None]
    expected = [v if k else None for v, k in zip(values.values(), known, strict=True)]
    assert [listed(parts[name])[0] for name in PARTS] == expected
    again = parse_parts(to_iso(parts), None, [form])
    if any(known[:3]) and (moment.hour or moment.minute or moment.second):
        assert to_iso(again).tolist() == to_iso(parts).tolist()


@given(st.lists(REAL_DAYS, min_size=2, max_size=6))
def test_the_order_of_complete_dates_is_that_of_their_iso_text(dates: list[day_of]) -> None:
    typed = texts(*(f"{d.day}-{MONTH_NAMES[d.month - 1]}-{d.year}" for d in sorted(dates)))
    iso = to_iso(parse_parts(typed, None, ["d-mmm-y"])).tolist()
    assert iso == sorted(iso)


@given(st.text(max_size=14))
def test_no_text_breaks_the_reader_and_what_it_reads_is_iso(text: str) -> None:
    parts = parse_parts(texts(text), None, FORMATS)
    assert is_iso_partial(to_iso(parts)).dropna().all()
