/* SPDX-License-Identifier: GPL-2.0-or-later */
/* decision-priv: the inside of a decision, shared by decision.c, which reads it, and decision-judge.c. */
#ifndef OAK_TRUST_FLEET_DECISION_PRIV_H
#define OAK_TRUST_FLEET_DECISION_PRIV_H

#include "trust/fleet/decision.h"
#include "trust/key.h"

#define DECISION_KEYS_MAX 8

struct decision {
	json_t *json; /* the document; every member that is looked at was checked when it was read */
	char ring[64];
	uint64_t version;
	int64_t issued_s, expires_s;
	uint32_t poll_s, report_s;
	struct tuf_key *keys[DECISION_KEYS_MAX];
	size_t n_keys;
	bool stopped, free;
	char stop[DECISION_TEXT_MAX];
	const json_t *rollouts; /* of @json; may be NULL */
};

#endif
