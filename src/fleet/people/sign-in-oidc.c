/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/fleet.h"
#include "fleet/http/cookie.h"
#include "fleet/ops/log.h"
#include "fleet/people/id-token.h"
#include "fleet/people/oidc.h"
#include "fleet/people/seal.h"
#include "fleet/people/sign-in.h"
#include "fleet/store/audit.h"

static int state_cookie(struct http_response *res, const char *sealed)
{
	char cookie[OIDC_COOKIE_MAX + 96];

	(void)snprintf(cookie, sizeof(cookie),
		       OIDC_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=%d",
		       sealed, sealed[0] ? OIDC_STATE_S : 0);
	return http_set_header(res, "Set-Cookie", cookie);
}

/* Also for what leads away from here: page_go() knows our own pages alone. */
static void lead_away(const struct http_request *req, struct http_response *res, const char *to)
{
	res->status = 303;
	if (http_set_header(res, "Location", to) < 0 ||
	    http_set_header(res, "Referrer-Policy", "no-referrer") < 0)
		http_problem(req, res, 500, "internal", "out of memory");
}

/*
 * The person is told that it did not work, and what to try; the log is told why. What a provider or somebody in its
 * place says is shown to nobody.
 */
static void fail(struct worker_seat *seat, const struct http_request *req,
		 struct http_response *res, const struct oak_error *err)
{
	const char *told = "Signing in at your provider did not work. Try again; if it stays so, "
			   "ask who administers this server: its log says why.";
	unsigned status = 401;

	if (err->code == OAK_E_REFUSED)
		told = "Your account at the provider has no access here. Ask who administers this "
		       "server.";
	if (err->code == OAK_E_AGAIN) {
		told = "Your provider cannot be reached right now. Try again in a moment.";
		status = 503;
	}
	server_log(seat->fleet->log, LOG_LEVEL_WARNING, "oidc.failed", log_text("error", err->msg),
		   log_text("peer", req->peer), log_text("request", req->id));
	if (state_cookie(res, "") < 0) {
		http_problem(req, res, 500, "internal", "out of memory");
		return;
	}
	page_problem(req, res, status, told);
}

static bool is_set_up(struct worker_seat *seat, const struct http_request *req,
		      struct http_response *res)
{
	if (seat->fleet->oidc)
		return true;
	http_problem(req, res, 404, "not-found", "there is no OpenID provider here");
	return false;
}

static int begin(struct worker_seat *seat, const struct oidc_state *s, int64_t now_s,
		 struct buf *ret_url, char **ret_sealed, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = oidc_begin_url(seat->fleet->oidc, s, now_s, ret_url, err);

	if (r == 0)
		r = oidc_state_write(s, &text, err);
	if (r == 0)
		r = seal(seat->fleet->key, OIDC_PURPOSE, text.data, text.len, ret_sealed, err);
	if (r == 0 && strlen(*ret_sealed) > OIDC_COOKIE_MAX)
		r = oak_fail(err, OAK_E_TOOLARGE, "the state of the sign-in is too long");
	return r;
}

void oidc_start_page(struct worker_seat *seat, const struct http_request *req,
		     struct http_response *res)
{
	_cleanup_(buf_free) struct buf url = { 0 };
	_cleanup_(freep) char *sealed = NULL;
	struct oak_error err = { 0 };
	struct oidc_state s;

	if (!is_set_up(seat, req, res))
		return;
	oidc_state_new(sign_in_to(req, NULL), http_query(req, "again") != NULL, req->now_s, &s);
	if (begin(seat, &s, req->now_s, &url, &sealed, &err) < 0)
		fail(seat, req, res, &err);
	else if (!sealed || state_cookie(res, sealed) < 0)
		http_problem(req, res, 500, "internal", "out of memory");
	else
		lead_away(req, res, buf_str(&url));
}

/* Once: of two of a name nobody can tell which one somebody else's program would take. */
static int once(const struct http_request *req, const char *name, const char **ret,
		struct oak_error *err)
{
	size_t n = 0;

	*ret = http_query(req, name);
	for (size_t i = 0; i < req->n_query; i++)
		n += strcmp(req->query[i].name, name) == 0;
	return n > 1 ? oak_fail(err, OAK_E_TRUST, "the answer has %s twice", name) : 0;
}

static int read_answer(const struct http_request *req, struct oidc_answer *ret,
		       struct oak_error *err)
{
	const char *error = NULL;
	int r = once(req, "state", &ret->state, err);

	if (r == 0)
		r = once(req, "code", &ret->code, err);
	if (r == 0)
		r = once(req, "iss", &ret->issuer, err);
	if (r == 0)
		r = once(req, "error", &error, err);
	if (r == 0 && error)
		r = oak_fail(err, OAK_E_FAILED, "the provider answered %.40s", error);
	return r;
}

static int read_state(struct worker_seat *seat, const struct http_request *req,
		      struct oidc_state *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char cookie[OIDC_COOKIE_MAX + 1];
	int r;

	if (!http_cookie(req, OIDC_COOKIE, cookie, sizeof(cookie)))
		return oak_fail(err, OAK_E_TRUST, "this browser did not begin to sign in");
	r = unseal(seat->fleet->key, OIDC_PURPOSE, cookie, &text, err);
	return r < 0 ? r : oidc_state_read(text.data, text.len, req->now_s, ret, err);
}

struct arriving {
	const struct http_request *req;
	const struct oidc_settings *set;
	const struct id_person *person;
	struct user user;
};

static int note(struct db *db, const struct arriving *a, const char *action, struct oak_error *err)
{
	_cleanup_(json_decrefp)
		json_t *detail = json_pack("{s:s, s:s, s:s}", "name", a->user.name, "role",
					   role_name(a->person->role), "issuer", a->set->issuer);

	return audit_add(db,
			 &(struct audit_entry){ .who = "oidc",
						.action = action,
						.subject = a->user.id,
						.detail = detail,
						.at_s = a->req->now_s },
			 err);
}

/* Known by issuer and subject alone: a name at the provider never opens the account of somebody here. */
static int arrive(struct db *db, void *ctx, struct oak_error *err)
{
	struct arriving *a = ctx;
	const struct id_person *p = a->person;
	const struct user_new new = {
		.name = p->name, .role = p->role, .issuer = a->set->issuer, .subject = p->subject
	};
	int r = user_by_subject(db, a->set->issuer, p->subject, &a->user, err);

	if (r == -OAK_E_NOTFOUND) {
		r = user_create(db, &new, a->req->now_s, &a->user, err);
		return r < 0 ? r : note(db, a, "user.create", err);
	}
	if (r == 0 && a->user.disabled)
		return oak_fail(err, OAK_E_REFUSED, "%s is disabled", a->user.name);
	if (r < 0 || a->user.role == p->role)
		return r;
	r = user_set_role(db, a->user.id, p->role, err);
	a->user.role = p->role;
	return r < 0 ? r : note(db, a, "user.role", err);
}

static int finish(struct worker_seat *seat, const struct http_request *req, struct oidc_state *s,
		  struct user *ret, struct oak_error *err)
{
	const struct oidc_settings *set = &seat->fleet->settings->oidc;
	_cleanup_(json_decrefp) json_t *claims = NULL;
	struct oidc_answer answer = { .state = NULL };
	struct id_person person;
	struct arriving a = { .req = req, .set = set, .person = &person };
	int r = read_state(seat, req, s, err);

	if (r == 0)
		r = read_answer(req, &answer, err);
	if (r == 0)
		r = oidc_finish(seat->fleet->oidc, s, &answer, req->now_s, &claims, err);
	if (r == 0)
		r = id_token_person(claims, set, &person, err);
	if (r == 0)
		r = sign_in_write(seat->db, arrive, &a, err);
	*ret = a.user;
	return r;
}

void oidc_callback_page(struct worker_seat *seat, const struct http_request *req,
			struct http_response *res)
{
	struct oak_error err = { 0 };
	struct oidc_state s;
	struct user user;

	if (!is_set_up(seat, req, res))
		return;
	if (finish(seat, req, &s, &user, &err) < 0)
		fail(seat, req, res, &err);
	else if (state_cookie(res, "") < 0)
		http_problem(req, res, 500, "internal", "out of memory");
	else
		sign_in_as(seat, req, res,
			   &(struct sign_in){ .user = &user, .by_provider = true, .to = s.to });
}

void oidc_end_page(struct worker_seat *seat, const struct http_request *req,
		   struct http_response *res)
{
	_cleanup_(buf_free) struct buf url = { 0 };
	struct oak_error err = { 0 };

	if (!is_set_up(seat, req, res))
		return;
	if (oidc_end_url(seat->fleet->oidc, req->now_s, &url, &err) < 0)
		page_go(req, res, "/login", true, NULL);
	else
		lead_away(req, res, buf_str(&url));
}
