from __future__ import annotations

import pandas as pd
import pytest

from datacut.compute.drug_names import fold_drug_name

NAMES = {"MYCOPHENOLATE SODIUM": "MYCOPHENOLIC ACID", "PREDNISON": "PREDNISONE"}
SALTS = ["ACETATE", "SODIUM", "SUCCINATE", "HYDROCHLORIDE"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Prednisone", "PREDNISONE"),
        ("  prednisone   acetate", "PREDNISONE"),
        ("PREDNISON ACETATE", "PREDNISONE"),
        ("METHYLPREDNISOLONE SODIUM SUCCINATE", "METHYLPREDNISOLONE"),
        ("Methylprednisolone (sodium succinate)", "METHYLPREDNISOLONE"),
        ("MYCOPHENOLATE MOFETIL HYDROCHLORIDE", "MYCOPHENOLATE MOFETIL"),
        ("MYCOPHENOLATE SODIUM", "MYCOPHENOLIC ACID"),
        ("SODIUM", "SODIUM"),
        ("BELIMUMAB", "BELIMUMAB"),
    ],
)
def test_a_salt_or_spelling_is_the_drug(name: str, expected: str) -> None:
    assert fold_drug_name(pd.Series([name], dtype="str"), NAMES, SALTS).tolist() == [expected]


def test_a_missing_name_stays_missing() -> None:
    assert fold_drug_name(pd.Series([None], dtype="str"), NAMES, SALTS).isna().tolist() == [True]
