"""Records put by hand into a simulated export of 12 subjects (seed 1), each for settings that move nobody else."""

from __future__ import annotations

import csv
from pathlib import Path

type Row = dict[str, str]

SEPARATORS = {"transgene_cumulative.csv": ",", "flow_cumulative.csv": ";"}


class Export:
    """The files of one export, changed in place."""

    def __init__(self, raw: Path) -> None:
        self.raw = raw

    def rows(self, name: str) -> list[Row]:
        with (self.raw / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter=SEPARATORS.get(name, ",")))

    def write(self, name: str, rows: list[Row]) -> None:
        with (self.raw / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=SEPARATORS.get(name, ","), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def change(self, name: str, of: Row, to: Row) -> None:
        """Other values in the records that have these."""
        rows = self.rows(name)
        found = [row for row in rows if of.items() <= row.items()]
        assert found, (name, of)
        for row in found:
            assert to.keys() <= row.keys(), (name, to)
            row.update(to)
        self.write(name, rows)

    def drop(self, name: str, of: Row) -> None:
        rows = self.rows(name)
        kept = [row for row in rows if not of.items() <= row.items()]
        assert len(kept) < len(rows), (name, of)
        self.write(name, kept)

    def add(self, name: str, subject: str, **cells: str) -> None:
        """A record with these cells and no others, numbered after all there are."""
        rows = self.rows(name)
        assert cells.keys() <= rows[0].keys(), (name, cells)
        number = 500000 + len(rows)
        kept = {c: rows[0][c] for c in ("STUDYID", "SITEID", "CREATED", "UPDATED")}
        own = {"SUBJID": subject, "FORMSEQ": str(number), "RECID": str(number)}
        self.write(name, [*rows, dict.fromkeys(rows[0], "") | kept | own | cells])

    def double(self, subject: str, other: str) -> None:
        """Every record of a subject once more, for another one (numbers of three digits)."""
        names = {f"101-{subject}": f"101-{other}", f"101/{subject}": f"101/{other}", f"101{subject}": f"101{other}"}
        names |= {f"{lab}{subject}-": f"{lab}{other}-" for lab in ("TG", "FC")}
        for path in sorted(self.raw.iterdir()):
            lines = path.read_text(encoding="utf-8").splitlines()
            own = [line for line in lines if any(f in line for f in list(names)[:2]) or f",101{subject}," in line]
            for old, new in names.items():
                own = [line.replace(old, new) for line in own]
            if "RECID" in lines[0]:
                at = lines[0].split(",").index("RECID")
                parts = [line.split(",", at + 1) for line in own]
                own = [",".join([*p[:at], f"{other}{p[at]}", p[at + 1]]) for p in parts]
            path.write_text("\n".join([*lines, *own]) + "\n", encoding="utf-8")

    def event(self, subject: str, term: str, start: str, **cells: str) -> None:
        """An adverse event of one day: grade 1, not related, recovered, no DLT; cells say otherwise."""
        known = {"AETERM": term, "AELLT": term, "AEDECOD": term, "AESTDAT": start, "AEENDAT": start, "AETOXGR": "1"}
        known |= {"AESER": "N", "AEREL": "Not related", "AERELLD": "Not related", "AEACN": "Not applicable"}
        self.add("ae.csv", subject, **(known | {"AEOUT": "Recovered", "AEDLT": "N"} | cells))


def hold_a_subject_for_each(raw: Path) -> None:
    """Subjects 001 to 005 of the first levels, and 009, who left on day 16 without expansion, and has doubles."""
    export = Export(raw)
    # dose_actual_by: assigned to 4.5, given 5.6
    export.change("inf.csv", {"SUBJID": "101-010"}, {"BAG1": "2.8", "BAG2": "2.8"})
    # dose_deviation_percent at 40: a third less than the lowest level
    export.change("inf.csv", {"SUBJID": "101-002"}, {"BAG1": "2.00"})
    # dose_deviation_percent at 10, dlt_min_dose_fraction at 0.9: 0.85 of the planned dose
    export.change("inf.csv", {"SUBJID": "101-003"}, {"BAG1": "2.55"})
    # lymphodepletion_days at 1: two days of each
    export.drop("ld.csv", {"SUBJID": "101-001", "VISIT": "Lymphodepletion 3"})
    # sentinel_days at 7: infused ten days after the first of the level
    export.change("inf.csv", {"SUBJID": "101-002"}, {"INFDAT": "24-JUL-2025"})
    # panels: one participant of the expansion
    export.change("enrol.csv", {"SUBJID": "101-014"}, {"STAGE": "EXP"})
    _early(export)
    _events(export)
    # the settings of BOIN and of i3+3: meetings when four, six and more of level 2, and two of level 3, had been seen
    days = {"91": "06-DEC-2025", "92": "15-DEC-2025", "93": "20-DEC-2025", "94": "28-FEB-2026"}
    for number, day in days.items():
        level = "3" if number == "94" else "2"
        meeting = {"MEETNO": number, "MEETDAT": day, "STAGE": "ESC", "DOSELEV": level, "NEXTLEV": level}
        export.add("dose_review.csv", "", **meeting, NTREAT="6", NEVAL="6", NDLT="0", DECISION="S")
    # impute_end, impute_death: days that are not known
    export.change("ds.csv", {"SUBJID": "101-002", "DSSCAT": "Study"}, {"DSDAT": "UN-MAR-2026"})
    export.change("ds.csv", {"SUBJID": "101-010", "DSSCAT": "Study"}, {"DTHDAT": "UN-JUN-2026"})
    export.change("dd.csv", {"SUBJID": "101-010"}, {"DTHDAT": "UN-JUN-2026", "DDDAT": ""})
    # impossible_values: hotter than anybody is
    export.change("vs.csv", {"SUBJID": "101-001", "VISIT": "Month 3"}, {"TEMP": "367"})
    # lloq_copies at 25 and at 100: the laboratory does not tell its limit
    of = {"PATNO": "101001", "VISITNAME": "D180"}
    export.change("transgene_cumulative.csv", of, {"RESULT": "40", "LLOQ": ""})
    of = {"PATNO": "101004", "VISITNAME": "D180"}
    export.change("transgene_cumulative.csv", of, {"RESULT": "84", "LLOQ": ""})
    _assessments(export)
    _cells(export)
    _medication(export)


def _early(export: Export) -> None:
    """dlt_early_grade, dlt_pending_grade, expansion_fold: what rules early completion of the DLT window out."""
    for double in ("901", "902", "903", "904", "905"):
        export.double("009", double)
    related = {"AEREL": "Related", "AERELLD": "Not related"}
    export.event("101-009", "Nausea feeling", "05-DEC-2025", AETOXGR="2", **related)
    export.event("101-901", "Nausea feeling", "05-DEC-2025", AETOXGR="3", **related)
    pending = {"AEOUT": "Not recovered", "AEENDAT": "", "AEONGO": "1"}
    export.event("101-902", "Nausea feeling", "05-DEC-2025", AETOXGR="1", **related | pending)
    # equivalence_high: a second participant of level 2 with a dose-limiting toxicity
    limiting = {"AETOXGR": "3", "AEDLT": "Y", "AEENDAT": "10-DEC-2025"}
    export.event("101-905", "Nausea feeling", "01-DEC-2025", **related | limiting)
    for double, result in (("903", "60"), ("904", "150")):
        of = {"PATNO": f"101{double}", "VISITNAME": "D+10"}
        export.change("transgene_cumulative.csv", of, {"RESULT": result})


def _events(export: Export) -> None:
    # the queries and the kinds of infection: events that the site ticked as of no special interest
    for term in (
        "Cytokine release reaction",
        "Neurotoxicity from immune cells",
        "Neutrophil count low",
        "Lymphocyte count low",
        "Upper airway infection",
        "Urinary infection",
        "Hyperinflammation from immune cells",
        "Reaction to infusion",
        "New malignant tumour",
        "Graft reaction against host",
    ):
        export.event("101-004", term, "01-NOV-2025")
    export.event("101-004", "Fungal infection", "05-NOV-2025", AESICAT="INFECTION")
    # crs_symptoms: within an episode of CRS
    export.event("101-002", "Fever", "02-AUG-2025")
    export.event("101-002", "Tired", "02-AUG-2025")
    # dlt_rules without the first and without the last
    related = {"AEREL": "Related", "AERELLD": "Not related"}
    fatal = {"AETOXGR": "5", "AESER": "Y", "AESDTH": "Y", "AEOUT": "Fatal"}
    export.event("101-010", "Loose stool", "10-DEC-2025", **related | fatal)
    export.event("101-004", "Graft reaction against host", "20-SEP-2025", **related, AETOXGR="3")
    # dlt_excluded likewise: grade 3 for more than a week
    for term in ("Immunoglobulin low", "Fever"):
        export.event("101-013", term, "01-FEB-2026", **related | {"AEENDAT": "12-FEB-2026", "AETOXGR": "3"})
    # missing_relation: nobody told
    export.event("101-004", "Loose stool", "10-NOV-2025", AEREL="")
    # cut_partial: in the month of the cut
    export.event("101-004", "Loose stool", "UN-SEP-2026", AEENDAT="", AEONGO="1", AEOUT="Not recovered")


def _assessments(export: Export) -> None:
    # assessment_days at 1 and at 6: PGA two days and five days after the other parts
    export.change("pga.csv", {"SUBJID": "101-001", "VISIT": "Month 2"}, {"PGADAT": "13-SEP-2025"})
    export.change("pga.csv", {"SUBJID": "101-004", "VISIT": "Month 2"}, {"PGADAT": "25-NOV-2025"})
    # visit_tie: PGA alone four days after the target of month 2, as all parts are four days before it
    pga = {"PGASCALE": "VAS", "PGAMM": "30"}
    export.add("pga.csv", "101-008", VISIT="Month 2", PGADAT="24-JAN-2026", **pga)
    # assessment_choice: PGA alone on the target of month 3, all parts five days later
    export.add("pga.csv", "101-008", VISIT="Month 3", PGADAT="19-FEB-2026", **pga)
    # pga_worse at 0.15 and at 0.65: 0.18 and 0.42 above the baseline, with fewer points of SLEDAI-2K
    export.change("pga.csv", {"SUBJID": "101-001", "VISIT": "Month 3"}, {"PGAMM": "84"})
    export.change("pga.csv", {"SUBJID": "101-007", "VISIT": "Month 2"}, {"PGAMM": "80"})
    # sri_reduction at 2: two points below the baseline
    export.change("sledai.csv", {"SUBJID": "101-013", "VISIT": "Day 28"}, {"RASH": "1", "ALOPECIA": "1"})
    # haq_mcid at 0.11 and at 0.61: as at baseline, but for one category, and for three
    baseline = next(r for r in export.rows("haq.csv") if (r["SUBJID"], r["VISIT"]) == ("101-001", "Baseline"))
    answers = {c: v for c, v in baseline.items() if list(baseline).index(c) > list(baseline).index("HAQDAT")}
    less = {"DRESS1": "2"}
    export.change("haq.csv", {"SUBJID": "101-001", "VISIT": "Month 3"}, answers | less)
    less |= {"ARISE1": "2", "ARISE2": "2", "ACTIV1": "2", "ACTIV2": "2", "ACTIV3": "2"}
    export.change("haq.csv", {"SUBJID": "101-001", "VISIT": "Month 6"}, answers | less)
    # haq_min_categories at 4 and at 8: five and seven categories
    none = dict.fromkeys(("DRESS1", "DRESS2"), "")
    export.change("haq.csv", {"SUBJID": "101-004", "VISIT": "Month 6"}, none)
    none |= dict.fromkeys(("ARISE1", "ARISE2", "REACH1", "REACH2"), "")
    export.change("haq.csv", {"SUBJID": "101-004", "VISIT": "Month 3"}, none)


def _cells(export: Export) -> None:
    for subject, visit, cells in (
        ("004", "D28", {"COUNT": "7.0"}),  # bcell_threshold at 5
        ("004", "M6", {"EVENTS": "30"}),  # subset_min_events at 25
        ("005", "M6", {"EVENTS": "70"}),  # subset_min_events at 100
    ):
        of = {"SUBJECT": f"WH101/{subject}", "TIMEPOINT": visit, "POP": "BCELL"}
        export.change("flow_cumulative.csv", of, cells)
    # naive_dominant_percent at 35: the half, when B cells return
    of = {"SUBJECT": "WH101/005", "TIMEPOINT": "M6", "POP": "BNAIVE"}
    export.change("flow_cumulative.csv", of, {"PCT": "50.0"})
    # hys_law_days at 15 and at 60: bilirubin three and six weeks after ALT
    for subject, first, second in (("101-007", "Day 7", "Day 28"), ("101-008", "Day 14", "Month 2")):
        export.change("chem.csv", {"SUBJID": subject, "VISIT": first}, {"ALT": "200", "ALT_U": "U/L"})
        export.change("chem.csv", {"SUBJID": subject, "VISIT": second}, {"BILI": "60", "BILI_U": "µmol/L"})
    # episode_gap_days at 0 and at 2: one day and two days without fever
    for subject, day in (("101-004", "25-SEP-2025"), ("101-013", "06-FEB-2026"), ("101-013", "07-FEB-2026")):
        well = {"TEMPMAX": "36.5", "FEVER": "N", "ANTIPYR": "N", "ANTICYT": "N"}
        export.change("crsday.csv", {"SUBJID": subject, "CDDAT": day}, well)


def _medication(export: Export) -> None:
    for subject, end in (("101-010", "31-DEC-2025"), ("101-014", "28-FEB-2026")):
        of = {"SUBJID": subject, "CMTRT": "Hydroxychloroquine"}
        export.change("slerx.csv", of, {"CMENDAT": end, "CMONGO": ""})
    for subject, drug, kind, dose, unit, often, start in (
        # bcell_depleting without its first and its last
        ("101-013", "Rituximab", "Biologic", "1000", "mg", "QM", "15-MAR-2026"),
        ("101-011", "Ocrelizumab", "Biologic", "600", "mg", "QM", "01-MAR-2026"),
        # rescue_classes likewise; doris_stable_days at 15: twenty days before the visit
        ("101-007", "Chloroquine", "Antimalarial", "250", "mg", "QD", "19-DEC-2025"),
        ("101-005", "Human immunoglobulin", "Immunoglobulin", "25", "g", "QM", "01-JAN-2026"),
        # rescue_least_percent: a quarter more than the 400 mg of the reference
        ("101-001", "Hydroxychloroquine", "Antimalarial", "100", "mg", "QD", "01-JUN-2026"),
        # rescue_least_mg at 5: 2.5 mg more than the reference
        ("101-004", "Prednisone", "Glucocorticoid", "10", "mg", "QD", "01-MAR-2026"),
        # rescue_restart_days at 14 and at 56: after 20 days without, and after 39
        ("101-010", "Hydroxychloroquine", "Antimalarial", "200", "mg", "BID", "21-JAN-2026"),
        ("101-014", "Hydroxychloroquine", "Antimalarial", "200", "mg", "BID", "09-APR-2026"),
    ):
        cells = {"CMTRT": drug, "CMDECOD": drug, "CMCLAS": kind, "CMDOSE": dose, "CMDOSU": unit, "CMFRQ": often}
        export.add("slerx.csv", subject, **cells, CMROUTE="IV" if often == "QM" else "Oral", CMSTDAT=start, CMONGO="1")
    # rescue_least_days: the dose of the reference twice, for one day
    drug = {"CMTRT": "Hydroxychloroquine", "CMDECOD": "Hydroxychloroquine", "CMCLAS": "Antimalarial", "CMDOSE": "400"}
    day = {"CMSTDAT": "01-MAR-2026", "CMENDAT": "01-MAR-2026", "CMDOSU": "mg", "CMFRQ": "QD", "CMROUTE": "Oral"}
    export.add("slerx.csv", "101-004", **drug, **day)
    # drug_free_replacement: where nothing else was taken in the month before the visit
    hormone = {"CMTRT": "Hydrocortisone", "CMDECOD": "Hydrocortisone", "CMCLAS": "Glucocorticoid", "CMDOSE": "10"}
    hormone |= {"CMINDC": "Adrenal insufficiency", "CMDOSU": "mg", "CMFRQ": "QD", "CMROUTE": "Oral"}
    export.add("cm.csv", "101-002", **hormone, CMSTDAT="10-OCT-2025", CMENDAT="20-OCT-2025")
