/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hosts: who is enrolled, and what each said last. Pages are of keys, not of offsets: any page of
 * 1,000,000 hosts within 100 ms. Counts come from a table that reports keep (host_counts), never from
 * counting hosts.
 *
 * Silent is what a host is whose last word is older than the settings say: a condition on seen_s, not a
 * column.
 */
#ifndef OAK_FLEET_STORE_HOSTS_H
#define OAK_FLEET_STORE_HOSTS_H

#include <stdbool.h>

#include <jansson.h>

#include "fleet/db/db.h"
#include "trust/fleet/report.h"

#define HOST_TAGS_BYTES 2048

struct store_host {
	char id[33], name[REPORT_TEXT_MAX], ring[REPORT_WORD_MAX];
	uint8_t key[32];
	uint64_t sequence; /* last acknowledged */
	char report_sha256[65];
	int64_t enrolled_s, seen_s;
	bool revoked, cloned;
	char build_id[41];
	char machine[33];           /* as it was told at enrolment; "" */
	char tags[HOST_TAGS_BYTES]; /* words with blanks between, sorted */
};

/* Errors: OAK_E_NOTFOUND. */
int hosts_find(struct db *db, const char *id, struct store_host *ret, struct oak_error *err)
	_must_check_;

/* Which hosts: NULL and 0 are any. */
struct hosts_filter {
	const char *ring, *tag, *build_id, *release, *os, *state, *verdict;
	const char *level;           /* "3" */
	const char *cve;             /* among those it names */
	const char *finding;         /* a check that fails there */
	const char *uptime, *reboot; /* a band (facts.h); a reason */
	const char *text;            /* part of name or id */
	int silent;                  /* 1: only silent, -1: only others, 0: any */
	int64_t silent_before_s;
	int revoked; /* the same; revoked ones are listed only with 1 */
	int behind;  /* 1: level < newest */
};

struct hosts_page {
	const char *after; /* cursor of the page before; NULL: the first */
	const char *sort;  /* "name", "seen", "level"; NULL: "id". "-seen": downwards */
	unsigned limit;    /* 1 to 1000 */
};

/*
 * @ret: array of objects as docs/api has them. @ret_next: cursor, on the heap; NULL: that was the last page.
 * Errors: OAK_E_USAGE (a cursor or a sort that is none).
 */
int hosts_list(struct db *db, const struct hosts_filter *f, const struct hosts_page *page,
	       json_t **ret, char **ret_next, struct oak_error *err) _must_check_;

/* One host with its last report, its tags, its results. Errors: OAK_E_NOTFOUND. */
int hosts_get(struct db *db, const char *id, json_t **ret, struct oak_error *err) _must_check_;

/* The last reports of a host, newest first: {"at", "level", "state", "verdict", ...}. */
int hosts_history(struct db *db, const char *id, unsigned max, json_t **ret, struct oak_error *err)
	_must_check_;

/*
 * {"total", "by": {"ring": {..}, "level": {..}, "state": {..}, "release": {..}, "verdict": {..}, ..},
 *  "open": {"critical": N, ..}}: pairs of a host and a CVE that is open there
 */
int hosts_counts(struct db *db, json_t **ret, struct oak_error *err) _must_check_;

/* How many were not heard of since @before_s; revoked ones do not count. */
int hosts_silent(struct db *db, int64_t before_s, int64_t *ret, struct oak_error *err) _must_check_;

/*
 * Ring and tags, by a person; NULL: as they are. In the caller's transaction. Whoever says its tags says all of
 * them: the host's own no longer come in. Errors: OAK_E_NOTFOUND, OAK_E_FORMAT.
 */
int hosts_change(struct db *db, const char *id, const char *ring, const json_t *tags,
		 struct oak_error *err) _must_check_;
int hosts_revoke(struct db *db, const char *id, int64_t now_s, struct oak_error *err) _must_check_;

/* No longer cloned: somebody has looked into it. */
int hosts_trust_again(struct db *db, const char *id, struct oak_error *err) _must_check_;

/* All hosts that a rollout may be meant for: @each sees id, ring, build_id, os, and tags (words with blanks between). */
struct hosts_row {
	const char *id, *ring, *build_id, *os_id, *os_version, *tags;
};
int hosts_each(struct db *db,
	       int (*each)(void *ctx, const struct hosts_row *row, struct oak_error *err),
	       void *ctx, struct oak_error *err) _must_check_;

struct report_fate {
	bool is_new; /* not acknowledged before */
	bool cloned; /* its sequence was used by other bytes */
};

/*
 * A report of a host that was verified, in the caller's transaction: the last report, history, counts.
 * Errors: OAK_E_REFUSED: its sequence does not fit, or the host was
 * revoked. Nothing was written then, but the mark that @ret->cloned tells of: the transaction may go on, and the
 * caller commits it. Any other error spoils the transaction.
 */
int hosts_take_report(struct db *db, const struct store_host *h, const struct report *r,
		      const char sha256[65], int64_t now_s, struct report_fate *ret,
		      struct oak_error *err) _must_check_;

#endif
