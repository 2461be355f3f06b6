"""Every rule over datasets fires on one mutation of a clean study, and it alone; on the clean study all are silent."""

from dataclasses import replace

import pandas as pd
import pytest

from datacut.conformance.datasets import check_datasets
from datacut.conformance.package import CHECKS
from datacut.datasets.model import Dataset, Variable
from datacut.errors import all_rules


def changed(name, change):
    """The study with one dataset changed."""

    def mutate(package):
        stage = "sdtm" if name in package.sdtm else "adam"
        datasets = dict(getattr(package, stage))
        datasets[name] = change(datasets[name])
        return replace(package, **{stage: datasets})

    return mutate


def cell(name, row, **values):
    """One record with other values; text may not be longer than what stands in the study."""

    def change(dataset):
        frame = dataset.frame.copy()
        for column, value in values.items():
            date = pd.api.types.is_datetime64_any_dtype(frame[column]) and value is not None
            frame.loc[row, column] = pd.Timestamp(value) if date else pd.NA if value is None else value
        return replace(dataset, frame=frame)

    return changed(name, change)


def both(*mutations):
    def mutate(package):
        for mutation in mutations:
            package = mutation(package)
        return package

    return mutate


def again(name, row, **values):
    """One record a second time, with other values."""

    def change(dataset):
        extra = dataset.frame.iloc[[row]].assign(**values).astype(dataset.frame.dtypes)
        return replace(dataset, frame=pd.concat([dataset.frame, extra], ignore_index=True))

    return changed(name, change)


def without(name, column):
    def change(dataset):
        variables = tuple(v for v in dataset.variables if v.name != column)
        return replace(dataset, variables=variables, frame=dataset.frame.drop(columns=column))

    return changed(name, change)


def dropped(name, row):
    return changed(name, lambda d: replace(d, frame=d.frame.drop(index=row).reset_index(drop=True)))


def about(name, column, **attributes):
    """Other attributes of a variable."""

    def change(dataset):
        return replace(
            dataset, variables=tuple(replace(v, **attributes) if v.name == column else v for v in dataset.variables)
        )

    return changed(name, change)


def added(name, column, values, label="Label", type_="text"):
    def change(dataset):
        size = max((len(v) for v in values if isinstance(v, str)), default=1) if type_ == "text" else None
        dtype = "str" if type_ == "text" else "Float64"
        frame = dataset.frame.assign(**{column: pd.Series(values, dtype=dtype)})
        return replace(dataset, variables=(*dataset.variables, Variable(column, label, type_, size)), frame=frame)

    return changed(name, change)


def first(name, column):
    """A variable moved to the front."""

    def change(dataset):
        variables = sorted(dataset.variables, key=lambda v: v.name != column)
        return replace(dataset, variables=tuple(variables), frame=dataset.frame[[v.name for v in variables]])

    return changed(name, change)


def lineage(name, edges):
    return changed(name, lambda d: replace(d, lineage=edges(d.lineage)))


def blank(name):
    def change(dataset):
        extra = dataset.frame.iloc[[0]].reindex([len(dataset.frame)])
        return replace(dataset, frame=pd.concat([dataset.frame, extra.astype(dataset.frame.dtypes)]))

    return changed(name, change)


def huge(package):
    variable = replace(package.sdtm["TE"].variable("TESTRL"), length=3_000_000_000)
    te = package.sdtm["TE"]
    variables = tuple(variable if v.name == "TESTRL" else v for v in te.variables)
    return replace(package, sdtm={**package.sdtm, "TE": replace(te, variables=variables)})


MUTATIONS = {
    # Files
    "file.variable.underscore": added("ADAE", "A_B", ["x", "x", "x"]),
    "file.variable.length": about("AE", "AETERM", length=50),
    "file.label.ascii": changed("AE", lambda d: replace(d, label="不良事件")),
    "file.label.paired": changed("AE", lambda d: replace(d, label="Adverse Events (all")),
    "file.size": huge,
    "file.record.empty": blank("TI"),
    # SDTM structure
    "sdtm.required": without("AE", "AEDECOD"),
    "sdtm.filled": cell("TE", 0, TESTRL=None),
    "sdtm.expected": without("LB", "LBNRIND"),
    "sdtm.variable": added("TI", "TIXXXX", ["x"]),
    "sdtm.label": about("AE", "AETERM", label="Term"),
    "sdtm.type": about("AE", "AESTDY", type="text", length=2),
    "sdtm.sequence": first("TI", "IECAT"),
    "sdtm.domain": cell("TI", 0, DOMAIN="TE"),
    "sdtm.study": cell("TI", 0, STUDYID="S2"),
    "sdtm.seq": both(cell("EX", 1, USUBJID="001", EXSTDY=11, EXENDY=11), changed("EX", lambda d: replace(d, keys=()))),
    "sdtm.key": again("TA", 1),
    "sdtm.dm": again("DM", 2),
    "sdtm.subjid": cell("DM", 2, SUBJID="002"),
    "sdtm.subject": cell("EX", 1, USUBJID="009", EXSTDY=None, EXENDY=None),
    # SDTM values
    "sdtm.pair": cell("LB", 2, VISIT="SCR"),
    "sdtm.reference": cell("EX", 1, EPOCH="FOLLOW-UP"),
    "sdtm.unit": cell("LB", 2, LBSTRESU="g/L"),
    "sdtm.result.number": cell("LB", 2, LBSTRESN=51),
    "sdtm.result.missing": cell("LB", 4, LBSTAT=None, LBREASND=None),
    "sdtm.status": cell("LB", 2, LBSTAT="NOT DONE"),
    "sdtm.reason": cell("LB", 2, LBREASND="Lost"),
    "sdtm.unit.missing": cell("EX", 0, EXDOSU=None),
    "sdtm.anchor": cell("AE", 1, AEENTPT=None),
    "sdtm.ended": cell("AE", 0, AEENRTPT="ONGOING", AEENTPT="2026-03-02"),
    "sdtm.serious": cell("AE", 0, AESER="Y"),
    "sdtm.baseline": cell("LB", 0, LBLOBXFL="Y"),
    # SDTM timing
    "sdtm.iso8601": cell("AE", 1, AESTDTC="2025-13"),
    "sdtm.day.zero": cell("EX", 0, EXSTDY=0),
    "sdtm.day": cell("EX", 0, EXSTDY=2),
    "sdtm.day.partial": cell("AE", 1, AESTDY=1),
    "sdtm.day.missing": cell("EX", 0, EXSTDY=None),
    "sdtm.order": cell("EX", 0, EXENDTC="2026-01-09", EXENDY=-1),
    "sdtm.order.subject": cell("DM", 0, RFENDTC="2026-01-09"),
    "sdtm.after_cut": cell("AE", 0, AEENDTC="2026-04", AEENDY=None),
    "sdtm.participation": cell("AE", 0, AEENDTC="2026-02-21", AEENDY=43),
    "sdtm.baseline.late": both(cell("LB", 1, LBLOBXFL=None), cell("LB", 2, LBLOBXFL="Y")),
    # DM
    "sdtm.arm": cell("DM", 2, ARMNRS=None),
    "sdtm.arm.unplanned": cell("DM", 2, ACTARMUD="A"),
    "sdtm.death": cell("DM", 1, DTHFL=None),
    # Facts of a subject against each other
    "sdtm.fatal.criterion": cell("AE", 2, AESDTH="N", AESHOSP="Y"),
    "sdtm.fatal.outcome": cell("AE", 2, AEOUT="NOT RECOVERED/NOT RESOLVED"),
    "sdtm.fatal.serious": cell("AE", 2, AESDTH="N", AESER="N"),
    "sdtm.fatal.grade": cell("AE", 2, AETOXGR="4"),
    "sdtm.grade.outcome": cell("AE", 0, AETOXGR="5", AESER="Y", AESHOSP="Y"),
    "sdtm.death.event": both(cell("DM", 1, DTHFL=None, DTHDTC=None), cell("ADSL", 1, DTHFL=None)),
    "sdtm.death.disposition": cell("DS", 2, DSDECOD="LOST TO FOLLOW-UP", DSTERM="LOST TO FOLLOW-UP"),
    "sdtm.disposition.twice": both(again("DS", 1, DSSEQ=3, DSSTDTC="2026-02-19", DSSTDY=41)),
    "sdtm.after_death": cell("AE", 2, AEENDTC="2026-02-11", AEENDY=23),
    "sdtm.before_birth": cell("DM", 0, BRTHDTC="2026-01-04"),
    "sdtm.before_consent": cell("SV", 0, SVSTDTC="2026-01-01", SVSTDY=-9),
    "sdtm.before_enrolment": cell("DS", 0, DSSTDTC="2026-01-11", DSSTDY=2),
    "sdtm.after_study": cell("DS", 1, DSSTDTC="2026-01-15", DSSTDY=6),
    "sdtm.visit.order": cell("SV", 0, SVSTDTC="2026-01-10", SVENDTC="2026-01-10", SVSTDY=1, SVENDY=1),
    "sdtm.visit.near": cell("LB", 2, LBDTC="2026-01-24", LBDY=15),
    "sdtm.visit.missed": cell("LB", 4, LBSTAT=None, LBREASND=None, LBORRES="30", LBSTRESC="30", LBSTRESN=30),
    # Dictionaries
    "sdtm.uncoded": cell("AE", 1, AEDECOD=None),
    "sdtm.class": again("AE", 0, AESEQ=3, AEBODSYS="Skin"),
    # Supplemental qualifiers, related records
    "sdtm.supp.parent": cell("SUPPAE", 1, IDVARVAL="7"),
    "sdtm.idvar": cell("SUPPAE", 1, IDVAR="AEXXX"),
    "sdtm.supp.name": both(cell("SUPPAE", 0, QNAM="AETERM"), cell("SUPPAE", 1, QNAM="AETERM")),
    "sdtm.supp.repeat": both(again("SUPPAE", 1), changed("SUPPAE", lambda d: replace(d, keys=()))),
    "sdtm.relrec": cell("RELREC", 1, IDVARVAL="9"),
    "sdtm.relrec.alone": dropped("RELREC", 1),
    # Trial summary
    "sdtm.ts.parameter": changed("TS", lambda d: replace(d, frame=d.frame[d.frame["TSPARMCD"] != "REGID"])),
    "sdtm.ts.null": changed("TS", lambda d: replace(d, frame=d.frame.assign(TSVALNF=pd.Series(pd.NA, dtype="str")))),
    "sdtm.ts.date": changed("TS", lambda d: replace(d, frame=d.frame.replace({"TSVAL": {"2026-01-02": "2026-01"}}))),
    "sdtm.ts.cut": changed(
        "TS",
        lambda d: replace(
            d, frame=d.frame.assign(TSVAL=d.frame["TSVAL"].where(d.frame["TSPARMCD"] != "DCUTDTC", "2026-03-01"))
        ),
    ),
    "sdtm.ts.repeat": both(again("TS", 0, TSVAL="3"), changed("TS", lambda d: replace(d, keys=()))),
    # Terminology
    "sdtm.term": cell("AE", 0, AEACN="PAUSED"),
    "sdtm.term.extensible": cell("EX", 0, EXDOSFRM="VAPOUR"),
    "sdtm.term.decode": both(*(cell("LB", row, LBTEST="Albumin") for row in range(5))),
    # ADaM structure
    "adam.class": lambda p: replace(p, classes={**p.classes, "ADTTE": "ADAM"}),
    "adam.required": without("ADTTE", "CNSR"),
    "adam.filled": cell("ADTTE", 0, PARAMCD=None),
    "adam.adsl": both(dropped("ADSL", 2)),
    "adam.adsl.excluded": both(dropped("ADSL", 2), lambda p: replace(p, left_out={"003": "Screen failure"})),
    "adam.adsl.repeat": both(again("ADSL", 2), changed("ADSL", lambda d: replace(d, keys=()))),
    "adam.subject": both(cell("ADTTE", 1, USUBJID="009", TRTP=None)),
    "adam.orphan": both(
        cell("EX", 1, USUBJID="009", EXSTDY=None, EXENDY=None), cell("ADTTE", 1, USUBJID="009", TRTP=None)
    ),
    "adam.key": changed("ADTTE", lambda d: replace(d, keys=("PARAMCD",))),
    "adam.label": both(about("ADAE", "TRTEMFL", label="Emergent")),
    "adam.attributes": both(
        added("ADLB", "REASON", ["x"] * 5, label="Reason"), added("ADTTE", "REASON", ["x"] * 2, label="Why")
    ),
    "adam.same": added("ADTTE", "SEX", ["F", "F"], label="Sex"),
    # Parameters
    "adam.param": cell("ADLB", 2, PARAM="ALT"),
    "adam.paramcd": both(*(cell("ADTTE", row, PARAMCD="TT-FEV") for row in (0, 1))),
    "adam.number": both(cell("ADSL", 1, TRT01PN=2)),
    "adam.avalc": added("ADLB", "AVALC", ["20", "20", "50", "30", "30"], label="Analysis Value (C)"),
    # Baseline and change
    "adam.ablfl": cell("ADLB", 4, ABLFL="Y"),
    "adam.base": cell("ADLB", 2, BASE=20, CHG=30, PCHG=150),
    "adam.base.value": both(
        *(cell("ADLB", row, BASE=20, CHG=c, PCHG=p) for row, c, p in ((0, 0, 0), (1, 5, 25), (2, 30, 150)))
    ),
    "adam.base.source": cell("ADLB", 1, ABLFL=None),
    "adam.chg": cell("ADLB", 2, CHG=26),
    "adam.chg.source": cell("ADLB", 2, AVAL=None),
    "adam.pchg": cell("ADLB", 2, PCHG=50),
    "adam.crit": cell("ADLB", 2, CRIT1=None),
    "adam.shift": cell("ADLB", 2, SHIFT1="NORMAL to LOW"),
    # Flags
    "adam.flag": cell("ADLB", 0, CRIT1FL="X"),
    "adam.flag.yes": cell("ADLB", 0, ANL01FL="N"),
    "adam.flag.population": cell("ADSL", 2, SAFFL=None),
    # Dates
    "adam.date": cell("ADSL", 0, TRTSDTM="2026-01-11T09:00:00"),
    "adam.imputed": cell("ADAE", 1, ASTDTF="M"),
    "adam.imputed.date": cell("ADAE", 1, ASTDT="2025-12-31", ASTDY=-10),
    "adam.imputed.alone": cell("ADAE", 1, ASTDT=None, ASTDY=None),
    "adam.day.zero": cell("ADLB", 0, ADY=0),
    "adam.day": cell("ADLB", 0, ADY=-6),
    "adam.order": cell("ADSL", 0, TRTEDT="2026-01-09"),
    # Time to event
    "adam.origin": cell("ADTTE", 0, ADT="2026-01-09"),
    "adam.cnsr": cell("ADTTE", 0, CNSR=-1),
    "adam.cnsr.text": cell("ADTTE", 1, CNSDTDSC=None),
    "adam.status": cell("ADSL", 1, EOSSTT="ONGOING"),
    "adam.period": added("ADAE", "APERIOD", [1, 2, None], label="Period", type_="float"),
    "adam.treatment": cell("ADTTE", 0, TRTP="Drg"),
    # Traceability
    "adam.trace": without("ADTTE", "SRCDOM"),
    "adam.trace.seq": cell("ADAE", 1, AESEQ=7),
    "adam.trace.source": cell("ADTTE", 0, SRCSEQ=9),
    "adam.trace.number": cell("ADTTE", 0, SRCSEQ=None),
    "adam.lineage": lineage("ADLB", lambda e: e.assign(source_record=e["source_record"].where(e.index != 0, 99))),
    "adam.dtype": lineage("ADLB", lambda e: e.iloc[:4]),
    "adam.term": cell("ADAE", 0, AEACN="PAUSED"),
    "adam.term.extensible": cell("ADLB", 4, DTYPE="GUESS"),
}

LENGTHS = ("file.variable.length", "file.size", "sdtm.type")
"""Rules of the length of a variable; for all others it follows the mutated values."""

FOLLOW = {
    "file.size": {"file.variable.length"},
    "file.record.empty": {"sdtm.filled"},
    "sdtm.dm": {"sdtm.key"},
    "adam.required": {"adam.cnsr"},
    "adam.orphan": {"sdtm.subject"},
    "sdtm.result.missing": {"sdtm.visit.missed"},
    "sdtm.death": {"sdtm.death.event"},
    "sdtm.after_death": {"sdtm.participation"},
    "sdtm.fatal.serious": {"sdtm.fatal.criterion"},
    "sdtm.uncoded": {"sdtm.filled"},
}
"""What cannot be broken without breaking another rule too."""


def fired(package):
    return {f.rule for f in check_datasets(package)}


def test_all_rules_are_silent_on_the_clean_study(clean):
    assert [str(f) for f in check_datasets(clean)] == []


@pytest.mark.parametrize("rule", MUTATIONS)
def test_a_rule_fires_on_its_mutation_and_it_alone(rule, clean, sized):
    package = MUTATIONS[rule](clean)
    if rule not in LENGTHS:
        package = replace(package, sdtm=sized(package.sdtm), adam=sized(package.adam))
    assert fired(package) - FOLLOW.get(rule, set()) == {rule}


def test_every_rule_over_datasets_has_a_mutation():
    assert set(MUTATIONS) == {id_ for id_, about in all_rules().items() if about.check is not None}


def test_every_check_is_named_by_a_rule():
    assert {about.check for about in all_rules().values() if about.check} == set(CHECKS)


def test_a_finding_names_the_record_and_the_value(clean):
    found = [f for f in check_datasets(MUTATIONS["adam.chg"](clean)) if f.rule == "adam.chg"]
    assert [(str(f.where), f.value) for f in found] == [("ADLB.CHG:001|ALT|3", "26")]


def test_screening_and_confirmation_of_one_sample_are_two_tests(clean):
    twice = MUTATIONS["sdtm.baseline"](clean)
    lb = twice.sdtm["LB"]
    objective = ["SCREEN" if row % 2 == 0 else "CONFIRM" for row in range(len(lb.frame))]
    named = replace(lb, frame=lb.frame.assign(LBTSTOPO=objective))
    assert "sdtm.baseline" in fired(twice)
    assert "sdtm.baseline" not in fired(replace(twice, sdtm={**twice.sdtm, "LB": named}))


def test_parts_of_a_split_domain_share_their_sequence(clean):
    lb = clean.sdtm["LB"]
    part = Dataset("LBCH", lb.label, lb.variables, lb.frame.iloc[[0]].reset_index(drop=True), lb.keys)
    assert fired(replace(clean, sdtm={**clean.sdtm, "LBCH": part})) == {"sdtm.seq"}


def test_a_variable_copied_from_sdtm_has_its_label(clean):
    assert fired(about("ADAE", "AETERM", label="Reported Term")(clean)) == {"adam.label"}
    assert fired(about("ADAE", "AEACN", label="Action")(clean)) == {"adam.label"}


def test_limits_are_those_of_the_agency(clean):
    named = MUTATIONS["file.label.ascii"](clean)
    assert fired(replace(named, agency="nmpa")) == set()
    assert fired(replace(MUTATIONS["file.variable.underscore"](clean), agency="nmpa")) == set()
