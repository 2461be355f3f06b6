"""CDISC standards as packaged, read-only facts: SDTMIG 3.4, ADaMIG 1.3, controlled terminology.

Files are read at the first question, without pandas. Sources are listed in README.md of this folder.
"""

from __future__ import annotations

from datacut.standards._adam import adam_variable
from datacut.standards._model import Codelist, StandardDataset, StandardVariable, Term
from datacut.standards._sdtm import sdtm_dataset, sdtm_variable, sdtm_variables
from datacut.standards._terms import codelist, codelist_for, codelists_for, codelists_of, terminology_packages

__all__ = [
    "Codelist",
    "StandardDataset",
    "StandardVariable",
    "Term",
    "adam_variable",
    "codelist",
    "codelist_for",
    "codelists_for",
    "codelists_of",
    "sdtm_dataset",
    "sdtm_variable",
    "sdtm_variables",
    "terminology_packages",
]
