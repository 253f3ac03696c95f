/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search for a target among delegated roles: order, limits, and who may vouch for what. */
#include "tuf-sim.h"

#include "base/hash.h"
#include "trust/safe-name.h"

struct edge {
	const char *parent, *role;
	bool terminating;
	const char *paths;
};

#define PY "[\"*.py\"]"

/* The expectations are those of the conformance tests of TUF. */
static const struct graph {
	const char *name;
	struct edge edges[8];
	const char *visited; /* files asked for, for a path that nobody lists */
} graphs[] = {
	{ "one delegation", { { "targets", "A" } }, "1.A.json" },
	{ "two in order", { { "targets", "A" }, { "targets", "B" } }, "1.A.json 1.B.json" },
	{ "two levels",
	  { { "targets", "A" }, { "targets", "B" }, { "B", "C" } },
	  "1.A.json 1.B.json 1.C.json" },
	{ "depth first",
	  { { "targets", "A" }, { "targets", "B" }, { "A", "C" }, { "A", "D" } },
	  "1.A.json 1.C.json 1.D.json 1.B.json" },
	{ "depth first, three levels",
	  { { "targets", "A" }, { "targets", "B" }, { "A", "C" }, { "C", "D" } },
	  "1.A.json 1.C.json 1.D.json 1.B.json" },
	{ "terminating ends siblings, its own and those above",
	  { { "targets", "A" }, { "targets", "B" }, { "A", "C", true }, { "A", "D" } },
	  "1.A.json 1.C.json" },
	{ "terminating searches its own subtree",
	  { { "targets", "A" }, { "targets", "B" }, { "A", "C", true }, { "C", "D" } },
	  "1.A.json 1.C.json 1.D.json" },
	{ "terminating after a sibling with a subtree",
	  { { "targets", "A" }, { "targets", "B", true }, { "targets", "C" }, { "A", "D" } },
	  "1.A.json 1.D.json 1.B.json" },
	{ "terminating that does not match ends nothing",
	  { { "targets", "A", true, PY }, { "targets", "B" } },
	  "1.B.json" },
	{ "branches that do not match",
	  { { "targets", "A", false, PY }, { "targets", "B" }, { "A", "C" } },
	  "1.B.json" },
	{ "a level that does not match",
	  { { "targets", "A" }, { "targets", "B" }, { "A", "C", false, PY }, { "C", "D" } },
	  "1.A.json 1.B.json" },
	{ "a cycle",
	  { { "targets", "A" }, { "targets", "B" }, { "B", "C" }, { "C", "D" }, { "D", "B" } },
	  "1.A.json 1.B.json 1.C.json 1.D.json" },
	{ "a role that delegates to itself", { { "targets", "A" }, { "A", "A" } }, "1.A.json" },
	{ "two roles delegate to a third",
	  { { "targets", "A" }, { "targets", "B" }, { "B", "C" }, { "A", "C" } },
	  "1.A.json 1.C.json 1.B.json" },
	{ "two roles delegate to a third, one of them other paths",
	  { { "targets", "A" }, { "targets", "B" }, { "B", "C" }, { "A", "C", false, PY } },
	  "1.A.json 1.B.json 1.C.json" },
	{ "terminating to a role that was visited",
	  { { "targets", "A" }, { "A", "B" }, { "targets", "B", true }, { "targets", "C" } },
	  "1.A.json 1.B.json" },
};

static void delegate(struct sim *s, const struct edge *e)
{
	sim_delegate(s, e->parent, e->role,
		     &(struct sim_delegation){ .terminating = e->terminating, .paths = e->paths });
}

TEST(roles_are_visited_in_order)
{
	for (size_t i = 0; i < sizeof(graphs) / sizeof(graphs[0]); i++) {
		struct sim s = { 0 };
		struct oak_error err;

		test_case = graphs[i].name;
		sim_new(&s);
		for (const struct edge *e = graphs[i].edges; e->parent; e++)
			delegate(&s, e);
		sim_publish(&s);
		EXPECT(sim_get(&s, "missing", NULL, &err) == -OAK_E_NOTFOUND);
		EXPECT_STR(err.msg, "missing: no such target");
		EXPECT_STR(sim_log_delegated(&s), graphs[i].visited);
		/* All of them are stored now, and verified again without asking. */
		EXPECT(sim_get(&s, "missing", NULL, &err) == -OAK_E_NOTFOUND);
		EXPECT_STR(sim_log_delegated(&s), "");
		sim_free(&s);
	}
}

static void plant_tree(struct sim *s)
{
	sim_new(s);
	sim_delegate(s, "targets", "A", &(struct sim_delegation){ .paths = "[\"*.doc\",\"*.md\"]" });
	sim_delegate(s, "targets", "B", &(struct sim_delegation){ .paths = "[\"rel/*/*\"]" });
	sim_delegate(s, "B", "C", &(struct sim_delegation){ .paths = "[\"rel/x/*\"]" });
	sim_delegate(s, "B", "D", &(struct sim_delegation){ .paths = "[\"rel/y/*.zip\"]" });
	sim_target(s, "targets", "plain", "by targets");
	sim_target(s, "A", "plain", "by A");
	sim_target(s, "A", "a.md", "README");
	sim_target(s, "C", "rel/x/one", "x one");
	sim_target(s, "D", "rel/y/one.zip", "y one");
	sim_target(s, "D", "rel/z/one.zip", "not D's to give");
	sim_target(s, "A", "rel/x/deep/one", "not A's to give");
	sim_publish(s);
}

TEST(a_target_is_found_where_every_level_matches)
{
	static const struct {
		const char *path, *content, *visited;
	} cases[] = {
		{ "plain", "by targets", "" },
		{ "a.md", "README", "1.A.json" },
		{ "rel/x/one", "x one", "1.B.json 1.C.json" },
		{ "rel/y/one.zip", "y one", "1.B.json 1.D.json" },
		{ "rel/z/one.zip", NULL, "1.B.json" },
		{ "rel/x/deep/one", NULL, "" },
		{ "", NULL, "" },
		{ "../plain", NULL, "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sim s = { 0 };
		struct oak_error err;

		test_case = cases[i].path;
		plant_tree(&s);
		EXPECT(sim_get(&s, cases[i].path, cases[i].content, &err) ==
		       (cases[i].content ? 0 : -OAK_E_NOTFOUND));
		EXPECT_STR(sim_log_delegated(&s), cases[i].visited);
		sim_free(&s);
	}
}

TEST(one_search_visits_32_roles)
{
	struct sim s = { 0 };
	struct oak_error err;

	sim_new(&s);
	for (unsigned i = 1; i <= 33; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "r%u", i);
		sim_delegate(&s, "targets", name, &(struct sim_delegation){ 0 });
		if (i == 32)
			sim_target(&s, name, "last", "just within");
		if (i == 33)
			sim_target(&s, name, "beyond", "too far");
	}
	sim_publish(&s);
	EXPECT(sim_get(&s, "last", "just within", &err) == 0);
	EXPECT(sim_get(&s, "beyond", NULL, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "beyond: no such target in the first 32 delegated roles");
	EXPECT(sim_stored(&s, "r32.json") == 1 && sim_stored(&s, "r33.json") == 0);
	sim_free(&s);
}

TEST(hash_prefixes_and_bins_share_the_paths_out)
{
	struct sim s = { 0 };
	struct oak_error err;
	char hex[SHA256_HEX_MAX], list[80], bin[ROLE_NAME_MAX], asked[300];

	sha256_hex("kernels/one", 11, hex);
	sim_new(&s);
	(void)snprintf(list, sizeof(list), "[\"%.3s\"]", hex);
	sim_delegate(&s, "targets", "bin", &(struct sim_delegation){ .prefixes = list });
	sim_target(&s, "bin", "kernels/one", "in the bin");
	sim_publish(&s);
	EXPECT(sim_get(&s, "kernels/one", "in the bin", &err) == 0);
	EXPECT(sim_get(&s, "kernels/two", NULL, &err) == -OAK_E_NOTFOUND);
	sim_free(&s);

	/* The same with the succinct form: 2^12 bins, of which one exists. */
	sim_new(&s);
	delegation_bin_name("k", delegation_bin("kernels/one", 12), 12, bin);
	sim_delegate(&s, "targets", bin, &(struct sim_delegation){ 0 });
	sim_set(&s, "targets", "delegations",
		json_pack("{s:{s:o}, s:{s:[s], s:i, s:i, s:s}}", "keys", tuf_key_id(sim_key('9')),
			  tuf_key_json(sim_key('9')), "succinct_roles", "keyids",
			  tuf_key_id(sim_key('9')), "threshold", 1, "bit_length", 12, "name_prefix",
			  "k"));
	sim_target(&s, bin, "kernels/one", "in the bin");
	sim_publish(&s);
	EXPECT(sim_get(&s, "kernels/one", "in the bin", &err) == 0);
	(void)snprintf(asked, sizeof(asked), "1.%s.json", bin);
	EXPECT_STR(sim_log_delegated(&s), asked);
	EXPECT(sim_get(&s, "kernels/two", NULL, &err) == -OAK_E_TRUST);
	EXPECT_CONTAINS(err.msg, "snapshot.json: does not list k-");
	sim_free(&s);
}

TEST(a_role_may_have_any_name)
{
	char longest[256];
	const char *const names[] = { "?",    "#",  "/delegated", "../delegated", "a b",
				      "é",    "..", ".",          ".hidden",      "%2F",
				      "a%",   "+",  "1.root",     "root.json",    "roots",
				      "a//b", "\\", longest };

	memset(longest, '/', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		_cleanup_(buf_free) struct buf url = { 0 }, file = { 0 };
		struct sim s = { 0 };
		struct oak_error err;

		test_case = names[i];
		sim_new(&s);
		sim_delegate(&s, "targets", names[i], &(struct sim_delegation){ 0 });
		sim_target(&s, names[i], "a", "found");
		sim_publish(&s);
		EXPECT(sim_get(&s, "a", "found", &err) == 0);
		EXPECT(buf_add_str(&url, "1.") == 0 && safe_url_part(names[i], &url) == 0);
		EXPECT(!strchr(buf_str(&url), '/') && buf_add_str(&url, ".json") == 0);
		EXPECT_STR(sim_log_delegated(&s), buf_str(&url));
		EXPECT(safe_file_name(names[i], ".json", &file) == 0);
		EXPECT(sim_stored(&s, buf_str(&file)) == 1);
		EXPECT(sim_stored(&s, "root.json") == 1 && sim_stored(&s, "targets.json") == 2);
		sim_free(&s);
	}
}

TEST(file_names_are_safe_and_never_shared)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "kernels", "kernels.json" }, { "../x", "%2E.%2Fx.json" },
		{ "/x", "%2Fx.json" },         { ".x.json.tmp", "%2Ex.json.tmp.json" },
		{ "a b", "a%20b.json" },       { "é", "%C3%A9.json" },
		{ "%2E", "%252E.json" },       { "=x", "%3Dx.json" },
	};
	_cleanup_(buf_free) struct buf one = { 0 }, two = { 0 };
	char many[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf got = { 0 };

		test_case = cases[i].name;
		EXPECT(safe_file_name(cases[i].name, ".json", &got) == 0);
		EXPECT_STR(buf_str(&got), cases[i].want);
	}
	memset(many, 'x', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	EXPECT(safe_file_name(many, ".json", &one) == 0 && one.len == 1 + 64 + 5);
	many[sizeof(many) - 2] = 'y';
	EXPECT(safe_file_name(many, ".json", &two) == 0);
	EXPECT(strcmp(buf_str(&one), buf_str(&two)) != 0 && one.data[0] == '=');
}

TEST(a_name_of_the_root_is_refused)
{
	struct sim s = { 0 };
	struct oak_error err;

	sim_new(&s);
	sim_delegate(&s, "targets", "timestamp", &(struct sim_delegation){ 0 });
	sim_publish(&s);
	EXPECT(sim_refresh(&s, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "targets.json: delegations: a role may not be called 'timestamp'");
	sim_free(&s);
}
