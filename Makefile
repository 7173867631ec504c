# Every target works on a fresh clone: it makes .venv from the lock first.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
LOCK   := requirements/lock.txt
STAMP  := $(VENV)/.installed
ANEW   := --hypothesis-profile=default
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.PHONY: tour test bench docs check nightly agree random kills mutate lock clean help
.DEFAULT_GOAL := help

$(STAMP): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "make: \`$(PYTHON)\` with venv is needed (Debian: apt-get install python3.11-venv; or PYTHON=/path/to/python3.11)" >&2; exit 1; }
	@echo "installing the locked packages into $(VENV) (once, a minute or two)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r $(LOCK) 2>$(VENV)/install.log || { cat $(VENV)/install.log >&2; exit 1; }
	@$(PIP) --no-build-isolation --editable . 2>>$(VENV)/install.log || { cat $(VENV)/install.log >&2; exit 1; }
	@touch $@

tour: $(STAMP)   ## the whole story, played on a local AWS
	@$(BIN)/watchword tour

test: check      ## linters, types, layers, then every test
	$(BIN)/python -m pytest -n 3 --dist worksteal

check: $(STAMP) ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)  ## the performance promises, as ratios measured in one run
	@$(BIN)/python -m bench

agree: $(STAMP)  ## 100 000 random cases and 7 000 random accounts: engine, proofs and the slow reference agree (an hour and a half)
	WATCHWORD_AGREEMENT_CASES=100000 $(BIN)/python -m pytest -n 2 --dist load $(ANEW) tests/reference/test_agreement.py tests/proof/right

random: $(STAMP) ## the tests of random input, on examples not seen before
	$(BIN)/python -m pytest -n 2 --dist load $(ANEW) -m hypothesis

kills: $(STAMP)  ## kill a sandbox with a state five hundred times: what was acknowledged is there (ten minutes)
	WATCHWORD_KILLS=500 $(BIN)/python -m pytest tests/sandbox/state/test_kill.py

nightly: agree random kills mutate ## what takes too long for every change

mutate: $(STAMP)  ## change the engine a little, thousands of times: how often do the tests notice? (hours)
	@$(BIN)/python -m bench.mutation

docs: $(STAMP)   ## the documentation site, in site/index.html
	$(BIN)/zensical build --clean
	@echo "the site is in site/index.html"

lock:            ## resolve anew; the lock names packages, versions and hashes, and no index host
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip install --quiet uv
	@$(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --all-extras \
	  --group test --group docs --group build --no-emit-package watchword pyproject.toml -o $(LOCK)

help:            ## this list
	@grep -E '^[a-z]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/'

clean:           ## remove what the other targets made
	rm -rf $(VENV) site dist mutants .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
