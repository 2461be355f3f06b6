"""Output specs are checked before data: each fault at its line, with the nearest known name."""

import importlib
import pkgutil
from dataclasses import replace

import datacut.ard
from datacut.ard.check import Known, check_output
from datacut.errors import Location, unplaced
from datacut.spec.document import Loc
from datacut.spec.output import OutputLibrary, OutputSpec
from datacut.spec.registry import Registry
from datacut.spec.study import Study


def known(library: OutputLibrary, study: Study) -> Known:
    registry = Registry()
    for module in pkgutil.iter_modules(datacut.ard.__path__):
        registry.add_module(importlib.import_module(f"datacut.ard.{module.name}"))
    columns = {"ADSL": ("USUBJID", "AGE", "SEX"), "ADAE": ("USUBJID", "TERM"), "ADDOSE": ("MEETNO",)}
    return Known(library, study, registry, columns, ("SEX",))


def faults(library: OutputLibrary, study: Study, **keys: object) -> list[tuple[str, str, str]]:
    base = {"output": "t", "number": "1", "title": "T", "population": "SAF", "columns": "ALL"}
    spec = OutputSpec.model_validate({**base, **keys})

    def locate(loc: Loc) -> Location:
        return unplaced(".".join(map(str, loc)))

    return [(str(f.where), f.what, f.value) for f in check_output(spec, known(library, study), locate)]


def test_a_good_output_has_no_fault(library: OutputLibrary, study: Study) -> None:
    analyses = [
        {"call": "ard_summary(AGE)"},
        {"call": "ard_tabulate(SEX, codelist=SEX)"},
        {"dataset": "ADAE", "where": 'TERM EQ "a" AND AGE GT $limit', "call": "ard_count_subjects_events"},
    ]
    assert faults(library, study, analyses=analyses) == []


def test_every_fault_is_found(library: OutputLibrary, study: Study) -> None:
    found = faults(
        library,
        study,
        population="SAFE",
        footnotes=["F-X"],
        analyses=[
            {"call": "ard_summary(AGEE)"},
            {"call": 'ard_summary(AGE, pattern="S-CON")'},
            {"call": "ard_sumary(AGE)"},
            {"dataset": "ADAEE", "call": "ard_count_subjects"},
            {"dataset": "ADAE", "where": "TERM EQ $limits", "call": "ard_count_subjects"},
            {"when": {"sources": "own"}, "by": {"variable": "SEX", "window": "ww"},
             "call": 'ard_tabulate(SEX, codelist="SX")'},
        ],
    )  # fmt: skip
    assert [(where, value) for where, _, value in found] == [
        ("population", "SAFE"),
        ("footnotes", "F-X"),
        ("analyses.0.call", "AGEE"),
        ("analyses.1.call", "S-CON"),
        ("analyses.2.call", "ard_sumary(AGE)"),
        ("analyses.3.dataset", "ADAEE"),
        ("analyses.4.where", "limits"),
        ("analyses.5.when", "sources"),
        ("analyses.5.call", "SX"),
        ("analyses.5", "ww"),
    ]


def test_an_analysis_that_the_settings_leave_out_may_read_what_they_leave_out(
    library: OutputLibrary, study: Study
) -> None:
    for source, found in (("own", ["CQ09NAM"]), ("donor", [])):
        analyses = [{"when": {"source": source}, "call": "ard_tabulate(CQ09NAM)"}]
        assert [value for _, _, value in faults(library, study, analyses=analyses)] == found
        column = {"when": {"source": source}, "label": "C", "call": "ard_value(CQ09NAM)"}
        records = {"dataset": "ADSL", "columns": {"c": column}}
        assert [value for _, _, value in faults(library, study, kind="listing", records=records)] == found


def test_records_without_subjects_know_only_their_own_columns(library: OutputLibrary, study: Study) -> None:
    records = {
        "dataset": "ADDOSE",
        "sort": ["MEETNO"],
        "keys": ["number"],
        "columns": {
            "no": {"label": "No.", "call": "ard_value(MEETNO)"},
            "age": {"label": "A", "call": "ard_value(AGE)"},
        },
    }
    assert [(w, v) for w, _, v in faults(library, study, columns=None, records=records)] == [
        ("records.keys", "number"),
        ("records.columns.age", "AGE"),
    ]


def test_parameters_subsets_splits_and_columns_of_other_datasets(library: OutputLibrary, study: Study) -> None:
    named = known(library, study)
    columns = {**named.columns, "ADLB": ("USUBJID", "PARAMCD", "AVAL", "BASE")}

    def held(dataset: str, column: str) -> frozenset[str] | None:
        return frozenset({"ALT", "AST"}) if (dataset, column) == ("ADLB", "PARAMCD") else None

    whole = Known(library, study, named.registry, columns, (), texts=held)

    def found(**keys: object) -> list[tuple[str, str, str]]:
        base = {"output": "t", "number": "1", "title": "T", "population": "SAF", "columns": "ALL"}
        spec = OutputSpec.model_validate({**base, **keys})
        faults = check_output(spec, whole, lambda loc: ".".join(map(str, loc)))
        return [(str(f.where), f.what, f"{f.value}: {f.remedy}") for f in faults]

    here = found(
        analyses=[
            {"dataset": "ADLB", "where": 'PARAMCD IN ("ALT", "ASTT")', "call": "ard_summary(AVAL)"},
            {"dataset": "ADLB", "call": "ard_count_subjects(\"PARAMCD EQ 'ALTT' AND AVAL GT 1\")"},
            {
                "dataset": "ADLB",
                "by": [{"variable": "PARAMCD", "levels": {"AL": "x"}}, {"variable": "AVISIT"}],
                "call": "ard_summary(AVAL)",
            },
            {"among": {"dataset": "ADLX", "where": "AGE GT 1"}, "call": "ard_count_subjects"},
            {"among": {"where": "AGEE GT 1"}, "call": "ard_count_subjects"},
        ],
        unless_same={"number": "Table 2", "population": "SAX"},
    )
    assert [(where, value.split(":")[0]) for where, _, value in here] == [
        ("unless_same.population", "SAX"),
        ("analyses.0.where", "ASTT"),
        ("analyses.1.call", "ALTT"),
        ("analyses.2", "AL"),
        ("analyses.2", "AVISIT"),
        ("analyses.3.among", "ADLX"),
        ("analyses.4.among", "AGEE"),
    ]
    assert "ALT" in here[2][2]

    records = {
        "dataset": "ADAE",
        "one_per": ["USUBJID"],
        "columns": {"v": {"label": "V", "dataset": "ADLB", "where": "AVALL GT 1", "call": "ard_value(BAS)"}},
    }
    assert [(where, value.split(":")[0]) for where, _, value in found(columns=None, records=records)] == [
        ("records.columns.v", "BAS"),
        ("records.columns.v", "AVALL"),
    ]


def test_an_output_that_the_settings_leave_out_is_not_checked_against_columns(
    library: OutputLibrary, study: Study
) -> None:
    analyses = [{"call": "ard_summary(AGEE)"}]
    (name, setting), *_ = study.settings.items()
    assert faults(library, study, when={name: "something else"}, analyses=analyses) == []
    assert faults(library, study, when={name: str(setting.value)}, analyses=analyses) != []


def test_an_output_that_reads_what_is_missing_for_a_fault_says_so_and_no_other(
    library: OutputLibrary, study: Study
) -> None:
    def told(lost: set[tuple[str, str]], **analysis: str) -> list[tuple[str, str, str]]:
        spec = OutputSpec.model_validate(
            {"output": "t", "number": "1", "title": "T", "population": "SAF", "columns": "ALL", "analyses": [analysis]}
        )
        found = check_output(spec, replace(known(library, study), lost=lost), lambda loc: "t.yml")
        return [(f.severity, str(f.where), f.value) for f in found]

    counted = {"dataset": "ADAE", "where": 'TERM EQ "a" AND AGE GT $limit', "call": "ard_count_subjects_events"}
    assert told({("ADAE", "OTHER"), ("ADDOSE", "*"), ("ADSL", "TERM")}, **counted) == []
    assert told({("ADAE", "TERM")}, **counted) == [("warning", "t.yml", "ADAE.TERM")]
    assert told({("ADSL", "AGE"), ("ADAE", "*")}, **counted) == [("warning", "t.yml", "ADAE, ADSL.AGE")]
    assert told({("ADSL", "SEX")}, call="ard_tabulate(SEX, codelist=SEX)") == [("warning", "t.yml", "ADSL.SEX")]
