/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "base/json.h"

TEST(json_parse_accepts_and_refuses)
{
	static const struct {
		const char *name, *in;
		int want;
		const char *want_msg;
	} cases[] = {
		{ "object", "{\"a\": 1}", 0, NULL },
		{ "array", "[]\n", 0, NULL },
		{ "nothing", "", -OAK_E_FORMAT,
		  "doc: line 1: '[' or '{' expected near end of file" },
		{ "not a document", "1", -OAK_E_FORMAT,
		  "doc: line 1: '[' or '{' expected near '1'" },
		{ "given twice", "{\"a\": 1,\n\"a\": 2}", -OAK_E_FORMAT,
		  "doc: line 2: duplicate object key near '\"a\"'" },
		{ "more after it", "{} {}", -OAK_E_FORMAT,
		  "doc: line 1: end of file expected near '{'" },
		{ "cut short", "{\"a\": ", -OAK_E_FORMAT,
		  "doc: line 1: unexpected token near end of file" },
		{ "not UTF-8", "{\"a\": \"\xff\"}", -OAK_E_FORMAT,
		  "doc: line 1: unable to decode byte 0xff near '\"'" },
		{ "NUL in a key", "{\"\\u0000\": 1}", -OAK_E_FORMAT,
		  "doc: line 1: NUL byte in object key not supported near '\"\\u0000\"'" },
		{ "too large", "{\"0123456789012345678901234567890\": 1}", -OAK_E_TOOLARGE,
		  "doc: 38 bytes, at most 32 are accepted" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *j = NULL;
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		EXPECT(json_parse(cases[i].in, strlen(cases[i].in), 32, "doc", &j, &err) ==
		       cases[i].want);
		EXPECT((j != NULL) == (cases[i].want == 0));
		if (cases[i].want < 0)
			EXPECT_STR(err.msg, cases[i].want_msg);
	}
}

/* jansson stops at 2,048 levels; without a limit the parser's recursion would end the stack. */
TEST(json_parse_refuses_deep_nesting)
{
	_cleanup_(json_decrefp) json_t *j = NULL;
	struct oak_error err = { .code = OAK_OK };
	static char deep[100000];

	memset(deep, '[', sizeof(deep));
	EXPECT(json_parse(deep, sizeof(deep), sizeof(deep), "doc", &j, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "doc: line 1: maximum parsing depth reached near '['");
}

TEST(json_text_is_sorted_and_ends_with_a_newline)
{
	_cleanup_(json_decrefp) json_t *j = json_pack("{s:i, s:s}", "b", 1, "a", "x");
	_cleanup_(freep) char *text = json_text(j);

	EXPECT_STR(text, "{\n  \"a\": \"x\",\n  \"b\": 1\n}\n");
	EXPECT_STR(json_get_str(j, "a"), "x");
	EXPECT(json_get_str(j, "b") == NULL);
	EXPECT(json_get_str(j, "c") == NULL);
	EXPECT(json_get_str(NULL, "c") == NULL);
}
