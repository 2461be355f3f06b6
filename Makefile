# make demo   environment, simulated export of two cuts, both built
# make test   environment, static checks and tests
# make check  static checks alone: format, lint, types, layers
# make truth  what is built of 200 simulated subjects against what was simulated (minutes)
# make renames each code of the study renamed, everywhere and place by place (minutes)
# make settings each setting at other values moves what it says it moves, and nothing else (minutes; tests/e2e/by_hand.py
#               puts a subject into the export for those that move nobody who is simulated)
# make told    whole builds under other settings: what Define, results and pages say, and whether Define alone derives them (minutes)
# make edits  edits at random against fresh builds, builds that are killed, and what trace names of edited fields (hours)
# make office the RTF and DOCX of all outputs as LibreOffice shows them against the PDF (minutes)

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check truth renames settings told traced edits office lock clean

demo: $(READY)
	$(BIN)/datacut simulate --subjects 12 --cuts 2 --seed 1
	$(BIN)/datacut build

test: check
	$(BIN)/pytest -n auto

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

truth: $(READY)
	DATACUT_TRUTH_SUBJECTS=200 $(BIN)/pytest tests/e2e/test_truth.py -k "seed or under or known"

renames: $(READY)
	DATACUT_RENAMES=1 $(BIN)/pytest tests/e2e/test_renames.py

settings: $(READY)
	DATACUT_SETTINGS=1 $(BIN)/pytest tests/e2e/test_moves.py

told: $(READY)
	DATACUT_TOLD=1 $(BIN)/pytest tests/e2e/test_define_alone.py tests/e2e/test_settings_built.py

traced: $(READY)
	DATACUT_TRACED=20 $(BIN)/pytest tests/e2e/test_trace.py tests/e2e/test_traced_results.py

edits: $(READY)
	DATACUT_EDITS=200 $(BIN)/pytest -s tests/pipeline/test_incremental.py tests/pipeline/test_random_edits.py
	DATACUT_KILLS=50 $(BIN)/pytest -s tests/pipeline/test_killed.py
	DATACUT_TOUCHED=40 $(BIN)/pytest -s tests/e2e/test_touched.py

office: $(READY)
	DATACUT_OFFICE_DOCUMENTS=combined/all-sections $(BIN)/pytest tests/e2e/test_office.py

$(READY): requirements.lock pyproject.toml scripts/find-python
	@rm -rf $(VENV)
	@python=$$(PYTHON="$(PYTHON)" scripts/find-python) && "$$python" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lock:
	uv pip compile pyproject.toml --group dev --generate-hashes --python-version 3.12 --universal -o requirements.lock

clean:
	rm -rf $(VENV) build raw
