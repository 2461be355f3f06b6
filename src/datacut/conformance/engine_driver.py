"""Drives the CDISC CORE engine over SDTM files: run by the Python of CORE's own environment, never imported.

    python engine_driver.py REQUEST.json ANSWER.json

The request names files and folders by absolute path: `datasets`, `define` (or null), `cache`, `standard`, `version`,
`ct` (one package) and `processes`. The answer holds one entry a rule, sorted by its id. Each finished rule prints
`done total` on the standard output. What cannot be run is one line on the error output and exit code 2.
"""

from __future__ import annotations

import importlib.metadata
import json
import logging
import multiprocessing
import os
import pickle
import sys
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

import cdisc_rules_engine
from cdisc_rules_engine.config import config
from cdisc_rules_engine.models.external_dictionaries_container import ExternalDictionariesContainer
from cdisc_rules_engine.models.library_metadata_container import LibraryMetadataContainer
from cdisc_rules_engine.models.rule_validation_result import RuleValidationResult
from cdisc_rules_engine.rules_engine import RulesEngine
from cdisc_rules_engine.services import logger
from cdisc_rules_engine.services.cache import InMemoryCacheService
from cdisc_rules_engine.services.data_services import DataServiceFactory
from cdisc_rules_engine.utilities import utils


class _Builtin(pickle.Unpickler):
    """Reads builtin containers only: a pickle that names any class or function is refused."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"names {module}.{name}, which a rule cache never does")


class _PlainCache(InMemoryCacheService):  # type: ignore[misc]
    """The engine's cache on plain dicts: the original measures the size of every value that enters it."""

    def __init__(self) -> None:
        self.cache: dict[str, Any] = {}
        self.dataset_cache: dict[str, Any] = {}
        self.cache_lock = self.dataset_cache_lock = nullcontext()

    def add(self, cache_key: str, data: Any) -> None:
        self.cache[cache_key] = data

    def add_dataset(self, cache_key: str, data: Any) -> None:
        self.dataset_cache[cache_key] = data


_ENGINE: RulesEngine
_RULES: list[dict[str, Any]]


def _run(number: int) -> dict[str, Any]:
    rule = _RULES[number]
    results = list(chain(*_ENGINE.validate_single_rule(rule).values()))
    told = RuleValidationResult(rule, results)
    return {
        "id": told.id,
        "source": told.cdisc_rule_id,
        "message": told.message,
        "status": told.execution_status,
        "results": [r for r in results if r["executionStatus"] not in ("success", "skipped")],
        "ran": [r["dataset"] for r in results if r["executionStatus"] not in ("skipped", "execution error")],
    }


def _load(cache: Path, name: str) -> Any:
    try:
        with (cache / f"{name}.pkl").open("rb") as file:
            return _Builtin(file).load()
    except FileNotFoundError:
        sys.exit(_refuse(f"{cache}: no {name}.pkl in the rule cache"))
    except (pickle.UnpicklingError, EOFError) as fault:
        sys.exit(_refuse(f"{cache / name}.pkl: {fault}"))


def _part(mapping: Any, key: str, cache: Path, name: str) -> Any:
    if key not in mapping:
        sys.exit(_refuse(f"{cache}: {name}.pkl has no {key}"))
    return mapping[key]


def _refuse(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return 2


def _prepare(request: dict[str, Any]) -> None:
    global _ENGINE, _RULES
    cache, standard, version = Path(request["cache"]), request["standard"], request["version"].replace(".", "-")
    rules = _load(cache, "rules")
    ids = _part(_load(cache, "rules_dictionary"), f"{standard}/{version}", cache, "rules_dictionary")
    _RULES = [rules[i] for i in sorted(ids) if request["define"] or not rules[i]["rule_type"].startswith("Define")]
    details = _part(
        _load(cache, "standards_details"),
        utils.get_standard_details_cache_key(standard, version),
        cache,
        "standards_details",
    )
    library = LibraryMetadataContainer(
        standard_metadata=details,
        model_metadata=_part(
            _load(cache, "standards_models"),
            utils.get_model_details_cache_key_from_ig(details),
            cache,
            "standards_models",
        ),
        variables_metadata=_part(
            _load(cache, "variables_metadata"),
            utils.get_library_variables_metadata_cache_key(standard, version, None),
            cache,
            "variables_metadata",
        ),
        variable_codelist_map=_part(
            _load(cache, "variable_codelist_maps"),
            utils.get_standard_codelist_cache_key(standard, version),
            cache,
            "variable_codelist_maps",
        ),
        ct_package_metadata={request["ct"]: _load(cache, request["ct"])},
        published_ct_packages=sorted(p.stem for p in cache.glob("*ct-*.pkl")),
        cache_path=str(cache),
    )
    shared: dict[str, Any] = {
        "standard": standard,
        "standard_version": version,
        "standard_substandard": None,
        "library_metadata": library,
        "max_dataset_size": 0,
        "encoding": "utf-8",
    }
    plain = _PlainCache()
    service = DataServiceFactory(config, plain, **shared).get_data_service(request["datasets"])
    _ENGINE = RulesEngine(
        cache=plain,
        data_service=service,
        dataset_paths=request["datasets"],
        ct_packages=[request["ct"]],
        external_dictionaries=ExternalDictionariesContainer({}),
        define_xml_path=request["define"],
        validate_xml=False,
        **shared,
    )
    for metadata in service.get_datasets():
        service.get_dataset(dataset_name=metadata.name)


def main() -> int:
    source, target = (Path(p).resolve() for p in sys.argv[1:3])
    request = json.loads(source.read_text(encoding="utf-8"))
    logging.disable(logging.CRITICAL)
    logger.disabled = True
    # the engine opens its own resources relative to the folder that holds it
    os.chdir(Path(cdisc_rules_engine.__file__).parents[1])
    _prepare(request)
    done = []
    with multiprocessing.get_context("fork").Pool(request["processes"]) as pool:
        for result in pool.imap_unordered(_run, range(len(_RULES))):
            done.append(result)
            sys.stdout.write(f"{len(done)} {len(_RULES)}\n")
            sys.stdout.flush()
    answer = {
        "engine": importlib.metadata.version("cdisc-rules-engine"),
        "standard": f"{request['standard']} {request['version']}",
        "rules": sorted(done, key=lambda r: r["id"]),
    }
    target.write_text(json.dumps(answer, indent=1, ensure_ascii=False, default=str), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
