# SPDX-License-Identifier: GPL-2.0-or-later
# The names a newcomer types. Meson does the building; this file only calls it.

BUILD ?= build
SECONDS_EACH ?= 60
ROUNDS ?= 5

PROGRAMS := oakum oakum-build oakum-repo oakum-tuf oakum-server oakum-node

# The programs appear in $(BUILD)/ itself, beside Meson's folders.
all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)
	@for p in $(PROGRAMS); do for room in cli server; do \
		[ ! -x $(BUILD)/src/$$room/$$p ] || ln -sfn src/$$room/$$p $(BUILD)/$$p; \
	done; done

$(BUILD)/build.ninja:
	@command -v meson >/dev/null && command -v ninja >/dev/null || \
		{ echo "meson and ninja are missing; as root run: ci/install-packages.sh" >&2; exit 1; }
	meson setup $(BUILD)

packages:
	@ci/install-packages.sh

# The whole story on a real kernel: build, prove, sign, publish, apply under running containers.
demo: packages
	@$(MAKE) --no-print-directory all
	demo/run.sh

# A server, 200 hosts with the real agent, a level that hurts one ring: it stops by itself.
fleet-demo: packages
	@$(MAKE) --no-print-directory all
	demo/fleet.sh

# All tests. The last line is "N passed, N failed[, N skipped]".
check: packages
	ci/check.sh

# Measured figures and ratios, each with its target.
bench: packages
	@$(MAKE) --no-print-directory all
	tests/bench/run.sh

# Builds every fix of a corpus and compares with what its DIR/INDEX.tsv expects.
corpus: packages
	@[ -f "$(CORPUS)/INDEX.tsv" ] || { echo "usage: make corpus CORPUS=DIR, with DIR/INDEX.tsv" >&2; exit 2; }
	@$(MAKE) --no-print-directory all
	tests/corpus/run.sh "$(CORPUS)"

# Loads every fix of a corpus that can be patched, in virtual machines, and runs its programs.
corpus-load: packages
	@[ -f "$(CORPUS)/INDEX.tsv" ] || { echo "usage: make corpus-load CORPUS=DIR, with DIR/INDEX.tsv" >&2; exit 2; }
	@$(MAKE) --no-print-directory all
	tests/corpus/load.sh "$(CORPUS)"

# The dashboard's pages as pictures, in build/pictures/; a few of them go to docs/pictures/.
pictures: packages
	@$(MAKE) --no-print-directory all
	tests/web/pictures.sh

# libFuzzer on each target for SECONDS_EACH seconds, starting from the seeds.
fuzz: packages
	ci/fuzz.sh $(SECONDS_EACH)

# An hour and a half or so: ten times longer fuzzing, then the virtual machine's story ROUNDS times.
soak: packages
	ci/soak.sh $$(( $(SECONDS_EACH) * 10 )) $(ROUNDS)

# The documents as a site, in build/site/; needs Debian's mkdocs.
docs-site:
	docs/site.sh

# Debian packages, in build/deb/.
deb: packages
	packaging/deb.sh

install: all
	meson install -C $(BUILD)

format:
	git ls-files -z '*.c' '*.h' ':!tests/golden' | xargs -0 clang-format -i

screenshots: pictures

clean:
	rm -rf $(BUILD) build-check

.PHONY: all packages docs-site pictures screenshots demo fleet-demo check bench corpus corpus-load fuzz soak deb install format clean
