# Two commands matter: `make run` opens the shop, `make test` proves it. Both do all set-up themselves,
# ask nothing, and take well under a second for it once it is done.
# ARGS goes to the program behind the target: make run ARGS="--port 9000", make test ARGS="tests/checkout -x".

PYTHON ?= python3
ARGS ?=
SETUP = $(PYTHON) .make/setup.py
BIN = .venv/bin

.PHONY: help run test setup check bench pictures
.DEFAULT_GOAL := help

help:
	@echo "make run    set up what is missing, then open the shop (Ctrl-C closes it)"
	@echo "make test   set up what is missing, then run the tests, those in a browser included"
	@echo "make setup  only set up; leaves $(BIN)/emma"
	@echo "make check  ruff, mypy, import-linter, then make test"
	@echo "make bench  the measurements, as a table"
	@echo "make pictures  draw the README's pictures out of a running shop"

setup:
	@$(SETUP) shop

run:
	@$(SETUP) shop
	@exec $(BIN)/emma run $(ARGS)

test:
	@$(SETUP) tests
	@echo "tests: pytest, without those marked long"
	@$(BIN)/python -m pytest -m "not long" $(ARGS)

check:
	@$(SETUP) tests
	@echo "ruff: how the code reads"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "mypy: what the types say"
	@$(BIN)/mypy
	@MYPYPATH=.make $(BIN)/mypy .make/setup.py
	@echo "import-linter: who may look at whom"
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

bench:
	@$(SETUP) tests
	@echo "bench: median, p95, p99, and the peer beside it"
	@$(BIN)/python tests/bench/run.py $(ARGS)

pictures:
	@$(SETUP) tests
	@$(BIN)/python .make/pictures.py
