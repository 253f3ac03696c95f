/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts into the database, by the store's own functions: what is counted is counted as it always is. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "fleet/store/event.h"
#include "fleet/store/hosts.h"
#include "fleet/store/rows.h"
#include "fleet/store/tokens.h"
#include "seed.h"

#define DAY         INT64_C(86400)
#define STORIES     48   /* the first so many hosts have a history of some weeks */
#define STORY_EVERY 1000 /* and later ones now and then */
#define STORY_DAYS  30

static const struct db_statement add_level = {
	"seed: level",
	"INSERT INTO levels (build_id, level, channel, since_s, effective, withdrawn, held, cves)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	NULL
};

static int enrol_one(struct seed *s, const struct seed_host *h, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *made = NULL;
	const struct enrolment e = { .token = s->tokens[h->ring],
				     .name = h->name,
				     .machine = h->id,
				     .key = h->key,
				     .now_s = s->now_s - 90 * DAY };
	const char *code = "";
	bool is_new;

	return enrol(s->db, &e, &made, &is_new, &code, err);
}

/* @other: not the bytes that had this sequence before: the host was cloned. */
static int take(struct seed *s, const struct seed_host *h, uint64_t sequence, int64_t at_s,
		unsigned age, bool other, struct oak_error *err)
{
	_cleanup_(report_clear) struct report r = { .sequence = 0 };
	struct store_host known = { .sequence = 0 };
	char hash[SHA256_HEX_MAX], text[32];
	struct report_fate fate;
	int ret = seed_report(s, h, sequence, at_s, age, &r, err);

	if (ret < 0)
		return ret;
	(void)snprintf(text, sizeof(text), "%llu%s", (unsigned long long)sequence, other ? "!" : "");
	sha256_hex(text, strlen(text), hash);
	(void)snprintf(known.id, sizeof(known.id), "%s", h->id);
	ret = hosts_take_report(s->db, &known, &r, hash, at_s, &fate, err);
	return ret == -OAK_E_REFUSED && fate.cloned ? 0 : ret;
}

/* Day by day, each level some days after the one before. */
static int tell_story(struct seed *s, const struct seed_host *h, uint64_t *sequence,
		      struct oak_error *err)
{
	int r = 0;

	for (unsigned day = STORY_DAYS; day > 0 && r == 0; day--)
		r = take(s, h, ++*sequence, h->seen_s - (int64_t)day * DAY, day / 7, false, err);
	return r;
}

static int host_one(struct seed *s, uint32_t n, struct oak_error *err)
{
	uint64_t sequence = 0;
	struct seed_host h;
	int r;

	seed_host(s, n, &h);
	r = enrol_one(s, &h, err);
	if (r == 0 && (n < STORIES || n % STORY_EVERY == 0) && !h.mute)
		r = tell_story(s, &h, &sequence, err);
	if (r == 0 && !h.mute)
		r = take(s, &h, ++sequence, h.seen_s, 0, false, err);
	if (r == 0 && h.cloned && !h.mute)
		r = take(s, &h, sequence, h.seen_s, 0, true, err);
	return r == 0 && h.revoked ? hosts_revoke(s->db, h.id, s->now_s - DAY, err) : r;
}

static int make_tokens(struct seed *s, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; i < SEED_RINGS && r == 0; i++) {
		_cleanup_(json_decrefp) json_t *made = NULL;
		const struct enrol_token_new t = {
			.name = seed_text(s, (uint32_t)i, seed_rings[i]),
			.ring = seed_rings[i],
			.own_tags = true,
			.uses = i == 3 ? s->hosts + 100 : 0,
			.expires_s = i == 1 ? s->now_s + 9 * DAY : 0,
		};

		r = enrol_token_create(s->db, &t, s->now_s - 91 * DAY, s->tokens[i], &made, err);
	}
	return r;
}

int seed_hosts(struct seed *s, struct oak_error *err)
{
	/* PostgreSQL walks over each earlier version of a row of the same transaction. */
	const uint32_t batch = db_is_postgres(s->db) ? 100 : 2000;
	int r = db_begin(s->db, err);

	if (r == 0)
		r = make_tokens(s, err);
	for (uint32_t n = 0; n < s->hosts && r == 0; n++) {
		r = host_one(s, n, err);
		if (r == 0 && (n + 1) % batch == 0)
			r = db_commit(s->db, err);
		if (r == 0 && (n + 1) % batch == 0)
			r = db_begin(s->db, err);
	}
	return r < 0 ? r : db_commit(s->db, err);
}

static int level_rows(struct seed *s, unsigned kernel, unsigned level, struct oak_error *err)
{
	static const char *const channels[] = { "", "stable", "candidate" };
	const struct seed_kernel *k = &seed_kernels[kernel];
	_cleanup_(json_decrefp) json_t *fixes = seed_fixes(kernel, level);
	_cleanup_(freep) char *cves = fixes ? json_dumps(fixes, JSON_COMPACT) : NULL;
	int r = cves ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");

	for (size_t i = 0; i < 3 && r == 0; i++) {
		const struct db_value args[] = {
			db_text(k->build_id),
			db_int(level),
			db_text(channels[i]),
			db_int(s->now_s - (int64_t)(1 + 9 * (k->newest - level)) * DAY),
			db_text(k->effective),
			db_text(kernel == 1 && level == 3 ? seed_text(s, 1, "it stalls under KVM")
							  : NULL),
			db_text(kernel == 0 && level == k->newest - 2
					? seed_text(s, 4, "waits for its soak in the lab")
					: NULL),
			db_text(i ? "[]" : cves),
		};

		r = rows_run(s->db, &add_level, args, 8, err);
	}
	return r;
}

int seed_levels(struct seed *s, struct oak_error *err)
{
	int r = db_begin(s->db, err);

	for (unsigned k = 0; k < SEED_KERNELS; k++)
		for (unsigned level = 1; level <= seed_kernels[k].newest && r == 0; level++)
			r = level_rows(s, k, level, err);
	return r < 0 ? r : db_commit(s->db, err);
}
