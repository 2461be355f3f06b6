"""Every collected field is read by some spec, or says why it is not submitted; every setting decides something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from datacut.errors import Finding, Location, Severity
from datacut.spec.document import Tree
from datacut.spec.load import Specs
from datacut.spec.plan import Place, Plan, Step
from datacut.spec.sentences import PRINTED
from datacut.spec.settings import named_in
from datacut.spec.where import columns_of


@dataclass(frozen=True)
class FieldUse:
    """What becomes of one column of a form.

    used: the variables made from it (`AE.AETERM`), and `AE: which rows` where a condition reads it; reason: why it is
    not submitted.
    """

    form: str
    column: str
    used: tuple[str, ...]
    reason: str

    @property
    def status(self) -> str:
        """`mapped`, `not submitted` or `unread`."""
        return "mapped" if self.used else "not submitted" if self.reason else "unread"


READ_ELSEWHERE = "column of the system, read on other forms"


def field_uses(specs: Specs, plans: Iterable[Plan]) -> list[FieldUse]:
    """One line for every column of every form, those of its system included, in the order of the specs."""
    read: dict[Place, dict[str, None]] = {}
    for plan in plans:
        for step in plan.steps:
            for place, user in _reads(step):
                read.setdefault(place, {})[user] = None
    shared = {(f.system, c) for n, f in specs.forms.items() for c in specs.columns(f) if (f"raw.{n}", c) in read}
    uses: list[FieldUse] = []
    for name, form in specs.forms.items():
        for column, field in specs.columns(form).items():
            used = tuple(read.get((f"raw.{name}", column), ()))
            reason = field.not_submitted or form.not_submitted or ""
            if not reason and column not in form.fields and (form.system, column) in shared:
                reason = READ_ELSEWHERE
            uses.append(FieldUse(name, column, used, "" if used else reason))
    return uses


def check_fields(specs: Specs, uses: Iterable[FieldUse]) -> list[Finding]:
    """Fields that no spec reads and that have no reason, and fields with a reason that a spec reads all the same."""
    found: dict[Location, Finding] = {}
    for use in uses:
        form = specs.forms[use.form]
        own = use.column in form.fields
        document = f"crf/{use.form}" if own else "study"
        where = specs.where(
            document, ("fields", use.column) if own else ("systems", form.system, "columns", use.column)
        )
        reason = specs.columns(form)[use.column].not_submitted
        if use.status == "unread":
            what, remedy = "a collected field that no spec reads", "Map it, or give not_submitted: with the reason."
            found.setdefault(where, Finding(Severity.WARNING, "spec.field.unread", where, what, use.column, remedy))
        elif use.used and reason:
            what, remedy = "a field marked as not submitted that a spec reads", "Take not_submitted: away."
            found.setdefault(where, Finding(Severity.WARNING, "spec.field.read", where, what, use.column, remedy))
    return list(found.values())


def check_settings_read(specs: Specs, plans: Iterable[Plan]) -> list[Finding]:
    """Settings that no call, condition, `when:` or record reads: to change them changes nothing but a printed text."""
    read = {c for plan in plans for step in plan.steps for (source, c), _ in _reads(step) if source == "study"}
    printed: set[str] = set()
    for name, document in specs.documents.items():
        tree = {k: v for k, v in document.data.items() if k != "settings"} if isinstance(document.data, dict) else {}
        for text in _texts(tree if name == "study" else document.data):
            if "$" not in text:
                continue
            printed |= {found["name"] for found in PRINTED.finditer(text)}
            read |= set(named_in(PRINTED.sub("", text)))
    simulation = specs.root / "specs" / "simulate.yml"
    read |= set(named_in(simulation.read_text(encoding="utf-8"))) if simulation.exists() else set()
    found = []
    for name in specs.study.settings:
        if name not in read:
            what = "only a printed text names this setting" if name in printed else "nothing reads this setting"
            remedy = "Give it to the call that it is about, or remove it and what is said of it."
            where = specs.where("study", ("settings", name))
            found.append(Finding(Severity.WARNING, "spec.setting.unread", where, what, name, remedy))
    return found


def _texts(tree: Tree, key: str = "") -> Iterator[str]:
    """Every text of a document; the settings that a `when:` names as `$name`."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield f"${name}" if key == "when" else ""
            yield from _texts(value, name)
    elif isinstance(tree, list):
        for item in tree:
            yield from _texts(item)
    elif isinstance(tree, str):
        yield tree


def _reads(step: Step) -> Iterator[tuple[Place, str]]:
    """Source and column of everything a step reads from others, and what it makes of it."""
    for block in step.blocks:
        source = block.records.source
        conditions = [w for w in (block.records.where, *(e.where for e in block.records.exclude)) if w]
        chosen = (
            {c for w in conditions for c in columns_of(w)}
            | {*block.records.one_per}
            | set(block.call.reads if block.call else ())
        )
        yield from (((source, c), f"{step.dataset}: which rows") for c in sorted(chosen))
        taken = () if block.call else block.carried
        yield from (((source, c), f"{step.dataset}.{c}") for c in taken)
        for item in block.mapped:
            made = f"{step.dataset}.{item.name}"
            if block.call is None:
                yield from (((source, c), made) for c in sorted(item.columns))
            if item.call.source is not None:
                yield from (((item.call.source, c), made) for c in item.call.source_reads)
    if step.kind != "records":
        yield from ((place, f"{step.dataset}.{step.name}") for place in sorted(step.reads))
