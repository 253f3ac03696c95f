/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decision: which levels the hosts of a ring may take, as the fleet's server signed it. It can only hold back:
 * what a level is, is verified elsewhere.
 *
 * Source: docs/formats/fleet.md. Fuzzed by tests/fuzz/fuzz-decision.c.
 */
#ifndef OAK_TRUST_FLEET_DECISION_H
#define OAK_TRUST_FLEET_DECISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"

#define DECISION_BYTES_MAX (256u << 10)
#define DECISION_TEXT_MAX  256

struct tuf_key;
struct decision; /* opaque, immutable */

/**
 * decision_parse() - verify and read
 * @keys: of the server, as the host knows them
 * @ring: the host's own; NULL: any
 *
 * Pure: whether it is the newest and not expired, the caller knows. Errors: OAK_E_FORMAT; OAK_E_TRUST: no
 * good signature, another ring.
 */
struct decision_trust {
	const struct tuf_key *const *keys;
	size_t n_keys;
	const char *ring;
};
int decision_parse(const void *data, size_t len, const struct decision_trust *trust,
		   struct decision **ret, struct oak_error *err) _must_check_;
void decision_free(struct decision *d);
DEFINE_CLEANUP(struct decision *, decision_free)

uint64_t decision_version(const struct decision *d);
int64_t decision_issued_s(const struct decision *d);
int64_t decision_expires_s(const struct decision *d);
uint32_t decision_poll_s(const struct decision *d);
uint32_t decision_report_s(const struct decision *d);
const char *decision_stop(const struct decision *d); /* why, or NULL */
/* The keys from now on: public objects of struct tuf_key; borrowed. */
const struct tuf_key *const *decision_keys(const struct decision *d, size_t *ret_n);

/* The host that asks. */
struct decision_host {
	const char *id, *build_id, *os_id, *os_version;
	const char *const *tags;
	size_t n_tags;
};

enum decision_word {
	DECISION_FREE, /* no rollout's, and such levels are free */
	DECISION_ASK,  /* its turn has come */
	DECISION_HOLD,
};

struct decision_verdict {
	enum decision_word word;
	char rollout[17];            /* "" where none */
	char why[DECISION_TEXT_MAX]; /* of DECISION_HOLD, one line for people */
};

/*
 * What is said of one level. Where several rollouts name it, the most that one of them allows; but what
 * one takes back, no other opens.
 */
void decision_judge(const struct decision *d, const struct decision_host *h, uint32_t level,
		    struct decision_verdict *ret);

/* Shall a host that has @level give it back? @ret: the rollout, and why. */
bool decision_takes_back(const struct decision *d, const struct decision_host *h, uint32_t level,
			 struct decision_verdict *ret);

/* "1999999999999999" as a number: where the host stands in a rollout's order. */
uint64_t decision_place(const char *rollout, const char *host);

/**
 * decision_sign() - the file, from the member "signed" as docs/formats/fleet.md has it
 * @body: borrowed
 *
 * Errors: OAK_E_FORMAT: @body would not be accepted by decision_parse().
 */
int decision_sign(const json_t *body, const struct tuf_key *key, char **ret, struct oak_error *err)
	_must_check_;

#endif
