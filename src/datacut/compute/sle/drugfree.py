"""Free of other SLE therapy, and response without it.

No definition is published; case series (Mackensen A et al. Nat Med 2022;28:2124-32; Muller F et al. N Engl J Med
2024;390:687-700) mean that all SLE drugs were stopped. The definition here is a project convention [P]; which record is
which kind of therapy is the caller's.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from datacut.compute.courses import pair_with_courses
from datacut.compute.threeway import combine_criteria, from_yn, to_yn

type Kind = Literal["sle", "antimalarial", "toxicity", "replacement", "other"]

KINDS: Final = ("sle", "antimalarial", "toxicity", "replacement", "other")
"""sle: glucocorticoid, immunosuppressive, biologic or small molecule for lupus. antimalarial. toxicity: glucocorticoid
or anti-cytokine for CRS, ICANS or IEC-HS. replacement: physiologic hydrocortisone in adrenal insufficiency. other: not
SLE therapy (lymphodepletion, prophylaxis, immunoglobulin, ACE inhibitor, NSAID up to label dose)."""


def _check_kinds(kind: pd.Series[Any]) -> None:
    strange = kind.notna() & ~kind.isin(KINDS)
    if strange.any():
        raise ValueError(f"A kind of therapy is one of {', '.join(KINDS)}, not {kind[strange].iloc[0]!r}.")


def compute_drug_free(
    subject: pd.Series[Any],
    date: pd.Series[Any],
    courses: pd.DataFrame,
    drug_free_days: int = 28,
    drug_free_replacement: bool = False,
) -> pd.DataFrame:
    """Free of SLE therapy over the `drug_free_days` days that end on each visit.

    subject, date: one row per visit. courses: `subject`, `kind` of `KINDS` (missing: it is unknown what it was for) and
    the bounds of `course_bounds`. Columns, `Y`/`N`/missing: `strict` (no antimalarial either), `hcq_allowed`, `dfconf`
    (Y: a glucocorticoid for toxicity in the window confounds the result, which is then not drug-free); and `reason` of
    `strict` not being Y. drug_free_replacement: whether physiologic replacement counts as drug-free. Unknown where a
    course may or may not reach into the window, or its kind is unknown. Raises ValueError for another kind.
    """
    _check_kinds(courses["kind"])
    pairs = pair_with_courses(subject, date, courses, drug_free_days)
    kinds = courses["kind"].to_numpy(dtype=object)[pairs["course"].to_numpy()]
    undated = date.isna().to_numpy()
    visit, known, possible = (pairs[c].to_numpy() for c in ("visit", "known_days", "possible_days"))

    def taken(*names: str) -> pd.Series[Any]:
        """Three-valued: a course of these kinds in the window; missing kinds may be of them."""
        ours, maybe = np.isin(kinds, names), pd.isna(kinds)
        certain, open_ = np.zeros(len(subject), dtype=bool), undated.copy()
        certain[visit[ours & (known > 0)]] = True
        open_[visit[(ours | maybe) & (possible > 0)]] = True
        return pd.Series(certain, index=date.index, dtype="boolean").mask(open_ & ~certain)

    labels = {
        "SLE therapy": taken("sle"),
        "glucocorticoid for toxicity": taken("toxicity"),
        "glucocorticoid replacement": taken("replacement"),
        "antimalarial": taken("antimalarial"),
    }
    if drug_free_replacement:
        del labels["glucocorticoid replacement"]
    free = {label: ~state for label, state in labels.items()}
    strict = combine_criteria(free)
    allowed = combine_criteria({label: state for label, state in free.items() if label != "antimalarial"})
    return pd.DataFrame(
        {
            "strict": strict["observed"],
            "hcq_allowed": allowed["observed"],
            "dfconf": to_yn(labels["glucocorticoid for toxicity"]),
            "reason": strict["reason"].str.replace("not met: ", "given: ", regex=False),
        }
    )


def compute_drug_free_response(response: pd.Series[Any], drug_free: pd.Series[Any]) -> pd.DataFrame:
    """Response without other SLE therapy at the same visit: columns of `combine_criteria` for both parts.

    response, drug_free: observed results, `Y`, `N` or missing; ValueError for another text.
    """
    return combine_criteria({"response": from_yn(response), "drug-free": from_yn(drug_free)})
