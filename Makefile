# The commands of this repository. Settings: infra/runtime/src/main/resources/foldlog.conf.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := help

PYTHON ?= python3.11
MVN ?= mvn
SOURCE ?= synthetic
PROGRAM ?=
YES ?=
FULL ?=
SEED ?=
RESUME ?=
ARGUMENTS ?=
ONLY ?=

# build output and tools of their own folders, so that a second run does nothing
BUILT := target/built
TOOLS := var/tools
SOURCES := $(shell find pom.xml .mvn ingestion serving speed-layer batch-layer infra \
	\( -name target -o -name __pycache__ -o -name test -o -name launcher -o -name requirements \) -prune \
	-o -type f -print 2>/dev/null)
PYTEST = $(SPARK) PYTHONPATH=dags PYTHONDONTWRITEBYTECODE=1 \
	AIRFLOW_HOME=$(CURDIR)/target/airflow AIRFLOW__CORE__LOAD_EXAMPLES=False \
	$(TOOLS)/airflow/bin/python -m pytest -q -p no:cacheprovider
SPARK = SPARK_SUBMIT_OPTS=-XX:SharedArchiveFile=$(CURDIR)/$(TOOLS)/spark/classes.jsa SPARK_HOME=$(SPARK_HOME)
SPARK_HOME = $$(echo $(CURDIR)/$(TOOLS)/spark/lib/python3*/site-packages/pyspark)
LAUNCHER := PYTHONPATH=infra/local/stack PYTHONDONTWRITEBYTECODE=1
BOOTSTRAP := $(LAUNCHER) $(PYTHON) -m launcher
RUN := $(LAUNCHER) $(TOOLS)/supervisor/bin/python -m launcher

ENGINE = docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1 \
	|| { echo "No container engine answers (docker info, docker compose version): start Docker with compose v2, or name it with DOCKER_HOST." >&2; exit 2; }

.PHONY: help demo screenshots up down status cqlsh logs test clean reset check-tools tools build fmt produce dead-letters verify batch bench check preflight test-compose test-cluster prove settings locks

help: ## Shows the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "make %-12s %s\n", $$1, $$2}'

demo: $(BUILT) tools ## Tells the whole story once on a stack of its own; SOURCE=randomuser takes users from the API
	@$(RUN) demo --source $(SOURCE)

up: $(BUILT) tools ## Runs the stack in the foreground with a live status line
	@$(RUN) up

screenshots: $(BUILT) tools ## Tells the story and takes Airflow's pages into docs/images; needs chromium and chromedriver
	@$(RUN) demo --pictures docs/images

down: tools ## Ends the running stack
	@$(RUN) down

status: tools ## Shows the programs and where the data is
	@$(RUN) status

cqlsh: tools ## Opens cqlsh as the view's reader; ARGUMENTS='-e "select …"' are cqlsh's own
	@$(RUN) cqlsh -- $(ARGUMENTS)

logs: tools ## Follows the logs; PROGRAM=kafka shows one program's
	@$(RUN) logs $(PROGRAM)

reset: tools ## Deletes log, view, lake and checkpoints together; YES=1 does not ask
	@$(RUN) reset $(if $(filter 1,$(YES)),--yes)

settings: $(BUILT) ## Prints the resolved settings
	@java -cp "infra/local/stack/target/classes:$$(cat infra/local/stack/target/classpath)" io.foldlog.runtime.SettingsMain

build: $(BUILT) ## Builds all applications

$(BUILT): $(SOURCES) | check-tools
	@echo "Building; the whole output is in target/build.log"
	@mkdir -p target
	@$(MVN) -B -ntp -DskipTests -Dspotless.check.skip package 2>&1 | tee target/build.log \
	  | grep --line-buffered -E '^\[(ERROR|INFO\] Building )' \
	  || { echo "The build failed; see target/build.log"; exit 1; }
	@touch $@

tools: check-tools ## Installs supervisor, cqlsh, Spark and Airflow, each in an environment of its own
	@$(BOOTSTRAP) tools --maven "$(MVN)"

check-tools: ## Looks whether this machine has what is needed
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed, and there is no $(PYTHON) on the PATH: install it, or name it with make PYTHON=/path/to/python3.11." >&2; exit 2; }
	@$(BOOTSTRAP) check-tools

check: check-tools tools ## Runs the gates, the unit and the property tests: what needs no server
	@$(RUN) check --maven "$(MVN)"

test: check-tools tools ## Runs every test but the fault tier's; ONLY=ArchiveIT one class, ONLY=stories/ghost-row one story
	@$(RUN) test --maven "$(MVN)" $(if $(ONLY),--only $(ONLY))
	@mkdir -p target$(if $(ONLY),, && touch $(BUILT))

produce: $(BUILT) tools ## Records events in the log; ARGUMENTS='--count 500 --rate 100'
	@$(RUN) run producer -- $(ARGUMENTS)

dead-letters: $(BUILT) tools ## Counts the rejected records; ARGUMENTS='list', 'show PLACE' or 'replay'
	@$(RUN) run producer -- dead-letters $(or $(ARGUMENTS),count)

verify: $(BUILT) tools ## Says whether the view equals the fold of the log
	@$(RUN) run verifier -- $(ARGUMENTS)

batch: $(BUILT) tools ## Runs the batch layer's nightly, or another step: ARGUMENTS='reconcile --dry-run'
	@$(RUN) run batch-layer -- $(or $(ARGUMENTS),nightly)

bench: $(BUILT) tools ## Measures backlog drain and event-to-visible delay beside a plain consumer
	@$(RUN) run bench -- $(ARGUMENTS)

preflight: $(BUILT) tools ## Checks external servers and an external lake before make up
	@$(RUN) preflight

test-compose: tools ## Builds and starts the containers, runs the DAGs, restarts each service; needs a container engine
	@$(ENGINE)
	@$(PYTEST) -s infra/compose/tests/test_compose.py

test-cluster: tools ## The same with three brokers, three nodes and two workers, each away for a while
	@$(ENGINE)
	@$(PYTEST) -s infra/compose/tests/test_cluster.py

prove: $(BUILT) tools ## Proves the promise under faults, with a report; FULL=1 at length, SEED=… the same again, RESUME=1 goes on
	@$(BOOTSTRAP) prove $(if $(filter 1,$(FULL)),--full) $(if $(SEED),--seed $(SEED)) $(if $(filter 1,$(RESUME)),--resume) --maven "$(MVN)"

fmt: ## Formats the Java sources
	@$(MVN) -B -q spotless:apply -pl '!infra/local/kafka,!infra/local/s3,!infra/local/cassandra,!infra/local/postgresql,!infra/local/spark'

clean: ## Removes build output only
	@$(MVN) -B -q clean
	@rm -rf target

locks: tools ## Resolves the Python requirements into locks with hashes
	@for file in infra/local/requirements/*.in dags/*.in; do \
	  cd $(CURDIR)/$$(dirname $$file); name=$$(basename $$file .in); \
	  $(CURDIR)/$(TOOLS)/uv/bin/uv pip compile -q --generate-hashes --python-version 3.11 --universal --no-emit-index-url \
	    --custom-compile-command 'make locks' $$name.in -o $$name.lock; done
