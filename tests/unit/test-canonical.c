/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "base/hash.h"
#include "base/json.h"
#include "trust/canonical.h"

/* The vector of docs/formats/repository.md: every rule in one value. */
TEST(canonical_json_matches_the_vector)
{
	static const char in[] = "{\"b\":[1,-2,true,false,null],\"a\":\"q\\\"uo\\\\te\\n\\té€/\","
				 "\"é\":1,\"Z\":{},\"aa\":0,\"a/\":1}";
	static const char want[] =
		"7b225a223a7b7d2c2261223a22715c22756f5c5c74650a09c3a9e282ac2f222c22612f223a312c2261"
		"61223a302c2262223a5b312c2d322c747275652c66616c73652c6e756c6c5d2c22c3a9223a317d";
	_cleanup_(json_decrefp) json_t *j = json_loads(in, JSON_REJECT_DUPLICATES, NULL);
	_cleanup_(buf_free) struct buf out = { 0 };
	struct oak_error err;
	char hex[512];

	EXPECT(j && canonical_json(j, &out, &err) == 0);
	EXPECT(out.len < sizeof(hex) / 2);
	hex_encode(out.data, out.len, hex);
	EXPECT_STR(hex, want);
}

TEST(canonical_json_sorts_escapes_and_refuses)
{
	static const struct {
		const char *name, *in, *want;
		const char *want_msg; /* NULL: success */
	} cases[] = {
		{ "empty", "[]", "[]", NULL },
		{ "prefix first", "{\"ab\":1,\"a\":2}", "{\"a\":2,\"ab\":1}", NULL },
		{ "by bytes, not by case", "{\"b\":1,\"B\":2}", "{\"B\":2,\"b\":1}", NULL },
		{ "bytes above 127 last", "{\"\\u00e9\":1,\"z\":2}", "{\"z\":2,\"\xc3\xa9\":1}",
		  NULL },
		{ "controls stay raw", "[\"\\u0001\\u007f\"]", "[\"\x01\x7f\"]", NULL },
		{ "slash stays", "[\"\\/\"]", "[\"/\"]", NULL },
		{ "largest integer", "[9007199254740992]", "[9007199254740992]", NULL },
		{ "smallest integer", "[-9007199254740992]", "[-9007199254740992]", NULL },
		{ "too large", "[9007199254740993]", NULL, "an integer beyond 2^53" },
		{ "too small", "[-9007199254740993]", NULL, "an integer beyond 2^53" },
		{ "a float", "[1.5]", NULL, "a number that is not an integer" },
		{ "a whole float", "[1.0]", NULL, "a number that is not an integer" },
		{ "an exponent", "{\"a\":1e3}", NULL, "a number that is not an integer" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *j = json_loads(cases[i].in, 0, NULL);
		_cleanup_(buf_free) struct buf out = { 0 };
		struct oak_error err = { .code = OAK_OK };
		int r;

		test_case = cases[i].name;
		EXPECT(j);
		r = canonical_json(j, &out, &err);
		EXPECT(r == (cases[i].want_msg ? -OAK_E_FORMAT : 0));
		if (r == 0)
			EXPECT_STR(buf_str(&out), cases[i].want);
		else
			EXPECT_STR(err.msg, cases[i].want_msg);
	}
}

static json_t *nested(unsigned depth)
{
	json_t *j = json_array();

	for (unsigned i = 1; i < depth; i++) {
		json_t *outer = json_array();

		(void)json_array_append_new(outer, j);
		j = outer;
	}
	return j;
}

TEST(canonical_json_bounds_the_depth)
{
	_cleanup_(json_decrefp) json_t *deepest = nested(32), *deeper = nested(33);
	_cleanup_(buf_free) struct buf out = { 0 };
	struct oak_error err;

	EXPECT(canonical_json(deepest, &out, &err) == 0);
	EXPECT(canonical_json(deeper, &out, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "nested deeper than 32");
}
