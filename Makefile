# make        set up, run the pipeline, say where the report lies
# make test   run every test that this machine can run
# make lock   renew the pinned versions (needs uv)

SHELL := /bin/bash
.DEFAULT_GOAL := report
.PHONY: report test lock clean

venv := .venv
bin := $(venv)/bin

report: $(venv)/.quarto-tried
	@$(bin)/snakemake
	@echo "The report is in results/report.html (English) and results/rapport.html (Dutch)."

test: $(venv)/.quarto-tried
	@$(bin)/ruff check workflow tests
	@$(bin)/python -m pytest -n 2 --dist loadgroup

# The first interpreter that is new enough; names a version manager knows (.python-version) come first.
$(venv)/bin/python:
	@for python in python3.13 python3.12 python3; do \
	    if "$$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then \
	        echo "Using $$("$$python" --version) ($$python)."; \
	        "$$python" -m venv $(venv); exit $$?; \
	    fi; \
	done; \
	echo "No Python 3.12 or newer was found. Install Python 3.13 (python.org, your system's package manager, pyenv or uv) and run make again." >&2; \
	exit 1

$(venv)/.installed: envs/requirements.txt | $(venv)/bin/python
	@echo "Installing the pinned packages (once; a few minutes)."
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/requirements.txt
	@touch $@

# Quarto is optional: its package fetches Quarto's own release while it installs, which a firewall may stop.
$(venv)/.quarto-tried: envs/quarto.txt $(venv)/.installed
	@command -v quarto >/dev/null 2>&1 || [ -n "$$QUARTO" ] \
	    || timeout 300 $(bin)/python -m pip install --quiet --disable-pip-version-check -r envs/quarto.txt >/dev/null 2>&1 \
	    || echo "Quarto could not be installed here; the report is made with the built-in renderer."
	@touch $@

lock:
	uv pip compile --universal --python-version 3.12 --generate-hashes --no-emit-index-url --upgrade \
	    -o envs/requirements.txt envs/requirements.in

clean:
	rm -rf results .snakemake
