# Everything a fresh machine needs: make run, make test. The README has the same as plain commands.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check

.PHONY: run test test-long install lint format clean
# A virtual environment half made is none.
.DELETE_ON_ERROR:

run: $(VENV)/run.stamp
	@$(BIN)/python app.py serve

test: $(VENV)/test.stamp
	@$(BIN)/python -m pytest -n logical --dist worksteal

# More examples, more kills, longer simulations: for the night.
test-long: $(VENV)/test.stamp
	@LONG=1 $(BIN)/python -m pytest -n logical --dist worksteal

install: $(VENV)/test.stamp

lint: $(VENV)/test.stamp
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports

format: $(VENV)/test.stamp
	@$(BIN)/python -m ruff check --fix . ; $(BIN)/python -m ruff format .

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .hypothesis .import_linter_cache tests/playground/node_modules

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	@echo "Installing what the bot needs (once) …"
	@$(PIP) -r requirements.txt || { echo "That failed, for the reason above. Nothing else was changed: try again."; exit 1; }
	@touch $@

$(VENV)/test.stamp: requirements.txt requirements-dev.txt | $(BIN)/python
	@echo "Installing what the tests need (once) …"
	@$(PIP) -r requirements-dev.txt || { echo "That failed, for the reason above. Nothing else was changed: try again."; exit 1; }
	@touch $(VENV)/run.stamp $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "There is no $(PYTHON) here: install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). If you have a newer one: PYTHON=python3.12 make $(or $(firstword $(MAKECMDGOALS)),run)"; exit 1; }
	@test -w . || { echo "No permission to write in $$(pwd): clone it where you may write."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) comes without venv: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
