/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/tokens.h"

#include <string.h>

#include "base/json.h"
#include "fleet/api/api.h"
#include "fleet/api/routes.h"
#include "fleet/api/scopes.h"

#define EXPIRES_MAX_S 253402300799 /* the end of the year 9999 */

static int check_expires(const struct api_call *c, int64_t *ret, struct oak_error *err)
{
	int64_t at = api_number(c, "expires", 0);

	if (at && at <= c->req->now_s)
		return oak_fail(err, OAK_E_FORMAT, "expires: lies in the past");
	*ret = at;
	return 0;
}

/* Of a token as the store has it: its scopes as words in the place of bits. */
static int name_scopes(json_t *token, struct oak_error *err)
{
	uint32_t bits = (uint32_t)json_integer_value(json_object_get(token, "scopes"));

	if (json_object_set_new(token, "scopes", api_scope_names(bits)) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

/* The answer with the secret in it, which is never to be had again. */
static int give_secret(struct api_call *c, json_t *token, const char *secret, struct oak_error *err)
{
	int r = api_give(c, token, err);

	if (r == 0 && json_object_set_new(token, "token", json_string(secret)) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	c->status = 201;
	return r;
}

static const struct api_member enrol_members[] = {
	{ .name = "name", .type = API_TEXT, .required = true, .min = 1, .max = API_NAME_MAX },
	{ .name = "ring", .type = API_WORD, .min = 1, .max = API_NAME_MAX - 1 },
	{ .name = "tags", .type = API_WORDS, .max = API_TAGS_MAX },
	{ .name = "own_tags", .type = API_BOOL },
	{ .name = "uses", .type = API_NUMBER, .max = 10000000 },
	{ .name = "expires", .type = API_NUMBER, .max = EXPIRES_MAX_S },
	{ NULL },
};

static int run_enrol_create(struct api_call *c, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *none = json_array();
	const json_t *tags = json_object_get(c->body, "tags");
	const char *ring = api_text(c, "ring");
	struct enrol_token_new t = { .name = api_text(c, "name"),
				     .ring = ring ? ring : "default",
				     .tags = json_is_array(tags) ? tags : none,
				     .own_tags = api_bool(c, "own_tags"),
				     .uses = (uint32_t)api_number(c, "uses", 0) };
	struct api_deed deed = { .action = "enrol-token.create" };
	char secret[TOKEN_TEXT_MAX];
	json_t *token = NULL;
	int r = check_expires(c, &t.expires_s, err);

	if (r == 0)
		r = enrol_token_create(c->db, &t, c->req->now_s, secret, &token, err);
	if (r == 0)
		r = give_secret(c, token, secret, err);
	if (r < 0)
		return r;
	deed.subject = json_get_str(token, "id");
	deed.detail = json_pack("{s:s, s:s, s:I, s:I}", "name", t.name, "ring", t.ring, "uses",
				(json_int_t)t.uses, "expires", (json_int_t)t.expires_s);
	return api_did(c, &deed, err);
}
API_ROUTE(enrol_tokens_create, .run = run_enrol_create, .members = enrol_members, .writes = true,
	  .secret = "token")

static int run_enrol_list(struct api_call *c, struct oak_error *err)
{
	json_t *list = NULL;
	int r = enrol_token_list(c->db, &list, err);

	return r < 0 ? r : api_page(c, "enrol_tokens", list, NULL, err);
}
API_ROUTE(enrol_tokens_list, .run = run_enrol_list)

static int run_enrol_revoke(struct api_call *c, struct oak_error *err)
{
	const struct api_deed deed = { .action = "enrol-token.revoke",
				       .subject = c->req->params[0] };
	int r = enrol_token_revoke(c->db, c->req->params[0], c->req->now_s, err);

	return r < 0 ? r : api_did(c, &deed, err);
}
API_ROUTE(enrol_tokens_revoke, .run = run_enrol_revoke, .writes = true)

static const struct api_member token_members[] = {
	{ .name = "name", .type = API_WORD, .required = true, .min = 1, .max = API_NAME_MAX },
	{ .name = "scopes", .type = API_WORDS, .required = true, .min = 1, .max = 6 },
	{ .name = "expires", .type = API_NUMBER, .max = EXPIRES_MAX_S },
	{ NULL },
};

/* "admin" gives what he has not as well, since he could take it; what a person's token allows ends with the person's role. */
static int read_scopes(const struct api_call *c, uint32_t *ret, struct oak_error *err)
{
	const json_t *list = json_object_get(c->body, "scopes");

	*ret = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		uint32_t bit = api_scope_bit(json_string_value(json_array_get(list, i)));

		if (!bit)
			return oak_fail(err, OAK_E_FORMAT,
					"scopes[%zu]: must be read, hosts, rollouts, approve, admin"
					" or metrics",
					i);
		*ret |= bit;
	}
	return 0;
}

static int run_token_create(struct api_call *c, struct oak_error *err)
{
	struct api_token_new t = { .name = api_text(c, "name"), .person = c->req->person };
	struct api_deed deed = { .action = "token.create" };
	char secret[TOKEN_TEXT_MAX];
	json_t *token = NULL;
	int r = read_scopes(c, &t.scopes, err);

	if (r == 0)
		r = check_expires(c, &t.expires_s, err);
	if (r == 0)
		r = api_token_create(c->db, &t, c->req->now_s, secret, &token, err);
	if (r == 0)
		r = name_scopes(token, err);
	if (r == 0)
		r = give_secret(c, token, secret, err);
	if (r < 0)
		return r;
	deed.subject = json_get_str(token, "id");
	deed.detail = json_pack("{s:s, s:O, s:I}", "name", t.name, "scopes",
				json_object_get(c->body, "scopes"), "expires",
				(json_int_t)t.expires_s);
	return api_did(c, &deed, err);
}
API_ROUTE(tokens_create, .run = run_token_create, .members = token_members, .writes = true,
	  .secret = "token")

static int run_token_list(struct api_call *c, struct oak_error *err)
{
	json_t *list = NULL;
	int r = api_token_list(c->db, &list, err);

	for (size_t i = 0; r == 0 && i < json_array_size(list); i++)
		r = name_scopes(json_array_get(list, i), err);
	return r < 0 ? r : api_page(c, "tokens", list, NULL, err);
}
API_ROUTE(tokens_list, .run = run_token_list)

static int run_token_revoke(struct api_call *c, struct oak_error *err)
{
	const struct api_deed deed = { .action = "token.revoke", .subject = c->req->params[0] };
	int r = api_token_revoke(c->db, c->req->params[0], c->req->now_s, err);

	return r < 0 ? r : api_did(c, &deed, err);
}
API_ROUTE(tokens_revoke, .run = run_token_revoke, .writes = true)
