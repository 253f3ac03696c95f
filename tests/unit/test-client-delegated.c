/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a delegated role must pass each time it is used, and how it is kept. */
#include "tuf-sim.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

/* A role A with a target, published and followed. */
static void start(struct sim *s)
{
	struct oak_error err;

	sim_new(s);
	sim_delegate(s, "targets", "A", &(struct sim_delegation){ .keys = "9" });
	sim_target(s, "A", "a", "one");
	sim_publish(s);
	EXPECT(sim_get(s, "a", "one", &err) == 0);
}

static void sigs_foreign(struct sim *s)
{
	sim_sigs(s, "A", "3");
	sim_publish(s);
}

static void lost(struct sim *s)
{
	sim_publish(s);
	sim_lose(s, sim_path(s, "A"));
}

static void expired(struct sim *s)
{
	sim_set(s, "A", "expires", json_string(SIM_PAST));
	sim_publish(s);
}

static void older(struct sim *s)
{
	struct oak_error err;

	sim_publish(s);
	EXPECT(sim_get(s, "a", "one", &err) == 0);
	sim_set(s, "A", "version", json_integer(1));
	sim_publish_links(s);
}

static void unlisted(struct sim *s)
{
	sim_publish(s);
	(void)json_object_del(json_object_get(sim_role(s, "snapshot"), "meta"), "A.json");
	sim_bump(s, "snapshot");
	sim_link(s, "timestamp", "snapshot.json", "snapshot");
	sim_bump(s, "timestamp");
}

static void other_bytes(struct sim *s)
{
	sim_publish(s);
	sim_serve(s, sim_path(s, "A"), "{}", 2);
}

static void other_bytes_bare(struct sim *s)
{
	s->bare = true;
	other_bytes(s);
}

static void other_version(struct sim *s)
{
	s->bare = true;
	sim_publish(s);
	sim_set(s, "A", "version", json_integer(9));
	sim_sign(s, "A");
	sim_serve(s, "2.A.json", sim_served(s, "9.A.json")->data, sim_served(s, "9.A.json")->len);
}

static void endless(struct sim *s)
{
	_cleanup_(freep) char *big = calloc(1, TUF_TARGETS_BYTES_MAX + 1);

	EXPECT(big);
	s->bare = true;
	sim_publish(s);
	sim_serve(s, sim_path(s, "A"), big, TUF_TARGETS_BYTES_MAX + 1);
}

static void longer(struct sim *s)
{
	_cleanup_(freep) char *big = calloc(1, 9000);

	EXPECT(big);
	sim_publish(s);
	sim_serve(s, sim_path(s, "A"), big, 9000);
}

static void wrong_type(struct sim *s)
{
	sim_set(s, "A", "_type", json_string("snapshot"));
	sim_publish(s);
}

static void rotated(struct sim *s)
{
	json_object_del(sim_role(s, "targets"), "delegations");
	sim_delegate(s, "targets", "A", &(struct sim_delegation){ .keys = "8" });
	/* A itself stays as it is, and so does what is stored of it. */
	sim_bump(s, "targets");
	sim_publish_links(s);
}

static void threshold_up(struct sim *s)
{
	json_object_del(sim_role(s, "targets"), "delegations");
	sim_delegate(s, "targets", "A", &(struct sim_delegation){ .keys = "98", .threshold = 2 });
	sim_bump(s, "targets");
	sim_publish_links(s);
}

static void revoked(struct sim *s)
{
	json_object_del(sim_role(s, "targets"), "delegations");
	sim_bump(s, "targets");
	sim_publish_links(s);
}

static void sigs_twice(struct sim *s)
{
	sim_sigs(s, "A", "99");
	sim_publish(s);
}

TEST(a_delegated_role_must_pass_every_check)
{
	static const struct {
		const char *name;
		void (*harm)(struct sim *s);
		uint64_t stored; /* of A afterwards */
		int want;
		const char *want_msg;
	} cases[] = {
		{ "by foreign keys", sigs_foreign, 1, -OAK_E_TRUST,
		  "A.json: signed by 0 of 1 required keys" },
		{ "withheld", lost, 1, -OAK_E_AGAIN,
		  "snapshot.json lists a file that the server does not have: 2.A.json: no such "
		  "file" },
		{ "expired", expired, 1, -OAK_E_TRUST,
		  "A.json: expired " SIM_PAST "; the repository is frozen or your clock is wrong" },
		{ "older in snapshot", older, 2, -OAK_E_TRUST,
		  "snapshot.json: A.json version 1 is older than the trusted 2 (rollback)" },
		{ "vanished from snapshot", unlisted, 1, -OAK_E_TRUST,
		  "snapshot.json: A.json is no longer listed (rollback)" },
		{ "other bytes", other_bytes, 1, -OAK_E_TRUST,
		  "A.json: 2 bytes, but snapshot.json says " },
		{ "other bytes, links without hashes", other_bytes_bare, 1, -OAK_E_FORMAT,
		  "A.json: no \"signed\" object" },
		{ "another version", other_version, 1, -OAK_E_TRUST,
		  "A.json: version 9, but snapshot.json says 2" },
		{ "endless data", endless, 1, -OAK_E_TOOLARGE,
		  "2.A.json: larger than 5000000 bytes" },
		{ "longer than snapshot says", longer, 1, -OAK_E_TOOLARGE,
		  "2.A.json: larger than " },
		{ "another type", wrong_type, 1, -OAK_E_FORMAT,
		  "A.json: _type is 'snapshot', not 'targets'" },
		{ "keys rotated, role not signed again", rotated, 1, -OAK_E_TRUST,
		  "A.json: signed by 0 of 1 required keys" },
		{ "threshold raised, role not signed again", threshold_up, 1, -OAK_E_TRUST,
		  "A.json: signed by 1 of 2 required keys" },
		{ "no longer delegated", revoked, 1, -OAK_E_NOTFOUND, "a: no such target" },
		{ "one key signs twice", sigs_twice, 1, -OAK_E_FORMAT,
		  "A.json: signatures: keyid " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sim s = { 0 };
		struct oak_error err;

		test_case = cases[i].name;
		start(&s);
		cases[i].harm(&s);
		EXPECT(sim_get(&s, "a", NULL, &err) == cases[i].want);
		EXPECT_CONTAINS(err.msg, cases[i].want_msg);
		EXPECT(sim_stored(&s, "A.json") == cases[i].stored);
		sim_free(&s);
	}
}

TEST(a_role_signed_again_at_the_same_version_is_fetched_again)
{
	struct sim s = { .bare = true };
	struct oak_error err;

	start(&s);
	sim_sigs(&s, "A", "8");
	sim_sign(&s, "A");
	rotated(&s);
	EXPECT(sim_get(&s, "a", "one", &err) == 0);
	EXPECT_STR(sim_log_delegated(&s), "1.A.json");
	sim_free(&s);
}

/* A file that one parent's keys verify says nothing for the other parent. */
TEST(each_parent_verifies_with_its_own_keys)
{
	struct sim s = { 0 };
	struct oak_error err;

	sim_new(&s);
	sim_delegate(&s, "targets", "A", &(struct sim_delegation){ .paths = "[\"a/*\"]" });
	sim_delegate(&s, "targets", "B", &(struct sim_delegation){ .paths = "[\"b/*\"]" });
	sim_delegate(&s, "A", "C", &(struct sim_delegation){ .keys = "5" });
	sim_delegate(&s, "B", "C", &(struct sim_delegation){ .keys = "6", .paths = "[\"b/*\"]" });
	json_array_clear(
		json_object_get(json_object_get(sim_role(&s, "A"), "delegations"), "roles"));
	sim_delegate(&s, "A", "C", &(struct sim_delegation){ .keys = "5", .paths = "[\"a/*\"]" });
	sim_target(&s, "C", "a/x", "for A");
	sim_target(&s, "C", "b/x", "for B");
	sim_publish(&s);
	EXPECT(sim_get(&s, "a/x", "for A", &err) == 0);
	EXPECT(sim_get(&s, "b/x", NULL, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "C.json: signed by 0 of 1 required keys");
	/* Within one client, from memory, the same. */
	{
		const struct tuf_lookup how = { .fetcher = &s.fetcher, .now_s = SIM_NOW };
		_cleanup_(tuf_client_closep) struct tuf_client *c = sim_open(&s);
		struct tuf_target t;

		EXPECT(tuf_client_load(c, SIM_NOW, &err) == 0);
		for (int i = 0; i < 2; i++) {
			EXPECT(tuf_client_find(c, "a/x", &how, &t, &err) == 0);
			EXPECT(tuf_client_find(c, "b/x", &how, &t, &err) == -OAK_E_TRUST);
			EXPECT_STR(err.msg, "C.json: signed by 0 of 1 required keys");
		}
	}
	sim_sigs(&s, "C", "56");
	sim_publish(&s);
	EXPECT(sim_get(&s, "a/x", "for A", &err) == 0);
	EXPECT(sim_get(&s, "b/x", "for B", &err) == 0);
	sim_free(&s);
}

/* Without hashes in the snapshot each parent may know a file of its own: both stay. */
TEST(what_was_found_stays_while_another_parent_sees_another_file)
{
	struct sim s = { .bare = true };
	const struct tuf_lookup how = { .fetcher = &s.fetcher, .now_s = SIM_NOW };
	const struct tuf_refresh refresh = { .now_s = SIM_NOW };
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	struct tuf_target first, second;
	struct oak_error err;

	sim_new(&s);
	s.bare = true;
	sim_delegate(&s, "targets", "A", &(struct sim_delegation){ .paths = "[\"a/*\"]" });
	sim_delegate(&s, "targets", "B", &(struct sim_delegation){ .paths = "[\"b/*\"]" });
	sim_delegate(&s, "A", "C", &(struct sim_delegation){ .keys = "5", .paths = "[\"a/*\"]" });
	sim_delegate(&s, "B", "C", &(struct sim_delegation){ .keys = "6", .paths = "[\"b/*\"]" });
	sim_target(&s, "C", "a/x", "for A");
	sim_target(&s, "C", "b/x", "for B, too");
	sim_publish(&s);
	c = sim_open(&s);
	EXPECT(tuf_client_refresh(c, &s.fetcher, &refresh, &err) == 1);
	EXPECT(tuf_client_find(c, "a/x", &how, &first, &err) == 0);
	sim_sigs(&s, "C", "6");
	sim_sign(&s, "C");
	EXPECT(tuf_client_find(c, "b/x", &how, &second, &err) == 0);
	s.log.len = 0;
	EXPECT(tuf_client_find(c, "b/x", &how, &second, &err) == 0);
	EXPECT_STR(second.path, "b/x");
	EXPECT_STR(first.path, "a/x");
	EXPECT(tuf_client_find(c, "a/x", &how, &first, &err) == 0 && first.length == 5);
	EXPECT(s.log.len == 0);
	sim_free(&s);
}

/* The same key for root, targets and delegated roles counts once in each. */
TEST(one_key_may_serve_several_roles)
{
	struct sim s = { 0 };
	struct oak_error err;

	sim_new(&s);
	sim_signers(&s, "snapshot", "3", 1);
	sim_signers(&s, "timestamp", "3", 1);
	sim_sigs(&s, "snapshot", "3");
	sim_sigs(&s, "timestamp", "3");
	sim_bump(&s, "root");
	sim_delegate(&s, "targets", "A", &(struct sim_delegation){ .keys = "3" });
	sim_delegate(&s, "targets", "B", &(struct sim_delegation){ .keys = "34", .threshold = 2 });
	sim_target(&s, "B", "b", "by two");
	sim_publish(&s);
	EXPECT(sim_get(&s, "b", "by two", &err) == 0);
	sim_sigs(&s, "B", "3!4");
	sim_publish(&s);
	EXPECT(sim_get(&s, "b", NULL, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "B.json: signed by 1 of 2 required keys");
	sim_free(&s);
}

TEST(what_is_stored_serves_without_network)
{
	const struct tuf_lookup how = { .now_s = SIM_NOW };
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	struct sim s = { 0 };
	struct oak_error err;
	struct tuf_target t;

	start(&s);
	sim_delegate(&s, "targets", "B", &(struct sim_delegation){ 0 });
	sim_target(&s, "B", "b", "two");
	sim_publish(&s);
	EXPECT(sim_get(&s, "a", "one", &err) == 0);
	c = sim_open(&s);
	EXPECT(tuf_client_find(c, "a", &how, &t, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "nothing of the repository is loaded; refresh first");
	EXPECT(tuf_client_load(c, SIM_NOW, &err) == 0);
	EXPECT(tuf_client_find(c, "a", &how, &t, &err) == 0);
	EXPECT_STR(t.from, "A.json");
	EXPECT(tuf_client_find(c, "b", &how, &t, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "B.json: the version that snapshot.json lists is not stored yet; "
			    "refresh with the repository at hand");
	/* What expires while a client is open is no longer found. */
	EXPECT(tuf_client_find(c, "a", &(struct tuf_lookup){ .now_s = SIM_NOW + 100000000 }, &t,
			       &err) == -OAK_E_TRUST);
	EXPECT_CONTAINS(err.msg, "root.json: expired 2030-01-01T00:00:00Z");
	EXPECT(tuf_client_find(c, "a", &(struct tuf_lookup){ .now_s = -1 }, &t, &err) == 0);
	sim_free(&s);
}

/* A refresh that ended between snapshot.json and the role leaves the role of before. */
TEST(a_stored_role_of_an_older_snapshot_is_not_used)
{
	const struct tuf_lookup how = { .now_s = SIM_NOW };
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	struct sim s = { 0 };
	struct oak_error err;
	struct tuf_target t;

	start(&s);
	sim_publish(&s);
	EXPECT(sim_refresh(&s, &err) == 1);
	EXPECT(sim_stored(&s, "A.json") == 1);
	c = sim_open(&s);
	EXPECT(tuf_client_load(c, SIM_NOW, &err) == 0);
	EXPECT(tuf_client_find(c, "a", &how, &t, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "A.json: the version that snapshot.json lists is not stored yet; "
			    "refresh with the repository at hand");
	sim_free(&s);
}

TEST(a_spoiled_stored_role_is_fetched_again)
{
	_cleanup_(freep) char *path = NULL;
	struct sim s = { 0 };
	struct oak_error err;

	start(&s);
	path = path_join(s.state, "A.json");
	EXPECT(file_write(AT_FDCWD, path, "junk", 4, 0644, &err) == 0);
	EXPECT(sim_get(&s, "a", "one", &err) == 0);
	EXPECT_STR(sim_log_delegated(&s), "1.A.json");
	EXPECT(sim_stored(&s, "A.json") == 1);
	sim_free(&s);
}

TEST(roles_are_kept_as_served)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	_cleanup_(freep) char *path = NULL;
	struct sim s = { 0 };
	const struct buf *served;
	struct oak_error err;

	start(&s);
	path = path_join(s.state, "A.json");
	served = sim_served(&s, "1.A.json");
	EXPECT(file_read(AT_FDCWD, path, 1u << 20, &bytes, &err) == 0);
	EXPECT(bytes.len == served->len && memcmp(bytes.data, served->data, bytes.len) == 0);
	sim_free(&s);
}

/* Only a new snapshot key may drop a role; then its file goes, and half written ones too. */
TEST(files_of_roles_that_are_gone_are_removed)
{
	_cleanup_(freep) char *junk = NULL;
	struct sim s = { 0 };
	struct oak_error err;

	start(&s);
	junk = path_join(s.state, ".A.json.tmp");
	EXPECT(file_write(AT_FDCWD, junk, "half", 4, 0644, &err) == 0);
	sim_signers(&s, "snapshot", "7", 1);
	sim_sigs(&s, "snapshot", "7");
	sim_bump(&s, "root");
	json_object_del(sim_role(&s, "targets"), "delegations");
	json_object_del(s.roles, "A");
	sim_publish(&s);
	EXPECT(sim_refresh(&s, &err) == 1);
	EXPECT(sim_stored(&s, "A.json") == 0 && access(junk, F_OK) < 0);
	EXPECT(sim_stored(&s, "root.json") == 2 && sim_stored(&s, "targets.json") == 3);
	sim_free(&s);
}

TEST(without_consistent_snapshots_names_carry_no_version)
{
	struct sim s = { 0 };
	struct oak_error err;

	sim_new(&s);
	sim_set(&s, "root", "consistent_snapshot", json_false());
	sim_bump(&s, "root");
	sim_delegate(&s, "targets", "a/b", &(struct sim_delegation){ .paths = "[\"*/*\"]" });
	sim_target(&s, "a/b", "dir/x", "plain");
	sim_publish(&s);
	EXPECT(sim_get(&s, "dir/x", "plain", &err) == 0);
	EXPECT_STR(buf_str(&s.log), "2.root.json 3.root.json timestamp.json snapshot.json "
				    "targets.json a%2Fb.json targets/dir/x");
	sim_publish(&s);
	EXPECT(sim_get(&s, "dir/x", "plain", &err) == 0);
	EXPECT(sim_stored(&s, "a%2Fb.json") == 2);
	sim_free(&s);
}

TEST(a_client_in_memory_finds_too)
{
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	struct sim s = { 0 };
	const struct tuf_refresh refresh = { .now_s = SIM_NOW };
	const struct tuf_lookup how = { .fetcher = &s.fetcher, .now_s = SIM_NOW };
	const struct metadata *m;
	struct oak_error err;
	struct tuf_target t;

	start(&s);
	EXPECT(tuf_client_open_memory(sim_served(&s, "1.root.json")->data,
				      sim_served(&s, "1.root.json")->len, &c, &err) == 0);
	EXPECT(tuf_client_refresh(c, &s.fetcher, &refresh, &err) == 1);
	EXPECT(tuf_client_find(c, "a", &how, &t, &err) == 0 && t.length == 3);
	sim_publish(&s);
	EXPECT(tuf_client_refresh(c, &s.fetcher, &refresh, &err) == 1);
	s.log.len = 0;
	EXPECT(tuf_client_find(c, "a", &how, &t, &err) == 0);
	EXPECT(tuf_client_find(c, "a", &how, &t, &err) == 0);
	EXPECT_STR(buf_str(&s.log), "2.A.json");
	m = tuf_client_metadata(c, TUF_TARGETS);
	EXPECT(tuf_client_delegated(c, "A", delegations_signers(metadata_delegations(m), "A"), &how,
				    &m, &err) == 0);
	EXPECT(metadata_version(m) == 2);
	EXPECT_STR(metadata_name(m), "A.json");
	sim_free(&s);
}
