import pandas as pd
import pytest

from datacut.datasets.conform import conform
from datacut.datasets.lineage import edges_from
from datacut.datasets.model import Variable

USUBJID = Variable("USUBJID", "Unique Subject Identifier", "text")
SEQ = Variable("AESEQ", "Sequence Number", "integer")
TERM = Variable("AETERM", "Reported Term", "text")


def frame(**columns):
    return pd.DataFrame({n: pd.Series(v, dtype=d) for n, (v, d) in columns.items()})


def one(variable, values, dtype="object", keys=()):
    made, findings = conform(frame(**{variable.name: (values, dtype)}), "AE", "Adverse Events", [variable], keys)
    return made, [(f.rule, str(f.where), f.value) for f in findings]


def test_selects_orders_types_and_sorts_missing_first():
    before = frame(
        _rid=([1, 2, 3, 4], "Int64"),
        AESEQ=([2.0, 1.0, None, 1.0], "float64"),
        USUBJID=(["02", "01", "02", None], "object"),
    )
    made, findings = conform(before, "AE", "Adverse Events", [USUBJID, SEQ], ["USUBJID", "AESEQ"])
    assert findings == []
    assert list(made.frame.columns) == ["USUBJID", "AESEQ"]
    assert made.frame.dtypes.astype(str).tolist() == ["str", "Int64"]
    assert made.frame["USUBJID"].fillna("-").tolist() == ["-", "01", "02", "02"]
    assert made.frame["AESEQ"].fillna(0).tolist() == [1, 1, 0, 2]
    assert made.frame.index.tolist() == [0, 1, 2, 3]
    assert made.variables[0].length == 2
    assert made.variables[1].length is None
    assert before.columns.tolist() == ["_rid", "AESEQ", "USUBJID"]


def test_lineage_follows_the_sort():
    before = frame(_rid=([10, 11], "Int64"), USUBJID=(["02", "01"], "str"))
    edges = edges_from([10, 11], "raw.ae", [5, 7])
    made, _ = conform(before, "AE", "Adverse Events", [USUBJID], ["USUBJID"], edges)
    assert made.lineage.values.tolist() == [[1, "raw.ae", 7], [2, "raw.ae", 5]]


def test_sorting_is_stable():
    before = frame(USUBJID=(["01"] * 3, "str"), AETERM=(["c", "a", "b"], "str"))
    made, _ = conform(before, "AE", "Adverse Events", [USUBJID, TERM], ["USUBJID"])
    assert made.frame["AETERM"].tolist() == ["c", "a", "b"]


def test_duplicate_keys_missing_counts_as_equal():
    before = frame(USUBJID=(["01", None, None], "str"), AETERM=(["a", "b", "c"], "str"))
    _, findings = conform(before, "AE", "Adverse Events", [USUBJID, TERM], ["USUBJID"])
    assert [(f.rule, str(f.where)) for f in findings] == [("dataset.key.duplicate", "AE.USUBJID")] * 2


def test_missing_column_and_unknown_key():
    made, findings = conform(frame(USUBJD=(["01"], "str")), "AE", "Adverse Events", [USUBJID], ["STUDYID"])
    assert [(f.rule, str(f.where), f.remedy) for f in findings] == [
        ("dataset.variable.missing", "AE.USUBJID", "Did you mean USUBJD?"),
        ("dataset.key.variable", "AE.STUDYID", "Known: USUBJID."),
    ]
    assert made.frame["USUBJID"].isna().all()


def test_names_and_labels():
    variables = [
        Variable("toolongname", "x" * 40, "text"),
        Variable("AE_X", "", "text"),
        Variable("AEY", "文" * 14, "text"),
        Variable("AEZ", "Z", "number"),
        Variable("AEW", "W", "text", 201),
    ]
    empty = frame(**{v.name: ([], "str") for v in variables})
    _, findings = conform(empty, "ae", "x" * 41, variables, [])
    assert [(f.rule, str(f.where)) for f in findings] == [
        ("dataset.name", "ae"),
        ("dataset.label", "ae"),
        ("dataset.variable.name", "ae.toolongname"),
        ("dataset.variable.name", "ae.AE_X"),
        ("dataset.label", "ae.AE_X"),
        ("dataset.label", "ae.AEY"),
        ("dataset.variable.type", "ae.AEZ"),
        ("dataset.text.declared", "ae.AEW"),
    ]


def test_text_lengths_count_bytes():
    made, found = one(TERM, ["文文", None])
    assert (made.variables[0].length, found) == (6, [])
    declared = Variable("AETERM", "Reported Term", "text", 5)
    made, found = one(declared, ["文文", "abcde"])
    assert found == [("dataset.text.declared", "AE.AETERM:row 1", "文文")]
    assert made.frame["AETERM"].tolist() == ["文文", "abcde"]
    assert one(TERM, ["x" * 200])[1] == []
    assert one(TERM, ["x" * 201])[1] == [("dataset.text.length", "AE.AETERM:row 1", "x" * 201)]
    assert one(TERM, [])[0].variables[0].length == 1


def test_blank_text_is_reported_and_becomes_missing():
    made, found = one(TERM, ["a", "", "  ", "b "])
    assert [f[:2] for f in found] == [
        ("dataset.text.blank", "AE.AETERM:row 2"),
        ("dataset.text.blank", "AE.AETERM:row 3"),
        ("dataset.text.trailing", "AE.AETERM:row 4"),
    ]
    assert made.frame["AETERM"].isna().tolist() == [False, True, True, False]


def test_numbers_in_a_text_variable():
    made, found = one(TERM, [1, None, 2.5])
    assert found == [("dataset.variable.type", "AE.AETERM", "1")]
    assert made.frame["AETERM"].fillna("-").tolist() == ["1", "-", "2.5"]


def test_a_broken_integer_is_kept_and_reported():
    made, found = one(SEQ, [1.0, 1.5, None], "float64")
    assert found == [("dataset.number.whole", "AE.AESEQ:row 2", "1.5")]
    assert made.frame["AESEQ"].dropna().tolist() == [1.0, 1.5]


def test_text_in_a_number_variable():
    made, found = one(SEQ, ["1", "x", None])
    assert found == [("dataset.variable.type", "AE.AESEQ", "1"), ("dataset.number.unreadable", "AE.AESEQ:row 2", "x")]
    assert made.frame["AESEQ"].isna().tolist() == [False, True, True]


def test_infinite():
    assert one(Variable("AVAL", "Value", "float"), [float("inf")], "float64")[1] == [
        ("dataset.number.infinite", "AE.AVAL:row 1", "inf")
    ]


@pytest.mark.parametrize("dtype", ["datetime64[ns]", "datetime64[us]", "datetime64[s]"])
def test_dates(dtype):
    adt = Variable("ADT", "Analysis Date", "date")
    made, found = one(adt, pd.to_datetime(["2024-02-29", None]).astype(dtype), dtype)
    assert (str(made.frame["ADT"].dtype), found) == ("datetime64[s]", [])
    _, found = one(adt, pd.to_datetime(["2024-02-29T12:00"]).astype(dtype), dtype)
    assert found == [("dataset.date.time", "AE.ADT:row 1", "2024-02-29T12:00:00")]


def test_text_in_a_date_variable_is_not_parsed():
    made, found = one(Variable("ADT", "Analysis Date", "date"), ["2024-02"])
    assert found == [("dataset.variable.type", "AE.ADT", "2024-02")]
    assert made.frame["ADT"].isna().all()


def test_an_all_missing_column_fits_every_type():
    for kind, dtype in (("text", "str"), ("integer", "Int64"), ("float", "Float64"), ("date", "datetime64[s]")):
        made, found = one(Variable("X", "X", kind), [None, pd.NA])
        assert (str(made.frame["X"].dtype), found) == (dtype, [])


def test_many_faults_are_counted():
    _, found = one(SEQ, [0.5] * 30, "float64")
    assert len(found) == 21
