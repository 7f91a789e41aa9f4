# make app    set up what is missing, then open the page     make app OPTIONS="--port 8000 --share"
# make test   set up what is missing, then run the tests     make test TESTS=tests/tsr
# make check  ruff and mypy; make format writes ruff's layout
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OPTIONS ?=
TESTS ?=
# Bytecode is compiled afterwards by all cores; pip would use one. What does not compile are others' templates.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r
COMPILE := $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
VALIDATOR := gltf-validator@2.0.0-dev.3.10

.PHONY: app test check format

app: $(VENV)/.ready-app
	@$(BIN)/python app.py $(OPTIONS)

# Two files at a time, each with one thread: small networks gain more by that than by two threads each.
test: $(VENV)/.ready-dev node_modules/.ready
	@OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(TESTS)

check: $(VENV)/.ready-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.ready-dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

$(VENV)/.ready-venv:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "Maquette needs Python 3.11 or newer, and '$(PYTHON)' is not installed."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Maquette needs Python 3.11 or newer; this is $$($(PYTHON) --version). Name another:" \
		       "make app PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "The virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.ready-app: requirements.txt $(VENV)/.ready-venv
	$(INSTALL) requirements.txt
	@$(COMPILE)
	@touch $@

$(VENV)/.ready-dev: requirements-dev.txt requirements-openvino.txt $(VENV)/.ready-app
	$(INSTALL) requirements-dev.txt
	@$(COMPILE)
	@touch $@

# The Khronos validator is a Node package; without npm the tests that ask it say so and are skipped.
node_modules/.ready:
	@if command -v npm >/dev/null; then \
		npm install --silent --no-save --no-package-lock --no-fund --no-audit $(VALIDATOR) && touch $@; \
	else echo "npm is missing: the glTF validator is not installed"; fi
