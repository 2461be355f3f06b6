"""A study of vital signs that builds in a moment and has every part: two forms, two datasets of each stage, a table, a
listing and a figure. `write_vitals(root)` writes it; what a test needs otherwise it edits there."""

from __future__ import annotations

from pathlib import Path

CUT = "2026-03-02"
STUDY = """
study: S1
title: A study
protocol: S1
sponsor: A sponsor
status: DRAFT
standards: {sdtmig: "3.4", adamig: "1.3", ct: sdtmct-2022-09-30}
settings:
  limit: {value: 125, source: assumption, text: Limit}
  old: {value: 40, source: assumption, text: Old}
systems:
  edc:
    label: Data capture
    encoding: utf-8
    subject: SUBJID
    columns:
      SUBJID: {label: Subject, required: true}
cuts:
  first: {date: 2026-03-02, label: First}
analysis_sets:
  ALL: {label: All Subjects, where: 'SUBJID NOT MISSING'}
groupings:
  sex:
    variable: SEX
    label: Sex
    levels:
      - {value: F, label: Female}
      - {value: M, label: Male}
"""
VS_FORM = """
form: vs
label: Vital signs
fields:
  SYSBP: {label: Systolic}
  PULSE: {label: Pulse}
  NOTE: {label: Remark, not_submitted: Nobody asks for it.}
"""
VS_SPEC = """
dataset: VS
label: Vital Signs
class: Findings
structure: One record per test
keys: [STUDYID, USUBJID, VSTESTCD]
records:
  - from: raw.vs
    topics:
      - {test: SYSBP, unit: mmHg}
      - {test: PULSE, unit: beats/min}
    where: "{test} NOT MISSING"
    set:
      VSTESTCD: hardcode("{test}")
      VSORRES: assign({test})
      VSORRESU: hardcode("{unit}")
variables:
  STUDYID: {derive: hardcode("S1"), origin: Protocol, source: Sponsor}
  DOMAIN: {derive: hardcode("VS"), origin: Assigned, source: Sponsor}
  USUBJID: {derive: assign(SUBJID), origin: Assigned, source: Sponsor}
  VSSEQ: {derive: "derive_seq([VSTESTCD])", origin: Derived, source: Sponsor}
  VSTESTCD: {origin: Assigned, source: Sponsor}
  VSTEST: {derive: derive_var_decode(VSTESTCD), codelist: VSTEST, origin: Assigned, source: Sponsor}
  VSORRES: {origin: Collected, source: Investigator}
  VSORRESU: {origin: Assigned, source: Sponsor}
  VSSTRESC:
    derive: derive_vars_standard(test=VSTESTCD, result=VSORRES, unit=VSORRESU, stresn=VSSTRESN, stresc=VSSTRESC)
    origin: Derived
    source: Sponsor
  VSSTRESN: {made_by: VSSTRESC, origin: Derived, source: Sponsor}
"""
FILES = {
    "specs/study.yml": STUDY,
    "specs/codelists.yml": """
codelists:
  SEX:
    name: Sex
    code: C66731
    terms:
      - {value: F, decode: Female, code: C16576, collected: [F, Female]}
      - {value: M, decode: Male, code: C20197, collected: [M, Male]}
  VSTEST:
    name: Test
    terms:
      - {value: SYSBP, decode: Systolic Blood Pressure}
      - {value: PULSE, decode: Pulse Rate}
""",
    "specs/units.yml": """
tests:
  SYSBP: {standard: mmHg}
  PULSE: {standard: beats/min}
""",
    "specs/crf/dm.yml": """
form: dm
label: Demographics
fields:
  AGE: {label: Age}
  SEX: {label: Sex}
""",
    "specs/crf/vs.yml": VS_FORM,
    "specs/sdtm/dm.yml": """
dataset: DM
keys: [STUDYID, USUBJID]
records:
  - from: raw.dm
variables:
  STUDYID: {derive: hardcode("S1"), origin: Protocol, source: Sponsor}
  DOMAIN: {derive: hardcode("DM"), origin: Assigned, source: Sponsor}
  USUBJID: {derive: assign(SUBJID), origin: Assigned, source: Sponsor}
  SUBJID: {derive: assign(SUBJID), origin: Assigned, source: Sponsor}
  AGE: {derive: assign_number(AGE), origin: Collected, source: Investigator}
  SEX: {derive: assign(SEX), codelist: SEX, origin: Collected, source: Investigator}
""",
    "specs/sdtm/vs.yml": VS_SPEC,
    "specs/adam/adsl.yml": """
dataset: ADSL
label: Subject-Level Analysis Dataset
class: SUBJECT LEVEL ANALYSIS DATASET
structure: One record per subject
keys: [STUDYID, USUBJID]
records:
  - from: DM
variables:
  STUDYID: {predecessor: DM.STUDYID}
  USUBJID: {predecessor: DM.USUBJID}
  SUBJID: {predecessor: DM.SUBJID}
  SEX: {predecessor: DM.SEX}
  AGE: {predecessor: DM.AGE}
  OLDFL: {derive: "derive_var_case({'AGE GE $old': Y})", label: Old}
""",
    "specs/adam/advs.yml": """
dataset: ADVS
label: Vital Signs Analysis
class: BASIC DATA STRUCTURE
keys: [USUBJID, PARAMCD]
records:
  - from: VS
variables:
  USUBJID: {predecessor: VS.USUBJID}
  SUBJID: {predecessor: ADSL.SUBJID}
  SEX: {predecessor: ADSL.SEX}
  PARAMCD: {text: Code}
  PARAM: {text: Name}
  AVAL: derive_var_number(VSSTRESC)
  HALF: {derive: study.derive_var_half(AVAL), label: Half, type: float, text: Half of AVAL.}
  HIGHFL: {derive: "derive_var_case({'AVAL GT $limit': Y})", label: High}
  UPFL: {derive: "derive_var_case({'HALF GT 10': Y})", label: Half above ten}
parameters:
  SYSBP: {param: Systolic, where: VSTESTCD EQ "SYSBP"}
  PULSE: {param: Pulse, where: VSTESTCD EQ "PULSE"}
""",
    "adam/own.py": '''
"""The study's own."""

from datacut.spec.registry import Column, NewColumn, verb


@verb("column", number=True, says="half of {source}")
def derive_var_half(dataset, source: Column, new: NewColumn):
    """Half of it."""
    return dataset.assign(**{new: dataset[source] / 2})
''',
    "specs/tlf/_library.yml": """
footnotes:
  F-N: N = subjects.
  F-HIGH: "High: above {$limit}."
  F-EACH: Every subject has a line.
last: [F-N]
patterns:
  S-NPCT: {cell: "{n} ({p:1%})", zero: "{n}"}
  S-MEAN: "{mean} ({sd})"
columns:
  C-SEX: {groups: [{by: sex, total: Total}]}
  C-DRAWN: {groups: [{by: sex}]}
documents:
  title: All outputs
  sections: {"14.2": Results, "16.2": Data}
""",
    "specs/tlf/t-14-2-1.yml": """
output: t-14-2-1
number: Table 14.2.1
title: Systolic Blood Pressure
population: ALL
dataset: ADVS
columns: C-SEX
footnotes: [F-HIGH]
where: PARAMCD EQ "SYSBP"
analyses:
  - {id: mean, label: Mean, call: 'ard_summary(AVAL, digits=0, pattern="S-MEAN")'}
  - {id: high, label: High, where: HIGHFL EQ "Y", call: 'ard_count_subjects(pattern="S-NPCT")'}
""",
    "specs/tlf/l-16-2-1.yml": """
output: l-16-2-1
number: Listing 16.2.1
title: Subjects
population: ALL
kind: listing
footnotes: [F-EACH]
records:
  dataset: ADSL
  sort: [USUBJID]
  columns:
    subject: {label: Subject, call: ard_value(SUBJID)}
    sex: {label: Sex, call: ard_value(SEX)}
    age: {label: Age, call: ard_value(AGE)}
""",
    "specs/tlf/f-14-2-1.yml": """
output: f-14-2-1
number: Figure 14.2.1
title: Pulse by Blood Pressure
population: ALL
kind: figure
columns: C-DRAWN
dataset: ADVS
records:
  dataset: ADVS
  where: PARAMCD IN ("SYSBP", "PULSE")
  sort: [USUBJID, PARAMCD]
  columns:
    subject: {label: Subject, call: ard_value(SUBJID)}
    group: {label: Sex, call: ard_value(SEX)}
    x: {label: Parameter, call: ard_value(PARAMCD)}
    y: {label: Value, call: "ard_number(AVAL, digits=0)"}
figure:
  draw: edish
  options:
    grouping: sex
    across: SYSBP
    up: PULSE
    x_label: Systolic
    y_label: Pulse
    x_line: "3"
    y_line: "2"
    line_label: Limits
  alt: Pulse against systolic blood pressure of each subject
""",
    f"raw/{CUT}/dm.csv": "SUBJID,AGE,SEX\n101,30,F\n102,50,M\n103,41,Female\n",
    f"raw/{CUT}/vs.csv": "SUBJID,SYSBP,PULSE,NOTE\n101,120,60,\n102,150,,x\n103,130,70,\n",
}


def write_vitals(root: Path) -> None:
    """Write the study and its export of `CUT` below `root`."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
