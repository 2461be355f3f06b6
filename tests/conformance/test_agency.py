"""What the agencies ask for, and which of it is checked."""

from dataclasses import replace

import pytest

from datacut.conformance.agency import AgencyRule, agency_rules, profile_of
from datacut.conformance.datasets import check_datasets
from datacut.errors import all_rules
from datacut.standards import adam_variable


@pytest.mark.parametrize("rule", agency_rules(), ids=lambda r: r.id)
def test_a_rule_of_an_agency_has_one_fate(rule: AgencyRule) -> None:
    assert [bool(x) for x in (rule.by, rule.written, rule.not_applicable, rule.missing)].count(True) == 1
    assert rule.what and rule.source and rule.agencies
    assert set(rule.by) <= set(all_rules())


def test_every_id_of_the_list_is_there_once() -> None:
    ids = [
        f"{letter}{number:02d}"
        for letter, count in (("F", 14), ("P", 18), ("D", 12), ("S", 15))
        for number in range(1, count + 1)
    ]
    assert [r.id for r in agency_rules()] == ids


def test_every_rule_of_define_and_of_files_serves_a_rule_of_an_agency() -> None:
    serving = {id_ for rule in agency_rules() for id_ in rule.by}
    ours = {id_ for id_ in all_rules() if id_.partition(".")[0] in ("define", "file")}
    assert ours - serving == {
        "define.undated",
        "file.columns",
        "file.date.time",
        "file.empty",
        "file.format",
        "file.made",
        "file.many",
        "file.text.blank",
        "file.text.declared",
        "file.text.nul",
        "file.variable.type",
    }


def test_a_profile_counts_its_own_rules_and_names_what_is_missing() -> None:
    fda, nmpa = profile_of("fda"), profile_of("nmpa")
    assert {"P10", "P01"} <= set(fda.missing) and "P12" not in fda.missing
    assert {"P12", "P14", "D12"} <= set(nmpa.missing)
    assert fda.known == fda.checked + len(fda.not_applicable) + len(fda.missing)
    assert str(fda).endswith(", ".join(fda.missing))


def test_no_label_begins_with_a_digit_for_nmpa_unless_its_guide_says_so(clean) -> None:
    def named(name: str, label: str):
        first = clean.adam["ADAE"].variables[0]
        variables = (*clean.adam["ADAE"].variables, replace(first, name=name, label=label))
        return replace(clean, agency="nmpa", adam={"ADAE": replace(clean.adam["ADAE"], variables=variables)}, sdtm={})

    def found(package) -> list[str]:
        return [str(f.where) for f in check_datasets(package) if f.rule == "file.label.paired"]

    standard = adam_variable("ADVERSE EVENT", "AOCCFL")
    assert standard is not None and standard.label.startswith("1st")
    assert found(named("AOCCFL", standard.label)) == []
    assert found(named("OWNFL", "1st of the Study")) == ["ADAE.OWNFL"]
    assert found(replace(named("OWNFL", "1st of the Study"), agency="fda")) == []
