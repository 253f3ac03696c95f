/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seed: a fleet that looks like one, for tests of the dashboard, for pictures, and for measurements. */
#ifndef OAK_SEED_H
#define OAK_SEED_H

#include <jansson.h>

#include "fleet/db/db.h"
#include "trust/fleet/report.h"

#define SEED_RINGS   6
#define SEED_KERNELS 5

/* What is to be made. */
struct seed {
	struct db *db;
	uint32_t hosts;
	int64_t now_s;
	bool hostile; /* texts that hosts and people set try to break what shows them */
	char tokens[SEED_RINGS][128];
};

struct seed_kernel {
	const char *build_id, *release, *effective, *os_version;
	unsigned newest; /* level */
	unsigned share;  /* of 100 hosts */
};
extern const struct seed_kernel seed_kernels[SEED_KERNELS];
extern const char *const seed_rings[SEED_RINGS];

/* What is decided for a host by its number alone. */
struct seed_host {
	uint32_t n;
	uint8_t key[32];
	char id[33], name[96];
	unsigned ring, kernel, level;
	const char *role, *env, *state, *verdict;
	bool silent, cloned, revoked, mute; /* mute: enrolled, never reported */
	int64_t seen_s;
};
void seed_host(const struct seed *s, uint32_t n, struct seed_host *ret);

/* A report of it, as of @at_s; @age: how many levels it is behind of what it has now. report_clear() it. */
int seed_report(const struct seed *s, const struct seed_host *h, uint64_t sequence, int64_t at_s,
		unsigned age, struct report *ret, struct oak_error *err) _must_check_;

/* A text that somebody hostile would send, by number; else @good. */
const char *seed_text(const struct seed *s, uint32_t n, const char *good);

/* A few bits of a hash of both numbers. */
uint32_t seed_random(uint32_t n, uint32_t what);

int seed_hosts(struct seed *s, struct oak_error *err) _must_check_;
int seed_levels(struct seed *s, struct oak_error *err) _must_check_;
int seed_rollouts(struct seed *s, struct oak_error *err) _must_check_;
int seed_people(struct seed *s, struct oak_error *err)
	_must_check_; /* tokens, log of actions, webhooks */

/* The CVEs that a kernel with a level has open: "cves" of a report. @role: of the host, changes a few. */
json_t *seed_cves(const struct seed *s, unsigned kernel, unsigned level, unsigned role, bool all);
/* The list of those that a level of a kernel fixes. */
json_t *seed_fixes(unsigned kernel, unsigned level);

#endif
