/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fleet-fixture: a fleet without threads and sockets over a fresh SQLite database (or $OAKUM_TEST_DATABASE, an empty
 * one), for tests of routes; and hosts that sign.
 */
#ifndef OAK_FLEET_FIXTURE_H
#define OAK_FLEET_FIXTURE_H

#include "test.h"

#include "fleet/fleet.h"
#include "fleet/http/route.h"
#include "fleet/server-settings.h"
#include "fleet/store/tokens.h"
#include "trust/fleet/seal.h"
#include "trust/key.h"

#define FIXTURE_NOW 1800000000

struct fleet_fixture {
	struct server_settings settings;
	struct tuf_key *key; /* the server's */
	struct fleet fleet;
	struct db *db;
	struct worker_seat seat;
	uint8_t public_key[32]; /* the server's */
};

void fixture_open(struct fleet_fixture *f);
void fixture_close(struct fleet_fixture *f); /* also the guard */

struct fixture_host {
	struct tuf_key *key;
	char hex[SEAL_KEY_HEX_MAX], id[33];
};
void fixture_host(struct fixture_host *h);
void fixture_host_free(struct fixture_host *h); /* also the guard */

/* An enrolment token, committed. */
void fixture_token(struct fleet_fixture *f, const struct enrol_token_new *t,
		   char ret[TOKEN_TEXT_MAX]);

/* One call; clear the answer. */
struct fixture_call {
	const char *method, *target, *body;
	const struct fixture_host *signer; /* NULL: no seal */
	enum seal_kind kind;
	const char *host;  /* header Oakum-Host; NULL: none */
	const char *other; /* one more header; NULL */
	int64_t now_s;     /* 0: FIXTURE_NOW */
};
void fixture_call(struct fleet_fixture *f, const struct fixture_call *c, struct http_response *ret);
/* Many reports as one batch. */
void fixture_batch(struct fleet_fixture *f, const struct fixture_call *c, size_t n,
		   struct http_response *ret);

/* Is the answer sealed by the server? */
bool fixture_sealed(const struct fleet_fixture *f, const struct http_response *res);
/* A member of the answer's JSON as text; numbers in decimal. "" where it has none. Valid until the next call. */
const char *fixture_member(const struct http_response *res, const char *name);
const char *fixture_header(const struct http_response *res, const char *name);

/* Documents of a host, and what they are answered. @more: further members, from a comma on; "". */
#define FIXTURE_MACHINE "00112233445566778899aabbccddeeff"
void fixture_enrol_body(const struct fixture_host *h, const char *token, const char *more,
			char ret[1024]);
void fixture_enrol(struct fleet_fixture *f, const struct fixture_host *signer, const char *body,
		   struct http_response *ret);
/* Enrols @h with a token of its own, in the ring "canary". */
void fixture_join(struct fleet_fixture *f, const struct fixture_host *h);
void fixture_report_body(const char *host, unsigned sequence, const char *more, char ret[2048]);
void fixture_report(struct fleet_fixture *f, const struct fixture_host *h, const char *body,
		    struct http_response *ret);

size_t fixture_events(struct fleet_fixture *f, const char *type);
uint64_t fixture_audit(struct fleet_fixture *f); /* entries; the chain verifies */

/* Clears an answer at the end of its scope. */
#define ANSWER(name) _cleanup_(http_response_clear) struct http_response name = { .status = 0 }

#endif
