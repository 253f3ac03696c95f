/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * home: where this host is enrolled, and what it remembers of its fleet's server: /var/lib/oakum/fleet.
 *
 *	host.pem, host.pub  the host's key
 *	ca.pem              the certificates to trust, or the server's own (pinned); may be missing
 *	enrolled.json       struct fleet_home; written last, so it is there once all else is
 *	memory.json         struct fleet_memory
 *	decision.json       the last decision that was taken, as it came
 *	pending.json        a report that was not acknowledged yet (agent/fleet/post.h)
 *
 * The folder belongs to the worker's user. Key, report and decision are readable by it alone; enrolled.json
 * and memory.json by all, as "oakum status" needs no privilege. Without enrolled.json a host has no fleet,
 * and nothing of all this is looked at. Reading is strict and bounded: root's side reads those two for
 * "oakum status". Fuzzed by tests/fuzz/fuzz-fleet-home.c.
 */
#ifndef OAK_AGENT_FLEET_HOME_H
#define OAK_AGENT_FLEET_HOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"
#include "trust/key.h"

#define FLEET_DIR      "var/lib/oakum/fleet"
#define FLEET_KEY      FLEET_DIR "/host.pem"
#define FLEET_CA       FLEET_DIR "/ca.pem"
#define FLEET_ENROLLED FLEET_DIR "/enrolled.json"
#define FLEET_MEMORY   FLEET_DIR "/memory.json"
#define FLEET_DECISION FLEET_DIR "/decision.json"
#define FLEET_PENDING  FLEET_DIR "/pending.json"

#define FLEET_KEYS_MAX  8
#define FLEET_TEXT_MAX  256
#define FLEET_BYTES_MAX 65536
#define FLEET_WATCH_MAX 8

struct fleet_home {
	char server[FLEET_TEXT_MAX]; /* without a slash at the end */
	bool has_ca, pinned;
	char host[33], name[FLEET_TEXT_MAX], ring[64];
	json_t *tags; /* array of words, or NULL */
	struct tuf_key *keys[FLEET_KEYS_MAX];
	size_t n_keys;
	uint32_t poll_s, report_s;
};

/* A level of a rollout that was granted: what comes of it is reported. */
struct fleet_watch {
	char rollout[17], build_id[41];
	uint32_t level;
	int64_t granted_s;
	bool applied; /* the server knows that it was applied */
};

/* Times are seconds since the epoch; 0: never. */
struct fleet_memory {
	uint64_t sequence; /* of the last report that was acknowledged */
	uint64_t version;  /* of the decision: never goes back within a ring */
	char etag[FLEET_TEXT_MAX];
	char signer[65]; /* the key that the stored decision is signed with */
	int64_t heard_s; /* when a decision was last known to be the server's newest, and good */
	int64_t issued_s, expires_s; /* of it */
	uint32_t poll_s, report_s;   /* as it says */
	int64_t reported_s;          /* the last report that was acknowledged */
	int64_t again_s;             /* nothing is sent before; 0: at once */
	uint32_t wait_s;             /* the last pause after a failure */
	char code[32];               /* of the last refusal: "host-revoked"; "" */
	char error[FLEET_TEXT_MAX];  /* of the last try; "": it worked */
	uint32_t held_level;         /* the newest that the fleet holds back; 0: none */
	int64_t held_s;              /* since then */
	char held_why[FLEET_TEXT_MAX];
	bool alone;    /* patience is over: the host's own policy decides */
	char said[65]; /* what the last acknowledged report was about, as a hash */
	struct fleet_watch watches[FLEET_WATCH_MAX];
	size_t n_watches;
};

/* Errors: OAK_E_NOTFOUND: not enrolled; OAK_E_FORMAT, OAK_E_IO. fleet_home_clear() also the guard. */
int fleet_home_parse(const void *data, size_t len, struct fleet_home *ret, struct oak_error *err)
	_must_check_;
int fleet_home_read(int root, struct fleet_home *ret, struct oak_error *err) _must_check_;
int fleet_home_write(int root, const struct fleet_home *h, struct oak_error *err) _must_check_;
void fleet_home_clear(struct fleet_home *h);

/* A file that is missing, or does not fit, is an empty memory. */
int fleet_memory_parse(const void *data, size_t len, struct fleet_memory *ret,
		       struct oak_error *err) _must_check_;
void fleet_memory_read(int root, struct fleet_memory *ret);
int fleet_memory_write(int root, const struct fleet_memory *m, struct oak_error *err) _must_check_;

/* Is there a fleet? Nothing is parsed. */
bool fleet_is_enrolled(int root);

#endif
