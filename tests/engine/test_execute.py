"""Steps over frames in flight: which rows become records, what is counted, and where each record came from."""

import pandas as pd
import pytest
from tests.conftest import STUDY

from datacut.engine.finish import finish
from datacut.engine.sources import study_frames
from datacut.engine.stage import as_source, new_stage
from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.raw.read import read_export
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs

VS_FORM = """
form: vs
label: Vital signs
fields:
  DAY: {label: Day, type: integer}
  SYSBP: {label: Systolic}
  PULSE: {label: Pulse}
"""
RAW = {"vs": "SUBJID,DAY,SYSBP,PULSE\n102,1,150,\n101,2,120,60\n101,1,130,70\n103,1,,80\n101,3,,\n"}
VS = """
dataset: VS
keys: [USUBJID, VSTESTCD, VSDY]
records:
  - from: raw.vs
    topics:
      - {test: SYSBP}
      - {test: PULSE}
    where: "{test} NOT MISSING"
    exclude:
      - {where: SUBJID EQ "103", reason: withdrew consent}
      - {where: DAY GT 1, reason: late}
    set:
      VSTESTCD: hardcode("{test}")
      VSORRES: assign({test})
variables:
  USUBJID: assign(SUBJID)
  VSSEQ: derive_seq([VSTESTCD])
  VSTESTCD: {label: Test}
  VSORRES: {label: Result}
  VSDY: assign_number(DAY)
  VSBLFL: {derive: derive_var_constant(Y), where: USUBJID EQ "102"}
"""
ADVS = """
dataset: ADVS
class: BASIC DATA STRUCTURE
keys: [USUBJID, PARAMCD, VSDY]
records:
  - from: VS
variables:
  USUBJID: {predecessor: VS.USUBJID}
  PARAMCD: {text: Code}
  PARAM: {text: Name}
  VSDY: {predecessor: VS.VSDY}
  AVAL: derive_var_number(VSORRES)
  AVALC: {text: Set by the records}
  _HIGH: derive_var_scaled(AVAL, factor=2)
  TWICE: {derive: "derive_var_scaled(AVAL, factor=2)", label: Twice, type: float}
parameters:
  SYSBP: {param: Systolic, where: VSTESTCD EQ "SYSBP"}
  ANYHIGH: {param: Any high, derive: "derive_param_exist_flag(by=USUBJID, criterion='_HIGH GT 240')"}
"""


@pytest.fixture
def build(study, tmp_path):
    def of(changes=(), **specs):
        """SDTM and ADaM stages of the specs above: (stage, datasets) of each, and the findings."""
        files = {"crf/vs": VS_FORM, "sdtm/vs": VS, **{n.replace("_", "/"): t for n, t in specs.items()}}
        for name, old, new in changes:
            assert old in files[name]
            files[name] = files[name].replace(old, new)
        root = study(files)
        loaded, registry, findings = load_specs(root), make_registry(root), Findings()
        plans = bind_specs(loaded, registry)
        findings.extend(plans.findings)
        folder = tmp_path / "raw"
        folder.mkdir()
        for name, text in RAW.items():
            (folder / f"{name}.csv").write_text(text)
        sources = read_export(folder, loaded, findings, "raw")
        out = []
        for datasets, plan in ((loaded.sdtm, plans.sdtm), (loaded.adam, plans.adam)):
            resolved = {n: plans.datasets[n] for n in datasets}
            stage = new_stage(loaded, datasets, resolved, registry, sources, findings)
            stage.run(plan)
            built = finish(stage.works, resolved, findings)
            sources |= {n: as_source(d) for n, d in built.items()}
            out.append((stage, built))
        return (*out, [(str(f.where), f.what) for f in findings])

    return of


def table(dataset, *columns):
    frame = dataset.frame[list(columns)]
    return frame.astype("object").where(frame.notna(), None).values.tolist()


def test_blocks_topics_and_conditions(build):
    (_, sdtm), _, findings = build([("sdtm/vs", "      - {where: DAY GT 1, reason: late}\n", "")])
    assert findings == []
    assert table(sdtm["VS"], "USUBJID", "VSTESTCD", "VSDY", "VSORRES", "VSBLFL", "VSSEQ") == [
        ["101", "PULSE", 1, "70", None, 2],
        ["101", "PULSE", 2, "60", None, 1],
        ["101", "SYSBP", 1, "130", None, 4],
        ["101", "SYSBP", 2, "120", None, 3],
        ["102", "SYSBP", 1, "150", "Y", 1],
    ]


def test_every_row_of_every_block_is_accounted_for_once(build):
    (stage, _), _, _ = build()
    counts = [(c.block, c.rows, c.taken, c.not_selected, dict(c.excluded)) for c in stage.accounting.blocks]
    assert counts == [
        ("SYSBP", 5, 2, 0, {"withdrew consent": 1, "late": 2}),
        ("PULSE", 5, 1, 1, {"withdrew consent": 1, "late": 2}),
    ]
    for _, rows, taken, not_selected, excluded in counts:
        assert rows == taken + not_selected + sum(excluded.values())


def test_of_several_rows_of_one_subject_the_last_is_taken(build):
    changes = [("sdtm/vs", "    set:\n", "    one_per: [SUBJID]\n    set:\n"), ("sdtm/vs", "GT 1", "GT 2")]
    (stage, sdtm), _, _ = build(changes)
    assert table(sdtm["VS"], "USUBJID", "VSTESTCD", "VSDY", "VSORRES") == [
        ["101", "PULSE", 1, "70"],
        ["101", "SYSBP", 1, "130"],
        ["102", "SYSBP", 1, "150"],
    ]
    twice = "not the last of its SUBJID"
    assert [dict(c.excluded) for c in stage.accounting.blocks] == [
        {"withdrew consent": 1, "late": 1, twice: 1},
        {"withdrew consent": 1, "late": 1, twice: 1},
    ]


def test_lineage_is_right_after_the_sort(build):
    (_, sdtm), _, _ = build([("sdtm/vs", "      - {where: DAY GT 1, reason: late}\n", "")])
    lines = {("101", 1): 4, ("101", 2): 3, ("102", 1): 2}
    expected = [lines[(s, d)] for s, d in table(sdtm["VS"], "USUBJID", "VSDY")]
    assert sdtm["VS"].lineage.values.tolist() == [[i + 1, "raw.vs", line] for i, line in enumerate(expected)]


def test_lineage_within_a_stage_names_records_by_their_final_number(build):
    adxx = """
    dataset: ADXX
    class: BASIC DATA STRUCTURE
    keys: [MINUS]
    records:
      - {from: VS, where: VSTESTCD EQ "SYSBP"}
    variables:
      VSORRES: {predecessor: VS.VSORRES}
      _AVAL: derive_var_number(VSORRES)
      MINUS: {derive: "derive_var_scaled(_AVAL, factor=-1)", label: Minus, type: float}
    """
    adyy = """
    dataset: ADYY
    class: BASIC DATA STRUCTURE
    keys: [VSORRES]
    records:
      - {from: ADXX, where: VSORRES NE "150"}
    variables:
      VSORRES: {predecessor: ADXX.VSORRES}
    """
    (_, sdtm), (_, adam), findings = build(adam_adxx=adxx, adam_adyy=adyy)
    assert findings == []
    assert table(sdtm["VS"], "VSTESTCD", "VSORRES") == [["PULSE", "70"], ["SYSBP", "130"], ["SYSBP", "150"]]
    assert table(adam["ADXX"], "VSORRES") == [["150"], ["130"]]
    assert adam["ADXX"].lineage.values.tolist() == [[1, "VS", 3], [2, "VS", 2]]
    assert table(adam["ADYY"], "VSORRES") == [["130"]]
    assert adam["ADYY"].lineage.values.tolist() == [[1, "ADXX", 2]]


def test_parameters_derived_records_and_the_columns_they_get(build):
    _, (_, adam), findings = build([("sdtm/vs", "      - {where: DAY GT 1, reason: late}\n", "")], adam_advs=ADVS)
    assert findings == []
    advs = adam["ADVS"]
    assert table(advs, "USUBJID", "PARAMCD", "PARAM", "VSDY", "AVAL", "AVALC", "TWICE") == [
        ["101", "ANYHIGH", "Any high", None, 1, "Y", 2],
        ["101", "SYSBP", "Systolic", 1, 130, None, 260],
        ["101", "SYSBP", "Systolic", 2, 120, None, 240],
        ["102", "ANYHIGH", "Any high", None, 1, "Y", 2],
        ["102", "SYSBP", "Systolic", 1, 150, None, 300],
    ]


def test_a_derived_record_comes_from_all_records_it_was_made_of(build):
    (_, sdtm), (_, adam), _ = build([("sdtm/vs", "      - {where: DAY GT 1, reason: late}\n", "")], adam_advs=ADVS)
    records = {i + 1: tuple(r) for i, r in enumerate(table(sdtm["VS"], "USUBJID", "VSTESTCD", "VSDY"))}
    first = [records[s] for r, _, s in adam["ADVS"].lineage.values.tolist() if r == 1]
    assert first == [
        ("101", "PULSE", 1),
        ("101", "PULSE", 2),
        ("101", "SYSBP", 1),
        ("101", "SYSBP", 2),
    ]


def test_a_fault_leaves_its_variable_missing_and_builds_the_rest(build):
    (_, sdtm), _, findings = build([("sdtm/vs", "assign_number(DAY)", "assign_number(DAYS)")])
    assert [w for w, _ in findings if w.startswith("specs")] == ["specs/sdtm/vs.yml:20"]
    assert table(sdtm["VS"], "USUBJID", "VSDY") == [["101", None], ["101", None], ["102", None]]
    assert str(sdtm["VS"].frame["VSDY"].dtype) in ("Int64", "Float64")


def test_a_dataset_without_records_has_all_its_variables(build):
    (_, sdtm), (_, adam), findings = build([("sdtm/vs", "from: raw.vs", "from: raw.vss")], adam_advs=ADVS)
    assert [w for w, _ in findings] == ["specs/sdtm/vs.yml:4"]
    assert (len(sdtm["VS"].frame), len(adam["ADVS"].frame)) == (0, 0)
    assert sdtm["VS"].frame.columns.tolist() == ["USUBJID", "VSSEQ", "VSTESTCD", "VSORRES", "VSDY", "VSBLFL"]


def test_a_broken_parameter_is_left_out(build):
    _, (_, adam), findings = build([("adam/advs", "VSTESTCD EQ", "VSTSTCD EQ")], adam_advs=ADVS)
    assert len(findings) == 1
    assert set(adam["ADVS"].frame["PARAMCD"]) == {"ANYHIGH"}


def test_a_derived_record_lacks_what_neither_its_verb_nor_a_call_can_give(build):
    _, (_, adam), findings = build([("adam/advs", "_HIGH GT 240", "_HIGH GT 240 AND VSDY EQ 1")], adam_advs=ADVS)
    assert findings == []
    rows = adam["ADVS"].frame
    assert rows.loc[rows["PARAMCD"] == "ANYHIGH", "VSDY"].isna().all()


def test_no_column_of_the_engine_reaches_a_dataset(build):
    (stage, sdtm), (_, adam), _ = build(adam_advs=ADVS)
    assert {"_rid", "_row", "_file"} <= set(stage.works["VS"].frame.columns)
    assert not [c for d in (*sdtm.values(), *adam.values()) for c in d.frame.columns if c.startswith("_")]
    assert isinstance(stage.frame("raw.vs"), pd.DataFrame)


PEOPLE = """
dataset: CO
keys: [USUBJID, COSEQ]
records:
  - id: doses
    from: VS
    where: VSTESTCD EQ "PULSE"
    derive: study.pair_up(other=VS)
    set:
      COREF: assign(_MORE)
  - from: raw.vs
    where: DAY EQ 3
    set:
      USUBJID: assign(SUBJID)
      COVAL: hardcode("by hand")
variables:
  USUBJID: {label: Subject}
  COSEQ: derive_seq([COVAL])
  IDVAR: hardcode("X")
  COREF: {label: Reference}
  COVAL: {label: Text}
"""
PAIR_UP = """
import pandas as pd
from datacut.engine.context import NewRecords
from datacut.spec.registry import Source, verb


@verb("records", reads=("USUBJID", "VSORRES"), writes=("USUBJID", "COVAL", "_MORE", "COSEQ"))
def pair_up(dataset, other: Source) -> NewRecords:
    \"\"\"One record for each of `dataset`: its result, and the number of the subject's records in `other`.\"\"\"
    rows, parents = [], []
    for position, record in enumerate(dataset.to_dict("records")):
        others = other[other["USUBJID"] == record["USUBJID"]]
        rows.append((record["USUBJID"], f"pulse {record['VSORRES']}", str(len(others)), 7))
        parents.append((position, record["_rid"], None))
        parents += [(position, rid, "VS") for rid in others["_rid"]]
    made = pd.DataFrame(rows, columns=["USUBJID", "COVAL", "_MORE", "COSEQ"])
    return NewRecords(made.astype({"USUBJID": "str", "COVAL": "str", "_MORE": "str"}),
                      pd.DataFrame(parents, columns=["position", "parent", "source"]))
"""


def test_a_call_makes_the_records_of_a_block(build, tmp_path):
    (tmp_path / "study" / "sdtm").mkdir(parents=True)
    (tmp_path / "study" / "sdtm" / "pair.py").write_text(PAIR_UP)
    changes = [("sdtm/vs", "      - {where: DAY GT 1, reason: late}\n", "")]
    (stage, sdtm), _, findings = build(changes, sdtm_co=PEOPLE)
    assert findings == []
    # 101 has two pulses and two systolic results, and a day 3 without any result; 102 has no pulse
    assert table(sdtm["CO"], "USUBJID", "COSEQ", "IDVAR", "COREF", "COVAL") == [
        ["101", 1, "X", None, "by hand"],
        ["101", 2, "X", "4", "pulse 60"],
        ["101", 3, "X", "4", "pulse 70"],
    ]
    numbers = {("PULSE", "70"): 1, ("PULSE", "60"): 2, ("SYSBP", "130"): 3, ("SYSBP", "120"): 4}
    assert table(sdtm["VS"], "VSTESTCD", "VSORRES")[:4] == [list(k) for k in numbers]
    edges = sdtm["CO"].lineage.values.tolist()
    assert edges == [[1, "raw.vs", 6], *[[r, "VS", n] for r in (2, 3) for n in (1, 2, 3, 4)]]
    counts = [
        (c.source, c.block, c.rows, c.taken, c.not_selected) for c in stage.accounting.blocks if c.dataset == "CO"
    ]
    assert sorted(counts) == [("VS", "doses", 5, 2, 3), ("raw.vs", "raw.vs", 5, 1, 4)]


def test_a_set_variable_goes_before_what_the_call_of_the_block_writes(build, tmp_path):
    (tmp_path / "study" / "sdtm").mkdir(parents=True)
    (tmp_path / "study" / "sdtm" / "pair.py").write_text(PAIR_UP)
    changed = PEOPLE.replace("COREF: assign(_MORE)", 'COVAL: hardcode("said")')
    (_, sdtm), _, findings = build((), sdtm_co=changed.replace("  COREF: {label: Reference}\n", ""))
    assert findings == []
    assert table(sdtm["CO"], "USUBJID", "COVAL") == [["101", "by hand"], ["101", "said"]]


TABLES = """
tables:
  limits:
    source: assumption
    text: Highest pulse of a position
    columns: {POSITION: text, HIGH: number}
    rows:
      - {POSITION: SITTING, HIGH: 65}
      - {POSITION: STANDING}
"""
VERB = '''
from datacut.spec.registry import NewColumn, Table, verb

@verb("column")
def derive_var_highest(dataset, limits: Table, new: NewColumn):
    """The highest limit of the table."""
    return dataset.assign(**{new: limits["HIGH"].max()})
'''


@pytest.fixture
def with_table(study, tmp_path):
    def of(call):
        """VS with a variable made by the call, and the findings of the specs."""
        root = study({"study": STUDY + TABLES, "crf/vs": VS_FORM, "sdtm/vs": VS + f"  VSHIGH: {call}\n"})
        for path, text in {"sdtm/limits.py": VERB, "raw/vs.csv": RAW["vs"]}.items():
            (tmp_path / "study" / path).parent.mkdir(exist_ok=True)
            (tmp_path / "study" / path).write_text(text, encoding="utf-8")
        loaded, registry, findings = load_specs(root), make_registry(root), Findings()
        plans = bind_specs(loaded, registry)
        sources = {**read_export(root / "raw", loaded, findings, "raw"), **study_frames(loaded, "2026-03-02")}
        stage = new_stage(loaded, loaded.sdtm, plans.datasets, registry, sources, findings)
        stage.run(plans.sdtm)
        return stage.works["VS"].frame, [(str(f.where), f.what, f.value, f.remedy) for f in plans.findings]

    return of


def test_a_verb_takes_a_table_of_the_study_by_its_name(with_table):
    frame, findings = with_table("study.derive_var_highest(limits=limits)")
    assert findings == []
    assert frame["VSHIGH"].tolist() == [65.0] * 3


def test_a_table_that_is_not_there_costs_the_variable(with_table):
    frame, findings = with_table("study.derive_var_highest(limits=limit)")
    what = "study.yml has no table; missing for it: VS.VSHIGH"
    assert findings == [("specs/sdtm/vs.yml:22", what, "limit", "Did you mean limits?")]
    assert frame["VSHIGH"].isna().all()


def test_a_block_of_a_verb_that_fills_nothing_is_refused_before_data(build):
    blank = (
        "adam/advs",
        "  - from: VS\n",
        "  - from: VS\n    derive: derive_summary_records(by=[USUBJID], statistic=mean)\n",
    )
    _, _, findings = build([blank], adam_advs=ADVS)
    assert [f for f in findings if "record block" in f[1]] == [
        (
            "specs/adam/advs.yml:6",
            "a record block takes over what its verb writes, and this one writes nothing; its records are left out",
        )
    ]


def test_a_ratio_is_a_number_without_being_told_so(build):
    doubled = ("adam/advs", "label: Twice, type: float}", "label: Twice}")
    ratio = (
        "adam/advs",
        "  TWICE:",
        '  R2AVAL: {label: Ratio, derive: "derive_var_ratio(value=TWICE, to=AVAL)"}\n  TWICE:',
    )
    _, (_, adam), findings = build([doubled, ratio], adam_advs=ADVS)
    assert findings == []
    assert set(adam["ADVS"].frame["R2AVAL"].dropna()) == {2.0}
    assert adam["ADVS"].frame["TWICE"].dtype == "Float64"
