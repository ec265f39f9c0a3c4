# The recipes of this repository; people and CI use the same ones. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup run test check style types layers templates dependencies settings translations \
	fix demo bench sheet pages slow

PAGES = $(shell git ls-files --cached --others --exclude-standard 'templates/*.html')
CODE = portal support billing plans accounts messaging tests tools manage.py \
	$(if $(wildcard benchmarks/*.py),benchmarks)
# A real installation's surroundings, with invented values: what `check --deploy` judges.
PRODUCTION = env -u DEBUG -u DATABASE_URL -u REDIS_URL \
	ALLOWED_HOSTS=portal.example.com \
	SITE_URL=https://portal.example.com \
	SECRET_KEY=k9V-3bTq7LzXw2cYp5RnJ8sDf4Gh1Mu6Ea0Oi_WvUtQyBxZrNkPlCjHgFdSaKeIo \
	EMAIL_URL=smtp+tls://portal:secret@mail.example.com:587 \
	STRIPE_SECRET_KEY=sk_test_example \
	STRIPE_WEBHOOK_SECRET=whsec_example

help: ## list the recipes
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 14

setup: ## install everything for work on the project, and the hooks for git
	uv sync
	uv run pre-commit install

run: ## the web server alone, with a test installation's settings
	DEBUG=yes uv run manage.py runserver

demo: ## the whole portal with demo data, stand-in for Stripe, worker and beat
	uv run manage.py demo

test: ## the whole suite on SQLite; nothing else has to run
	uv run pytest

check: style types layers templates dependencies settings translations ## everything that needs no test

style: ## lint and format of the Python code
	uv run ruff check
	uv run ruff format --check

types: ## mypy, strict
	uv run mypy $(CODE)

layers: ## imports run downward only
	uv run lint-imports

templates: ## shape and indentation of the pages
	uv run djade --check --target-version 6.1 $(PAGES)
	uv run djhtml --check --tabwidth 2 $(PAGES)

dependencies: ## what is imported is declared, and the reverse
	uv run deptry .

settings: ## migrations complete, system checks silent, here and in a real installation
	DEBUG=yes uv run manage.py makemigrations --check --dry-run
	DEBUG=yes uv run manage.py check --fail-level WARNING
	$(PRODUCTION) uv run manage.py check --deploy --fail-level WARNING

translations: ## Chinese complete, compiled, with the same placeholders
	uv run tools/i18n.py check

fix: ## put right what a tool can put right
	uv run ruff check --fix
	uv run ruff format
	uv run djade --target-version 6.1 $(PAGES)
	uv run djhtml --tabwidth 2 $(PAGES)

sheet: ## pictures of all customer pages of a running demo, into var/sheets/
	uv run python -m tools.contact_sheet

pages: ## accessibility, console and width of all customer pages of a running demo
	uv run python -m tools.contact_sheet --check

slow: ## the dashboard of a running demo on a bad link, and the weight of a renewal
	uv run python -m tools.slow_link

bench: ## measure the ratios of the design on this machine
	uv run python -m benchmarks
