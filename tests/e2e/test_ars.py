"""The reporting event of a build against its ARD and the public schema."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest

SCHEMA = Path(__file__).parents[3] / "shared" / "standards" / "ars_ldm.schema.json"


def event_of(cut: Any) -> dict[str, Any]:
    return json.loads((cut.home / "ars.json").read_text(encoding="utf-8"))


def told(event: dict[str, Any]) -> Counter[tuple[object, ...]]:
    """Every result of the event: output and analysis, method, statistic, levels, value, text."""
    groups = {g["id"]: g["name"] for f in event["analysisGroupings"] for g in f.get("groups", ())}
    operations = {o["id"]: (m["name"], o["name"]) for m in event["methods"] for o in m["operations"]}
    out: Counter[tuple[object, ...]] = Counter()
    for a in event["analyses"]:
        for r in a["results"]:
            of = [groups.get(g.get("groupId"), g.get("groupValue")) for g in r.get("resultGroups", ())]
            raw, text = r.get("rawValue"), r.get("formattedValue", "")
            method, stat = operations[r["operationId"]]
            out[a["description"], method, stat, *sorted(of), raw, text] += 1
    return out


def kept(ard: pd.DataFrame) -> Counter[tuple[object, ...]]:
    """The same read from the ARD."""
    out: Counter[tuple[object, ...]] = Counter()
    rows = ard[ard["method"] != "label"].astype(object)
    for row in rows.where(rows.notna(), None).to_dict("records"):
        pairs = [(row[f"group{i}"], row[f"group{i}_level"]) for i in range(1, 6)]
        pairs.append((row["variable"], row["variable_level"]))
        of = [level for _, level in dict.fromkeys(p for p in pairs if None not in p)]
        raw = row["stat_text"]
        if row["stat"] is not None:
            raw = format(Decimal(f"{row['stat']:.15g}"), "f")
        about = f"{row['output']}, analysis {row['analysis']}"
        out[about, row["method"], row["stat_name"], *sorted(of), raw, row["formatted"] or ""] += 1
    return out


def test_every_result_is_in_the_ard_and_every_result_of_the_ard_is_told(base: Any) -> None:
    cut = base.cut(2)
    ard = pd.read_parquet(cut.home / "ard.parquet")
    assert told(event_of(cut)) == kept(ard)


class Records:
    """The ADaM datasets of a build, and which of their records an expression of ARS selects. Reads the JSON alone.

    A comparison with a missing value is neither true nor false; EQ and NE with the empty value ask if it is missing.
    """

    def __init__(self, frames: dict[str, pd.DataFrame]) -> None:
        self.frames = frames
        self.adsl = frames["ADSL"].set_index("USUBJID")
        self.columns: dict[tuple[str, str, str], pd.Series] = {}

    def column(self, dataset: str, home: str, variable: str) -> pd.Series:
        if home == dataset:
            return self.frames[dataset][variable]
        assert home == "ADSL"
        key = (dataset, home, variable)
        if key not in self.columns:
            self.columns[key] = (
                self.frames[dataset]["USUBJID"].map(self.adsl[variable]).astype(self.adsl[variable].dtype)
            )
        return self.columns[key]

    def select(self, dataset: str, said: dict[str, Any]) -> pd.Series:
        if "condition" in said:
            return self.compare(dataset, **said["condition"])
        expression = said["compoundExpression"]
        first, *rest = (self.select(dataset, clause) for clause in expression["whereClauses"])
        if expression["logicalOperator"] == "NOT":
            return ~first
        for other in rest:
            first = first & other if expression["logicalOperator"] == "AND" else first | other
        return first

    def compare(self, of: str, dataset: str, variable: str, comparator: str, value: list[str]) -> pd.Series:
        column = self.column(of, dataset, variable)
        if value == [""]:
            return (column.isna() if comparator == "EQ" else column.notna()).astype("boolean")
        numeric = pd.api.types.is_numeric_dtype(column.dtype)
        wanted = [float(v) if numeric else v for v in value]
        if comparator in ("IN", "NOTIN"):
            met = column.isin(wanted)
            met = met if comparator == "IN" else ~met
        else:
            met = getattr(column, comparator.lower())(wanted[0])
        return met.astype("boolean").mask(column.isna())


COUNTS = {"n": "subjects", "events": "records"}
OF_VALUES = ("ard_duration", "ard_geometric", "ard_summary")
"""Methods whose n is a number of values, not of subjects."""


def test_a_count_is_of_what_set_subset_and_groups_select(base: Any) -> None:
    """The event is carried out on the datasets: nothing but the JSON says what is counted."""
    cut = base.cut(2)
    event = event_of(cut)
    records = Records({name: dataset.frame for name, dataset in cut.adam.items()})
    by_id = {part: {x["id"]: x for x in event[part]} for part in ("analysisSets", "dataSubsets", "methods")}
    groupings = {g["id"]: g for g in event["analysisGroupings"]}
    planned = {g["id"]: g for x in groupings.values() for g in x.get("groups", ())}
    met: dict[tuple[str, str], Any] = {}

    def chosen(dataset: str, id_: str, said: dict[str, Any]) -> Any:
        if (dataset, id_) not in met:
            met[dataset, id_] = records.select(dataset, said).fillna(False).to_numpy(dtype=bool)
        return met[dataset, id_]

    def in_group(dataset: str, group: dict[str, str]) -> Any:
        if "groupId" in group:
            return chosen(dataset, group["groupId"], planned[group["groupId"]])
        grouping = groupings[group["groupingId"]]
        if "groupingVariable" not in grouping:
            return True  # a name for what the data subset says
        home, variable = grouping["groupingDataset"], grouping["groupingVariable"]
        level = {"dataset": home, "variable": variable, "comparator": "EQ", "value": [group["groupValue"]]}
        return chosen(dataset, f"{grouping['id']}={group['groupValue']}", {"condition": level})

    checked: Counter[str] = Counter()
    wrong = []
    for a in event["analyses"]:
        method = by_id["methods"][a["methodId"]]
        counts = {o["id"]: COUNTS[o["name"]] for o in method["operations"] if o["name"] in COUNTS}
        dataset, subset = a["dataset"], by_id["dataSubsets"].get(a.get("dataSubsetId"), {})
        # a sum over records and a condition that ARS cannot say are not counted again here
        if "description" in subset or "USUBJID" not in records.frames[dataset] or method["name"] == "ard_composition":
            continue
        whole = chosen(dataset, a["analysisSetId"], by_id["analysisSets"][a["analysisSetId"]])
        if subset:
            whole = whole & chosen(dataset, subset["id"], subset)
        subjects = records.frames[dataset]["USUBJID"].to_numpy(dtype=object)
        for r in (r for r in a["results"] if r["operationId"] in counts and "rawValue" in r):
            inside = whole
            for group in r.get("resultGroups", ()):
                inside = inside & in_group(dataset, group)
            of_records = counts[r["operationId"]] == "records" or method["name"] in OF_VALUES
            expected = int(inside.sum()) if of_records else len(set(subjects[inside]))
            checked[method["name"]] += 1
            if float(r["rawValue"]) != expected:
                wrong.append((a["id"], method["name"], r, expected))
    assert wrong == []
    assert {"ard_total_n", "ard_count_worst", "ard_hierarchical", "ard_shift", "ard_summary"} <= checked.keys()


def test_a_percentage_is_of_the_operations_it_names(base: Any) -> None:
    event = event_of(base.cut(2))
    operations = {o["id"]: o for m in event["methods"] for o in m["operations"]}
    found: dict[tuple[str, str, str], float] = {}
    for a in event["analyses"]:
        for r in (
            r for r in a["results"] if "rawValue" in r and operations[r["operationId"]]["name"] in ("n", "m", "p")
        ):
            found[a["id"], r["operationId"], json.dumps(r.get("resultGroups", []))] = float(r["rawValue"])
    checked = 0
    for a in event["analyses"]:
        where = {r["referencedOperationRelationshipId"]: r["analysisId"] for r in a["referencedAnalysisOperations"]}
        for r in (r for r in a["results"] if operations[r["operationId"]]["name"] == "p" and "rawValue" in r):
            parts = {}
            for relation in operations[r["operationId"]]["referencedOperationRelationships"]:
                groups = r.get("resultGroups", [])
                other = where[relation["id"]]
                # the header knows the groups of its columns alone
                known = (groups[:n] for n in range(len(groups), -1, -1)) if other != a["id"] else (groups,)
                keys = [(other, relation["operationId"], json.dumps(g)) for g in known]
                role = relation["referencedOperationRole"]["controlledTerm"]
                parts[role] = next(found[key] for key in keys if key in found)
            if "DENOMINATOR" in parts:
                checked += 1
                assert float(r["rawValue"]) == pytest.approx(100 * parts["NUMERATOR"] / parts["DENOMINATOR"]), a["id"]
    assert checked > 1000


def test_a_result_is_named_by_analysis_operation_and_groups(base: Any) -> None:
    for analysis in event_of(base.cut(2))["analyses"]:
        names = [(r["operationId"], json.dumps(r.get("resultGroups"))) for r in analysis["results"]]
        assert len(set(names)) == len(names), analysis["id"]


def test_whatever_is_referred_to_is_there(base: Any) -> None:
    event = event_of(base.cut(2))
    ids = {
        part: {x["id"] for x in event[part]}
        for part in ("analysisSets", "dataSubsets", "methods", "analysisGroupings", "analyses", "outputs")
    }
    relations = {
        r["id"]
        for m in event["methods"]
        for o in m["operations"]
        for r in o.get("referencedOperationRelationships", ())
    }
    for a in event["analyses"]:
        assert a["analysisSetId"] in ids["analysisSets"]
        assert a["methodId"] in ids["methods"]
        assert a.get("dataSubsetId") in {None, *ids["dataSubsets"]}
        assert {g["groupingId"] for g in a["orderedGroupings"]} <= ids["analysisGroupings"]
        for reference in a["referencedAnalysisOperations"]:
            assert reference["referencedOperationRelationshipId"] in relations
            assert reference["analysisId"] in ids["analyses"]
    items = event["mainListOfContents"]["contentsList"]["listItems"]
    assert {i["outputId"] for i in items} == ids["outputs"]
    assert {i["analysisId"] for o in items for i in o.get("sublist", {}).get("listItems", ())} == ids["analyses"]
    home = base.cut(2).home
    assert all((home / f["location"]).is_file() for o in event["outputs"] for f in o["fileSpecifications"])


@pytest.mark.skipif(not SCHEMA.is_file(), reason=f"the ARS schema is not at {SCHEMA}")
def test_the_event_is_valid(base: Any) -> None:
    jsonschema.validate(event_of(base.cut(2)), json.loads(SCHEMA.read_text(encoding="utf-8")))
