# The front door; `make help` says what there is. What the targets do stands in scripts/.

.DEFAULT_GOAL := help
# The API levels of the Android versions that the demo runs on: 26 is Android 8.0, 35 is Android 15.
ANDROID ?= 35
# A checkout of the conformance suite.
SUITE ?=
# A Maven profile: `google` fetches from Google's own registry what yours does not have.
MAVEN_PROFILE ?=
export MAVEN_PROFILE
# How long `make fuzz` runs each fuzz target.
SECONDS_EACH ?= 60
export SECONDS_EACH

# Which code `make mutants` changes, policy or schema, and which part of the changes it tries.
PART ?= policy
SHARD ?= 0/1

# How many random cases `make proof` tries of each property, and how much of the small scope: full, or a part of it.
CASES ?= 1000000
SCOPE ?= full

.PHONY: help demo test survival interop bench fuzz proof mutants conformance lint apk strings

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: ## Watch a simulated phone obey (other Android versions: make demo ANDROID="26 34 36")
	@scripts/demo.sh $(ANDROID)

test: ## Run all tests: Rust, the app on Android 8.0, 14 and 15, the story on shrunk classes
	@scripts/test.sh

survival: ## Kill the agent more than a thousand times and cut its power at every write (minutes)
	@scripts/survival.sh

interop: ## Read feeds with the TUF clients of others, and the repositories of others with ours
	@scripts/interop.sh

bench: ## Measure: load, judge, plan, growth, memory; a fleet (diff); beside other engines and clients
	@scripts/prepare.sh
	@cargo bench -p sluis-core
	@scripts/bench-engines.sh
	@scripts/bench-diff.sh
	@scripts/bench-peers.sh

fuzz: ## Throw crafted bytes at the feed's client (longer: make fuzz SECONDS_EACH=600)
	@scripts/fuzz.sh

proof: ## Compare a million random policies, and all small ones, with a naive reading (hours; SCOPE=0/16)
	@scripts/proof.sh $(CASES) $(SCOPE)

mutants: ## Change the code that decides and see whether a test notices (hours; PART=schema SHARD=0/8)
	@scripts/mutants.sh $(PART) $(SHARD)

conformance: ## Run the public TUF conformance suite against the client (SUITE=<a checkout of it>)
	@scripts/conformance.sh "$(SUITE)"

lint: ## Check formatting, Rust and Kotlin style, the Android target, licences, generated files
	@scripts/lint.sh

apk: ## Build the app (with its library if ANDROID_NDK_HOME names an NDK)
	@scripts/apk.sh

strings: ## Generate Android's texts from core/messages/messages.json, and the attacks in tests/fixtures/feed
	@cargo run --quiet -p sluis-tests --bin generate
