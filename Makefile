# buildscope: `make` lists the targets.
GO ?= go
BIN := bin/buildscope
DEMO := bin/demo

.PHONY: help run build test lint check bench scale fuzz vuln docs demo demo-sql cc

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

cc: # the SQL engine is linked in and needs a C compiler
	@command -v $${CC:-cc} >/dev/null || command -v gcc >/dev/null || { echo "a C compiler is needed: install gcc or clang (Debian: apt-get install build-essential)" >&2; exit 1; }

build: cc ## compile the program into bin/
	@$(GO) build -o $(BIN) .

run: build ## open the troubleshooter on this repository; headless without a terminal
	@$(BIN) tui .

demo: build ## a look at real runs: one that works, one that fails, and what is known of both afterwards
	@$(GO) build -o bin/wordscope ./examples/embed
	@sh examples/demo.sh $(BIN) bin/wordscope $(DEMO)

# Scale 1 is 8.7 million rows; its data takes 320 MB below bin/.
SF ?= 0.05
demo-sql: build ## the 22 queries of TPC-H as SQL models, over data that is made for it; SF=1 for a large one
	@$(GO) build -o bin/tpch ./examples/tpch
	@sh examples/tpch/demo.sh $(BIN) bin/tpch bin/demo-sql-$(SF) $(SF)

# Two busy cores need more than the usual ten minutes for the slowest package.
test: cc ## run every test with the race detector
	$(GO) test -race -timeout 30m ./...

lint: ## gofmt, vet and staticcheck
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

check: lint test ## what CI runs

bench: cc ## run the benchmarks
	$(GO) test -run '^$$' -bench . ./...

# ROWS are millions of rows of lineitem; SAIL is the executable of Sail. Needs Linux.
ROWS ?= 1,4,16
SAIL ?=
scale: build ## three queries of TPC-H over growing data, on DuckDB and, with SAIL=sail/bin/sail, on Sail
	@$(GO) build -o bin/tpch ./examples/tpch
	@mkdir -p bin/scale
	@$(GO) run ./examples/tpch/scale -rows $(ROWS) -sail '$(SAIL)'

# Of every parser one; the others are fuzzed by hand.
FUZZTIME ?= 1m
FUZZ := ./presets:FuzzFile ./presets:FuzzValues ./otel/runview:FuzzFilter ./build/bundle:FuzzOpen ./build/recording:FuzzReader \
	./otel/receiver:FuzzProtobuf ./otel/receiver:FuzzJSON ./tui/sshd:FuzzParseKeys ./tui/sshd:FuzzInput ./pipeline/capture:FuzzReadSketch ./tui/theme:FuzzParse ./engine/listing:FuzzFooter ./model/objecturl:FuzzParse ./pipeline/sqlproject:FuzzHeader ./engine/remote:FuzzParsePlan ./engine/remote/spark:FuzzTranslate

fuzz: cc ## feed the parsers nonsense for FUZZTIME each, two at a time
	@printf '%s\n' $(FUZZ) | xargs -P 2 -I{} sh -c 't={}; out=$$($(GO) test $${t%%:*} -run "^$$" -fuzz "^$${t##*:}$$" -fuzztime $(FUZZTIME) -parallel 1 2>&1) && echo "ok $$t" || { echo "$$out"; exit 255; }'

vuln: ## look the dependencies up in Go's database of vulnerabilities
	$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

docs: cc ## write the generated pages of docs/ (a test checks that they are current)
	$(GO) run ./docs/gen
