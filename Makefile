# Two commands: `make demo` and `make test`. Each does all its own set-up.
#   PYTHON       the interpreter to build on (default python3)
#   VENV         where the virtual environment goes (default .venv)
#   JOBS         processes that run the tests (default 2)
#   SEED         order of the tests of `make test-random` (default 1)
#   TORCH_INDEX  another wheel index for torch: PyTorch has one for the CPU and one for each CUDA version

PYTHON ?= python3
VENV ?= .venv
TORCH_INDEX ?=
JOBS ?= 2
BIN := $(abspath $(VENV))/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test pytest test-random test-slow golden metadata apps lint types format bench-gpu compat site gallery sdist sbom clean

demo: $(VENV)/.installed
	$(BIN)/python examples/demo.py

test: $(VENV)/.installed-dev lint types pytest

# One thread a worker: the tests' tensors are small, and on a busy machine threads wait for one another.
# A worker takes tests in the order of the files, so that what they share is made once or twice.
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal --durations=10

pytest: $(VENV)/.installed-dev
	$(PYTEST) -m "not slow" --doctest-modules cxrtk plugins tests

# The same tests in another order, which SEED decides: files are shuffled, and the tests of a file.
SEED ?= 1
test-random: $(VENV)/.installed-dev
	$(PYTEST) -m "not slow" --random-order-bucket=module --random-order-seed=$(SEED) tests

test-slow: $(VENV)/.installed-dev
	$(PYTEST) -m slow tests

# Writes anew what every verb is expected to print and write; look at the difference before you commit it.
golden: $(VENV)/.installed-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q tests/golden --renew-golden

# Writes anew what the shipped configs decide in their metadata; the prose in them is kept.
metadata: $(VENV)/.installed-dev
	$(BIN)/python -m cxrtk.bundles.metadata

# MONAI Label and MONAI Deploy on an exported bundle, in environments of their own; it downloads, and says what.
apps: $(VENV)/.installed-dev
	PYTHONPATH=. $(BIN)/python benchmarks/apps/run.py

# On one GPU, in eight minutes; JSRT is a folder of images/ and masks/ on which to train for two of them.
JSRT ?=
bench-gpu: $(VENV)/.installed
	$(BIN)/python benchmarks/gpu.py $(if $(JSRT),--jsrt $(JSRT))

# In fresh environments, one after the other; it prints what it downloads. COMPAT chooses some of 3.12, 3.13, lower.
COMPAT ?= 3.12 3.13 lower
compat:
	TORCH_INDEX=$(TORCH_INDEX) .ci/compat $(COMPAT)

# The documentation as a web site, in build/site/; it needs no network, and each warning is an error.
site: $(VENV)/.installed-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

# The pictures of docs/gallery.md; WINGSPAN is the folder of that data set's images. Needs chromium and chromedriver.
WINGSPAN ?=
gallery: $(VENV)/.installed-dev
	$(BIN)/python docs/site/gallery.py $(WINGSPAN)

# The source distribution and the wheel, in dist/.
sdist: $(VENV)/.installed-release
	$(BIN)/python -m build --outdir dist .

# What an installation with the extras of users consists of, in CycloneDX 1.6: names, versions, licences. Made from an
# environment of its own, with the versions of constraints.txt.
SBOM := .sbom/venv/bin/python
sbom: $(VENV)/.installed-release
	rm -rf .sbom && $(PYTHON) -m venv .sbom/venv
	$(SBOM) -m pip install -q $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) "$$(grep '^torch==' constraints.txt)"
	$(SBOM) -m pip install -q -c constraints.txt ".[jpeg,openvino,onnxruntime]"
	mkdir -p dist
	$(BIN)/cyclonedx-py environment $(SBOM) --output-reproducible \
		-o dist/cxrtk-$$($(SBOM) -c 'import cxrtk; print(cxrtk.__version__)').cdx.json
	sed -i 's#file://$(CURDIR)#file:.#' dist/*.cdx.json
	rm -rf .sbom

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy cxrtk plugins

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# torch first and from its own index, so that nothing else chooses a build of several gigabytes.
$(VENV)/.torch: constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -q $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) "$$(grep '^torch==' constraints.txt)"
	touch $@

$(VENV)/.installed: $(VENV)/.torch setup.cfg
	$(PIP) install -q -c constraints.txt -e ".[demo]"
	touch $@

$(VENV)/.installed-dev: $(VENV)/.torch setup.cfg
	$(PIP) install -q -c constraints.txt "setuptools>=77" wheel
	$(PIP) install -q -c constraints.txt -e ".[demo,docs,test,twins,jpeg,lint,openvino,onnxruntime]"
	touch $@

$(VENV)/.installed-release: $(VENV)/.torch setup.cfg
	$(PIP) install -q -c constraints.txt build cyclonedx-bom
	touch $@

clean:
	rm -rf $(VENV) .compat .sbom build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
