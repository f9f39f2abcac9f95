# Everything a fresh machine needs: make run, make test. The README has the same as plain commands.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-long install lint format clean

run: $(VENV)/run.stamp
	@$(BIN)/python app.py serve

test: $(VENV)/test.stamp
	@$(BIN)/python -m pytest

# More examples, more kills, longer simulations: for the night.
test-long: $(VENV)/test.stamp
	@LONG=1 $(BIN)/python -m pytest

install: $(VENV)/test.stamp

lint: $(VENV)/test.stamp
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(VENV)/test.stamp
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .hypothesis

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	@echo "Installing what the bot needs (once) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "Installing what the tests need (once) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "There is no $(PYTHON) here: install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 run"; exit 1; }
	@test -w . || { echo "No permission to write in $$(pwd): clone it where you may write."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) comes without venv: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
