# The commands of the Charter Register. `make run` and `make test` need nothing but Python 3.11 or newer.
#
# make run     a living register at http://localhost:8000 (PORT, REGISTER_HOME, DEMO=0; Ctrl-C ends it)
# make test    everything that proves the project in five minutes: the checks, the tests, the browser
# make check   only the checks: style, types, imports, migrations, settings, lock files
# make fix     put style right where a tool can
# make lock    choose the versions of all dependencies anew (needs uv)
# make proof   what takes long: faults, and the private pages on a wide screen
# make screenshots  take the pictures in docs/screenshots anew, from the demonstration
# make help    show this list

VENV = .venv
PYTHON = $(VENV)/bin/python
PYTHONS = python3 python3.13 python3.12 python3.11 python
INSTALL = $(PYTHON) -m pip install -qq --disable-pip-version-check --no-input --require-hashes --no-deps --only-binary :all:
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command 'make lock' --no-emit-index-url --no-emit-find-links pyproject.toml

.PHONY: help run test check fix lock proof screenshots browser

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

run: $(VENV)/installed-run
	@exec $(PYTHON) -m registry.local run

test: check browser
	@echo "Testing on a real PostgreSQL, a real Valkey and a real browser …"
	@$(PYTHON) -m pytest -q -n 3 --maxschedchunk 2
	@echo "Everything that make test proves holds."

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
		echo "A lock file names an address: run make lock."; exit 1; fi

# What a production register must be told; nothing of it is connected to.
PRODUCTION = REGISTER_MODE=production SECRET_KEY=a-long-random-text-of-no-use-anywhere-that-signs-nothing-0123456789 \
	DATABASE_URL=postgresql:///register REDIS_URL=redis://localhost EMAIL_URL=smtp://localhost \
	PUBLIC_URL=https://register.example SENDER_ADDRESS=register@example.org REPLY_ADDRESS=charter@example.org \
	POSTAL_ADDRESS=Council TELEPHONE=0

fix: $(VENV)/installed-dev
	@$(PYTHON) -m ruff check --quiet --fix . || true
	@$(PYTHON) -m ruff format --quiet .
	@$(VENV)/bin/djade $$(find templates -name '*.html') 2>/dev/null || true

# Each file holds the one before it, with the same versions.
lock:
	@$(LOCK) --upgrade --output-file requirements/prod.txt
	@$(LOCK) --group run --constraint requirements/prod.txt --output-file requirements/run.txt
	@$(LOCK) --group run --group test --constraint requirements/run.txt --output-file requirements/test.txt
	@$(LOCK) --group run --group test --group dev --constraint requirements/test.txt --output-file requirements/dev.txt

proof: $(VENV)/installed-test browser
	@$(PYTHON) -m pytest -q tests/proof
	@echo "Everything that make proof proves holds."

screenshots: $(VENV)/installed-dev browser
	@$(PYTHON) -m tests.journeys.screenshots

# A stamp per lock file: installed once, and again when the file changes.
$(VENV)/installed-%: requirements/%.txt | $(PYTHON)
	@echo "Installing what $< names …"
	@$(INSTALL) -r $<
	@touch $@

# A name on the PATH may be a shim that fails, and Debian's Python may lack venv: take the first that truly works.
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
		echo "No Python 3.11 or newer with its venv module was found. On Debian: apt-get install python3-venv"; \
		exit 1; \
	fi; \
	echo "Making a virtual environment with $$python …"; \
	$$python -m venv --clear $(VENV)

# The journeys need a Chromium. It is installed where we may; without one they are skipped, in CI they fail.
browser: $(VENV)/installed-dev
	@for name in "$$CHROMIUM" chromium chromium-browser google-chrome; do \
		if command -v "$$name" >/dev/null 2>&1; then exit 0; fi; \
	done; \
	if [ -d "/Applications/Google Chrome.app" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the journeys …"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0; \
	fi; \
	if [ -n "$$CI" ]; then echo "No Chromium, and it could not be installed."; exit 1; fi; \
	echo "No Chromium was found: the journeys through the browser are skipped. Install chromium, or name it in CHROMIUM."
