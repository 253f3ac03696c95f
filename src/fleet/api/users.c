/* SPDX-License-Identifier: GPL-2.0-or-later */
/* People, as who administers them sees them. */
#include "fleet/store/users.h"

#include <sodium.h>
#include <string.h>

#include "base/json.h"
#include "fleet/api/api.h"
#include "fleet/api/routes.h"
#include "fleet/store/second-factor.h"

static int run_list(struct api_call *c, struct oak_error *err)
{
	json_t *list = NULL;
	int r = user_list(c->db, &list, err);

	return r < 0 ? r : api_page(c, "users", list, NULL, err);
}
API_ROUTE(users_list, .run = run_list)

static int run_get(struct api_call *c, struct oak_error *err)
{
	json_t *user = NULL;
	int r = user_json(c->db, c->req->params[0], &user, err);

	return r < 0 ? r : api_give(c, user, err);
}
API_ROUTE(users_get, .run = run_get)

/* The person with the password that was made, which is never told again; NULL: none was. */
static int give(struct api_call *c, const char *id, const char *password, struct oak_error *err)
{
	json_t *user = NULL;
	int r = user_json(c->db, id, &user, err);

	if (r == 0)
		r = api_give(c, user, err);
	if (r == 0 && json_object_set_new(user, "one_time_password",
					  password ? json_string(password) : json_null()) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	return r;
}

static int read_role(const struct api_call *c, enum person_role *ret, struct oak_error *err)
{
	const char *role = api_text(c, "role");

	return !role || role_parse(role, ret)
		       ? 0
		       : oak_fail(err, OAK_E_FORMAT,
				  "role: must be viewer, operator, approver or admin");
}

static const struct api_member create_members[] = {
	{ .name = "name", .type = API_TEXT, .required = true, .min = 1, .max = PERSON_NAME_MAX },
	{ .name = "role", .type = API_WORD, .required = true, .min = 1, .max = API_NAME_MAX },
	{ .name = "password", .type = API_TEXT, .min = 1, .max = PASSWORD_MAX },
	{ NULL },
};

/* Whoever made it knows the password: its owner chooses another one. */
static int run_create(struct api_call *c, struct oak_error *err)
{
	const char *given = api_text(c, "password");
	struct user_new n = { .name = api_text(c, "name"), .must_change = true };
	struct api_deed deed = { .action = "user.create" };
	char made[PASSWORD_MADE];
	struct user user;
	int r = read_role(c, &n.role, err);

	password_make(made);
	n.password = given ? given : made;
	if (r == 0)
		r = user_create(c->db, &n, c->req->now_s, &user, err);
	if (r == 0)
		r = give(c, user.id, given ? NULL : made, err);
	sodium_memzero(made, sizeof(made));
	if (r < 0)
		return r;
	c->status = 201;
	deed.subject = user.id;
	deed.detail = json_pack("{s:s, s:s}", "name", user.name, "role", role_name(user.role));
	return api_did(c, &deed, err);
}
API_ROUTE(users_create, .run = run_create, .members = create_members, .writes = true,
	  .secret = "one_time_password")

static const struct api_member change_members[] = {
	{ .name = "role", .type = API_WORD, .min = 1, .max = API_NAME_MAX },
	{ .name = "disabled", .type = API_BOOL },
	{ .name = "reset_password", .type = API_BOOL },
	{ .name = "reset_totp", .type = API_BOOL },
	{ NULL },
};

/* What who is signed in does to himself goes by other ways, or would lock him out. */
static int check_self(const struct api_call *c, struct oak_error *err)
{
	if (strcmp(c->req->person, c->req->params[0]) != 0)
		return 0;
	if (api_bool(c, "reset_password") || api_bool(c, "reset_totp"))
		return oak_fail(err, OAK_E_REFUSED,
				"this is you: your password and codes are changed in your account");
	if (api_bool(c, "disabled") || api_text(c, "role"))
		return oak_fail(err, OAK_E_REFUSED,
				"this is you: another admin changes your role, or keeps you out");
	return 0;
}

static int change_role(struct api_call *c, const struct user *u, struct oak_error *err)
{
	struct api_deed deed = { .action = "user.role", .subject = u->id };
	enum person_role role = u->role;
	int r = read_role(c, &role, err);

	if (r < 0 || role == u->role)
		return r;
	r = user_set_role(c->db, u->id, role, err);
	if (r < 0)
		return r;
	deed.detail = json_pack("{s:s, s:s, s:s}", "name", u->name, "from", role_name(u->role),
				"role", role_name(role));
	return api_did(c, &deed, err);
}

static int change_disabled(struct api_call *c, const struct user *u, struct oak_error *err)
{
	const json_t *given = json_object_get(c->body, "disabled");
	struct api_deed deed = { .action = "user.enable", .subject = u->id };
	int r;

	if (!json_is_boolean(given) || json_is_true(given) == u->disabled)
		return 0;
	if (json_is_true(given))
		deed.action = "user.disable";
	r = user_set_disabled(c->db, u->id, json_is_true(given), err);
	if (r < 0)
		return r;
	deed.detail = json_pack("{s:s}", "name", u->name);
	return api_did(c, &deed, err);
}

/* A new password that is told once; @made: "" where none was asked for. */
static int reset_password(struct api_call *c, const struct user *u, char made[PASSWORD_MADE],
			  struct oak_error *err)
{
	struct api_deed deed = { .action = "user.reset-password", .subject = u->id };
	int r;

	made[0] = '\0';
	if (!api_bool(c, "reset_password"))
		return 0;
	password_make(made);
	r = user_set_password(c->db, u->id, made, true, c->req->now_s, err);
	if (r < 0)
		return r;
	deed.detail = json_pack("{s:s}", "name", u->name);
	return api_did(c, &deed, err);
}

static int reset_totp(struct api_call *c, const struct user *u, struct oak_error *err)
{
	struct api_deed deed = { .action = "user.reset-totp", .subject = u->id };
	int r;

	if (!api_bool(c, "reset_totp"))
		return 0;
	r = user_totp_remove(c->db, u->id, true, err);
	if (r < 0)
		return r;
	deed.detail = json_pack("{s:s}", "name", u->name);
	return api_did(c, &deed, err);
}

static int run_change(struct api_call *c, struct oak_error *err)
{
	char made[PASSWORD_MADE] = "";
	struct user u;
	int r = user_by_id(c->db, c->req->params[0], &u, err);

	if (r == 0)
		r = check_self(c, err);
	if (r == 0)
		r = change_role(c, &u, err);
	if (r == 0)
		r = change_disabled(c, &u, err);
	if (r == 0)
		r = reset_totp(c, &u, err);
	if (r == 0)
		r = reset_password(c, &u, made, err);
	if (r == 0)
		r = give(c, u.id, made[0] ? made : NULL, err);
	sodium_memzero(made, sizeof(made));
	return r;
}
API_ROUTE(users_change, .run = run_change, .current = run_get, .members = change_members,
	  .writes = true, .secret = "one_time_password")

static int run_delete(struct api_call *c, struct oak_error *err)
{
	struct api_deed deed = { .action = "user.delete", .subject = c->req->params[0] };
	struct user u;
	int r = user_by_id(c->db, c->req->params[0], &u, err);

	if (r == 0 && strcmp(c->req->person, u.id) == 0)
		r = oak_fail(err, OAK_E_REFUSED, "this is you: another admin deletes you");
	if (r == 0)
		r = user_delete(c->db, u.id, c->req->now_s, err);
	if (r < 0)
		return r;
	deed.detail = json_pack("{s:s, s:s}", "name", u.name, "role", role_name(u.role));
	return api_did(c, &deed, err);
}
API_ROUTE(users_delete, .run = run_delete, .writes = true)
