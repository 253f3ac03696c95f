/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deed: what pages that change something have in common. A form is read, becomes one call of the API as the
 * person who sent it, and leads to a page (303) which tells what came of it: our words where it worked, the
 * API's own where it was refused.
 */
#ifndef OAK_FLEET_WEB_DEED_H
#define OAK_FLEET_WEB_DEED_H

#include "fleet/web/page.h"

/* The fields of @req's form, owned by the caller; NULL: it cannot be read, and was answered. */
json_t *deed_form(const struct http_request *req, struct http_response *res);

/* GET @target as the person; NULL: it was answered with the page of that problem. */
json_t *deed_ask(struct worker_seat *seat, const struct http_request *req,
		 struct http_response *res, const char *target);

struct deed {
	const char *method, *target;
	json_t *body;     /* taken; NULL: none */
	const char *to;   /* where it leads */
	const char *good; /* told where it worked */
};
void deed_do(struct worker_seat *seat, const struct http_request *req, struct http_response *res,
	     const struct deed *d);

/* What the API said of a failure. */
const char *deed_detail(const json_t *answer);

/* A form that harms says "sure" as well; false: it did not, and was sent back to @to. */
bool deed_is_sure(const struct http_request *req, struct http_response *res, const json_t *form,
		  const char *to);

/* "/api/v1/rollouts/" and "..." and "/stop", each part encoded; NULL: out of memory; on the heap. */
char *deed_target(const char *before, const char *id, const char *after);

/* "user:anna" is "anna", "token:ci" is "token ci"; fills @buf and returns it. */
#define DEED_WHO 160
char *deed_who(const char *who, char buf[DEED_WHO]);

/* Words of a line, with blanks or commas between, as a list; NULL: out of memory. Pure. */
json_t *deed_words(const char *text);

/* Adds "<name>_text" ("3 min ago", "" for none) and "<name>_at" to each of @rows; @names ends with NULL. */
int deed_times(json_t *rows, const char *const *names, int64_t now_s) _must_check_;

/* All values of a field, as a list of texts. NULL: out of memory. Pure. */
json_t *deed_all(const json_t *form, const char *name);
/* A number where it is one, 0 for nothing; else what was typed, for the API to refuse. Pure. */
json_t *deed_number(const char *text);

/* How long something made by a form is good: the field "for" ("1d"); 0: for ever. Pure. */
int64_t deed_expires(const json_t *form, int64_t now_s);

/* "https://host:port", as the browser reached us, or as the settings say; fills @buf and returns it. */
#define DEED_URL 300
char *deed_url(const struct worker_seat *seat, const struct http_request *req, char buf[DEED_URL]);

/* "/name/" and the request's first parameter and @after, for the API. On the heap; NULL: out of memory. */
char *deed_item(const struct http_request *req, const char *before, const char *after);

#endif
