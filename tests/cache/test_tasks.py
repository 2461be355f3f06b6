"""A task is done once for each content of what it reads; what is kept is never taken on its word."""

from pathlib import Path

import pandas as pd
import pytest

from datacut.cache.code import Code, StudyFile
from datacut.cache.content import digest_of
from datacut.cache.entries import Entries
from datacut.cache.frames import FormError, digest_column, digest_frame, frame_bytes, frame_from
from datacut.cache.tasks import Tasks
from datacut.pipeline.inputs import package_files


@pytest.fixture
def tasks(tmp_path: Path) -> Tasks:
    return Tasks(Entries(tmp_path / "entries"), Code({}, {}))


def made(tasks: Tasks, parts: dict[str, str], told: list[str], reads: tuple[str, ...] = (), **now: str) -> bytes:
    """What a task makes that writes down that it was done; `now`: what it is given, by name."""

    def work() -> tuple[dict[str, bytes], tuple[str, ...]]:
        told.append(parts["a"])
        return {"x": f"{parts['a']} {[now[r] for r in reads]}".encode()}, reads

    return tasks.make("T", parts, work, now.__getitem__)["x"]


def test_a_task_is_done_once_for_each_content(tasks: Tasks) -> None:
    told: list[str] = []
    assert [made(tasks, {"a": a}, told) for a in ("1", "2", "1")] == [b"1 []", b"2 []", b"1 []"]
    assert told == ["1", "2"]
    assert [d.reused for d in tasks.done] == [False, False, True]


def test_what_was_read_on_the_way_is_part_of_the_key_and_what_was_not_is_none(tasks: Tasks) -> None:
    told: list[str] = []
    assert made(tasks, {"a": "1"}, told, ("s",), s="28", t="1") == b"1 ['28']"
    assert made(tasks, {"a": "1"}, told, ("s",), s="28", t="2") == b"1 ['28']"
    assert made(tasks, {"a": "1"}, told, ("s",), s="21", t="2") == b"1 ['21']"
    assert made(tasks, {"a": "1"}, told, ("s",), s="28", t="2") == b"1 ['28']"
    assert told == ["1", "1"]


@pytest.mark.parametrize(
    "spoil", [lambda d: d[:-1], lambda d: d[:70], lambda d: b"", lambda d: d.replace(b"1 []", b"9 []")]
)
def test_an_entry_that_is_not_what_was_written_is_made_again_and_told(tasks: Tasks, spoil) -> None:
    told: list[str] = []
    made(tasks, {"a": "1"}, told)
    path = tasks.entries.folder / tasks.done[0].key[:2] / tasks.done[0].key
    path.write_bytes(spoil(path.read_bytes()))
    assert made(tasks, {"a": "1"}, told) == b"1 []"
    assert told == ["1", "1"]
    assert tasks.entries.spoilt == [tasks.done[0].key]


def test_what_was_made_while_an_input_changed_is_forgotten(tasks: Tasks) -> None:
    told: list[str] = []
    made(tasks, {"a": "1"}, told)
    tasks.forget()
    made(tasks, {"a": "1"}, told)
    assert told == ["1", "1"]


FRAME = pd.DataFrame(
    {
        "TEXT": pd.Series(["a", None, ""], dtype="str"),
        "WHOLE": pd.Series([1, None, 3], dtype="Int64"),
        "REAL": pd.Series([0.1, None, -0.0], dtype="Float64"),
        "DAY": pd.Series(["2026-03-02", None, "2026-03-03"], dtype="datetime64[s]"),
        "FLAG": pd.Series([True, None, False], dtype="boolean"),
        "SURE": [True, False, True],
        "ANY": pd.Series(["a", None, "b"], dtype=object),
    }
)


def test_a_frame_comes_back_as_it_was() -> None:
    back = frame_from(frame_bytes(FRAME))
    assert back.dtypes.to_dict() == FRAME.dtypes.to_dict()
    pd.testing.assert_frame_equal(back, FRAME)
    assert digest_frame(back) == digest_frame(FRAME)


@pytest.mark.parametrize("column", FRAME.columns)
def test_a_digest_tells_order_missing_and_type_apart(column: str) -> None:
    values = FRAME[column]
    other = values.iloc[[2, 1, 0]]
    assert (digest_column(values) == digest_column(other)) == (column == "SURE")
    assert digest_column(values) == digest_column(values.set_axis([7, 8, 9]))
    assert digest_column(values.iloc[:2]) != digest_column(values)
    assert column == "SURE" or digest_column(values.iloc[[0, 0, 2]]) != digest_column(values)


def test_texts_that_read_alike_when_joined_differ() -> None:
    ab, a_b = pd.Series(["ab", ""], dtype="str"), pd.Series(["a", "b"], dtype="str")
    assert digest_column(ab) != digest_column(a_b)
    assert digest_column(pd.Series([None], dtype="str")) != digest_column(pd.Series([""], dtype="str"))
    assert digest_of("a", "b") != digest_of("ab")


def test_what_no_file_can_hold_is_refused() -> None:
    with pytest.raises(FormError):
        frame_bytes(pd.DataFrame({"X": pd.Series([{1}, "a"], dtype=object)}))


def code(**changed: str) -> Code:
    """Every file of the package with one digest, but for `changed`."""
    files = {name.removeprefix("datacut/"): "0" * 64 for name in package_files()}
    return Code({**files, **changed}, {})


def test_code_counts_with_what_it_imports_and_the_data_beside() -> None:
    def of(name: str) -> str:
        return code(**({name: "9" * 64} if name else {})).of("datacut.adam.derive_flags")

    assert of("adam/derive_flags.py") != of("")
    assert of("errors/rules/raw.yml") != of("")
    assert of("engine/context.py") != of("")
    assert of("tlf/render_rtf.py") == of("")


def test_code_of_the_study_counts_with_its_file_and_what_that_imports(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text("from datacut.adam.derive_flags import x\n", encoding="utf-8")

    def of(sha256: str, **files: str) -> str:
        study = {"study_adam_own": StudyFile(path, sha256)}
        return Code(code(**files).files, study).of("study_adam_own")

    assert of("a") == of("a") != of("b")
    assert of("a", **{"adam/derive_flags.py": "9" * 64}) != of("a")
    assert of("a", **{"adam/derive_cat.py": "9" * 64}) == of("a")
