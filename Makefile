# `make demo` and `make test` each set everything up by themselves, in $(VENV).
# What a check runs is written in noxfile.py; here is only what it needs first.

PYTHON ?= python3
VENV ?= .venv
PIP := pip==26.3

BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
INPUTS := setup.py pyproject.toml $(shell find src -name '*.py[xid]' -o -name '*.px[di]' \
	-o -name '*.c' -o -name '*.cpp' -o -name '*.h' | sort)

.PHONY: demo test lint sanitize coverage stdlib bench build dev clean
.DELETE_ON_ERROR:

test: build $(VENV)/.test $(VENV)/.clients
	$(BIN)/python -m pytest $(ARGS)

demo: build $(VENV)/.demo
	$(BIN)/python demo/run.py $(ARGS)

bench: dev
	$(BIN)/python -m nox -s bench -- $(ARGS)

lint: dev
	$(BIN)/python -m nox -s lint types

sanitize coverage: dev
	$(BIN)/python -m nox -s $@

stdlib: build $(VENV)/.test
	$(BIN)/python -m pytest tests/stdlib $(ARGS)

dev: build $(VENV)/.dev

build: $(VENV)/.built

$(VENV)/.created:
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) $(PIP)
	@touch $@

# One stamp for each dependency group that was installed.
$(VENV)/.build $(VENV)/.test $(VENV)/.clients $(VENV)/.demo $(VENV)/.dev: \
$(VENV)/.%: $(VENV)/.created pyproject.toml
	$(INSTALL) --group $*
	@touch $@

$(VENV)/.built: $(VENV)/.build $(INPUTS)
	$(INSTALL) --no-build-isolation --no-deps --editable .
	@touch $@

clean:
	rm -rf .venv build dist src/fastlog.egg-info src/fastlog/*.so .pytest_cache \
		.mypy_cache .ruff_cache .hypothesis .benchmarks .nox .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
