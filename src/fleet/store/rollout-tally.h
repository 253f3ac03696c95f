/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rollout-tally: how many hosts of each stage are in which outcome, and one host's row. For fleet/store/ and
 * fleet/director/ alone.
 *
 * Only two things change without a host's word: it may fall silent, and its stage may be over. So what
 * rollout_outcome() says at its last word is kept as its class, hosts are counted by class in the
 * transactions that change one (rollout_counts), and only those who may be silent are counted anew,
 * by an index. No row is read for a tally but theirs.
 */
#ifndef OAK_FLEET_STORE_ROLLOUT_TALLY_H
#define OAK_FLEET_STORE_ROLLOUT_TALLY_H

#include "fleet/store/rollout-row.h"

/* One more than stages: the last is of hosts that no stage takes. */
struct rollout_tallies {
	struct rollout_tally stage[ROLLOUT_STAGES_MAX + 1];
};

int rollout_tallies_read(struct db *db, const struct rollout_row *row, int64_t fleet_s,
			 struct rollout_tallies *ret, struct oak_error *err) _must_check_;

struct rollout_tally rollout_tallies_sum(const struct rollout_row *row,
					 const struct rollout_tallies *t);

/* Does silence of a host of @stage still count? */
bool rollout_watches(const struct rollout_row *row, uint32_t stage);

/* A host's part, as its row has it. */
struct rollout_part {
	int64_t rollout; /* number */
	uint32_t rank;
	enum rollout_outcome class;
	struct rollout_host host;
	char why[256];
};

/* Its class as of its last word. */
enum rollout_outcome rollout_class(const struct rollout_spec *spec, const struct rollout_host *h);

/* All parts of a host, of rollouts that are over too; at most @max. Return: how many. */
int rollout_parts_read(struct db *db, const char *host, struct rollout_part *ret, size_t max,
		       struct oak_error *err) _must_check_;

/* A new row, which is waiting. */
int rollout_part_add(struct db *db, const char *host, const struct rollout_part *p,
		     struct oak_error *err) _must_check_;

/* What has changed since it was of class @before, and the counts. */
int rollout_part_save(struct db *db, const char *host, const struct rollout_part *p,
		      enum rollout_outcome before, struct oak_error *err) _must_check_;

/* Hosts of a failure domain that are in flight or silent. */
int rollout_domain_count(struct db *db, const struct rollout_row *row, uint32_t domain,
			 int64_t fleet_s, uint32_t *ret, struct oak_error *err) _must_check_;

/* Adds @n hosts to those of a stage and class; also the first. */
int rollout_count_add(struct db *db, int64_t rollout, uint32_t stage, enum rollout_outcome class,
		      int64_t n, struct oak_error *err) _must_check_;

#endif
