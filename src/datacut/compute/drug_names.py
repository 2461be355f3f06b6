"""One name for one drug: spelling, spacing and salts folded away."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd


def fold_drug_name(name: pd.Series[Any], names: Mapping[str, str], salts: Collection[str]) -> pd.Series[Any]:
    """The drug a record names, upper case; missing stays missing.

    names: other spellings and salts that are a drug of their own, by what they mean (`MYCOPHENOLATE SODIUM` is
    mycophenolic acid); salts: words that do not change the drug (`ACETATE`). A name is looked up whole first, then
    without the words of salts, as often as there is something to find. A name of salts alone stays as it is.
    """
    known = {fold_words(spelling): fold_words(drug) for spelling, drug in names.items()}
    words = {fold_words(word) for word in salts}
    found = {text: _drug(fold_words(text), known, words) for text in name.dropna().unique()}
    return name.astype(object).map(found).astype("str")


def fold_words(text: str) -> str:
    """Upper case with single blanks; brackets, commas and hyphens between words are blanks."""
    return " ".join(re.sub(r"[\s,;()\[\]/-]+", " ", text).upper().split())


def _drug(name: str, known: Mapping[str, str], salts: Collection[str]) -> str:
    if name in known:
        return known[name]
    bare = " ".join(word for word in name.split() if word not in salts) or name
    return known.get(bare, bare)
