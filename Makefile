# The two commands a newcomer needs are `make run` and `make test`.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

# Since where changes count for `make quick`: the branch that work is merged into.
BASE ?= main

.PHONY: run venv test quick check lint types layers tests bench schema clean

run: $(VENV)/.runtime
	$(BIN)/python -m streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT)

# Everything: what running needs, what testing needs, and a browser.
venv: $(VENV)/.testing

test: venv check

check: lint types layers tests

# Under a minute: lint, types, and the tests that mirror or name what changed since BASE.
quick: venv lint types
	$(BIN)/python -m tests.changed $(BASE)

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

layers:
	$(BIN)/lint-imports

tests:
	$(BIN)/python -m pytest

bench: venv
	$(BIN)/python -m benchmarks

# The JSON schemas beside the models, after a change of segmenter/io/model/schema.py.
schema: $(VENV)/.runtime
	$(BIN)/python -c "from segmenter.io.model import MODELS_FOLDER, schema; schema.publish(MODELS_FOLDER)"

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -r requirements.txt -c constraints.txt
	touch $@

$(VENV)/.testing: requirements.txt requirements-engines.txt requirements-dev.txt constraints.txt tests/browser/install.sh tests/io/read/install_postgres.sh tests/report/install_office.sh | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -r requirements.txt -r requirements-engines.txt -r requirements-dev.txt -c constraints.txt
	sh tests/browser/install.sh
	sh tests/io/read/install_postgres.sh
	sh tests/engines/install_java.sh
	sh tests/report/install_office.sh
	touch $@ $(VENV)/.runtime
