"""The `datacut` command: from `simulate` and `build` to `compare` and `log`."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from datacut.errors import DatacutError, Finding, InputError, SpecError
from datacut.pipeline.store import STAY

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="One raw CRF export in; SDTM, ADaM, results, tables, listings and figures out, driven by specs.",
)

core_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The environment of CDISC CORE.")
app.add_typer(core_app, name="core")

StudyOption = Annotated[
    Path | None, typer.Option("--study", help="Folder that holds specs/ (default: the nearest one above here).")
]
RawOption = Annotated[Path | None, typer.Option("--raw", help="Export folder (default: raw/<cut> of the study).")]
BuildOption = Annotated[Path | None, typer.Option("--out", help="Where builds go (default: build/ of the study).")]
CutOption = Annotated[str | None, typer.Option("--cut", help="Date of one cut (default: every cut in raw/).")]

CLEAN, FINDINGS, COULD_NOT_RUN = 0, 1, 2


@app.command()
def simulate(
    study: StudyOption = None,
    subjects: Annotated[int, typer.Option(help="Participants of the escalation and expansion.")] = 12,
    cuts: Annotated[int, typer.Option(help="How many cuts to export.")] = 2,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 1,
    mess: Annotated[str, typer.Option(help="Problems to inject: none, all, or kinds separated by commas.")] = "none",
    form: Annotated[str, typer.Option("--format", help="csv (a file a form) or xlsx (a workbook a system).")] = "csv",
    raw: RawOption = None,
) -> None:
    """Write a simulated export of each cut to raw/<cut>/, and what is true of it to raw/truth.json."""
    from datacut.simulate import simulate as write_exports
    from datacut.spec.load import load_specs

    root = _root(study)
    made = write_exports(
        load_specs(root), raw or root / "raw", subjects=subjects, cuts=cuts, seed=seed, mess=mess.split(","), form=form
    )
    for folder in made.folders:
        typer.echo(f"wrote {folder}")
    typer.echo(f"truth (for tests only): {made.truth}")


@app.command()
def build(
    study: StudyOption = None,
    cut: CutOption = None,
    raw: RawOption = None,
    out: BuildOption = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that share the work (default: one for each processor).")
    ] = None,
    only: Annotated[
        str,
        typer.Option(
            metavar="ID,...",
            help="Outputs, or selections of specs/tlf/_library.yml, to make; others stay, and are told if stale.",
        ),
    ] = "",
    verify: Annotated[
        bool, typer.Option("--verify", help="Hash every published file before a build is said to be up to date.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait where another run is at work in the same folder.")] = False,
    explain_why: Annotated[
        bool, typer.Option("--explain-why", help="Say of each task that ran which part of its key had changed.")
    ] = False,
) -> None:
    """Build everything of each cut into build/<cut>/. Exit 0 clean, 1 with error findings, 2 could not run."""
    from datacut.pipeline.run import run_cuts

    root = _root(study)
    names = tuple(filter(None, map(str.strip, only.split(","))))
    home = out or root / "build"
    sys.exit(run_cuts(root, cut, raw, home, workers, names, verify=verify, wait=wait, explain_why=explain_why))


@app.command()
def keep(
    name: Annotated[str | None, typer.Argument(help="The name to keep a build under.")] = None,
    study: StudyOption = None,
    cut: Annotated[str | None, typer.Option("--cut", help="The cut whose newest build is meant.")] = None,
    digest: Annotated[
        str | None, typer.Option("--digest", help="The build of this digest (or how it begins), not the newest.")
    ] = None,
    drop: Annotated[str | None, typer.Option("--drop", metavar="NAME", help="Take this name off its build.")] = None,
    out: BuildOption = None,
) -> None:
    """Keep the newest build under a name: frozen, and never removed until the name is dropped."""
    from datacut.pipeline.keep import drop_name, keep_build

    home = out or _root(study) / "build"
    if drop is not None and name is None:
        drop_name(home, drop)
        return
    if name is None or drop is not None:
        raise InputError("keep: give one name, to keep a build under or to --drop.")
    sys.exit(keep_build(home, name, cut, digest))


@app.command()
def builds(
    study: StudyOption = None,
    out: BuildOption = None,
    verify: Annotated[bool, typer.Option("--verify", help="Hash every file of every build.")] = False,
) -> None:
    """List the builds of each cut, the newest first, and what was altered in them by hand."""
    from datacut.pipeline.keep import list_builds

    sys.exit(list_builds(out or _root(study) / "build", verify=verify))


@app.command("gc")
def collect(
    study: StudyOption = None,
    out: BuildOption = None,
    stay: Annotated[int, typer.Option("--keep", min=1, help="Builds of each cut that stay, the newest first.")] = STAY,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and remove nothing.")] = False,
) -> None:
    """Remove earlier builds that are not kept under a name, and say what that frees."""
    from datacut.pipeline.keep import collect as remove_builds

    remove_builds(out or _root(study) / "build", stay, dry_run=dry_run)


@app.command()
def explain(
    name: Annotated[
        str, typer.Argument(help="AE, AE.AESTDTC, an output, raw.ae, raw.ae.AETERM, `verbs`, `rules`, or one of them.")
    ],
    study: StudyOption = None,
) -> None:
    """Print what a dataset, variable, output, form or field resolves to, or what a verb or rule does."""
    from datacut.pipeline.explain import explain as text_of

    typer.echo(text_of(_root(study), name), nl=False)


@app.command()
def trace(
    what: Annotated[
        str, typer.Argument(help="An output, a variable of a dataset (ADSL.DLTEVLFL), or raw/<cut>/ae.csv:14[:AETERM].")
    ],
    row: Annotated[
        str | None, typer.Option("--row", help="Of an output: label or number of a row; number of a record or mark.")
    ] = None,
    column: Annotated[str | None, typer.Option("--column", help="Of an output: label of a column, or a part.")] = None,
    statistic: Annotated[str | None, typer.Option("--statistic", help="One statistic of a cell: n, p, mean.")] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="Of a dataset: participant, or parts of a key with | between; #12.")
    ] = None,
    study: StudyOption = None,
    cut: Annotated[
        str | None, typer.Option("--cut", help="The cut whose newest build is asked (default: the last).")
    ] = None,
    digest: Annotated[
        str | None, typer.Option("--build", help="The build of this digest (or how it begins) or kept name.")
    ] = None,
    out: BuildOption = None,
    depth: Annotated[
        int | None, typer.Option("--depth", min=0, help="Calls that are followed from a value on.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
) -> None:
    """Say where a printed number or a value comes from, down to the CRF; or what a row of the export reaches."""
    from datacut.pipeline.trace import trace as answer

    root = _root(study)
    told = answer(
        root,
        out or root / "build",
        what,
        row=row,
        column=column,
        statistic=statistic,
        key=key,
        cut=cut,
        digest=digest,
        depth=depth,
        as_json=as_json,
    )
    typer.echo(told, nl=False)


@app.command()
def check(
    study: StudyOption = None,
    cut: CutOption = None,
    out: BuildOption = None,
    core: Annotated[bool, typer.Option("--core", help="Ask CDISC CORE too (of every build, or of --cut).")] = False,
    core_cache: Annotated[
        Path | None, typer.Option(help="Rule cache of CDISC CORE (default: DATACUT_CORE_CACHE, or study.yml).")
    ] = None,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Check the newest export, or that of --cut, against the specs and the last one."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --raw: print the result as JSON.")] = False,
) -> None:
    """Check the specs without data, and the datasets of a build if --cut names one. Exit 1 with error findings.

    With --raw: whether an export is fit to build on, in seconds and without a build.
    """
    root = _root(study)
    if raw and core:
        raise InputError("--raw and --core: CDISC CORE checks built datasets, not exports. Give one of the two.")
    if raw:
        from datacut.pipeline.transfer import run_transfer

        sys.exit(run_transfer(root, cut, as_json=as_json))
    if as_json:
        raise InputError("--json: only the check of an export (--raw) prints JSON.")
    home = out or root / "build"
    if cut is None and not core:
        from datacut.pipeline.check_specs import run_check_specs

        sys.exit(FINDINGS if run_check_specs(root, home) else CLEAN)
    from datacut.pipeline.check import run_check

    sys.exit(run_check(root, cut, home, core=core, core_cache=core_cache))


@app.command()
def compare(
    ours: Annotated[
        Path, typer.Argument(help="A dataset (XPT, SAS7BDAT, Dataset-JSON, Parquet, CSV), a table (RTF), or a folder.")
    ],
    theirs: Annotated[Path, typer.Argument(help="What another made of the same; files are paired by name.")],
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="VAR,...", help="Variables that tell records apart (default: of the specs)."),
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="Of numbers, as in PROC COMPARE: exact, absolute, relative, percent.")
    ] = None,
    criterion: Annotated[
        float | None, typer.Option(help="How far numbers may be apart (default of a method: 0.00001).")
    ] = None,
    variable: Annotated[
        list[str] | None,
        typer.Option("--variable", metavar="NAME=METHOD:CRIT", help="Another method for one variable."),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of texts in XPT, SAS7BDAT and CSV (default: UTF-8).")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all differences to this file.")] = None,
    study: StudyOption = None,
) -> None:
    """Compare datasets or tables that two people made of the same. Exit 0 equal, 1 different, 2 not comparable."""
    from datacut.pipeline.compare import run_compare

    sys.exit(
        run_compare(
            ours,
            theirs,
            _root_or_none(study),
            keys=key or (),
            method=method,
            criterion=criterion,
            variables=variable or (),
            encoding=encoding,
            json_file=json_file,
        )
    )


@app.command()
def queries(
    cut: Annotated[str, typer.Option("--cut", help="Date of the cut whose findings are asked.")],
    study: StudyOption = None,
    out: BuildOption = None,
    workbook: Annotated[
        Path | None, typer.Option(help="The workbook to bring up to date (default: queries.xlsx of the study).")
    ] = None,
) -> None:
    """Bring the query workbook up to a build: new findings are added, answers stay, what is gone is marked."""
    from datacut.pipeline.queries import update_queries

    root = _root(study)
    path = workbook or root / "queries.xlsx"
    now, new, gone = update_queries(root, cut, out or root / "build", path)
    typer.echo(f"{path}: {now} queries of {cut}, {new} of them new; {gone} of before are no longer found")


@app.command()
def log(
    cut: Annotated[str | None, typer.Option("--cut", help="Date of one cut (default: all).")] = None,
    study: StudyOption = None,
    out: BuildOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="The events as JSON, a line each.")] = False,
    show_schema: Annotated[bool, typer.Option("--schema", help="The JSON Schema of a line, and nothing else.")] = False,
) -> None:
    """What runs did: merges of many with many, conversions, rows left out, records made, findings, durations."""
    from datacut.pipeline.log import print_schema, run_log

    if show_schema:
        print_schema()
        return
    sys.exit(run_log(out or _root(study) / "build", cut, as_json=as_json))


@core_app.command("setup")
def core_setup(
    folder: Annotated[
        Path | None,
        typer.Option("--dir", help="Where it goes (default: DATACUT_CORE_ENV, or the user's cache folder)."),
    ] = None,
) -> None:
    """Make the Python environment in which CDISC CORE runs: once, some 460 MB from the package index."""
    from datacut.pipeline.outside import set_up_core

    set_up_core(folder)


def _root(study: Path | None) -> Path:
    """The study folder: the one named, or the nearest above here with specs/study.yml."""
    found = _root_or_none(study)
    if found is None:
        where = Path.cwd()
        raise InputError(
            f"{where}: no specs/study.yml here or above. Run datacut in a study folder or give --study DIR."
        )
    return found


def _root_or_none(study: Path | None) -> Path | None:
    """The same; None where there is none, for what does not need one."""
    if study is not None:
        return study.resolve()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / "specs" / "study.yml").exists()), None)


def main() -> None:
    """Run the command; a user's mistake is said without a traceback, on any terminal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a title with ≥ must not stop a build on an ASCII terminal
    try:
        app()
    except SpecError as fault:
        _say(fault.findings)
        sys.exit(COULD_NOT_RUN)
    except DatacutError as fault:
        typer.echo(f"datacut: {fault}", err=True)
        sys.exit(COULD_NOT_RUN)


def _say(findings: list[Finding]) -> None:
    from datacut.pipeline.console import print_findings
    from datacut.pipeline.report import found_lines

    print_findings(found_lines(findings), limit=50)


if __name__ == "__main__":
    main()
