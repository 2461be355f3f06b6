import pandas as pd

from datacut.datasets.lineage import (
    RID,
    combine,
    compose,
    edges_from,
    empty_lineage,
    resolve,
)
from datacut.datasets.model import Dataset
from datacut.files.parquet import read_lineage, write_lineage


def steps(*pairs):
    return pd.DataFrame(pairs, columns=[RID, "parent"])


def test_resolve_numbers_records_in_sort_order_and_drops_the_gone():
    edges = combine([edges_from([1, 2, 3], "raw.ae", [2, 3, 4]), edges_from([1], "DM", [9])])
    assert resolve(edges, [3, 1]).values.tolist() == [[1, "raw.ae", 4], [2, "DM", 9], [2, "raw.ae", 2]]


def test_a_new_record_has_the_sources_of_all_its_parents_once():
    parents = edges_from([1, 2, 3], "VS", [11, 12, 12])
    edges = compose(steps((10, 1), (10, 2), (10, 3), (11, 3), (12, 99)), parents)
    assert edges.frame.values.tolist() == [[10, "VS", 11], [10, "VS", 12], [11, "VS", 12]]


def test_nothing():
    assert len(combine([])) == 0
    assert len(resolve(combine([]), [1, 2])) == 0
    assert resolve(combine([]), []).dtypes.astype(str).tolist() == ["Int64", "str", "Int64"]
    assert len(compose(steps(), combine([]))) == 0


def test_round_trip(tmp_path):
    for number, lineage in enumerate([resolve(edges_from([5], "raw.ae", [2]), [5]), empty_lineage()]):
        write_lineage(Dataset(f"D{number}", "", (), pd.DataFrame(), lineage=lineage), tmp_path)
        pd.testing.assert_frame_equal(read_lineage(tmp_path / f"d{number}.parquet"), lineage)
        assert [p.name for p in tmp_path.glob(f"d{number}.*")] == [f"d{number}.parquet"]
