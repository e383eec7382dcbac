# Everything a developer runs. Each target sets up the environment it needs in .venv, once; paths are relative
# throughout, so that the project may stand in a folder with any name.

PYTHON ?= python3
export PYTHON

# What a suite is given on the command line (DATA=DIR, N=NUMBER), make hands on in the environment.
SUITES := engine memory backtest load proofs daemon chaos nab forecast learning workflows crash reload soak import
BENCHES := $(SUITES:%=bench-%)

.PHONY: environment bench-environment demo test test-slow replay lint lint-rules format update-snapshots docs tables fuzz bench $(BENCHES) clean help

environment: ## (the default) builds .venv; PYTHON=… chooses the interpreter (3.11–3.13)
	@tools/environment.sh dev

demo: environment ## a small swarm, broken and healed in front of you, in about a minute
	.venv/bin/volexd demo

test: environment ## the tests, without the slow ones
	.venv/bin/pytest -n 2 -m "not slow"

test-slow: environment ## the slow tests
	.venv/bin/pytest -n 2 -m slow

replay: environment ## a busy hour, recorded, and replayed in other processes: the same effects (some minutes)
	.venv/bin/pytest -m slow tests/daemon/rehearsal/test_busy_hour.py

lint: environment ## style, types, direction of imports, and our own rules
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	@$(MAKE) --no-print-directory lint-rules

lint-rules: environment ## the shipped rules: their form, what they say, and their tests
	.venv/bin/volexd fmt --check rules
	.venv/bin/volexd --check --strict rules
	.venv/bin/volexd test rules

format: environment ## mends what ruff can mend, and writes the rules as volexd fmt does
	.venv/bin/ruff check --fix
	.venv/bin/ruff format
	.venv/bin/volexd fmt rules

update-snapshots: environment ## rewrites the expected outputs of the tests; read the diff before you commit it
	.venv/bin/pytest -n 2 --snapshot-update

docs: environment ## writes the reference pages from the vocabulary and the codes
	.venv/bin/python -m tools.docs

fuzz: environment ## looks for texts, and replies of sources, that crash volexd or hold it up, for N=300 seconds
	-@tools/environment.sh fuzz
	.venv/bin/python -m tools.fuzz $(N)

tables: environment ## writes the tables by which rules are parsed, after the grammar was changed
	.venv/bin/python -m tools.tables

bench: bench-engine bench-load bench-daemon ## the quick benchmarks; results in benchmarks/results/

# make bench-engine, bench-daemon, …: one suite, one module of benchmarks/.
$(BENCHES): bench-%: bench-environment
	.venv/bin/python -m benchmarks.$*

bench-environment: environment
	@tools/environment.sh bench

clean: ## removes the environment and everything that was built
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-17s %s\n' "$$name" "$$text"; done
	@printf '  make %-17s %s\n' bench-SUITE "one suite of: $(SUITES) (DATA=DIR, N=NUMBER)"
