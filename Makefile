# Everything a contributor types. Nothing here uses the network but the Go command, for modules.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

# Without cgo the same source gives the same bytes on every machine. Tests need it for the race detector.
export CGO_ENABLED ?= 0

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
PLATFORMS ?= linux/amd64 linux/arm64 darwin/arm64 windows/amd64
PREFIX ?= $(HOME)/.local
FUZZTIME ?= 30s
SUITES ?=
DIRS ?= .
GITS ?= .

.PHONY: build
build: go ## build bin/assay
	go build -trimpath -ldflags="-s -w" -o bin/assay ./cmd/assay

.PHONY: install
install: build ## put assay into PREFIX/bin, ~/.local/bin unless said
	@mkdir -p "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 bin/assay "$(DESTDIR)$(PREFIX)/bin/assay"
	@case ":$$PATH:" in *":$(PREFIX)/bin:"*) ;; *) echo "$(PREFIX)/bin is not in your PATH. Add it: export PATH=\"$(PREFIX)/bin:\$$PATH\"";; esac

.PHONY: try
try: tools build ## build, look at the vulnerable example, and write out/report.html
	@mkdir -p out
	@bin/assay scan --quiet --output out/report.html examples/payments
	@echo
	@echo "That is what the gate would say; scan only shows it. Open out/report.html, and go on with docs/tutorial.md."

# What is missing is named together with what installs it.
define check_go
	if ! command -v go >/dev/null; then \
		echo "Go is missing. It is on https://go.dev/dl/; on macOS: brew install go"; missing=1; \
	else \
		have=$$(go env GOVERSION); minor=$${have#go1.}; minor=$${minor%%[!0-9]*}; \
		case "$$have" in go1.*) [ "$${minor:-0}" -ge 26 ];; devel*|go2*) true;; *) false;; esac || \
			{ echo "Go 1.26 is needed, and this is $$have. Newer ones are on https://go.dev/dl/; on macOS: brew upgrade go"; missing=1; }; \
	fi
endef

define check_cc
	if ! command -v "$${CC:-cc}" >/dev/null && ! command -v gcc >/dev/null && ! command -v clang >/dev/null; then \
		echo "A C compiler is missing. Debian, Ubuntu: sudo apt-get install gcc; Fedora: sudo dnf install gcc; macOS: xcode-select --install"; missing=1; \
	fi
endef

.PHONY: go
go:
	@missing=; $(check_go); [ -z "$$missing" ]

.PHONY: tools
tools:
	@missing=; $(check_go); $(check_cc); [ -z "$$missing" ]

# Rules prove themselves, the documentation is compared with the program, and fuzz targets run their seeds: all that is
# among the Go tests. The baseline holds what is planted on purpose: examples/payments, and the examples of rules.
.PHONY: test
test: tools build ## everything: format, vet, tests with the race detector, and the gate over this repository
	@unformatted=$$(gofmt -l cmd internal $(wildcard bench test)); \
	[ -z "$$unformatted" ] || { echo "gofmt -w would change:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	CGO_ENABLED=1 go test -race -timeout 30m ./...
	bin/assay gate --quiet --stage build .

.PHONY: rules
rules: go ## renew the packed form of the built-in rules, after a change of internal/rules
	go test ./internal/engine/secret -run '^TestPackedIsCurrent$$' -update

.PHONY: docs
docs: go ## renew the generated parts of the documentation
	go test ./internal/docs ./internal/config ./internal/risk -update

.PHONY: picture
picture: build ## renew docs/images/report.png (needs chromium)
	@mkdir -p out
	bin/assay scan --quiet --now 2026-12-01 --output out/picture.html --format html examples/payments
	@profile=$$(mktemp -d); trap 'rm -rf "$$profile"' EXIT; \
	chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --hide-scrollbars \
		--user-data-dir="$$profile" --window-size=1280,1700 --screenshot=docs/images/report.png "file://$$PWD/out/picture.html" 2>/dev/null

.PHONY: baseline
baseline: build ## let planted examples of new rules into this repository's baseline: OWNER=name REASON="why"
	bin/assay baseline --quiet --accept --owner "$(OWNER)" --reason "$(REASON)" .

# Two builds from two folders with two caches must give the same bytes.
LDFLAGS = -s -w -buildid= -X github.com/assaysec/assay/internal/cli.release=$(VERSION)
.PHONY: release
release: go ## build dist/ for all platforms, twice, and compare
	@rm -rf dist && mkdir -p dist
	@set -euo pipefail; again=$$(mktemp -d); trap 'chmod -R u+w "$$again"; rm -rf "$$again"' EXIT; \
	mkdir "$$again/source" "$$again/dist"; \
	cp -R go.mod go.sum cmd internal "$$again/source"; \
	build() { \
		for platform in $(PLATFORMS); do \
			os=$${platform%/*}; arch=$${platform#*/}; ending=; [ "$$os" != windows ] || ending=.exe; \
			echo "$$1/assay_$(VERSION)_$${os}_$$arch$$ending"; \
			GOOS=$$os GOARCH=$$arch go build -trimpath -buildvcs=false -ldflags "$(LDFLAGS)" -o "$$1/assay_$(VERSION)_$${os}_$$arch$$ending" ./cmd/assay; \
		done; \
	}; \
	build "$$PWD/dist"; \
	(cd "$$again/source"; export GOCACHE="$$again/cache"; build "$$again/dist") >/dev/null; \
	sums() { (cd "$$1"; if command -v sha256sum >/dev/null; then sha256sum assay_*; else shasum -a 256 assay_*; fi); }; \
	sums dist > dist/SHA256SUMS; \
	sums "$$again/dist" | diff dist/SHA256SUMS - || { echo "the two builds differ"; exit 1; }; \
	echo "both builds are the same:"; cat dist/SHA256SUMS

.PHONY: bench
bench: go ## measure beside other tools, to docs/benchmarks.md: DIRS="folder …" GITS="repository …"
	go run ./bench $(addprefix -dir ,$(DIRS)) $(addprefix -git ,$(GITS))

.PHONY: conformance
conformance: go ## public suites as pass rates, to docs/conformance.md: SUITES=the folder that holds them
	SUITES="$(SUITES)" go run ./test/conformance

.PHONY: fuzz
fuzz: go ## every fuzz target for FUZZTIME
	@set -euo pipefail; grep -rl --include='*_test.go' '^func Fuzz' cmd internal | sort | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "== $$(dirname "$$file") $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")"; \
		done; \
	done

.PHONY: clean
clean: ## remove what make wrote
	rm -rf bin out dist

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name about; do printf '%-12s %s\n' "$$name" "$$about"; done
