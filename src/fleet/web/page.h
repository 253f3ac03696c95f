/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page: what every page of the dashboard does in the same way. A page is a row of a table (ROUTE_WORK, with
 * .page set, in a file of its subject), a function that puts a view together, and a template
 * (web/templates/<name>.html).
 *
 * The dashboard is a client of the API that happens to live in the same process: what a page shows comes
 * from web_call(), as the person who looks; what the API refuses, a page cannot do. A view is the API's
 * answer with what is for people added beside it: "seen" (1795828696) gets "seen_text" ("3 min ago").
 *
 * All of it works without JavaScript: links, forms, 303 after a change. web/src adds what is alive.
 */
#ifndef OAK_FLEET_WEB_PAGE_H
#define OAK_FLEET_WEB_PAGE_H

#include <jansson.h>

#include "fleet/http/route.h"

/* For routes without a session too: sign-in, errors. */
#define WEB_CSP                                                                                         \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " \
	"font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "                \
	"require-trusted-types-for 'script'; trusted-types oakum"

struct page {
	const char *template; /* its name */
	const char *title;    /* for people: "Hosts" */
	const char *nav;      /* which entry of the navigation is this: "hosts"; NULL: none */
	json_t *view;         /* an object; taken */
};

/*
 * In templates, beside the view's own names: {{csrf}} (a hidden field of each POST form), {{#can.hosts}},
 * {{#can.rollouts}}, {{#can.approve}}, {{#can.admin}}: what the person may do; {{>badge}} within an object of
 * web_badge(). Entries of the navigation: overview hosts rollouts cves patches findings enrolment users tokens
 * webhooks audit settings.
 */

/*
 * 200 or @status with the page in the common frame (web/templates/frame.html): navigation, who is signed in, the
 * emergency stop, "csrf" for its forms, and what web_flash() left. With the header "Oakum-Part: main" (web/src/live.js
 * asks so) only what is within <main>. Sets Content-Security-Policy and the other headers of safety.
 */
void page_send(const struct worker_seat *seat, const struct http_request *req,
	       struct http_response *res, unsigned status, struct page p);

/* An error as a page: what happened, what to do next. http_problem() comes here where the route is a page. */
void page_problem(const struct http_request *req, struct http_response *res, unsigned status,
		  const char *detail);

/* 303 to @to, a path of ours. @flash: told on the next page, once; NULL: nothing. @good: it worked. */
void page_go(const struct http_request *req, struct http_response *res, const char *to, bool good,
	     const char *flash);

/**
 * web_call() - the API, from within, as the person of @req
 * @method, @target: "GET", "/api/v1/hosts?ring=edge": values in it by web_add_query()
 * @body:            taken; NULL: none
 * @ret:             the answer, also a problem document; owned by the caller
 *
 * Return: the HTTP status. Out of memory is 500.
 */
unsigned web_call(struct worker_seat *seat, const struct http_request *req, const char *method,
		  const char *target, json_t *body, json_t **ret);

/* Appends "?name=value" or "&name=value", percent-encoded; nothing for NULL and "". */
int web_add_query(struct buf *target, const char *name, const char *value) _must_check_;

/* {"tone", "word"}: an icon, a colour and a word. @tone: "good", "warn", "bad", "busy", "off". */
json_t *web_badge(const char *tone, const char *word);

/*
 * A form's fields (application/x-www-form-urlencoded), each a string, or a list where it came more than
 * once. Bounded (256 fields), pure, fuzzed. Errors: OAK_E_FORMAT, which names the field.
 */
int form_parse(const void *data, size_t len, json_t **ret, struct oak_error *err) _must_check_;
const char *form_text(const json_t *form, const char *name); /* "" where it is not there */

/* For people, in the server's UTC: fills @buf and returns it. */
#define WEB_TEXT 64
char *web_ago(int64_t at_s, int64_t now_s,
	      char buf[WEB_TEXT]);                   /* "3 min ago", "in 2 h", "never" for 0 */
char *web_time(int64_t at_s, char buf[WEB_TEXT]);    /* "2026-11-28 01:40 UTC" */
char *web_span(int64_t seconds, char buf[WEB_TEXT]); /* "2 d 4 h" */
char *web_count(int64_t n, char buf[WEB_TEXT]);      /* "12,345" */

#endif
