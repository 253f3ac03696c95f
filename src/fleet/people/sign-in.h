/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sign-in: the pages by which somebody becomes a session, and what one's own account has. Routes are in
 * sign-in-routes.c.
 *
 *	/login -> (/login/code) -> (/login/password or /login/totp) -> where one wanted to go
 *	/oidc/start -> the provider -> /oidc/callback -> where one wanted to go
 *
 * Each step that gains rights gets the browser another secret, and ends what it had before; so a secret that was planted
 * or seen earlier is worth nothing. No message tells whether there is a person of a name.
 */
#ifndef OAK_FLEET_PEOPLE_SIGN_IN_H
#define OAK_FLEET_PEOPLE_SIGN_IN_H

#include "fleet/http/route.h"
#include "fleet/store/sessions.h"
#include "fleet/web/page.h"

#define SIGN_IN_WORK(fn) \
	void fn(struct worker_seat *seat, const struct http_request *req, struct http_response *res)

/* sign-in.c */
SIGN_IN_WORK(login_page);
SIGN_IN_WORK(login_try);
SIGN_IN_WORK(login_code_page);
SIGN_IN_WORK(login_code_try);
SIGN_IN_WORK(logout_do);
/* sign-in-first.c: what has to be done first */
SIGN_IN_WORK(login_password_page);
SIGN_IN_WORK(login_password_try);
SIGN_IN_WORK(login_totp_page);
SIGN_IN_WORK(login_totp_try);
/* account.c */
SIGN_IN_WORK(account_page);
SIGN_IN_WORK(account_password);
SIGN_IN_WORK(account_end_session);
SIGN_IN_WORK(account_end_others);
/* account-totp.c */
SIGN_IN_WORK(account_totp_page);
SIGN_IN_WORK(account_totp_begin);
SIGN_IN_WORK(account_totp_try);
SIGN_IN_WORK(account_totp_remove);
/* prove.c */
SIGN_IN_WORK(prove_page);
SIGN_IN_WORK(prove_try);
/* sign-in-oidc.c */
SIGN_IN_WORK(oidc_start_page);
SIGN_IN_WORK(oidc_callback_page);
SIGN_IN_WORK(oidc_end_page);

/* change-password.c */

/*
 * The fields "new" and "again" become the password of who is signed in; all sessions end, and this browser has a new
 * one in @state. Errors: OAK_E_FORMAT (not a good one, not twice the same), OAK_E_AGAIN.
 */
int change_password(struct worker_seat *seat, const struct http_exchange *x, const json_t *form,
		    enum session_state state, struct oak_error *err) _must_check_;

/* sign-in-lib.c: what they share */

/* The form of a POST; NULL: @res has the answer. */
json_t *sign_in_form(const struct http_request *req, struct http_response *res);

/* Where to go afterwards: of the form (NULL: of the query), or "/". */
const char *sign_in_to(const struct http_request *req, const json_t *form);

/* 303 to @path with "to" in its query, unless that is "/". */
void sign_in_go(const struct http_request *req, struct http_response *res, const char *path,
		const char *to);

/* Sets "start" of @view: the query of /oidc/start that leads to @to afterwards; @again: with a proof. */
void sign_in_start(json_t *view, const char *to, bool again);

/* Sets the session's cookie; @secret NULL: takes it away. */
int sign_in_cookie(struct http_response *res, const char *secret) _must_check_;

/* The page of that state, which is not the end of signing in. NULL: SESSION_FULL. */
const char *sign_in_next(const struct session *s);

/* Is @page what the session waits for? false: the browser is led to what it does wait for. */
bool sign_in_awaits(const struct http_request *req, struct http_response *res, const char *page,
		    const char *to);

/* @p with what went wrong: 401, 429 with Retry-After, 400, or a problem page. Takes @p.view. */
void sign_in_failed(struct worker_seat *seat, const struct http_request *req,
		    struct http_response *res, struct page p, const struct oak_error *err);

/* One transaction, begun again where another was in its way. */
int sign_in_write(struct db *db, int (*write)(struct db *db, void *ctx, struct oak_error *err),
		  void *ctx, struct oak_error *err) _must_check_;

/* Must a person of that role have a second factor? By the setting "require-totp". */
bool sign_in_wants_totp(const struct fleet *fleet, const struct user *u);

/*
 * @user has shown who he is, by password, or at the provider. A new session, whatever the browser had before ends; 303 to what
 * is next.
 */
struct sign_in {
	const struct user *user;
	bool by_provider; /* which asks for second factors itself */
	const char *to;
};
void sign_in_as(struct worker_seat *seat, const struct http_request *req, struct http_response *res,
		const struct sign_in *s);

/* The session of @req goes on as SESSION_FULL or what is still missing, under a new secret; its cookie is set. */
int sign_in_renew(struct worker_seat *seat, const struct http_request *req,
		  struct http_response *res, enum session_state state, struct oak_error *err)
	_must_check_;

/* For the transactions of changes of one's own account. */
int sign_in_note(struct db *db, const struct http_request *req, const char *action,
		 struct oak_error *err) _must_check_;

/* Was a password or code shown within SESSION_PROOF_S? false: the browser is led to /prove and back to @to. */
bool sign_in_proved(const struct http_request *req, struct http_response *res, const char *to);

#endif
