VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup run dev test search coverage browser check docs bench clean

setup: $(VENV)/test-ready

# A rule without a recipe: where the Python is gone that $(VENV) was made with, all is set up anew.
$(BIN)/python:

$(VENV)/run-ready: $(BIN)/python requirements.txt
	@sh scripts/make_venv.sh $(VENV)
	@$(BIN)/python scripts/install.py requirements.txt
	@touch $@

$(VENV)/test-ready: $(VENV)/run-ready requirements-dev.txt requirements-cluster.txt
	@$(BIN)/python scripts/install.py requirements-dev.txt
	@touch $@

run: $(VENV)/run-ready
	$(BIN)/streamlit run app.py

dev: $(VENV)/run-ready
	$(BIN)/streamlit run app.py --server.fileWatcherType=auto --server.runOnSave=true

browser: $(VENV)/test-ready
	@$(BIN)/python scripts/browser.py

test: browser
	$(BIN)/python -m pytest -n auto --dist=worksteal

search: $(VENV)/test-ready
	$(BIN)/python -m pytest -n auto --dist=worksteal --hypothesis-profile=fresh -m hypothesis

coverage: browser
	$(BIN)/python -m pytest -n auto --dist=worksteal --cov --cov-report=term:skip-covered

check: $(VENV)/test-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/oxlint --deny-warnings dashboard/browser
	@$(BIN)/python scripts/typescript.py

docs: $(VENV)/test-ready
	$(BIN)/python -m scripts.reference

bench: browser
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.interaction
	$(BIN)/python -m benchmarks.sweep
	$(BIN)/python -m benchmarks.step_cost
	$(BIN)/python -m benchmarks.player
	$(BIN)/python -m benchmarks.browser_training
	$(BIN)/python -m benchmarks.page_switch
	$(BIN)/python -m benchmarks.first_visit
	$(BIN)/python -m benchmarks.lecture_hall

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
