/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hosts call: docs/formats/fleet.md. */
#include "fleet/api/host-side.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/api/enrol-request.h"
#include "fleet/director/shelf.h"
#include "fleet/http/conditional.h"
#include "trust/fleet/seal.h"

#define RETRY_S "30" /* hosts add jitter of their own */

void host_busy(const struct http_exchange *x, const struct oak_error *err)
{
	http_response_clear(x->res);
	http_problem(x->req, x->res, 503, "busy", "%s", err->msg);
	(void)!http_set_header(x->res, "Retry-After", RETRY_S);
}

void host_answer(const struct fleet *fleet, const struct http_exchange *x, unsigned status,
		 const char *text)
{
	struct oak_error err = { .code = OAK_OK };
	char seal[SEAL_HEX_MAX];
	size_t len = strlen(text);
	int r = seal_make(SEAL_ANSWER, fleet->key, text, len, seal, &err);

	if (r == 0)
		r = http_set_header(x->res, "Oakum-Signature", seal);
	if (r < 0 || buf_add(&x->res->body, text, len) < 0) {
		host_busy(x, &err);
		return;
	}
	x->res->status = status;
	x->res->type = "application/json";
}

/* "<ring>.json" without its suffix. */
static int ring_of(const char *file, char ret[REPORT_WORD_MAX])
{
	static const char suffix[] = ".json";
	size_t len = strlen(file), tail = sizeof(suffix) - 1;

	if (len <= tail || len - tail >= REPORT_WORD_MAX || strcmp(file + len - tail, suffix) != 0)
		return -1;
	(void)snprintf(ret, REPORT_WORD_MAX, "%.*s", (int)(len - tail), file);
	return 0;
}

static void give_decision(const struct http_exchange *x, const struct shelf_file *f)
{
	const char *asked = http_header(x->req, "if-none-match");
	bool same = asked && etag_listed(asked, f->etag);
	struct oak_error err = { .code = OAK_E_NOMEM, .msg = "out of memory" };

	if (http_set_header(x->res, "ETag", f->etag) < 0 ||
	    http_set_header(x->res, "Cache-Control", "max-age=60") < 0 ||
	    (!same && buf_add(&x->res->body, f->text, f->len) < 0)) {
		host_busy(x, &err);
		return;
	}
	x->res->status = same ? 304 : 200;
	x->res->type = "application/json";
}

static void decision(struct fleet *fleet, const struct http_request *req, struct http_response *res)
{
	const struct http_exchange x = { .req = req, .res = res };
	const struct shelf_file *f = NULL;
	char ring[REPORT_WORD_MAX];

	if (ring_of(req->params[0], ring) == 0)
		f = shelf_borrow(fleet->shelf, ring);
	if (!f) {
		http_problem(req, res, 404, "not-found", "there is no decision of that name");
		return;
	}
	give_decision(&x, f);
	shelf_release(f);
}

const struct route routes_host[] = {
	{ .method = "POST",
	  .pattern = "/v1/enrol",
	  .kind = ROUTE_WORK,
	  .body_max = ENROL_BYTES_MAX,
	  .work = host_enrol,
	  .summary = "A host comes, with an enrolment token and a key of its own",
	  .takes = "Enrolment",
	  .gives = "Enrolled" },
	{ .method = "POST",
	  .pattern = "/v1/report",
	  .kind = ROUTE_BATCH,
	  .body_max = REPORT_BYTES_MAX,
	  .batch = host_reports,
	  .summary = "What a host tells, signed by its key",
	  .takes = "Report",
	  .gives = "Answer" },
	{ .method = "GET",
	  .pattern = "/v1/decisions/{file}",
	  .kind = ROUTE_MEMORY,
	  .memory = decision,
	  .summary = "The signed decision of a ring",
	  .gives = "Decision" },
	{ .method = NULL },
};
