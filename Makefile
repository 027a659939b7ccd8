# Two commands do everything:  make maps  and  make test.  They need Python 3.11 or newer, npm and make.
# A second call starts at once: what is installed is remembered by stamp files in .venv.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
# What the installed package is made from; an edit of Python or content files needs no new install.
INSTALLED_FROM := pyproject.toml constraints.txt $(wildcard hatch_build.py package.json package-lock.json)

# Components that are no Python packages, each as command-or-file:debian-package:name.
LIGHT := chromium:chromium:Chromium
# The heavy ones (database, map server, desktop GIS) go here; they are installed with CI=true or SYSTEM=1.
HEAVY := qgis:qgis:QGIS /usr/share/postgresql/15/extension/postgis.control:postgresql-15-postgis-3:PostGIS mapserv:mapserver-bin:MapServer /usr/lib/cgi-bin/qgis_mapserv.fcgi:qgis-server:QGIS-Server
COMPONENTS := $(LIGHT) $(if $(filter true 1,$(CI) $(SYSTEM)),$(HEAVY))

.PHONY: help maps test wheel clean components
help:
	@echo "make maps    install, compute everything on the modelled municipality, print the path of the site"
	@echo "make test    install with the test extras and run the whole suite (SYSTEM=1: with the heavy components)"
	@echo "make wheel   build dist/ballerup_geo-*.whl, which installs without make and npm"
	@echo "make clean   remove what make has made, but no results, site or data"

maps: $(VENV)/.installed
	@$(BIN)/ballerup-geo run $(ARGS)

test: $(VENV)/.installed-test $(VENV)/.axe components
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

wheel: $(VENV)/.created
	@echo "Building the wheel …"
	@$(PIP) wheel --no-deps --wheel-dir dist .
	@ls dist/*.whl

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.11 …"; exit 1; }
	@echo "Creating $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created $(INSTALLED_FROM)
	@echo "Installing ballerup-geo into $(VENV) …"
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@echo "Installing the test extras …"
	@$(PIP) install --constraint constraints.txt --editable '.[test]'
	@touch $@

# axe-core, which looks for faults of accessibility: for the tests alone, pinned like Leaflet.
$(VENV)/.axe: $(VENV)/.created package.json package-lock.json .npmrc
	@echo "Bringing axe-core into $(VENV) …"
	@mkdir -p $(VENV)/npm && cp package.json package-lock.json .npmrc $(VENV)/npm/
	@cd $(VENV)/npm && npm ci --ignore-scripts --silent \
	  || echo "axe-core could not be brought: its test is skipped (with CI=true it fails)"
	@touch $@

# Names each missing component before it is installed; where that may not be done, says so and lets the tests be skipped.
components:
	@for component in $(COMPONENTS); do \
	  command="$${component%%:*}"; rest="$${component#*:}"; package="$${rest%%:*}"; name="$${rest#*:}"; \
	  if command -v "$$command" >/dev/null 2>&1 || [ -e "$$command" ]; then continue; fi; \
	  if [ "$$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "Installing $$name (Debian package $$package) …"; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$package"; } >/dev/null \
	      || echo "$$name could not be installed: tests that need it are skipped (with CI=true they fail)"; \
	  else \
	    echo "$$name is missing, and only root on Debian may install it: tests that need it are skipped (with CI=true they fail)"; \
	  fi; \
	done

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks ballerup_geo/publish/static/vendor
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
