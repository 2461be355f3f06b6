"""Frames in flight to datasets: lineage by record number, text lengths over the whole study."""

import pandas as pd

from datacut.datasets.lineage import edges_from
from datacut.engine.finish import equal_lengths, finish
from datacut.engine.work import Work
from datacut.errors import Findings
from datacut.spec.dataset import DatasetSpec
from datacut.spec.resolve import resolve_dataset


def resolved(dataset, keys, variables, **more):
    return resolve_dataset(DatasetSpec(dataset=dataset, keys=keys, variables=variables, **more), adam=False)


def text(label="Label", **more):
    return {"label": label, "type": "text", **more}


def work(source, rids, parents, **columns):
    frame = pd.DataFrame({n: pd.Series(v, dtype="str") for n, v in columns.items()})
    return Work(frame.assign(_rid=pd.Series(rids, dtype="Int64")), [edges_from(rids, source, parents)])


def test_lineage_of_a_stage_follows_both_sorts():
    about = {n: resolved(n, ("K",), {"K": text()}) for n in ("XA", "XB")}
    works = {
        "XA": work("raw.a", [1, 2, 3], [4, 2, 3], K=["c", "a", "b"]),
        "XB": work("XA", [1, 2], [1, 2], K=["z", "y"]),
    }
    findings = Findings()
    built = finish(works, about, findings)
    assert list(findings) == []
    assert built["XA"].lineage.values.tolist() == [[1, "raw.a", 2], [2, "raw.a", 3], [3, "raw.a", 4]]
    # XB: y comes from record 2 in flight, which is a, record 1; z from record 1 in flight, which is c, record 3
    assert built["XB"].lineage.values.tolist() == [[1, "XA", 1], [2, "XA", 3]]


def test_records_of_no_parameter_are_left_out():
    parameters = {"SYSBP": {"param": "Systolic", "where": 'T EQ "S"'}}
    about = {"XA": resolved("XA", ("K",), {"K": text(), "PARAMCD": text()}, parameters=parameters)}
    works = {"XA": work("raw.a", [1, 2], [2, 3], K=["b", "a"], PARAMCD=["SYSBP", None])}
    built = finish(works, about, Findings())
    assert built["XA"].frame.values.tolist() == [["b", "SYSBP"]]
    assert built["XA"].lineage.values.tolist() == [[1, "raw.a", 2]]


def test_working_columns_go_and_variables_stand_in_the_order_of_the_spec():
    about = {"XA": resolved("XA", ("K",), {"V": text(), "_W": {}, "K": text()})}
    built = finish({"XA": work("raw.a", [1], [2], K=["k"], V=["v"], _W=["w"])}, about, Findings())
    assert built["XA"].frame.columns.tolist() == ["V", "K"]
    assert [(v.name, v.key) for v in built["XA"].variables] == [("V", None), ("K", 1)]


def test_a_text_variable_has_one_length_in_all_datasets():
    specs = {
        "XA": {"K": text(), "FIXED": text(length=20)},
        "XB": {"K": text(), "FIXED": text()},
        "SUPPXA": {"K": text(), "QNAM": text()},
    }
    about = {n: resolved(n, ("K",), v) for n, v in specs.items()}
    works = {
        "XA": work("raw.a", [1], [2], K=["ab"], FIXED=["f"]),
        "XB": work("raw.b", [1], [2], K=["发热"], FIXED=["fg"]),
        "SUPPXA": work("XA", [1], [1], K=["abcdefgh"], QNAM=["Q"]),
    }
    built = equal_lengths(finish(works, about, Findings()), about)
    lengths = {n: {v.name: v.length for v in d.variables} for n, d in built.items()}
    assert lengths == {
        "XA": {"K": 6, "FIXED": 20},
        "XB": {"K": 6, "FIXED": 20},
        "SUPPXA": {"K": 8, "QNAM": 1},
    }


def test_what_does_not_conform_is_a_finding():
    about = {"XA": resolved("XA", ("K",), {"K": text(), "GONE": text()})}
    findings = Findings()
    finish({"XA": work("raw.a", [1], [2], K=["k"])}, about, findings)
    assert [(str(f.where), f.what) for f in findings] == [("XA.GONE", "declared but not built")]
