/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * post: a report on its way: written down before it is sent, sent as the very same bytes until the server
 * has acknowledged it, then forgotten.
 */
#ifndef OAK_AGENT_FLEET_POST_H
#define OAK_AGENT_FLEET_POST_H

#include "agent/fleet/home.h"
#include "trust/fleet/report.h"
#include "trust/http.h"

struct parcel_report {
	char *text; /* the bytes; NULL: there is none */
	char seal[129];
	uint64_t sequence;
	uint64_t sent_ms; /* of CLOCK_BOOTTIME, just before it was sent for the first time */
	char boot_id[40]; /* of that boot: in another one sent_ms means nothing */
	struct report_result results[REPORT_RESULTS_MAX];
	size_t n_results;
};

/* CLOCK_BOOTTIME: it goes on while the host sleeps, and nobody sets it. */
uint64_t fleet_boottime_ms(void);

/* Seals and stores it. Errors: those of the key, OAK_E_IO. parcel_report_clear() also the guard. */
int parcel_report_make(int root, const char *text, const char *boot_id, struct parcel_report *ret,
		       struct oak_error *err) _must_check_;

/* The one that waits: .text NULL where none does, or it cannot be read. */
void parcel_report_read(int root, struct parcel_report *ret);
int parcel_report_drop(int root, struct oak_error *err) _must_check_;
void parcel_report_clear(struct parcel_report *p);

/* What came of sending. */
struct post_outcome {
	struct answer answer; /* where it was acknowledged; answer_clear() it */
	bool acknowledged;
	unsigned status;   /* 0: no answer at all */
	char code[32];     /* of the refusal: "host-revoked"; "" */
	uint64_t expected; /* of 409: the last one that was acknowledged */
	bool has_expected;
	uint32_t retry_s; /* the server asks for that much patience */
};

/*
 * 0 also where the server refused. Errors: no answer, or one that is not the server's (OAK_E_TRUST).
 */
int parcel_report_send(const struct parcel_report *p, const struct fleet_home *h,
		       struct http_client *http, struct post_outcome *ret, struct oak_error *err)
	_must_check_;

/* The member "code" of a problem document, and "detail"; "" where there is none. */
void post_problem(const struct http_reply *reply, char code[32], char *detail, size_t size);

#endif
