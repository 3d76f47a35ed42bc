# `make finetune` runs the whole job; `make help` lists the targets.
# Each step first checks whether its inputs have changed, by content, and does nothing otherwise.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Flags for zprl, for example: make finetune ARGS="--task peg_insert --seed 3"
ARGS ?=
# Python for .venv, 3.10 to 3.13
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Flags for pip, for example another index: see CONTRIBUTING.md
PIP_ARGS ?=
# Flags for pytest
TESTS ?=
# Test processes on two cores: the third one works while tests of nodes wait. A file of tests stays in one of them, and
# the files with the longest tests, tests/, come first
JOBS ?= 3

export PYTHON PIP_ARGS

.PHONY: help setup build finetune test lint docs clean

help: ## List the targets
	@echo 'make TARGET [ARGS="flags for zprl"] [TESTS="flags for pytest"] [PYTHON=python3.12]'
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Create .venv with the pinned versions, and install missing apt packages
	@scripts/setup.sh

build: setup ## Build the ROS 2 workspace with colcon
	@scripts/build.sh

finetune: build ## Run the whole job: demonstrations, pretraining, finetuning, evaluation, report
	@source ./setup.bash && exec zprl finetune $(ARGS)

test: build ## Run all tests
	@source ./setup.bash && exec python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(TESTS)

lint: setup ## Run ruff and mypy
	@source .venv/bin/activate && ruff check . && mypy

docs: setup ## Build docs/ as a site: open site/index.html
	@source .venv/bin/activate && NO_MKDOCS_2_WARNING=1 python -m mkdocs build --quiet --strict

clean: ## Remove builds and caches, but not .venv and runs/
	@rm -rf ros2_ws/build ros2_ws/install ros2_ws/log .mypy_cache .ruff_cache .pytest_cache .hypothesis site src/*/*.egg-info
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
