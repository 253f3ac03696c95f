/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "trust/author/levels-edit.h"
#include "trust/levels.h"

#define BUILD_ID "0123456789abcdef0123456789abcdef01234567"
#define HASH     "0000000000000000000000000000000000000000000000000000000000000000"

/* A level with the fixes that the letters of @fixes name. */
static struct manifest *manifest(unsigned level, const char *fixes, const char *sha_digit)
{
	json_t *list = json_array(), *json;
	struct manifest *m = NULL;
	struct oak_error err;
	char name[32], sha[65];

	memset(sha, sha_digit[0], 64);
	sha[64] = '\0';
	(void)snprintf(name, sizeof(name), "oakum_%u", level);
	for (const char *p = fixes; *p; p++)
		(void)json_array_append_new(list,
					    json_pack("{s:s%, s:[s%], s:s, s:s, s:[]}", "id", p,
						      (size_t)1, "cve", p, (size_t)1, "title", "",
						      "patch_sha256", HASH, "functions"));
	json = json_pack("{s:i, s:{s:s, s:s, s:s, s:s, s:s}, s:i, s:s, s:s, s:{s:s, s:i, s:s, s:s, "
			 "s:n}, s:o, s:n, s:{}, s:[], s:n}",
			 "schema", 1, "kernel", "build_id", BUILD_ID, "release", "6.1.0-50-amd64",
			 "arch", "x86_64", "distribution", "debian", "package_version", "6.1.176-1",
			 "level", (int)level, "replaces", "all", "channel", "edge", "module",
			 "name", name, "size", 5, "sha256", sha, "vermagic", "", "signer", "fixes",
			 list, "effective_version", "built", "tested", "withdrawn");
	EXPECT(manifest_from_json(json, "m", &m, &err) == 0);
	json_decref(json);
	return m;
}

/* Adds to @list, which is replaced. */
static int add(json_t **list, unsigned level, const char *fixes, const char *sha_digit,
	       struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = manifest(level, fixes, sha_digit);
	json_t *next;
	int r = levels_add(*list, m, "2026-01-01T00:00:00Z", &next, err);

	if (r < 0)
		return r;
	json_decref(*list);
	*list = next;
	return 0;
}

static void edit(json_t **list, json_t *next)
{
	json_decref(*list);
	*list = next;
}

TEST(levels_tell_what_each_level_fixes)
{
	_cleanup_(json_decrefp) json_t *list = NULL;
	_cleanup_(levels_freep) struct levels *l = NULL;
	static const struct {
		const char *id;
		uint32_t since, until;
	} want[] = { { "a", 1, 0 }, { "b", 1, 4 }, { "c", 2, 0 }, { "b", 7, 0 } };
	struct oak_error err;

	EXPECT(add(&list, 1, "ab", "1", &err) == 0);
	EXPECT(add(&list, 2, "abc", "2", &err) == 0);
	EXPECT(add(&list, 4, "ac", "4", &err) == 0);
	EXPECT(add(&list, 7, "acb", "7", &err) == 0);
	EXPECT(levels_from_json(list, "levels.json", &l, &err) == 0);
	EXPECT(l->n == 4 && l->n_fixes == 4);
	for (size_t i = 0; i < l->n_fixes; i++) {
		EXPECT_STR(l->fixes[i].id, want[i].id);
		EXPECT(l->fixes[i].since == want[i].since && l->fixes[i].until == want[i].until);
	}
	EXPECT(levels_fix_in(&l->fixes[1], 2) && !levels_fix_in(&l->fixes[1], 4));
	EXPECT(levels_fix_in(&l->fixes[0], 7) && !levels_fix_in(&l->fixes[2], 1));
	EXPECT(levels_entry(l, 4)->level == 4 && !levels_entry(l, 3));
	EXPECT_STR(l->kernel.release, "6.1.0-50-amd64");
}

TEST(levels_never_change_a_level)
{
	_cleanup_(json_decrefp) json_t *list = NULL;
	struct oak_error err;

	EXPECT(add(&list, 5, "a", "1", &err) == 0);
	EXPECT(add(&list, 5, "a", "1", &err) == -OAK_E_NOTHING);
	EXPECT_STR(err.msg, "level 5 of kernel " BUILD_ID " is there already");
	EXPECT(add(&list, 5, "a", "2", &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg,
		   "level 5 of kernel " BUILD_ID " exists with other content; a level never "
		   "changes: build level 6");
	EXPECT(add(&list, 4, "a", "2", &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "level 4 of kernel " BUILD_ID " is older than level 5, which is there: "
			    "levels are cumulative; build level 6");
}

TEST(levels_promote_and_withdraw)
{
	_cleanup_(json_decrefp) json_t *list = NULL;
	_cleanup_(levels_freep) struct levels *l = NULL;
	struct oak_error err;
	json_t *next;

	EXPECT(add(&list, 1, "a", "1", &err) == 0);
	EXPECT(add(&list, 2, "a", "2", &err) == 0);
	EXPECT(levels_promote(list, 2, "stable", "2026-01-20T00:00:00Z", &next, &err) == 0);
	edit(&list, next);
	EXPECT(levels_promote(list, 2, "stable", "2026-01-20T00:00:00Z", &next, &err) ==
	       -OAK_E_NOTHING);
	EXPECT_STR(err.msg, "level 2 is in channel stable already");
	EXPECT(levels_promote(list, 3, "stable", "2026-01-20T00:00:00Z", &next, &err) ==
	       -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "the repository has no level 3 of this kernel");
	EXPECT(levels_promote(list, 1, "two words", "2026-01-20T00:00:00Z", &next, &err) ==
	       -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "'two words' is no name of a channel: a plain word is");
	EXPECT(levels_withdraw(list, 2, "hangs with NFS", "2026-01-31T00:00:00Z", &next, &err) == 0);
	edit(&list, next);
	EXPECT(levels_withdraw(list, 2, "again", "2026-01-31T00:00:00Z", &next, &err) ==
	       -OAK_E_NOTHING);
	EXPECT(levels_withdraw(list, 1, "two\nlines", "2026-01-31T00:00:00Z", &next, &err) ==
	       -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "the reason is not a line of text of 1 to 512 bytes");
	EXPECT(levels_promote(list, 2, "lts", "2026-01-20T00:00:00Z", &next, &err) ==
	       -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "level 2 was withdrawn (hangs with NFS); build the next level instead");
	EXPECT(levels_from_json(list, "levels.json", &l, &err) == 0);
	EXPECT_STR(levels_entry(l, 2)->withdrawn_why, "hangs with NFS");
	EXPECT(levels_in_channel(levels_entry(l, 2), "stable"));
	EXPECT(levels_newest(l, NULL)->level == 1 && !levels_newest(l, "stable"));
}

TEST(levels_are_held_for_a_while)
{
	_cleanup_(json_decrefp) json_t *list = NULL;
	_cleanup_(levels_freep) struct levels *held = NULL, *free_again = NULL;
	struct oak_error err;
	json_t *next;

	EXPECT(add(&list, 1, "a", "1", &err) == 0);
	EXPECT(add(&list, 2, "a", "2", &err) == 0);
	EXPECT(levels_hold(list, 2, NULL, NULL, &next, &err) == -OAK_E_NOTHING);
	EXPECT_STR(err.msg, "level 2 is not held");
	EXPECT(levels_hold(list, 2, "we look at it", "2026-01-31T00:00:00Z", &next, &err) == 0);
	edit(&list, next);
	EXPECT(levels_from_json(list, "l", &held, &err) == 0);
	EXPECT_STR(levels_entry(held, 2)->held_why, "we look at it");
	EXPECT(levels_newest(held, NULL)->level == 1);
	EXPECT(levels_hold(list, 2, NULL, NULL, &next, &err) == 0);
	edit(&list, next);
	EXPECT(levels_from_json(list, "l", &free_again, &err) == 0);
	EXPECT(levels_newest(free_again, NULL)->level == 2);
	EXPECT(levels_withdraw(list, 2, "x", "2026-01-31T00:00:00Z", &next, &err) == 0);
	edit(&list, next);
	EXPECT(levels_hold(list, 2, "y", "2026-01-31T00:00:00Z", &next, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "level 2 was withdrawn; no host takes it");
}

TEST(levels_are_parsed_strictly)
{
	static const struct {
		const char *overlay, *want;
	} cases[] = {
		{ "{\"schema\":2}", "l: schema: not a number from 1 to 1" },
		{ "{\"levels\":{}}", "l: levels: not a list of 0 to 4096" },
		{ "{\"levels\":[{}]}", "l: levels: 0: level: not a number from 1 to 1000000" },
		{ "{\"levels\":[{\"level\":1}]}", "l: levels: 0: channels: not a list of 0 to 64" },
		{ "{\"levels\":[{\"level\":1,\"channels\":[\"a b\"]}]}",
		  "l: levels: 0: channels: 0: not a plain word" },
		{ "{\"levels\":[{\"level\":1,\"channels\":[],\"module\":{\"size\":1,\"sha256\":\"" HASH
		  "\"},\"withdrawn\":{\"why\":\"x\",\"at\":\"soon\"}}]}",
		  "l: levels: 0: withdrawn: at: not a date like 2026-01-31T00:00:00Z" },
		{ "{\"levels\":[{\"level\":2,\"channels\":[],\"module\":{\"size\":1,\"sha256\":\"" HASH
		  "\"}},{\"level\":2,\"channels\":[],\"module\":{\"size\":1,\"sha256\":\"" HASH
		  "\"}}]}",
		  "l: levels: 1: not in rising order" },
		{ "{\"fixes\":[{\"id\":\"a\",\"cve\":[],\"since\":2,\"until\":2}]}",
		  "l: fixes: 0: until: not after since" },
		{ "{\"kernel\":{}}", "l: kernel: build_id: missing, or not a string" },
	};
	struct oak_error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *list = NULL, *overlay = NULL;
		struct levels *l = NULL;

		test_case = cases[i].want;
		EXPECT(add(&list, 1, "a", "1", &err) == 0);
		overlay = json_loads(cases[i].overlay, 0, NULL);
		EXPECT(overlay && json_object_update(list, overlay) == 0);
		EXPECT(levels_from_json(list, "l", &l, &err) == -OAK_E_FORMAT);
		EXPECT_STR(err.msg, cases[i].want);
	}
}

TEST(levels_tell_since_when)
{
	_cleanup_(json_decrefp) json_t *list = NULL;
	_cleanup_(levels_freep) struct levels *l = NULL;
	const int64_t published = 1767225600, promoted = 1768867200;
	struct oak_error err;
	json_t *next;

	EXPECT(add(&list, 1, "a", "1", &err) == 0);
	EXPECT(levels_promote(list, 1, "stable", "2026-01-20T00:00:00Z", &next, &err) == 0);
	edit(&list, next);
	EXPECT(levels_from_json(list, "l", &l, &err) == 0);
	EXPECT(l->entries[0].published_s == published);
	EXPECT(levels_since(&l->entries[0], NULL) == published);
	EXPECT(levels_since(&l->entries[0], "edge") == published);
	EXPECT(levels_since(&l->entries[0], "stable") == promoted);
	EXPECT(levels_since(&l->entries[0], "lts") == published);
}

/* One that was made before dates and severities stood in it. */
TEST(levels_of_before_are_readable)
{
	_cleanup_(json_decrefp) json_t *list = NULL;
	_cleanup_(levels_freep) struct levels *l = NULL, *then = NULL;
	struct oak_error err;
	json_t *next, *entry;

	EXPECT(add(&list, 1, "a", "1", &err) == 0);
	entry = json_array_get(json_object_get(list, "levels"), 0);
	EXPECT(json_object_del(entry, "published") == 0 && json_object_del(entry, "since") == 0);
	EXPECT(levels_from_json(list, "l", &l, &err) == 0);
	EXPECT(levels_since(&l->entries[0], "edge") == 0 && !l->fixes[0].severity);
	EXPECT(levels_promote(list, 1, "stable", "2026-01-20T00:00:00Z", &next, &err) == 0);
	edit(&list, next);
	EXPECT(levels_from_json(list, "l", &then, &err) == 0);
	EXPECT(levels_since(&then->entries[0], "edge") == 0);
	EXPECT(levels_since(&then->entries[0], "stable") == 1768867200);
}

TEST(levels_refuse_bad_dates_and_severities)
{
	static const struct {
		const char *list, *member, *value, *want;
	} cases[] = {
		{ "levels", "published", "1", "published: not a date like 2026-01-31T00:00:00Z" },
		{ "levels", "published", "\"2026-02-30T00:00:00Z\"",
		  "published: not a date like 2026-01-31T00:00:00Z" },
		{ "levels", "since", "[]", "since: not an object of at most 64 channels" },
		{ "levels", "since", "{\"a b\": \"2026-01-31T00:00:00Z\"}",
		  "since: not a plain word" },
		{ "levels", "since", "{\"edge\": null}",
		  "since: edge: not a date like 2026-01-31T00:00:00Z" },
		{ "fixes", "severity", "\"moderate\"",
		  "severity: not low, medium, high or critical" },
		{ "fixes", "severity", "3", "severity: missing, or not a string" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *list = NULL;
		struct levels *l = NULL;
		struct oak_error err;
		json_t *value = json_loads(cases[i].value, JSON_DECODE_ANY, NULL);
		char want[128];

		test_case = cases[i].value;
		EXPECT(add(&list, 1, "a", "1", &err) == 0);
		EXPECT(json_object_set_new(json_array_get(json_object_get(list, cases[i].list), 0),
					   cases[i].member, value) == 0);
		EXPECT(levels_from_json(list, "l", &l, &err) == -OAK_E_FORMAT);
		(void)snprintf(want, sizeof(want), "l: %s: 0: %s", cases[i].list, cases[i].want);
		EXPECT_STR(err.msg, want);
	}
	test_case = NULL;
}

/* What a later level says of a fix replaces what an earlier one said. */
TEST(levels_carry_severities)
{
	_cleanup_(json_decrefp) json_t *list = NULL;
	_cleanup_(levels_freep) struct levels *l = NULL;
	static const char *const said[] = { "medium", "critical", NULL };
	struct oak_error err;

	for (unsigned i = 0; i < 3; i++) {
		_cleanup_(manifest_freep) struct manifest *m = manifest(i + 1, "a",
									i == 0   ? "1"
									: i == 1 ? "2"
										 : "3");
		json_t *next;

		m->fixes[0].severity = said[i];
		EXPECT(levels_add(list, m, "2026-01-01T00:00:00Z", &next, &err) == 0);
		edit(&list, next);
	}
	EXPECT(levels_from_json(list, "l", &l, &err) == 0);
	EXPECT(l->n_fixes == 1);
	EXPECT_STR(l->fixes[0].severity, "critical");
}
