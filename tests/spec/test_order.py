"""Steps of a stage: their order, and what one mistake in a spec costs."""

import pytest

from datacut.pipeline.explain import explain
from datacut.pipeline.verbs import make_registry
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

DM_FORM = """
form: dm
label: Demographics
fields:
  BIRTH: {label: Birth, type: date}
"""
EX_FORM = """
form: ex
label: Infusion
fields:
  EXDAT: {label: Date, type: date}
  EXDOSE: {label: Dose, type: number}
"""
AE_FORM = """
form: ae
label: Adverse events
fields:
  AETERM: {label: Event}
  AESTDAT: {label: Start, type: date}
"""
DM = """
dataset: DM
keys: [USUBJID]
records:
  - from: raw.dm
variables:
  USUBJID: assign(SUBJID)
  RFSTDTC: derive_extreme_dtc(EX, EXSTDTC, first)
  AGE: derive_age(BRTHDTC, RFSTDTC)
  BRTHDTC: assign_datetime(BIRTH)
"""
EX = """
dataset: EX
keys: [USUBJID, EXSTDTC]
records:
  - from: raw.ex
variables:
  USUBJID: assign(SUBJID)
  EXSTDTC: assign_datetime(EXDAT)
  EXSTDY: derive_study_day(EXSTDTC)
  EXDOSE: assign_number(EXDOSE)
"""
AE = """
dataset: AE
keys: [USUBJID, AESEQ]
records:
  - from: raw.ae
variables:
  USUBJID: assign(SUBJID)
  AESEQ: derive_seq([AETERM, AESTDTC])
  AETERM: assign(AETERM)
  AESTDTC: assign_datetime(AESTDAT)
  AESTDY: derive_study_day(AESTDTC)
"""
BASE = {"crf/dm": DM_FORM, "crf/ex": EX_FORM, "crf/ae": AE_FORM, "sdtm/dm": DM, "sdtm/ex": EX, "sdtm/ae": AE}


@pytest.fixture
def plans(study):
    def of(changes=(), **replaced):
        """Plans of the study above with files replaced (`sdtm_dm=`) and texts changed (`(file, old, new)`)."""
        files = {**BASE, **{name.replace("_", "/"): text for name, text in replaced.items()}}
        for name, old, new in changes:
            assert old in files[name]
            files[name] = files[name].replace(old, new)
        root = study(files)
        return bind_specs(load_specs(root), make_registry(root))

    return of


def names(plan):
    return [f"{s.dataset}.{s.name}" for s in plan.steps]


def void(plan):
    return sorted(f"{s.dataset}.{w}" for s in plan.steps if s.void for w in s.writes)


def told(plans):
    return [(str(f.where), f.what, f.value, f.remedy) for f in plans.findings]


# -- order ---------------------------------------------------------------------------------------------------


def test_datasets_that_need_each_other_are_no_circle(plans):
    found = plans()
    assert told(found) == []
    order = names(found.sdtm)
    assert order.index("EX.records") < order.index("DM.RFSTDTC") < order.index("EX.EXSTDY")
    assert order.index("DM.RFSTDTC") < order.index("DM.AGE")
    assert order.index("DM.RFSTDTC") < order.index("AE.AESTDY")


def test_file_order_does_not_matter_and_the_order_is_the_same_on_every_run(plans):
    order = names(plans().sdtm)
    assert order == names(plans().sdtm)
    lines = DM.splitlines(keepends=True)
    turned = "".join(lines[:6] + lines[6:][::-1])
    order = names(plans(sdtm_dm=turned).sdtm)
    assert order.index("DM.RFSTDTC") < order.index("DM.AGE")


def test_a_step_reads_own_columns_other_columns_and_the_rows_they_stand_on(plans):
    (step,) = [s for s in plans().sdtm.steps if s.name == "AESTDY"]
    assert step.reads == {("AE", "AESTDTC"), ("AE", "USUBJID"), ("DM", "*"), ("DM", "RFSTDTC"), ("DM", "USUBJID")}
    assert step.writes == ("AESTDY",)


def test_a_real_circle_is_one_finding_that_names_its_variables(plans):
    found = plans(
        [
            ("sdtm/dm", "derive_extreme_dtc(EX, EXSTDTC, first)", "derive_extreme_dtc(EX, _EXSTDTC, first)"),
            ("sdtm/ex", "EXDOSE: assign", "_EXSTDTC: derive_var_coalesce([_X, EXSTDTC])\n  EXDOSE: assign"),
            ("sdtm/ex", "EXDOSE: assign", "_X: derive_extreme_dtc(DM, RFSTDTC, first)\n  EXDOSE: assign"),
        ]
    )
    ((where, what, value, remedy),) = told(found)
    assert where == "specs/sdtm/dm.yml:7"
    assert what == "these need each other; missing for it: DM.RFSTDTC, AE.AESTDY, DM.AGE, EX.EXSTDY"
    assert value == "DM.RFSTDTC needs EX._EXSTDTC needs EX._X needs DM.RFSTDTC"
    assert remedy == "Break the circle."
    assert void(found.sdtm) == ["AE.AESTDY", "DM.AGE", "DM.RFSTDTC", "EX.EXSTDY", "EX._EXSTDTC", "EX._X"]
    assert "AE.AESTDY" in names(found.sdtm)


def test_datasets_that_are_made_of_each_other_are_empty(plans):
    found = plans(
        [
            ("sdtm/dm", "from: raw.dm", "from: EX"),
            ("sdtm/dm", "assign(SUBJID)", "assign(USUBJID)"),
            ("sdtm/dm", "assign_datetime(BIRTH)", "assign_missing"),
            ("sdtm/ex", "from: raw.ex", "from: DM"),
            ("sdtm/ex", "assign(SUBJID)", "assign(USUBJID)"),
            ("sdtm/ex", "assign_datetime(EXDAT)", "assign(BRTHDTC)"),
            ("sdtm/ex", "assign_number(EXDOSE)", "assign_missing"),
        ]
    )
    ((_, what, value, _),) = told(found)
    assert what.startswith("these need each other; missing for it: ")
    assert value in ("DM.records needs EX.records needs DM.records", "EX.records needs DM.records needs EX.records")
    assert all(s.void or not s.blocks for s in found.sdtm.steps if s.dataset in ("DM", "EX"))


ADAM = """
dataset: ADVS
class: BASIC DATA STRUCTURE
keys: [USUBJID, PARAMCD]
records:
  - from: VS
variables:
  USUBJID: {predecessor: VS.USUBJID}
  AVAL: {predecessor: VS.VSSTRESN}
  _HALF: derive_var_scaled(AVAL, factor=0.5)
  TWICE: {derive: "derive_var_scaled(AVAL, factor=2)", label: Twice, type: float}
  PARAMCD: {text: Parameter code.}
  AVALC: {text: Set by the records.}
parameters:
  SYSBP: {param: Systolic, where: VSTESTCD EQ "SYSBP"}
  DIABP: {param: Diastolic, where: VSTESTCD EQ "DIABP"}
  HIGH: {param: High, derive: "derive_param_exist_flag(by=USUBJID, criterion='_HALF GT 70')"}
"""
VS = """
dataset: VS
keys: [USUBJID, VSTESTCD]
records:
  - from: raw.vs
variables:
  USUBJID: assign(SUBJID)
  VSTESTCD: assign(TEST)
  VSSTRESN: assign_number(RESULT)
"""
VS_FORM = """
form: vs
label: Vital signs
fields:
  TEST: {label: Test}
  RESULT: {label: Result}
"""
WITH_VS = {"crf_vs": VS_FORM, "sdtm_vs": VS, "adam_advs": ADAM}


def test_columns_that_rows_need_come_before_the_rows_and_the_others_after(plans):
    found = plans(**WITH_VS)
    assert told(found) == []
    assert names(found.adam) == [
        "ADVS.records",
        "ADVS.AVALC",
        "ADVS.USUBJID",
        "ADVS.AVAL",
        "ADVS._HALF",
        "ADVS.HIGH",
        "ADVS.TWICE",
    ]
    assert [s.name for s in found.adam.steps if s.early] == ["AVALC", "USUBJID", "AVAL", "_HALF"]


def test_a_variable_that_only_rows_fill_is_blank_before_them_and_not_after(plans):
    found = plans(**WITH_VS)
    (step,) = [s for s in found.adam.steps if s.name == "AVALC"]
    assert (step.void, step.early) == (True, True)


def test_blocks_carry_what_is_read_later(plans):
    found = plans(**WITH_VS)
    ((block,),) = [s.blocks for s in found.adam.steps if s.kind == "records"]
    assert block.carried == ("USUBJID", "VSSTRESN", "VSTESTCD")


# -- one fault, one finding ----------------------------------------------------------------------------------


def test_a_misspelt_raw_column(plans):
    found = plans([("sdtm/ae", "assign(AETERM)", "assign(AETRM)")])
    assert told(found) == [
        (
            "specs/sdtm/ae.yml:8",
            "raw.ae has no column; missing for it: AE.AETERM",
            "AETRM",
            "Did you mean AETERM?",
        )
    ]
    assert void(found.sdtm) == ["AE.AETERM"]
    assert len(found.sdtm.steps) == len(plans().sdtm.steps) + 1


def test_a_misspelt_column_is_followed_through_the_stage(plans):
    found = plans([("sdtm/ex", "assign_datetime(EXDAT)", "assign_datetime(EXDATE)")])
    ((where, what, _, _),) = told(found)
    assert where == "specs/sdtm/ex.yml:7"
    assert what == "raw.ex has no column; missing for it: EX.EXSTDTC, DM.RFSTDTC, AE.AESTDY, DM.AGE, EX.EXSTDY"


def test_more_than_five_are_counted(plans):
    found = plans(
        [
            ("sdtm/ex", "assign_datetime(EXDAT)", "assign_datetime(EXDATE)"),
            (
                "sdtm/ae",
                "AESTDY:",
                "AESPID: derive_paste([AESTDY, AETERM])\n  AEGRPID: derive_var_coalesce(AESPID)\n  AESTDY:",
            ),
        ]
    )
    ((_, what, _, _),) = told(found)
    assert what.endswith("EX.EXSTDTC, DM.RFSTDTC, AE.AESTDY, DM.AGE, EX.EXSTDY and 2 more")


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "what", "value", "remedy", "lost"),
    [
        (
            "sdtm/ae",
            "derive_study_day(AESTDTC)",
            "derive_study_day(AESTDT)",
            "specs/sdtm/ae.yml:10",
            "AE has no column; missing for it: AE.AESTDY",
            "AESTDT",
            "Did you mean AESTDTC?",
            ["AE.AESTDY"],
        ),
        (
            "sdtm/ae",
            "derive_study_day(AESTDTC)",
            "derive_study_day(AESTDTC, source=DM, reference=RFSTDT)",
            "specs/sdtm/ae.yml:10",
            "DM has no column; missing for it: AE.AESTDY",
            "RFSTDT",
            "Did you mean RFSTDTC?",
            ["AE.AESTDY"],
        ),
        (
            "sdtm/dm",
            "derive_extreme_dtc(EX,",
            "derive_extreme_dtc(EXX,",
            "specs/sdtm/dm.yml:7",
            "no such source; missing for it: DM.RFSTDTC, AE.AESTDY, DM.AGE, EX.EXSTDY",
            "EXX",
            "Did you mean EX?",
            ["AE.AESTDY", "DM.AGE", "DM.RFSTDTC", "EX.EXSTDY"],
        ),
        (
            "sdtm/ae",
            "AETERM: assign(AETERM)",
            "AETERM: {derive: assign(AETERM), where: AETERM NE $sites}",
            "specs/sdtm/ae.yml:8",
            "no such setting; missing for it: AE.AETERM",
            "$sites",
            "Did you mean site?",
            ["AE.AETERM"],
        ),
        (
            "sdtm/ae",
            "AETERM: assign(AETERM)",
            "AETERM: {derive: assign(AETERM), where: AETRM NOT MISSING}",
            "specs/sdtm/ae.yml:8",
            "raw.ae has no column; missing for it: AE.AETERM",
            "AETRM",
            "Did you mean AETERM?",
            ["AE.AETERM"],
        ),
        (
            "sdtm/ae",
            "AESTDTC: assign_datetime(",
            "AESTDTCC: assign_datetime(",
            "specs/sdtm/ae.yml:7",
            "AE has no column; missing for it: AE.AESEQ, AE.AESTDY",
            "AESTDTC",
            "Did you mean AESTDTCC?",
            ["AE.AESEQ", "AE.AESTDY"],
        ),
    ],
)
def test_a_mistake_costs_its_variable_and_what_reads_it(plans, file, old, new, where, what, value, remedy, lost):
    found = plans([(file, old, new)])
    assert told(found) == [(where, what, value, remedy)]
    assert void(found.sdtm) == lost


def test_a_call_that_does_not_fit_its_verb(plans):
    found = plans([("sdtm/ae", "derive_seq([AETERM, AESTDTC])", "derive_sequence([AETERM])")])
    assert told(found) == [
        (
            "specs/sdtm/ae.yml:7",
            "derive_sequence: no such verb. Did you mean derive_seq?; missing for it: AE.AESEQ",
            "derive_sequence([AETERM])",
            "Mend the call.",
        )
    ]


def test_the_partner_of_a_broken_call_has_no_finding_of_its_own(plans):
    found = plans(
        [
            (
                "adam/advs",
                "TWICE: {derive:",
                "ASTDTF: {made_by: ASTDT}\n  ASTDT: derive_vars_dt(AVALL, flagg=ASTDTF)\n  TWICE: {derive:",
            ),
        ],
        **WITH_VS,
    )
    ((where, what, _, _),) = told(found)
    assert where == "specs/adam/advs.yml:11"
    assert what.endswith("Did you mean flag?; missing for it: ADVS.ASTDT, ADVS.ASTDTF")
    assert void(found.adam) == ["ADVS.ASTDT", "ADVS.ASTDTF", "ADVS.AVALC"]


def test_a_variable_nothing_makes_and_one_its_maker_does_not_write(plans):
    found = plans([("sdtm/ae", "AESTDY:", "AESPID: {label: Number}\n  AEREFID: {made_by: AESEQ}\n  AESTDY:")])
    assert [f[:3] for f in told(found)] == [
        ("specs/sdtm/ae.yml:10", "nothing makes this variable; missing for it: AE.AESPID", "AESPID"),
        ("specs/sdtm/ae.yml:11", "AESEQ does not write it; missing for it: AE.AEREFID", "AEREFID"),
    ]


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        ("derive_vars_merged(USUBJID, VS, {BASE: VSSTRESNN, _CODE: VSTESTCD}, mode=last)", "spec.name"),
        ("derive_vars_merged(USUBJID, VS, {BASE: VSSTRESN, _CODE: VSTESTCD}, modus=last)", "spec.call"),
    ],
)
def test_what_a_broken_call_would_write_beside_its_variable_is_no_second_finding(plans, call, rule):
    extra = f'BASE: "{call}"\n  BASEC: derive_var_text(_CODE)\n  TWICE: {{derive:'
    found = plans([("adam/advs", "TWICE: {derive:", extra)], **WITH_VS)
    assert [(f.rule, str(f.where)) for f in found.findings] == [(rule, "specs/adam/advs.yml:10")]
    assert {"ADVS.BASE", "ADVS.BASEC"} <= set(void(found.adam))


def test_two_calls_cannot_write_one_column(plans):
    found = plans([("adam/advs", "TWICE: {", "ADT: derive_vars_dt(VSTESTCD, flag=TWICE)\n  TWICE: {")], **WITH_VS)
    assert [f[:3] for f in told(found)] == [
        ("specs/adam/advs.yml:11", "already written by ADT; missing for it: ADVS.TWICE", "TWICE")
    ]


def test_what_reads_a_working_column_that_is_not_made_is_void_too(plans):
    found = plans(
        [("adam/advs", "derive_var_scaled(AVAL, factor=0.5)", "derive_var_scaled(AVALL, factor=0.5)")], **WITH_VS
    )
    ((where, what, value, _),) = told(found)
    assert (where, value) == ("specs/adam/advs.yml:9", "AVALL")
    assert what == "ADVS has no column; missing for it: ADVS.HIGH"
    assert void(found.adam) == ["ADVS.AVALC", "ADVS._HALF"]
    assert "ADVS.HIGH" not in names(found.adam)


def test_a_dataset_is_read_with_the_key_it_is_merged_by(plans):
    found = plans([("sdtm/ex", "assign(SUBJID)", "assign(SUBJ)")])
    order = names(found.sdtm)
    assert order.index("EX.USUBJID") < order.index("DM.RFSTDTC")


# -- record blocks -------------------------------------------------------------------------------------------


def test_a_misspelt_source_is_one_finding_and_its_records_are_left_out(plans):
    found = plans([("sdtm/ae", "from: raw.ae", "from: raw.aee")])
    assert told(found) == [
        ("specs/sdtm/ae.yml:4", "no such source; its records are left out", "raw.aee", "Did you mean raw.ae?")
    ]
    assert [s.blocks for s in found.sdtm.steps if s.name == "records" and s.dataset == "AE"] == [()]
    assert void(found.sdtm) == ["AE.AESEQ", "AE.AESTDTC", "AE.AESTDY", "AE.AETERM", "AE.USUBJID"]


def test_a_misspelt_column_in_the_condition_of_a_block(plans):
    found = plans([("sdtm/ae", "from: raw.ae\n", "from: raw.ae\n    where: AETRM NOT MISSING\n")])
    assert told(found) == [
        ("specs/sdtm/ae.yml:5", "raw.ae has no column; its records are left out", "AETRM", "Did you mean AETERM?")
    ]


def test_a_misspelt_column_of_a_topic_is_one_finding_at_the_topic(plans):
    vs = """
    dataset: VS
    keys: [USUBJID, VSTESTCD]
    records:
      - from: raw.vs
        topics:
          - {test: TEST}
          - {test: RESULTS}
        where: "{test} NOT MISSING"
        set:
          VSTESTCD: hardcode("{test}")
          VSORRES: assign({test})
    variables:
      USUBJID: assign(SUBJD)
      VSTESTCD: {label: Test}
      VSORRES: {label: Result}
      VSSEQ: derive_seq(VSTESTCD)
    """
    found = plans(crf_vs=VS_FORM, sdtm_vs=vs)
    assert sorted(told(found)) == [
        (
            "specs/sdtm/vs.yml:13",
            "raw.vs has no column; missing for it: VS.USUBJID, VS.VSSEQ",
            "SUBJD",
            "Did you mean SUBJID?",
        ),
        ("specs/sdtm/vs.yml:7", "raw.vs has no column; its records are left out", "RESULTS", "Did you mean RESULT?"),
    ]
    ((block,),) = [s.blocks for s in found.sdtm.steps if s.dataset == "VS" and s.kind == "records"]
    assert block.records.topic == {"test": "TEST"}
    assert {m.name for m in block.mapped} == {"VSTESTCD", "VSORRES"}


def test_a_column_only_one_of_two_sources_has(plans):
    found = plans([("sdtm/ae", "  - from: raw.ae\n", "  - from: raw.ae\n  - from: raw.dm\n")])
    assert [f[:3] for f in told(found)] == [
        ("specs/sdtm/ae.yml:9", "raw.dm has no column; missing for it: AE.AETERM", "AETERM"),
        ("specs/sdtm/ae.yml:10", "raw.dm has no column; missing for it: AE.AESTDTC, AE.AESTDY", "AESTDAT"),
    ]
    ((first, second),) = [s.blocks for s in found.sdtm.steps if s.dataset == "AE" and s.kind == "records"]
    assert {m.name for m in first.mapped} == {"USUBJID", "AETERM", "AESTDTC"}
    assert {m.name for m in second.mapped} == {"USUBJID"}


def test_a_column_none_of_several_sources_has_is_one_finding(plans):
    found = plans(
        [
            ("sdtm/ae", "  - from: raw.ae\n", "  - from: raw.ae\n  - from: raw.dm\n"),
            ("sdtm/ae", "assign(SUBJID)", "assign(SUBJD)"),
            ("sdtm/ae", "assign(AETERM)", "assign_missing"),
            ("sdtm/ae", "assign_datetime(AESTDAT)", "assign_missing"),
        ]
    )
    ((where, what, value, remedy),) = told(found)
    assert (where, value, remedy) == ("specs/sdtm/ae.yml:7", "SUBJD", "Did you mean SUBJID?")
    assert what == "raw.ae, raw.dm have no column; missing for it: AE.USUBJID, AE.AESEQ, AE.AESTDY"


def test_what_a_block_sets(plans):
    found = plans(
        [
            (
                "sdtm/ae",
                "from: raw.ae\n",
                "from: raw.ae\n    set:\n      AETERMM: assign(AETERM)\n"
                "      AETERM: assign(AETRM)\n      AESEQ: {label: Number}\n",
            )
        ]
    )
    assert [f[:3] for f in told(found)] == [
        ("specs/sdtm/ae.yml:6", "AE has no variable", "AETERMM"),
        ("specs/sdtm/ae.yml:8", "only a call can make a variable of one block; missing for it: AE.AESEQ", "AESEQ"),
        ("specs/sdtm/ae.yml:7", "raw.ae has no column; missing for it: AE.AETERM", "AETRM"),
    ]
    (step,) = [s for s in found.sdtm.steps if s.dataset == "AE" and s.kind == "records"]
    assert "AETERM" not in step.writes


# -- predecessors and parameters -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("predecessor", "what", "value", "remedy"),
    [
        ("VSS.VSSTRESN", "no such dataset", "VSS", "Did you mean VS?"),
        ("VS.VSSTRESNN", "VS has no variable", "VSSTRESNN", "Did you mean VSSTRESN?"),
        (
            "AE.AETERM",
            "AE is neither a base dataset nor one record per subject",
            "AE.AETERM",
            "Merge it with derive_vars_merged, which says by what.",
        ),
    ],
)
def test_a_predecessor_that_cannot_be(plans, predecessor, what, value, remedy):
    found = plans([("adam/advs", "VS.VSSTRESN", predecessor)], **WITH_VS)
    assert told(found)[0] == (
        "specs/adam/advs.yml:8",
        f"{what}; missing for it: ADVS.AVAL, ADVS.HIGH, ADVS.TWICE",
        value,
        remedy,
    )
    assert len(told(found)) == 1


def test_a_predecessor_by_subject_reads_the_subject(plans):
    found = plans([("adam/advs", "TWICE: {", "AGE: {predecessor: DM.AGE, where: AVAL GT $cut}\n  TWICE: {")], **WITH_VS)
    assert [f[1:3] for f in told(found)] == [("no such setting; missing for it: ADVS.AGE", "$cut")]
    found = plans([("adam/advs", "TWICE: {", "AGE: {predecessor: DM.AGE}\n  TWICE: {")], **WITH_VS)
    (step,) = [s for s in found.adam.steps if s.name == "AGE"]
    assert step.reads == {("DM", "*"), ("DM", "AGE"), ("ADVS", "USUBJID")}


@pytest.mark.parametrize(
    ("old", "new", "what", "value"),
    [
        ('VSTESTCD EQ "SYSBP"', 'VSTSTCD EQ "SYSBP"', "the base records have no column", "VSTSTCD"),
        ('VSTESTCD EQ "SYSBP"', "VSTESTCD EQ $bp", "no such setting", "$bp"),
        ('where: VSTESTCD EQ "SYSBP"', "made_by: HIGHH", "made by a parameter that is not here", "HIGHH"),
    ],
)
def test_a_parameter_that_cannot_be_selected_is_left_out(plans, old, new, what, value):
    found = plans([("adam/advs", old, new)], **WITH_VS)
    assert [f[:3] for f in told(found)] == [("specs/adam/advs.yml:14", f"{what}; missing for it: ADVS.SYSBP", value)]
    assert found.adam.broken_parameters == {("ADVS", "SYSBP")}


def test_a_parameter_whose_call_has_a_fault_is_left_out(plans):
    found = plans([("adam/advs", "'_HALF GT 70'", "'_HALFF GT 70'")], **WITH_VS)
    assert [f[:3] for f in told(found)] == [
        ("specs/adam/advs.yml:16", "ADVS has no column; missing for it: ADVS.HIGH", "_HALFF")
    ]
    assert "ADVS.HIGH" not in names(found.adam)


def test_a_dataset_left_without_records_leaves_its_parameters_out(plans):
    found = plans([("adam/advs", "from: VS", "from: VSS")], **WITH_VS)
    assert len([f for f in told(found) if f[2] == "VSS"]) == 1
    assert found.adam.broken_parameters >= {("ADVS", "SYSBP"), ("ADVS", "DIABP")}
    assert void(found.adam) == ["ADVS.AVAL", "ADVS.AVALC", "ADVS.TWICE", "ADVS.USUBJID", "ADVS._HALF"]


# -- records that a call makes -------------------------------------------------------------------------------

PAIR = """
from datacut.spec.registry import Column, Source, verb


@verb("records", reads=("USUBJID",), writes=("USUBJID", "RDOMAIN", "_NUMBER"))
def pair(dataset, number: Column, other: Source):
    \"\"\"Never run here.\"\"\"
"""
RELREC = """
dataset: RELREC
keys: [USUBJID, RDOMAIN]
records:
  - from: AE
    where: AESTDY GT 1
    derive: study.pair(AESEQ, EX)
    set:
      RELID: assign(_NUMBER)
variables:
  USUBJID: {label: Subject}
  RDOMAIN: {label: Domain}
  RELID: {label: Relation}
"""


@pytest.fixture
def relating(study, tmp_path):
    def of(old="", new=""):
        assert old in RELREC
        root = study({**BASE, "sdtm/relrec": RELREC.replace(old, new)})
        (root / "sdtm").mkdir()
        (root / "sdtm" / "pair.py").write_text(PAIR)
        return bind_specs(load_specs(root), make_registry(root))

    return of


def test_records_that_a_call_makes_wait_for_what_it_reads(relating):
    found = relating()
    assert told(found) == []
    (step,) = [s for s in found.sdtm.steps if s.dataset == "RELREC"]
    own = {("AE", "*"), ("AE", "USUBJID"), ("AE", "AESEQ"), ("AE", "AESTDY")}
    assert step.reads == own | {("EX", "*"), ("EX", "USUBJID")}
    (block,) = step.blocks
    assert (block.carried, [m.name for m in block.mapped]) == (("RDOMAIN", "USUBJID"), ["RELID"])
    order = names(found.sdtm)
    assert order.index("RELREC.records") > max(order.index("AE.AESEQ"), order.index("AE.AESTDY"))


@pytest.mark.parametrize(
    ("old", "new", "line", "what", "value", "remedy"),
    [
        ("(AESEQ", "(AESQ", 6, "AE has no column; its records are left out", "AESQ", "Did you mean AESEQ?"),
        ("EX)", "EXX)", 6, "no such source; its records are left out", "EXX", "Did you mean EX?"),
        ("(_NUMBER", "(_NUMBR", 8, "what study.pair makes has no column; missing for it: RELREC.RELID", "_NUMBR",
         "Did you mean _NUMBER?"),
    ],
)  # fmt: skip
def test_faults_in_a_block_that_a_call_makes(relating, old, new, line, what, value, remedy):
    assert told(relating(old, new)) == [(f"specs/sdtm/relrec.yml:{line}", what, value, remedy)]


def test_only_a_records_verb_makes_records(relating):
    ((where, what, _, _),) = told(relating("study.pair(AESEQ, EX)", "derive_var_coalesce(AESEQ)"))
    assert where == "specs/sdtm/relrec.yml:6"
    assert what.startswith("derive_var_coalesce: a column verb cannot stand here.")


def test_explain_says_which_call_makes_the_records(study):
    root = study({**BASE, "sdtm/relrec": RELREC})
    (root / "sdtm").mkdir()
    (root / "sdtm" / "pair.py").write_text(PAIR)
    text = explain(root, "RELREC")
    assert "  records from AE where AESTDY GT 1 made by study.pair(AESEQ, EX)\n" in text
    assert "  1. records from AE by study.pair(AESEQ, EX): RDOMAIN, USUBJID, RELID\n" in text
