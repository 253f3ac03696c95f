/* SPDX-License-Identifier: GPL-2.0-or-later */
/* saved-views: lists that somebody wants to see again. Nobody sees another's. */
#include "fleet/api/api.h"
#include "fleet/api/routes.h"
#include "fleet/store/views.h"

const struct route_query api_query_views[] = {
	{ "page", "of this page alone: hosts", "string" },
	{ NULL },
};

/* The person, whatever they come with; a token that nobody made stands for itself. */
static const char *owner(const struct api_call *c)
{
	return c->req->person && c->req->person[0] ? c->req->person : c->req->who;
}

static int run_list(struct api_call *c, struct oak_error *err)
{
	json_t *views = NULL;
	int r = view_list(c->db, owner(c), http_query(c->req, "page"), &views, err);

	return r < 0 ? r : api_page(c, "views", views, NULL, err);
}
API_ROUTE(views_list, .run = run_list, .query = api_query_views)

static const struct api_member members[] = {
	{ .name = "name", .type = API_TEXT, .required = true, .min = 1, .max = VIEW_NAME_MAX },
	{ .name = "page", .type = API_WORD, .required = true, .min = 1, .max = VIEW_PAGE_MAX },
	{ .name = "query", .type = API_TEXT, .required = true, .min = 0, .max = VIEW_QUERY_MAX },
	{ NULL },
};

static int run_save(struct api_call *c, struct oak_error *err)
{
	const struct view_new v = { .owner = owner(c),
				    .name = api_text(c, "name"),
				    .page = api_text(c, "page"),
				    .query = api_text(c, "query") };
	json_t *view = NULL;
	int r = view_save(c->db, &v, c->req->now_s, &view, err);

	if (r == 0)
		r = api_give(c, view, err);
	c->status = r == 0 ? 201 : 0;
	return r < 0 ? r
		     : api_did(c,
			       &(const struct api_deed){
				       .action = "view.save",
				       .subject = json_string_value(json_object_get(view, "id")),
				       .detail = json_pack("{s:s, s:s}", "name", v.name, "page",
							   v.page) },
			       err);
}
API_ROUTE(views_save, .run = run_save, .members = members, .writes = true)

static int run_delete(struct api_call *c, struct oak_error *err)
{
	const char *id = c->req->params[0];
	int r = view_delete(c->db, owner(c), id, err);

	return r < 0 ? r
		     : api_did(c,
			       &(const struct api_deed){ .action = "view.delete", .subject = id },
			       err);
}
API_ROUTE(views_delete, .run = run_delete, .writes = true)
