# The commands of the Charter Register. `make run` and `make test` need nothing but Python 3.11 or newer.
#
# make run     start a register at http://localhost:8000 (PORT, REGISTER_HOME, DEMO=0; Ctrl-C stops it)
# make test    run all checks and tests, also in the browser, in about seven minutes
# make test-one T=tests/charter/test_outbox.py  one file, or one test of it, in seconds
# make check   run only the checks: style, types, imports, migrations, settings, lock files
# make fix     correct style where a tool can
# make lock    choose new versions of all dependencies (needs uv)
# make proof   run the long tests: faults, and the private pages on a wide screen
# make bench SIZE=s  measure the register beside its peers and limits, s or m (writes docs/performance.md)
# make screenshots  update the pictures in docs/screenshots, from the demonstration
# make help    show this list

VENV = .venv
PYTHON = $(VENV)/bin/python
PYTHONS = python3 python3.13 python3.12 python3.11 python
INSTALL = $(PYTHON) -m pip install -qq --disable-pip-version-check --no-input --require-hashes --no-deps --only-binary :all:
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command 'make lock' --no-emit-index-url --no-emit-find-links pyproject.toml

.PHONY: help run test test-one check fix lock proof bench screenshots browser

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

run: $(VENV)/installed-run
	@exec $(PYTHON) -m registry.local run

test: check browser
	@echo "Testing on a real PostgreSQL, a real Valkey and a real browser …"
	@$(PYTHON) -m pytest -q -n 3 --maxschedchunk 2
	@echo "All checks and tests passed."

# The services' data stay in var/tests, so that the next single run need not create the tables.
test-one: $(VENV)/installed-dev
	@REGISTER_TESTS_HOME=var/tests $(PYTHON) -m pytest -q -n 0 $(T)

check: $(VENV)/installed-dev
	@echo "Checking style, types, imports, migrations and settings …"
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m ruff format --quiet --check .
	@$(VENV)/bin/djade --check $$(find templates -name '*.html') 2>/dev/null
	@$(PYTHON) -m mypy
	@$(VENV)/bin/lint-imports --no-logo
	@$(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	@env $(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING
	@if grep -nE '://|--(extra-)?index-url|--find-links' requirements/*.txt; then \
		echo "A lock file contains an address. Run make lock."; exit 1; fi

# Settings a production register needs. The checks connect to none of these addresses.
PRODUCTION = REGISTER_MODE=production SECRET_KEY=a-long-random-text-of-no-use-anywhere-that-signs-nothing-0123456789 \
	HEAD_SIGNING_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
	DATABASE_URL=postgresql://app@/register DATABASE_PUBLIC_URL=postgresql://public@/register REDIS_URL=redis://localhost EMAIL_URL=smtp://localhost \
	PUBLIC_URL=https://register.example SENDER_ADDRESS=register@example.org REPLY_ADDRESS=charter@example.org \
	POSTAL_ADDRESS=Council TELEPHONE=0

fix: $(VENV)/installed-dev
	@$(PYTHON) -m ruff check --quiet --fix . || true
	@$(PYTHON) -m ruff format --quiet .
	@$(VENV)/bin/djade $$(find templates -name '*.html') 2>/dev/null || true

# Each file contains the one before it, with the same versions; bench.txt contains run.txt.
lock:
	@$(LOCK) --upgrade --output-file requirements/prod.txt
	@$(LOCK) --group run --constraint requirements/prod.txt --output-file requirements/run.txt
	@$(LOCK) --group run --group test --constraint requirements/run.txt --output-file requirements/test.txt
	@$(LOCK) --group run --group test --group dev --constraint requirements/test.txt --output-file requirements/dev.txt
	@$(LOCK) --group run --group bench --constraint requirements/dev.txt --output-file requirements/bench.txt

proof: $(VENV)/installed-test browser
	@$(PYTHON) -m pytest -q tests/proof
	@echo "All long tests passed."

bench: $(VENV)/installed-bench
	@$(PYTHON) -m tests.bench.bench $(or $(SIZE),s)

screenshots: $(VENV)/installed-dev browser
	@$(PYTHON) -m tests.journeys.screenshots

# One stamp file for each lock file: installed once, and again when the lock file changes.
$(VENV)/installed-%: requirements/%.txt | $(PYTHON)
	@echo "Installing the packages in $< …"
	@$(INSTALL) -r $<
	@touch $@

# A name on the PATH may be a shim that fails, and Debian's Python may lack venv: use the first one that works.
$(PYTHON):
	@working () { \
		for python in $(PYTHONS); do \
			$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
				&& echo $$python && return; \
		done; \
	}; \
	python=$$(working); \
	if [ -z "$$python" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Python's venv module …"; \
		apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null; \
		python=$$(working); \
	fi; \
	if [ -z "$$python" ]; then \
		echo "No Python 3.11 or newer with its venv module was found. On Debian, run: apt-get install python3-venv"; \
		exit 1; \
	fi; \
	echo "Creating a virtual environment with $$python …"; \
	$$python -m venv --clear $(VENV)

# The browser tests need Chromium. It is installed if we are root; without it they are skipped, and in CI they fail.
browser: $(VENV)/installed-dev
	@for name in "$$CHROMIUM" chromium chromium-browser google-chrome; do \
		if command -v "$$name" >/dev/null 2>&1; then exit 0; fi; \
	done; \
	if [ -d "/Applications/Google Chrome.app" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests …"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0; \
	fi; \
	if [ -n "$$CI" ]; then echo "Chromium was not found and could not be installed."; exit 1; fi; \
	echo "Chromium was not found: the browser tests will be skipped. Install chromium, or name it in CHROMIUM."
