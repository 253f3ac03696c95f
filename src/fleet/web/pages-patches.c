/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Levels: which ring has which, and one level: what it fixes, where it is. */
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "fleet/web/cves-view.h"
#include "fleet/web/patches-view.h"
#include "fleet/web/routes.h"
#include "fleet/web/view.h"

void web_patches(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *matrix = NULL;
	unsigned status = web_call(seat, req, "GET", "/api/v1/matrix", NULL, &matrix);

	if (status != 200) {
		page_problem(req, res, status, view_str(matrix, "detail"));
		return;
	}
	page_send(seat, req, res, 200,
		  (struct page){ .template = "patches",
				 .title = "Patches",
				 .nav = "patches",
				 .view = patches_view(matrix, req->now_s) });
}

/* Levels are small: more than nine digits are none. */
static int64_t level_of(const char *text)
{
	int64_t n = 0;

	if (!text[0] || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
		return -1;
	for (; *text; text++)
		n = 10 * n + (*text - '0');
	return n;
}

static json_t *one_view(const struct http_request *req, const json_t *levels, const json_t *matrix)
{
	const char *build_id = req->params[0];
	int64_t level = level_of(req->params[1]);
	_cleanup_(json_decrefp) json_t *view =
		patch_view(json_object_get(levels, "levels"), build_id, level, req->now_s);
	bool bad = !view;

	if (!json_is_object(view))
		return take_ptr(view);
	view_set(view, "release", json_string(matrix_release(matrix, build_id)), &bad);
	view_set(view, "rings", patch_rings_view(matrix, build_id, level), &bad);
	return bad ? NULL : take_ptr(view);
}

void web_patch(struct worker_seat *seat, const struct http_request *req, struct http_response *res)
{
	_cleanup_(json_decrefp) json_t *levels = NULL, *matrix = NULL;
	unsigned status = web_call(seat, req, "GET", "/api/v1/levels", NULL, &levels);
	json_t *view;

	if (status == 200)
		status = web_call(seat, req, "GET", "/api/v1/matrix", NULL, &matrix);
	if (status != 200) {
		page_problem(req, res, status, view_str(matrix ? matrix : levels, "detail"));
		return;
	}
	view = one_view(req, levels, matrix);
	if (json_is_null(view)) {
		page_problem(req, res, 404, "The repository has no such level for this kernel.");
		return;
	}
	page_send(seat, req, res, 200,
		  (struct page){
			  .template = "patch", .title = "Level", .nav = "patches", .view = view });
}
