# wslearn: `make lab` to learn, `make test` to check everything. Needs Python >= 3.11 and nothing else.

PYTHON  ?= python3
# Programs whose tests to leave out, by name: make test WITHOUT="chromium nginx"
WITHOUT ?=
# make lock UPGRADE=--upgrade moves every pin to the newest release.
UPGRADE ?=

VENV  := .venv
BIN   := $(VENV)/bin
PY    := $(BIN)/python
TOOLS := chromium haproxy nginx node tshark
WS    := tests/interop/node_modules/.package-lock.json

ifneq ($(filter-out $(TOOLS),$(WITHOUT)),)
$(error WITHOUT takes any of: $(TOOLS))
endif
NEEDED := $(filter-out $(WITHOUT),$(TOOLS))

.PHONY: help
help:  ## Say what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1\t/p' Makefile | expand -t 22

.PHONY: lab
lab: $(VENV)/.lab  ## Open the course in JupyterLab
	$(BIN)/wslearn lab

.PHONY: test
test: format types tools coverage  ## Check everything: form, types, tests, coverage, notebooks, conformance
	$(PY) -m pytest $(addprefix --without=,$(WITHOUT))

.PHONY: format
format: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(VENV)/.test
	$(BIN)/mypy

.PHONY: coverage
coverage: $(VENV)/.test  ## Check the branch coverage: each core module by its own test file
	$(PY) tests/coverage_by_module.py

.PHONY: tools
tools: $(VENV)/.test
	@tests/system_tools.sh $(NEEDED)
ifneq ($(filter node,$(NEEDED)),)
	@$(MAKE) --no-print-directory $(WS)
endif

$(WS): tests/interop/package-lock.json
	cd tests/interop && npm ci --silent
	@touch $@

.PHONY: bundle
bundle: $(WS)  ## Put Yjs into one file anew, for the page of the editor
	cd tests/interop && npm run --silent bundle

.PHONY: conformance
conformance: $(VENV)/.test  ## Run the whole Autobahn testsuite against both roles (half an hour)
	$(PY) -m tests.conformance

.PHONY: bench
bench: $(VENV)/.test  ## Measure wslearn beside its peers
	$(PY) -m tests.bench

.PHONY: notebooks
notebooks: $(VENV)/.test  ## Execute the lessons anew and write them in their one form
	$(PY) -m tests.notebooks

.PHONY: lock
lock: .lock-venv/bin/uv  ## Write requirements/*.lock anew after a change to pyproject.toml
	$(UV_COMPILE) --extra bench --group test --output-file requirements/test.lock pyproject.toml
	$(UV_COMPILE) --constraints requirements/test.lock --output-file requirements/lab.lock pyproject.toml

# One lock for every platform and every Python from 3.11 on, and no word of where packages come from.
UV_COMPILE = .lock-venv/bin/uv --no-config --quiet pip compile --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url --no-emit-find-links $(UPGRADE) \
	--extra lab --extra cluster --extra interview --group build

.lock-venv/bin/uv:
	$(PYTHON) -m venv --clear .lock-venv
	.lock-venv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9

.PHONY: clean
clean:  ## Remove the environments and all that tests leave behind
	rm -rf $(VENV) .lock-venv tests/interop/node_modules build dist reports
	rm -rf .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find wslearn tests notebooks -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf

# The test lock is the lab lock and more, at the same versions, so that both live in one environment.
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --no-input

$(VENV)/.lab: requirements/lab.lock pyproject.toml | $(PY)
	@echo "Installing requirements/lab.lock into $(VENV): about 100 packages, a minute or so"
	@$(INSTALL) --require-hashes --requirement requirements/lab.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements/test.lock pyproject.toml | $(PY)
	@echo "Installing requirements/test.lock into $(VENV): about 150 packages, a minute or so"
	@$(INSTALL) --require-hashes --requirement requirements/test.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.lab

$(PY):
	@command -v $(PYTHON) >/dev/null || \
	  { echo "$(PYTHON) is not here. On Debian or Ubuntu:  apt-get install python3 python3-venv"; exit 1; } >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "wslearn needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version)."; \
	    echo "Name a newer one:  make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; } >&2
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make environments. On Debian or Ubuntu:  apt-get install python3-venv"; exit 1; } >&2
	$(PYTHON) -m venv --clear $(VENV)
