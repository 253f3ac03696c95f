/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "base/hash.h"
#include "base/json.h"
#include "trust/delegation.h"

#define ROLE(name, members) \
	"{\"name\":\"" name "\",\"keyids\":[],\"threshold\":1,\"terminating\":false," members "}"
#define ROLES(list)   "{\"keys\":{},\"roles\":[" list "]}"
#define BINS(members) "{\"keys\":{},\"succinct_roles\":{\"keyids\":[],\"threshold\":1," members "}}"
#define STARS         "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a"

TEST(delegations_parse_refuses)
{
	static const struct {
		const char *in, *want_msg;
	} cases[] = {
		{ "[]", "keys: not an object" },
		{ "{\"keys\":{}}", "not exactly one of \"roles\" and \"succinct_roles\"" },
		{ "{\"keys\":{},\"roles\":[],\"succinct_roles\":{}}",
		  "not exactly one of \"roles\" and \"succinct_roles\"" },
		{ "{\"keys\":{},\"roles\":{}}", "roles: not a list of at most 16384" },
		{ ROLES("{}"), "a role's name is not 1 to 255 bytes long" },
		{ ROLES(ROLE("", "\"paths\":[]")), "a role's name is not 1 to 255 bytes long" },
		{ ROLES(ROLE("root", "\"paths\":[]")), "a role may not be called 'root'" },
		{ ROLES(ROLE("targets", "\"paths\":[]")), "a role may not be called 'targets'" },
		{ ROLES(ROLE("a", "\"paths\":[]") "," ROLE("a", "\"paths\":[]")),
		  "role 'a' is given twice" },
		{ ROLES("{\"name\":\"a\",\"keyids\":[],\"threshold\":1,\"paths\":[]}"),
		  "role 'a': terminating: not true or false" },
		{ ROLES("{\"name\":\"a\",\"threshold\":1,\"terminating\":true,\"paths\":[]}"),
		  "role 'a': keyids: not a list of at most 1024" },
		{ ROLES("{\"name\":\"a\",\"keyids\":[],\"terminating\":true,\"paths\":[]}"),
		  "role 'a': threshold: not a number from 1 to 1024" },
		{ ROLES(ROLE("a", "\"x\":1")),
		  "role 'a': not exactly one of \"paths\" and \"path_hash_prefixes\"" },
		{ ROLES(ROLE("a", "\"paths\":[],\"path_hash_prefixes\":[]")),
		  "role 'a': not exactly one of \"paths\" and \"path_hash_prefixes\"" },
		{ ROLES(ROLE("a", "\"paths\":\"*\"")), "role 'a': paths: not a list" },
		{ ROLES(ROLE("a", "\"paths\":[1]")), "role 'a': paths: one is not usable" },
		{ ROLES(ROLE("a", "\"paths\":[\"" STARS "\"]")),
		  "role 'a': paths: one is not usable" },
		{ ROLES(ROLE("a", "\"path_hash_prefixes\":[\"AB\"]")),
		  "role 'a': path_hash_prefixes: one is not usable" },
		{ ROLES(ROLE("a", "\"path_hash_prefixes\":[\"x\"]")),
		  "role 'a': path_hash_prefixes: one is not usable" },
		{ BINS("\"name_prefix\":\"k\""), "bit_length: not a number from 1 to 32" },
		{ BINS("\"bit_length\":0,\"name_prefix\":\"k\""),
		  "bit_length: not a number from 1 to 32" },
		{ BINS("\"bit_length\":33,\"name_prefix\":\"k\""),
		  "bit_length: not a number from 1 to 32" },
		{ BINS("\"bit_length\":8"), "name_prefix: not 1 to 240 bytes long" },
		{ BINS("\"bit_length\":8,\"name_prefix\":\"\""),
		  "name_prefix: not 1 to 240 bytes long" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *j = json_loads(cases[i].in, 0, NULL);
		struct delegations d = { 0 };
		struct oak_error err;
		char want[256];

		test_case = cases[i].in;
		EXPECT(j && delegations_parse(j, KEYID_IS_HASH, &d, &err) == -OAK_E_FORMAT);
		(void)snprintf(want, sizeof(want), "delegations: %s", cases[i].want_msg);
		EXPECT_STR(err.msg, want);
		delegations_free(&d);
	}
}

TEST(patterns_match_part_by_part)
{
	static const struct {
		const char *pattern, *path;
		bool want;
	} cases[] = {
		{ "*", "a", true },
		{ "*", "a/b", false },
		{ "*/*", "a/b", true },
		{ "*/*", "a", false },
		{ "*/*", "a/b/c", false },
		{ "a/*", "a/b", true },
		{ "a/*", "ab", false },
		{ "a/*.zip", "a/b.zip", true },
		{ "a/*.zip", "a/b/c.zip", false },
		{ "a?c", "abc", true },
		{ "a?c", "a/c", false },
		{ "a[/]c", "a/c", false },
		{ "[ab]", "b", true },
		{ "[!ab]", "b", false },
		{ "*", ".hidden", true },
		{ "*", "", true },
		{ "", "", true },
		{ "", "a", false },
		{ "a", "A", false },
		{ "a\\*", "a*", false },
		{ "a\\*", "a\\b", true },
		{ "debian/12/x86_64/*", "debian/12/x86_64/level", true },
		{ "debian/12/x86_64/*", "debian/12/x86_64/../level", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[128];

		(void)snprintf(name, sizeof(name), "%s, %s", cases[i].pattern, cases[i].path);
		test_case = name;
		EXPECT(delegation_pattern_matches(cases[i].pattern, cases[i].path) == cases[i].want);
	}
}

/* Do just these roles, in this order, vouch for the path? '!' marks a terminating one. */
static void expect_roles(const char *text, const char *path, const char *want)
{
	_cleanup_(json_decrefp) json_t *j = json_loads(text, 0, NULL);
	_cleanup_(buf_free) struct buf names = { 0 };
	struct delegation_iter it = { 0 };
	struct delegations d = { 0 };
	struct delegation one;
	struct oak_error err;

	EXPECT(j && delegations_parse(j, KEYID_IS_HASH, &d, &err) == 0);
	while (delegations_next(&d, path, &it, &one)) {
		EXPECT(buf_printf(&names, "%s%s%s", names.len ? " " : "", one.name,
				  one.terminating ? "!" : "") == 0);
		EXPECT(one.signers == delegations_signers(&d, one.name));
	}
	EXPECT_STR(buf_str(&names), want);
	EXPECT(!delegations_signers(&d, "nobody"));
	delegations_free(&d);
}

TEST(roles_come_in_order_where_they_match)
{
	static const char roles[] = ROLES(
		ROLE("z", "\"paths\":[\"a\",\"b\"]") "," ROLE("y", "\"path_hash_prefixes\":[\"3e\",\"ca978112\"]") "," ROLE(
			"x", "\"paths\":[]") "," ROLE("w", "\"path_hash_prefixes\":[\"\"]"));

	/* sha256: of "a" ca978112..., of "b" 3e23e816..., of "c" 2e7d2c03... */
	expect_roles(roles, "a", "z y w");
	expect_roles(roles, "b", "z y w");
	expect_roles(roles, "c", "w");
	expect_roles(BINS("\"bit_length\":1,\"name_prefix\":\"k\""), "a", "k-1!");
	expect_roles(BINS("\"bit_length\":4,\"name_prefix\":\"k\""), "a", "k-c!");
	expect_roles(BINS("\"bit_length\":5,\"name_prefix\":\"k\""), "a", "k-19!");
	expect_roles(BINS("\"bit_length\":16,\"name_prefix\":\"k-e\""), "a", "k-e-ca97!");
	expect_roles(BINS("\"bit_length\":32,\"name_prefix\":\"k\""), "a", "k-ca978112!");
}

TEST(a_bin_is_known_by_its_one_name)
{
	static const struct {
		const char *name;
		bool want;
	} cases[] = {
		{ "k-000", true },   { "k-1ff", true },  { "k-200", false }, { "k-00", false },
		{ "k-0000", false }, { "k-0fF", false }, { "k-", false },    { "k", false },
		{ "l-000", false },  { "k-00 ", false }, { "k--01", false }, { "", false },
	};
	_cleanup_(json_decrefp)
		json_t *j = json_loads(BINS("\"bit_length\":9,\"name_prefix\":\"k\""), 0, NULL);
	struct delegations d = { 0 };
	struct oak_error err;

	EXPECT(j && delegations_parse(j, KEYID_IS_HASH, &d, &err) == 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].name;
		EXPECT((delegations_signers(&d, cases[i].name) != NULL) == cases[i].want);
	}
	delegations_free(&d);
}
