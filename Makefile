# Every target goes through deploy/bootstrap.py, which needs nothing but Python, pip and g++ and also works without make.
PYTHON ?= python3
ARGS ?=
BOOTSTRAP = @exec $(PYTHON) deploy/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench prove

help: ## show this list
	@sed -n 's/^\([a-z]*\): ## /  make \1	/p' Makefile

setup: ## make the environment (.venv) and nothing else
	$(BOOTSTRAP) setup

demo: ## start simulator, broker, daemon and page; Ctrl-C ends all of them
	$(BOOTSTRAP) demo $(ARGS)

test: ## run all tests and the coverage gate; ARGS="-k words" runs pytest with them, without the gate
	$(BOOTSTRAP) test $(ARGS)

lint: ## run ruff, the format check, mypy and the import contracts
	$(BOOTSTRAP) lint $(ARGS)

bench: ## run the benchmarks of tests/benchmarks
	$(BOOTSTRAP) bench $(ARGS)

prove: ## run the long proofs; ARGS="--seed 1 --size full"
	$(BOOTSTRAP) prove $(ARGS)
