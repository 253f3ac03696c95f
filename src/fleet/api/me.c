/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who asks, and what is his own: the password, the sessions. */
#include <string.h>

#include "base/json.h"
#include "fleet/api/api.h"
#include "fleet/api/routes.h"
#include "fleet/api/scopes.h"
#include "fleet/store/second-factor.h"
#include "fleet/store/sessions.h"
#include "fleet/store/users.h"

static json_t *session_json(const struct session *s)
{
	if (!s)
		return json_null();
	return json_pack("{s:s, s:I, s:I, s:I}", "id", s->id, "created", (json_int_t)s->made_s,
			 "ends", (json_int_t)s->made_s + SESSION_MAX_S, "proved",
			 (json_int_t)s->proved_s);
}

static int run_get(struct api_call *c, struct oak_error *err)
{
	json_t *user = NULL;
	int r = c->req->person[0] ? user_json(c->db, c->req->person, &user, err) : 0;

	if (r < 0)
		return r;
	return api_give(c,
			json_pack("{s:s, s:o, s:o, s:o}", "who", c->req->who, "user",
				  user ? user : json_null(), "scopes",
				  api_scope_names(c->req->scopes), "session",
				  session_json(c->req->session)),
			err);
}
API_ROUTE(me_get, .run = run_get)

/* A token that was lost must not be a key to its person. */
static int wants_session(struct api_call *c, struct oak_error *err)
{
	if (c->req->session)
		return 0;
	c->status = 409;
	c->code = "session";
	return oak_fail(err, OAK_E_REFUSED, "this is for who is signed in, not for a token");
}

static const struct api_member password_members[] = {
	{ .name = "old", .type = API_TEXT, .required = true, .min = 1, .max = PASSWORD_MAX },
	{ .name = "new", .type = API_TEXT, .required = true, .min = 1, .max = PASSWORD_MAX },
	{ NULL },
};

static int put_password(struct api_call *c, const char hash[PASSWORD_HASH], struct oak_error *err)
{
	const struct session *s = c->req->session;
	const struct api_deed deed = { .action = "user.password", .subject = s->user.id };
	int r = db_begin(c->db, err);

	if (r < 0)
		return r;
	r = user_put_hash(c->db, s->user.id, hash, false, c->req->now_s, err);
	if (r == 0)
		r = session_end_all(c->db, s->user.id, s->id, err);
	if (r == 0)
		r = api_did(c, &deed, err);
	if (r == 0)
		r = db_commit(c->db, err);
	if (r < 0)
		db_rollback(c->db);
	return r;
}

/* In transactions of its own: nobody waits for a hash. */
static int run_password(struct api_call *c, struct oak_error *err)
{
	const char *old = api_text(c, "old"), *new = api_text(c, "new");
	char hash[PASSWORD_HASH];
	struct user user;
	int r = wants_session(c, err);

	if (r == 0)
		r = password_check(new, c->req->session->user.name, err);
	if (r == 0 && strcmp(old, new) == 0)
		r = oak_fail(err, OAK_E_FORMAT, "new: is the old one");
	if (r < 0)
		return r;
	r = user_check_password(c->db, c->req->session->user.name, old, c->req->peer, c->req->now_s,
				&user, err);
	if (r == -OAK_E_REFUSED) {
		c->status = 403;
		c->code = "password";
		return oak_fail(err, OAK_E_REFUSED, "old: is not your password");
	}
	if (r == 0)
		r = password_hash(new, hash, err);
	return r < 0 ? r : put_password(c, hash, err);
}
API_ROUTE(me_password, .run = run_password, .members = password_members)

static int run_sessions(struct api_call *c, struct oak_error *err)
{
	json_t *list = NULL, *one;
	size_t i;
	int r = wants_session(c, err);

	if (r == 0)
		r = session_list(c->db, c->req->person, c->req->now_s, &list, err);
	if (r < 0)
		return r;
	json_array_foreach(list, i, one)
	{
		bool current = strcmp(json_get_str(one, "id"), c->req->session->id) == 0;

		(void)json_object_set_new(one, "current", json_boolean(current));
	}
	return api_page(c, "sessions", list, NULL, err);
}
API_ROUTE(me_sessions, .run = run_sessions)

static int run_end(struct api_call *c, struct oak_error *err)
{
	const struct api_deed deed = { .action = "user.end-session", .subject = c->req->person };
	int r = wants_session(c, err);

	if (r == 0)
		r = session_end_one(c->db, c->req->person, c->req->params[0], err);
	return r < 0 ? r : api_did(c, &deed, err);
}
API_ROUTE(me_session_end, .run = run_end, .writes = true)

static int run_end_others(struct api_call *c, struct oak_error *err)
{
	const struct api_deed deed = { .action = "user.end-sessions", .subject = c->req->person };
	int r = wants_session(c, err);

	if (r == 0)
		r = session_end_all(c->db, c->req->person, c->req->session->id, err);
	return r < 0 ? r : api_did(c, &deed, err);
}
API_ROUTE(me_sessions_end, .run = run_end_others, .writes = true)
