/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "build/accept.h"

TEST(accept_parse_names_rule_symbol_and_reason)
{
	static const struct {
		const char *text, *rule, *symbol, *reason;
	} cases[] = {
		{ "data-changed:table=unused", "data-changed", "table", "unused" },
		{ "type-layout:struct a=no = yes: no", "type-layout", "struct a", "no = yes: no" },
		{ "not-compiled:a/b.c= \xc3\xa4", "not-compiled", "a/b.c", " \xc3\xa4" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct acceptance a;
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].text;
		EXPECT(accept_parse(cases[i].text, &a, &err) == 0);
		EXPECT_STR(a.rule->id, cases[i].rule);
		EXPECT(a.symbol_len == strlen(cases[i].symbol));
		EXPECT(strncmp(a.symbol, cases[i].symbol, a.symbol_len) == 0);
		EXPECT_STR(a.reason, cases[i].reason);
	}
}

TEST(accept_parse_refuses)
{
	static const struct {
		const char *text, *want_msg;
	} cases[] = {
		{ "", "--accept : not RULE:SYMBOL=REASON" },
		{ "data-changed", "--accept data-changed: not RULE:SYMBOL=REASON" },
		{ "data-changed=x", "--accept data-changed=x: not RULE:SYMBOL=REASON" },
		{ "data-changed:x", "--accept data-changed:x: not RULE:SYMBOL=REASON" },
		{ "data-changed:=x", "--accept data-changed:=x: not RULE:SYMBOL=REASON" },
		{ ":x=y", "--accept :x=y: not RULE:SYMBOL=REASON" },
		{ "data-changed:x=",
		  "--accept data-changed:x=: a reason is missing; the manifest keeps it" },
		{ "data-changed:x=  ",
		  "--accept data-changed:x=  : a reason is missing; the manifest keeps it" },
		{ "data-changed:x=a\nb",
		  "--accept data-changed:x: the reason is not a line of at most 512 bytes" },
		{ "data-changed:x=\xff",
		  "--accept data-changed:x: the reason is not a line of at most 512 bytes" },
		{ "data-chang:x=y",
		  "--accept data-chang:x=y: no such rule; 'oakum-build rules' lists them" },
		{ "unproven:f=I know",
		  "--accept unproven:f=I know: 'unproven' cannot be accepted, for the module would "
		  "be wrong whatever the reason; look at 'oakum-build prove'; use the compiler and "
		  "source of the distribution" },
		{ "never-leaves:f=y",
		  "--accept never-leaves:f=y: 'never-leaves' only warns; there is nothing to "
		  "accept" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct acceptance a = { .rule = NULL };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].want_msg;
		EXPECT(accept_parse(cases[i].text, &a, &err) == -OAK_E_USAGE);
		EXPECT(!a.rule);
		EXPECT_STR(err.msg, cases[i].want_msg);
	}
}

static void add(struct findings *f, enum rule_id rule, const char *symbol)
{
	struct oak_error err;

	EXPECT(finding_add(f, rule, symbol, NULL, &err, "why") == 0);
}

TEST(accept_apply_moves_what_is_meant)
{
	static const char *const texts[] = { "data-changed:b=old", "type-layout:a=hole" };
	struct findings from = { 0 }, accepted = { 0 };
	const char *stale = NULL;
	struct oak_error err;

	add(&from, RULE_DATA_CHANGED, "a");
	add(&from, RULE_DATA_CHANGED, "b");
	add(&from, RULE_TYPE_LAYOUT, "a");
	add(&from, RULE_DATA_CHANGED, "b");
	add(&from, RULE_UNPROVEN, "b");
	EXPECT(accept_apply(texts, 2, &from, &accepted, &stale, &err) == 0);
	EXPECT(!stale && from.n == 2 && accepted.n == 3);
	EXPECT_STR(from.v[0].symbol, "a");
	EXPECT_STR(from.v[1].rule->id, "unproven");
	EXPECT_STR(accepted.v[0].reason, "old");
	EXPECT_STR(accepted.v[1].reason, "old");
	EXPECT_STR(accepted.v[2].rule->id, "type-layout");
	EXPECT_STR(accepted.v[2].reason, "hole");
	free(from.v);
	free(accepted.v);
}

TEST(accept_apply_finds_the_stale)
{
	static const char *const texts[] = { "data-changed:a=x", "data-changed:aa=x" };
	struct findings from = { 0 }, accepted = { 0 };
	const char *stale = NULL;
	struct oak_error err;

	add(&from, RULE_DATA_CHANGED, "a");
	EXPECT(accept_apply(texts, 2, &from, &accepted, &stale, &err) == 1);
	EXPECT(stale == texts[1]);
	free(from.v);
	free(accepted.v);
}
