/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/sign-in.h"

#define FORM_MAX 8192u

/* Nobody needs to be signed in, or is so by half. */
#define OPEN(verb, path, fn, text)                                                     \
	{                                                                              \
		.method = (verb), .pattern = (path), .kind = ROUTE_WORK, .page = true, \
		.open = true, .body_max = FORM_MAX, .work = (fn), .summary = (text)    \
	}
/* For whoever is signed in: what is one's own. */
#define OWN(verb, path, fn, text)                                                      \
	{                                                                              \
		.method = (verb), .pattern = (path), .kind = ROUTE_WORK, .page = true, \
		.body_max = FORM_MAX, .work = (fn), .summary = (text)                  \
	}

const struct route routes_sign_in[] = {
	OPEN("GET", "/login", login_page, "Sign in"),
	OPEN("POST", "/login", login_try, "Sign in by password"),
	OPEN("GET", "/login/code", login_code_page, "The second step of signing in"),
	OPEN("POST", "/login/code", login_code_try,
	     "A code of the authenticator, or a recovery code"),
	OPEN("GET", "/login/password", login_password_page, "Another password, first"),
	OPEN("POST", "/login/password", login_password_try, "Choose it"),
	OPEN("GET", "/login/totp", login_totp_page, "A second factor, first"),
	OPEN("POST", "/login/totp", login_totp_try, "Set it up"),
	OPEN("POST", "/logout", logout_do, "Sign out"),
	OPEN("GET", "/oidc/start", oidc_start_page, "Sign in at the OpenID provider"),
	OPEN("GET", "/oidc/callback", oidc_callback_page, "Back from there"),
	OPEN("GET", "/oidc/end", oidc_end_page, "Sign out at the OpenID provider"),
	OWN("GET", "/account", account_page, "One's own account"),
	OWN("POST", "/account/password", account_password, "Change the password"),
	OWN("POST", "/account/sessions/end", account_end_session, "End a session"),
	OWN("POST", "/account/sessions/end-others", account_end_others, "Sign out everywhere else"),
	OWN("GET", "/account/totp", account_totp_page, "Set up a second factor"),
	OWN("POST", "/account/totp", account_totp_try, "Show its first code"),
	OWN("POST", "/account/totp/begin", account_totp_begin, "A new secret for it"),
	OWN("POST", "/account/totp/remove", account_totp_remove, "Do without it"),
	OWN("GET", "/prove", prove_page, "Show once more who you are"),
	OWN("POST", "/prove", prove_try, "By password or code"),
	{ .method = NULL },
};
