/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim-host: one host as the server sees it: its key, its reports, what it was answered. Written from
 * docs/formats/fleet.md alone, with libsodium and libcurl: nothing of the product says what is right.
 */
#ifndef OAK_SIM_HOST_H
#define OAK_SIM_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#define SIM_BODY_MAX   16384u
#define SIM_REPORT_MAX 2048u

enum sim_phase {
	SIM_ASKS,
	SIM_APPLIED,
	SIM_SETTLED, /* to be told */
	SIM_DONE
};

struct sim_host {
	uint8_t secret[64], public_key[32];
	char id[33];
	uint64_t sequence; /* last acknowledged */
	enum sim_phase phase;
	uint32_t level;
};

/* What all hosts have in common. */
struct sim_world {
	const char *const *urls; /* of servers behind a balancer: asked in turn */
	size_t n_urls;
	const char *ca, *ring, *token;
	char rollout[17]; /* asked for, once a host has no level; "": none */
	uint32_t level;
	uint8_t server_key[32];
	bool knows_key;
	bool each_connects; /* as agents do that come once an hour */
	int record;         /* what was acknowledged, a line each; -1 */
};

/* A thread's own. */
struct sim_line {
	CURL *curl;
	size_t turn; /* which server */
	struct curl_slist *headers;
	char body[SIM_BODY_MAX], signature[130], etag[256];
	size_t len;
	long status;
	double retry_s;
};

struct sim_tally {
	uint64_t acknowledged, again, grants, refused, not_modified, decisions;
	uint64_t conflicts, bad_answers, given_up;
};

/* The same key for the same number, always. */
void sim_host_make(struct sim_host *h, uint64_t number);

bool sim_line_open(struct sim_line *l, const struct sim_world *w);
void sim_line_close(struct sim_line *l);

/* Until it is acknowledged or @until (monotonic seconds). Return: whether it was. */
bool sim_enrol(struct sim_host *h, uint64_t number, struct sim_world *w, struct sim_line *l,
	       double until);
bool sim_report(struct sim_host *h, const struct sim_world *w, struct sim_line *l, double until,
		struct sim_tally *t);
/* One poll of the ring's decision. */
bool sim_poll(const struct sim_world *w, struct sim_line *l, struct sim_tally *t);

double sim_now(void);

/* The parts, for those who send what is wrong. @body NULL: GET. False: no answer. */
bool sim_call(struct sim_line *l, const struct sim_world *w, const char *path, const char *body,
	      bool fresh);
void sim_add_header(struct sim_line *l, const char *name, const char *value);
void sim_sign(const struct sim_host *h, const char *prefix, const char *body, struct sim_line *l);
void sim_write_report(const struct sim_host *h, const struct sim_world *w,
		      char body[SIM_REPORT_MAX]);

#endif
