PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup run dev test check bench clean

setup: $(VENV)/ready

$(VENV)/ready: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@

run: setup
	$(BIN)/streamlit run app.py

dev: setup
	$(BIN)/streamlit run app.py --server.fileWatcherType=auto --server.runOnSave=true

test: setup
	$(BIN)/python -m pytest -n auto --dist=loadfile

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.interaction
	$(BIN)/python -m benchmarks.sweep
	$(BIN)/python -m benchmarks.player
	$(BIN)/python -m benchmarks.page_switch
	$(BIN)/python -m benchmarks.lecture_hall

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
