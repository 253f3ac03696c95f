/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/jwt.h"

#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "base/json.h"

static const char *const
	names[JWT_ALGS] = { [JWT_RS256] = "RS256", [JWT_ES256] = "ES256", [JWT_EDDSA] = "EdDSA" };

const char *jwt_alg_name(enum jwt_alg alg)
{
	return alg < JWT_ALGS ? names[alg] : NULL;
}

/* Strict: no padding, no other characters, no bits left over. @room: as long as the text. */
static int decode(const char *text, size_t len, uint8_t *room, size_t *ret_len)
{
	const char *end = NULL;

	if (sodium_base642bin(room, len, text, len, NULL, ret_len, &end,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return -1;
	return end == text + len ? 0 : -1;
}

static int decode_object(const char *text, size_t len, const char *what, json_t **ret,
			 struct oak_error *err)
{
	_cleanup_(freep) uint8_t *bytes = malloc(len + 1);
	_cleanup_(json_decrefp) json_t *json = NULL;
	size_t n = 0;
	int r;

	if (!bytes)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (decode(text, len, bytes, &n) < 0)
		return oak_fail(err, OAK_E_FORMAT, "%s: not base64url", what);
	r = json_parse(bytes, n, JWT_BYTES_MAX, what, &json, err);
	if (r < 0)
		return r;
	if (!json_is_object(json))
		return oak_fail(err, OAK_E_FORMAT, "%s: not an object", what);
	*ret = take_ptr(json);
	return 0;
}

static int read_alg(const json_t *header, enum jwt_alg *ret, struct oak_error *err)
{
	const char *alg = json_get_str(header, "alg");

	for (unsigned i = 0; alg && i < JWT_ALGS; i++)
		if (strcmp(names[i], alg) == 0) {
			*ret = (enum jwt_alg)i;
			return 0;
		}
	return oak_fail(err, OAK_E_TRUST,
			"the token is signed with '%.16s', not RS256, ES256 or EdDSA",
			alg ? alg : "");
}

static int read_header(const json_t *header, struct jwt *t, struct oak_error *err)
{
	const json_t *kid = json_object_get(header, "kid");
	const char *typ = json_get_str(header, "typ");

	if (json_object_get(header, "crit"))
		return oak_fail(err, OAK_E_TRUST, "the token's header asks for what we do not know");
	/* Another kind of token by the same provider is no proof of who signs in: RFC 8725, 3.11. */
	if (json_object_get(header, "typ") && (!typ || strcasecmp(typ, "JWT") != 0))
		return oak_fail(err, OAK_E_TRUST, "the token is of another type");
	if (kid && (!json_is_string(kid) || json_string_length(kid) > JWT_KID_MAX))
		return oak_fail(err, OAK_E_FORMAT, "kid: not a text, or too long");
	(void)snprintf(t->kid, sizeof(t->kid), "%s", kid ? json_string_value(kid) : "");
	return read_alg(header, &t->alg, err);
}

static int read_signature(const char *text, size_t len, struct jwt *t, struct oak_error *err)
{
	uint8_t room[JWT_SIG_MAX * 4 / 3 + 4];

	if (len > sizeof(room) || decode(text, len, room, &t->sig_len) < 0 ||
	    t->sig_len > sizeof(t->sig) || t->sig_len == 0)
		return oak_fail(err, OAK_E_FORMAT, "the token's signature is malformed");
	memcpy(t->sig, room, t->sig_len);
	return 0;
}

int jwt_parse(const char *text, size_t len, struct jwt *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *header = NULL;
	_cleanup_(jwt_clear) struct jwt t = { .text = text };
	const char *first, *second;
	int r;

	if (len > JWT_BYTES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "the token has more than %u bytes",
				JWT_BYTES_MAX);
	first = memchr(text, '.', len);
	second = first ? memchr(first + 1, '.', len - (size_t)(first + 1 - text)) : NULL;
	if (!second)
		return oak_fail(err, OAK_E_FORMAT, "the token has not three parts");
	t.text_len = (size_t)(second - text);
	r = decode_object(text, (size_t)(first - text), "the token's header", &header, err);
	if (r == 0)
		r = read_header(header, &t, err);
	if (r == 0)
		r = decode_object(first + 1, (size_t)(second - first - 1), "the token's claims",
				  &t.claims, err);
	if (r == 0)
		r = read_signature(second + 1, len - t.text_len - 1, &t, err);
	if (r < 0)
		return r;
	*ret = t;
	t = (struct jwt){ .claims = NULL };
	return 0;
}

void jwt_clear(struct jwt *t)
{
	json_decref(t->claims);
	*t = (struct jwt){ .claims = NULL };
}
