/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: what a host tells the fleet's server, and what it is answered. Both ends use this.
 *
 * Source: docs/formats/fleet.md. Fuzzed by tests/fuzz/fuzz-report.c, fuzz-answer.c.
 */
#ifndef OAK_TRUST_FLEET_REPORT_H
#define OAK_TRUST_FLEET_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"

#define REPORT_BYTES_MAX      (64u << 10)
#define REPORT_RESULTS_MAX    8
#define REPORT_ASKS_MAX       8
#define REPORT_FINDINGS_MAX   30
#define REPORT_SEVERITY_SORTS 5
#define REPORT_WORD_MAX       64  /* with the NUL: ids, states */
#define REPORT_TEXT_MAX       256 /* with the NUL: for people; control characters become '?' */

enum report_result_kind {
	REPORT_APPLIED,
	REPORT_SETTLED,
	REPORT_FAILED
};

struct report_result {
	char rollout[17];
	uint32_t level;
	enum report_result_kind kind;
	char why[REPORT_TEXT_MAX];
	uint32_t transition_ms, gap_us;
};

struct report_ask {
	char rollout[17];
	uint32_t level;
};

/* What the server works with; the whole document is kept beside it. Texts are printable UTF-8. */
struct report {
	char host[33];
	uint64_t sequence;
	int64_t time_s;
	char agent[REPORT_WORD_MAX];
	char name[REPORT_TEXT_MAX]; /* "" */
	char boot[17];
	char build_id[41], release[REPORT_WORD_MAX], arch[REPORT_WORD_MAX];
	char effective[REPORT_WORD_MAX];
	char os_id[REPORT_WORD_MAX], os_version[REPORT_WORD_MAX];
	uint32_t level;
	char state[REPORT_WORD_MAX]; /* "settled" */
	uint32_t newest;
	uint32_t n_withheld;
	char verdict[REPORT_WORD_MAX]; /* "ok" */
	char verdict_text[REPORT_TEXT_MAX];
	int32_t cves_open, containers, audit_score; /* -1: not said */
	/* fleet/report-cves.h: open ones by enum report_severity; does it name all of them? */
	uint32_t cves_by[REPORT_SEVERITY_SORTS];
	bool cves_all;
	int64_t uptime_s; /* 0: not said */
	/* Why a reboot is wanted: "kernel", "cves", "packages"; "-": none is; "": not said. */
	char reboot[REPORT_WORD_MAX];
	struct report_result results[REPORT_RESULTS_MAX];
	size_t n_results;
	struct report_ask asks[REPORT_ASKS_MAX];
	size_t n_asks;
	json_t *json; /* the document */
};

/* Pure. Errors: OAK_E_FORMAT, OAK_E_TOOLARGE. report_clear() also the guard. */
int report_parse(const void *data, size_t len, struct report *ret, struct oak_error *err)
	_must_check_;
void report_clear(struct report *r);

struct answer_grant {
	char rollout[17];
	uint32_t level;
	uint32_t for_s;
};

struct answer_refusal {
	char rollout[17];
	char why[REPORT_TEXT_MAX];
	uint32_t again_s;
};

struct answer {
	char host[33];
	uint64_t sequence;
	int64_t time_s;
	char ring[REPORT_WORD_MAX];
	uint32_t report_s;
	struct answer_grant grants[REPORT_ASKS_MAX];
	size_t n_grants;
	struct answer_refusal refused[REPORT_ASKS_MAX];
	size_t n_refused;
	const json_t *
		tags; /* array of texts; borrowed where it is written, of @json where it was read */
	json_t *json;
};

int answer_parse(const void *data, size_t len, struct answer *ret, struct oak_error *err)
	_must_check_;
int answer_write(const struct answer *a, char **ret, struct oak_error *err) _must_check_;
void answer_clear(struct answer *a);

#endif
