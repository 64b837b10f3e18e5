# The verbs of this tree; `make help` lists them. Everything made goes to build/.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help deps run-deps archive-deps bench-deps bench-archive-deps sweep-deps model-deps \
        micro-deps hostile-deps build run archive test release-test asan tsan clang fuzz \
        fuzz-merge bench bench-archive sweep model micro hostile image soak format check-format \
        clean

RUN_PACKAGES := g++ cmake make ninja-build pkg-config libuv1-dev libsimdjson-dev libhiredis-dev \
  node-llhttp prometheus-cpp-dev libcli11-dev libtomlplusplus-dev libspdlog-dev libssl-dev \
  libsystemd-dev libxxhash-dev zlib1g-dev redis-server curl
# sluice-archive's: SOCI, the headers of the databases' own libraries that its headers want, and a
# shell to look at what was archived.
ARCHIVE_PACKAGES := libsoci-dev libpq-dev libmariadb-dev libsqlite3-dev sqlite3
# MariaDB's server is in its -core packages, without the service.
DATABASE_PACKAGES := postgresql mariadb-server-core mariadb-client-core
BENCH_PACKAGES := wrk strace python3 python3-matplotlib
# Node's own packages bring npm; Debian's npm would conflict with them.
NODE_PACKAGES := $(shell command -v node >/dev/null || echo nodejs) \
  $(shell command -v npm >/dev/null || echo npm)
PEER_PACKAGES := nginx-light libnginx-mod-http-lua lua-nginx-redis lua-cjson golang-go \
  golang-github-gin-gonic-gin-dev golang-github-gomodule-redigo-dev \
  $(NODE_PACKAGES)
MICRO_PACKAGES := libbenchmark-dev valgrind python3
# Beside BENCH_PACKAGES: what may stand before a gate, and who makes a certificate for it.
MODEL_PACKAGES := haproxy openssl
HOSTILE_PACKAGES := slowhttptest python3
# libFuzzer is in libclang-rt, what names the lines of its reports in llvm.
TEST_PACKAGES := libgtest-dev libgmock-dev prometheus slowhttptest systemd haproxy debootstrap \
  python3-yaml openssl $(NODE_PACKAGES) clang-14 clang-format-14 libclang-rt-14-dev llvm-14

SUDO = $(shell [ "$$(id -u)" = 0 ] || echo sudo)
JOBS := $(shell nproc)
CCACHE := $(shell command -v ccache)
# What one clone compiled serves the next, wherever it lies.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
CMAKE := cmake -S . -G Ninja --log-level=WARNING \
  $(if $(CCACHE),-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
CTEST := ctest --output-on-failure --no-tests=error -j $(JOBS)
SOURCES = $(shell find include src tests perf -name '*.h' -o -name '*.cc')

# GCC 12's sanitizers cannot place their shadow where a kernel randomises addresses with more than
# 28 bits, so they run without, where that is allowed.
FIXED_ADDRESSES = $(shell setarch -R true 2>/dev/null && echo setarch -R)
# Integration tests of what one thread does with bytes and words; ThreadSanitizer would see no more.
ONE_THREADS := RefusalTest|JournalCommand|HttpStatus|HttpBounds|HostileJson|Smuggling|RedisAcl|Secrets|Service|Doctor

# As much optimisation as pays for itself when the tests run; line numbers for the reports.
SANITIZER_FLAGS = -DCMAKE_BUILD_TYPE=Debug -DSLUICE_TESTS=ON -DCMAKE_C_FLAGS_DEBUG="-O1 -g1" \
  -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1 -D_GLIBCXX_ASSERTIONS"

# Installs what is missing of $(1) and says nothing if nothing is. redis-server, prometheus, nginx,
# haproxy and postgresql come with services that Debian starts and enables; sluice needs the programs only (of
# PostgreSQL Debian makes an empty cluster as well, which lies still). SYSTEMD_OFFLINE (see
# ENVIRONMENT in systemctl's manual) and RUNLEVEL (invoke-rc.d, without systemd) keep them from being
# started, update-rc.d from being started at the next boot. Those installed before stay as they are.
define install
@command -v apt-get >/dev/null || { echo "no apt-get here: these are needed: $(1)"; exit 0; }; \
missing=; \
for package in $(1); do \
  dpkg-query -W -f='$${db:Status-Status}\n' $$package 2>/dev/null | grep -qx installed || \
    missing="$$missing $$package"; \
done; \
[ -n "$$missing" ] || exit 0; \
echo "installing:$$missing"; \
$(SUDO) apt-get update -qq && \
$(SUDO) env DEBIAN_FRONTEND=noninteractive SYSTEMD_OFFLINE=1 RUNLEVEL=1 PREVLEVEL=N \
  apt-get install -y -q --no-install-recommends $$missing || exit 1; \
for package in $$missing; do \
  case $$package in \
    redis-server|prometheus|haproxy|postgresql) $(SUDO) update-rc.d $$package disable ;; \
    nginx-light) $(SUDO) update-rc.d nginx disable ;; \
  esac; \
done
endef

help: ## what can be made (this list)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## install what is missing to build, run and test
	$(call install,$(RUN_PACKAGES) $(ARCHIVE_PACKAGES) $(DATABASE_PACKAGES) $(BENCH_PACKAGES) \
	  $(MICRO_PACKAGES) $(TEST_PACKAGES))

run-deps:
	$(call install,$(RUN_PACKAGES))

archive-deps:
	$(call install,$(RUN_PACKAGES) $(ARCHIVE_PACKAGES))

bench-deps:
	$(call install,$(RUN_PACKAGES) $(BENCH_PACKAGES) $(PEER_PACKAGES))

bench-archive-deps:
	$(call install,$(RUN_PACKAGES) $(ARCHIVE_PACKAGES) $(DATABASE_PACKAGES) python3)

sweep-deps:
	$(call install,$(RUN_PACKAGES) $(BENCH_PACKAGES))

model-deps:
	$(call install,$(RUN_PACKAGES) $(BENCH_PACKAGES) $(MODEL_PACKAGES))

micro-deps:
	$(call install,$(RUN_PACKAGES) $(MICRO_PACKAGES))

hostile-deps:
	$(call install,$(RUN_PACKAGES) $(HOSTILE_PACKAGES))

# A tree that was configured with its tests keeps them; a first one needs no test library.
build: run-deps ## the optimised program, build/sluice
	@$(CMAKE) -B build $(if $(wildcard build/CMakeCache.txt),,-DSLUICE_TESTS=OFF)
	@cmake --build build -j $(JOBS) --target sluice

run: build ## sluice with a Redis of its own, until Ctrl-C
	@deploy/run.sh

archive: archive-deps build ## what `make run` stores into build/archive.db (SQLite), until Ctrl-C
	@cmake --build build -j $(JOBS) --target sluice-archive
	@deploy/archive.sh

test: deps ## every check and test, as CI runs them
	@$(MAKE) --no-print-directory check-format release-test asan tsan fuzz
	@echo "make test: everything passed"

release-test: deps ## the tree's rules; load, faults, archive, deploy, short soak, allocations, bench
	@echo "== release: layout, load, faults, archive, deploy, soak, allocations, bench drivers, micro"
	@$(CMAKE) -B build -DSLUICE_TESTS=ON
	@cmake --build build -j $(JOBS) --target sluice sluice-archive row_writer floor bulk probe \
	  micro request_path layout_tests load_tests fault_tests archive_tests deploy_tests \
	  soak_tests allocation_tests
	@$(CTEST) --test-dir build \
	  -L 'layout|integration-load|fault|archive|deploy|soak|allocations|bench|micro'
	@cd perf && PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m unittest -q sweep.choice_test \
	  model.costs_test model.lanes_test model.plan_test

asan: deps ## unit, simulation, integration, archive and some fault tests with AddressSanitizer and UBSan
	@echo "== asan: unit, simulation, integration and a slice of the faults"
	@$(CMAKE) -B build/asan -DSLUICE_SANITIZE=address $(SANITIZER_FLAGS)
	@cmake --build build/asan -j $(JOBS) --target sluice sluice-archive unit_tests \
	  simulation_tests integration_tests load_tests fault_tests archive_tests fuzz_corpus_tests
	@UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=detect_stack_use_after_return=1 \
	  $(FIXED_ADDRESSES) $(CTEST) --test-dir build/asan -L 'unit|simulation|integration'
	@UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=detect_stack_use_after_return=1 \
	  SLUICE_FAULT_ROUNDS=3 SLUICE_FAULT_PAUSE_S=2 \
	  $(FIXED_ADDRESSES) $(CTEST) --test-dir build/asan -L 'fault|archive'

tsan: deps ## integration, archive, journal and urgent faults with ThreadSanitizer and two workers
	@echo "== tsan: integration with two workers"
	@$(CMAKE) -B build/tsan -DSLUICE_SANITIZE=thread $(SANITIZER_FLAGS)
	@cmake --build build/tsan -j $(JOBS) --target sluice sluice-archive integration_tests \
	  load_tests fault_tests archive_tests
	@SLUICE_TEST_WORKERS=2 TSAN_OPTIONS=halt_on_error=1 \
	  $(FIXED_ADDRESSES) $(CTEST) --test-dir build/tsan -L integration -E '$(ONE_THREADS)'
	@SLUICE_TEST_WORKERS=2 TSAN_OPTIONS=halt_on_error=1 SLUICE_FAULT_ROUNDS=3 \
	  $(FIXED_ADDRESSES) $(CTEST) --test-dir build/tsan \
	  -R 'Journal.*Test|LinkCut|RedisKill|UrgentHeld|ArchiveTest|ArchiveTrouble'

clang: deps ## the programs and the fuzzers compiled by clang without a warning
	@echo "== clang: no warnings"
	@$(CMAKE) -B build/clang -DSLUICE_SANITIZE=fuzz $(SANITIZER_FLAGS) \
	  -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14
	@cmake --build build/clang -j $(JOBS) --target sluice sluice-archive floor bulk probe \
	  micro request_path fuzzers

fuzz: clang ## each fuzzer for SLUICE_FUZZ_SECONDS (20); what is new goes to build/fuzz/
	@echo "== fuzz: $${SLUICE_FUZZ_SECONDS:-20} s each"
	@$(FIXED_ADDRESSES) $(CTEST) --test-dir build/clang -L fuzz \
	  --timeout $$(($${SLUICE_FUZZ_SECONDS:-20} + 300))
	@tail -qn 1 build/fuzz/*.log

fuzz-merge: clang ## add to tests/fuzz/corpus/ what build/fuzz/ reaches beyond it
	@for fuzzer in build/clang/tests/fuzz/*_fuzz; do \
	  $(FIXED_ADDRESSES) tests/fuzz/run.sh --merge $$fuzzer || exit 1; \
	done

bench: bench-deps build ## what a request costs beside others, how long an alert takes (perf/README.md)
	@cmake --build build -j $(JOBS) --target floor bulk probe
	@perf/peers/build.sh build/peers
	@perf/peers/check.sh
	@perf/bench.py
	@perf/alerts.sh --rounds 5 --seconds 5

bench-archive: bench-archive-deps build ## sluice-archive beside inserts row by row (perf/README.md)
	@cmake --build build -j $(JOBS) --target sluice-archive row_writer
	@perf/archive.py

sweep: sweep-deps build ## choose delivery.* and http.workers by load test (perf/README.md)
	@cmake --build build -j $(JOBS) --target bulk
	@perf/sweep.py

model: model-deps build ## what many gates and Redis nodes reach, by what a record costs here (perf/README.md)
	@cmake --build build -j $(JOBS) --target bulk
	@perf/model.py --readme

micro: micro-deps build ## what a piece of the path costs, and a request's instructions (perf/README.md)
	@cmake --build build -j $(JOBS) --target micro request_path
	@build/micro --benchmark_counters_tabular=true
	@perf/micro/count_instructions.py || [ $$? = 77 ]

hostile: hostile-deps build ## what a good client's requests take beside slow ones (perf/README.md)
	@cmake --build build -j $(JOBS) --target bulk
	@perf/hostile.py

image: deps build ## deploy/Dockerfile with its compiler's work, by docker or in build/image/, and its tests
	@tests/deploy/image_test.py build --whole || [ $$? = 77 ]

soak: deps ## twice the load that Redis can take, for SLUICE_SOAK_SECONDS (60)
	@$(CMAKE) -B build -DSLUICE_TESTS=ON
	@cmake --build build -j $(JOBS) --target sluice soak_tests
	@SLUICE_SOAK_SECONDS=$${SLUICE_SOAK_SECONDS:-60} build/tests/soak_tests

format: deps ## lay out every source as .clang-format says
	@clang-format-14 -i $(SOURCES)

check-format: deps ## fail if `make format` would change a source
	@clang-format-14 --dry-run -Werror $(SOURCES)

clean: ## remove build/, unless `make run` is using it
	@[ ! -e build/run/lock ] || flock -n build/run/lock true || \
	  { echo "clean: build/run is in use: stop 'make run' first"; exit 1; }
	@rm -rf build
