# Every habit of this project. `make` or `make help` lists them.
# Node 24 comes with the packages: its folder goes first on PATH, so the host's own node only runs npm.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# npm writes this file at the end of an installation.
INSTALLED := node_modules/.package-lock.json

.PHONY: help install build tools test lint check demo bench bench-operator bench-images crds models results images cluster cluster-down cluster-packages e2e soak watch clean

help: ## list what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-17s %s\n", $$1, $$2 }'

install: $(INSTALLED) ## install the packages that package-lock.json names, where they differ

$(INSTALLED): package-lock.json
	node scripts/is-installed.mjs || npm ci --no-audit --no-fund
	@touch $@

build: $(INSTALLED) ## compile everything that has changed
	tsc -b

tools: $(INSTALLED) ## build the Kubernetes servers that tests start, where the cache has none (first time 8 to 15 minutes)
	node scripts/kubernetes-tools.ts

test: build tools ## run every test, with a real nats-server and Kubernetes API; `make test ARGS="--project spct"` runs a part
	vitest run $(ARGS)

lint: build ## types, module boundaries and doubtful code
	npm run --silent lint

check: lint test ## what must be clean before a change is merged

demo: build ## train, serve and measure the nano judge on this machine; figures in .grm/demo.json
	node scripts/demo.ts

bench: build ## measure speed against baselines; figures in .grm/bench.json
	node test/dist/bench/main.js $(ARGS)

models: build ## train the models under models/ again (about half an hour on two cores)
	node scripts/make-models.ts $(ARGS)

bench-operator: build tools ## measure the operator on a real API server; figures in .grm/bench-operator.json
	node test/dist/bench-operator/main.js

bench-images: build tools ## how soon the programs of the images are ready, on the cluster of `make cluster`; figures in .grm/bench-images.json
	node test/dist/bench-images/main.js $(ARGS)

crds: build ## write the custom resource definitions of charts/grm again, after a schema has changed
	node libs/resources/dist/crd/write-crds.js

results: build ## carry out the runs behind docs/results.md, and write it (more than an hour on two cores)
	node scripts/make-results.ts $(ARGS)

images: build tools ## container images of this tree, without Docker and without a registry: OCI archives in .grm/images
	node scripts/make-images.ts $(ARGS)

cluster: build tools ## bring up a Kubernetes with one real node on this machine: Linux, root, packages of cluster-packages (fifteen seconds)
	node test/dist/cluster/main.js up $(ARGS)

e2e: build tools ## install the chart on that cluster, and run what is in test/e2e; `make e2e ARGS="e2e/scale"` runs a part
	vitest run --config vitest.e2e.config.ts $(ARGS)

soak: build ## minutes of random faults under steady load, everything accounted for; `make soak ARGS="--minutes 5 --ground cluster --no-training"`
	node test/dist/soak/main.js $(ARGS)

cluster-down: build ## end it, with everything in it
	node test/dist/cluster/main.js down $(ARGS)

cluster-packages: ## install what a node is made of: containerd, runc, CNI plugins, nftables (Debian, Ubuntu)
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends containerd runc containernetworking-plugins iptables nftables conntrack ipset iproute2

watch: $(INSTALLED) ## compile again at every change
	tsc -b --watch

clean: ## remove what was built and what ran here; packages stay
	if [ -f apps/grmctl/dist/main.js ]; then for folder in .grm .grm/demo; do node apps/grmctl/dist/main.js local down --folder $$folder; done; fi
	if [ -d .grm/cluster ] && [ -f test/dist/cluster/main.js ]; then node test/dist/cluster/main.js down; fi
	rm -rf .grm apps/*/dist libs/*/dist operator/dist test/dist
