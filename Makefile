# Two commands matter: `make run` opens the shop, `make test` proves it. Both do all set-up themselves,
# ask nothing, and take well under a second for it once it is done.
# ARGS goes to the program behind the target: make run ARGS="--port 9000", make test ARGS="tests/checkout -x".

PYTHON ?= python3
ARGS ?=
# Tests wait for sockets, browsers and clocks more than they reckon: three at once keep two cores busy.
AT_ONCE ?= 3
SETUP = $(PYTHON) .make/setup.py
BIN = .venv/bin

.PHONY: help run test setup check bench mutants pictures
.DEFAULT_GOAL := help

help:
	@echo "make run    set up what is missing, then open the shop (Ctrl-C closes it)"
	@echo "make test   set up what is missing, then run the tests, those in a browser included"
	@echo "make setup  only set up; leaves $(BIN)/emma"
	@echo "make check  ruff, mypy, import-linter, then make test"
	@echo "make bench  the measurements, as a table"
	@echo "make mutants  break the rules of money, tax, prices and promotions on purpose: do the tests notice?"
	@echo "make pictures  draw the README's pictures out of a running shop"

setup:
	@$(SETUP) shop

run:
	@$(SETUP) shop
	@exec $(BIN)/emma run $(ARGS)

test:
	@$(SETUP) tests
	@echo "tests: pytest, without those marked long"
	@$(BIN)/python -m pytest -m "not long" -n $(AT_ONCE) --dist loadfile $(ARGS) \
	|| { code=$$?; [ $$code -eq 1 ] && [ -z "$(ARGS)" ] || exit $$code; \
	echo "tests: what failed, once more and alone (.decisions/0033-once-more-alone.md)"; \
	$(BIN)/python -m pytest -m "not long" --last-failed --last-failed-no-failures none; }

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

mutants:
	@$(SETUP) tests
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[mutants]"
	@$(BIN)/mutmut run $(ARGS)

pictures:
	@$(SETUP) tests
	@$(BIN)/python .make/pictures.py
