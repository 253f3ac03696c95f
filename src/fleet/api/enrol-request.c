/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/api/enrol-request.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "trust/fleet/members.h"

static const struct text_rule token_rule = {
	.chars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
	.min = 1,
	.max = TOKEN_TEXT_MAX - 1,
	.what = "an enrolment token",
};

static int parse_members(struct enrol_request *r, struct oak_error *err)
{
	char key[2 * sizeof(r->key) + 1];
	const json_t *tags = NULL;
	uint64_t schema = 0;
	int n = field_number(r->json, "schema", 1, 1, &schema, err);

	if (n == 0)
		n = member_text(r->json, "token", &token_rule, r->token, err);
	if (n == 0)
		n = member_text(r->json, "key", &fleet_key, key, err);
	if (n == 0 && hex_decode(key, r->key, sizeof(r->key)) != (int)sizeof(r->key))
		n = oak_fail(err, OAK_E_FORMAT, "key: not 64 hexadecimal digits");
	if (n == 0)
		n = member_line(r->json, "name", r->name, sizeof(r->name), err);
	if (n == 0)
		n = member_word(r->json, "machine", &fleet_host_id, r->machine, err);
	if (n == 0)
		n = member_words(r->json, "tags", &fleet_tag, ENROL_TAGS_MAX, &tags, err);
	/* Borrowed of our own document. */
	r->tags = tags ? json_object_get(r->json, "tags") : NULL;
	return n;
}

int enrol_request_parse(const void *data, size_t len, struct enrol_request *ret,
			struct oak_error *err)
{
	_cleanup_(enrol_request_clear) struct enrol_request r = { .json = NULL };
	int n = json_parse(data, len, ENROL_BYTES_MAX, "enrolment", &r.json, err);

	if (n == 0 && !json_is_object(r.json))
		n = oak_fail(err, OAK_E_FORMAT, "enrolment: not an object");
	if (n == 0)
		n = parse_members(&r, err);
	if (n < 0)
		return n;
	*ret = r;
	r.json = NULL;
	return 0;
}

void enrol_request_clear(struct enrol_request *r)
{
	json_decref(r->json);
	*r = (struct enrol_request){ .json = NULL };
}
