/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rotation of keys and thresholds of all roles, and recovery from versions that ran ahead. */
#include "tuf-sim.h"

struct step {
	const char *keys;
	int threshold;
	const char *sigs; /* NULL: no more steps */
};

/* The expectations are those of the conformance tests of TUF. */
static const struct {
	const char *name;
	struct step steps[5]; /* root 1, 2, ... */
	const char *want_msg; /* of the last step; NULL: it is taken */
} roots[] = {
	{ "1 of 1", { { "4", 1, "4" }, { "5", 1, "54" }, { "5", 1, "5" } }, NULL },
	{ "1 of 1, signatures that nobody needs",
	  { { "4", 1, "648" }, { "5", 1, "6548" }, { "5", 1, "658" } },
	  NULL },
	{ "3 of 5, other keys each time",
	  { { "abcde", 3, "ace" },
	    { "abcde", 3, "aeb" },
	    { "abcde", 3, "abd" },
	    { "abcde", 3, "abd" } },
	  NULL },
	{ "3 of 5, one rotated", { { "abcde", 3, "ace" }, { "abdef", 3, "aeb" } }, NULL },
	{ "3 of 5, one rotated in two steps",
	  { { "abcde", 3, "ace" }, { "abdef", 3, "acef" }, { "abdef", 3, "aef" } },
	  NULL },
	{ "3 of 5, all rotated",
	  { { "abcde", 3, "ace" }, { "fghij", 3, "acefgh" }, { "fghij", 3, "fgh" } },
	  NULL },
	{ "threshold up", { { "abc", 1, "a" }, { "abc", 2, "ab" } }, NULL },
	{ "threshold down", { { "abc", 2, "ab" }, { "abc", 1, "ab" }, { "abc", 1, "a" } }, NULL },
	{ "a second key, threshold up", { { "a", 1, "a" }, { "ab", 2, "ab" } }, NULL },
	{ "not signed by the old key",
	  { { "a", 1, "a" }, { "b", 1, "bcd" } },
	  "2.root.json: signed by 0 of 1 required keys" },
	{ "not signed by the new key",
	  { { "a", 1, "a" }, { "b", 1, "acd" } },
	  "2.root.json: signed by 0 of 1 required keys" },
	{ "3 of 5, too few of the new keys",
	  { { "abcde", 3, "ace" }, { "abdef", 3, "ace" } },
	  "2.root.json: signed by 2 of 3 required keys" },
	{ "3 of 5, too few of the old keys",
	  { { "abcde", 3, "ace" }, { "abdef", 3, "aef" } },
	  "2.root.json: signed by 2 of 3 required keys" },
	{ "threshold up, too few of the new",
	  { { "abc", 1, "a" }, { "abc", 2, "b" } },
	  "2.root.json: signed by 1 of 2 required keys" },
	{ "threshold down, too few of the old",
	  { { "abc", 2, "ab" }, { "abc", 1, "a" } },
	  "2.root.json: signed by 1 of 2 required keys" },
	{ "a spoiled signature beside enough good ones",
	  { { "abc", 2, "ab" }, { "abc", 2, "a!bc" } },
	  NULL },
	{ "a spoiled signature among just enough",
	  { { "abc", 2, "ab" }, { "abc", 2, "a!b" } },
	  "2.root.json: signed by 1 of 2 required keys" },
	{ "a key signs twice",
	  { { "abc", 2, "ab" }, { "abc", 2, "aab" } },
	  "2.root.json: signatures: keyid " },
	{ "a threshold that no keys can meet",
	  { { "a", 1, "a" }, { "ab", 3, "ab" } },
	  "2.root.json: signed by 2 of 3 required keys" },
};

static void trust_again(struct sim *s)
{
	static unsigned n;
	const struct buf *root = sim_served(s, "1.root.json");
	struct oak_error err;

	(void)snprintf(s->state, sizeof(s->state), "%s/rotate-%u", test_dir(), n++);
	EXPECT(root);
	EXPECT(tuf_client_init(s->state, root->data, root->len, &err) == 0);
}

TEST(roots_are_rotated)
{
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		const struct step *step = roots[i].steps;
		struct sim s = { 0 };
		struct oak_error err;
		uint64_t last = 0;

		test_case = roots[i].name;
		sim_new(&s);
		for (; step->sigs; step++) {
			sim_set(&s, "root", "version", json_integer((json_int_t)++last));
			sim_signers(&s, "root", step->keys, step->threshold);
			sim_sigs(&s, "root", step->sigs);
			sim_sign(&s, "root");
		}
		trust_again(&s);
		EXPECT(sim_refresh(&s, &err) == (roots[i].want_msg ? -(int)err.code : 1));
		EXPECT_CONTAINS(err.msg, roots[i].want_msg ? roots[i].want_msg : "");
		EXPECT(sim_stored(&s, "root.json") == last - (roots[i].want_msg ? 1 : 0));
		sim_free(&s);
	}
}

TEST(a_root_must_be_the_very_next)
{
	struct sim s = { 0 };
	struct oak_error err;

	sim_new(&s);
	sim_bump(&s, "root");
	sim_bump(&s, "root");
	sim_serve(&s, "2.root.json", sim_served(&s, "3.root.json")->data,
		  sim_served(&s, "3.root.json")->len);
	EXPECT(sim_refresh(&s, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "2.root.json: version 3, not 2");
	sim_serve(&s, "2.root.json", sim_served(&s, "1.root.json")->data,
		  sim_served(&s, "1.root.json")->len);
	EXPECT(sim_refresh(&s, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "2.root.json: version 1, not 2");
	EXPECT(sim_stored(&s, "root.json") == 1);
	sim_free(&s);
}

/* Whoever holds the root may keep a host busy, but not for ever. */
TEST(one_refresh_takes_at_most_256_roots)
{
	struct sim s = { 0 };
	struct oak_error err;

	sim_new(&s);
	for (int i = 2; i <= 260; i++)
		sim_bump(&s, "root");
	EXPECT(sim_refresh(&s, &err) == 1);
	EXPECT(sim_stored(&s, "root.json") == 257);
	EXPECT(sim_refresh(&s, &err) == 1);
	EXPECT(sim_stored(&s, "root.json") == 260);
	sim_free(&s);
}

static const struct {
	const char *name;
	struct step step;
	const char *want; /* after "<role>.json: "; NULL: it is taken */
} others[] = {
	{ "rotated", { "a", 1, "a" }, NULL },
	{ "signatures that nobody needs", { "a", 1, "xay" }, NULL },
	{ "not signed by the new key", { "b", 1, "axy" }, "signed by 0 of 1 required keys" },
	{ "one of three is foreign", { "abdef", 3, "ace" }, "signed by 2 of 3 required keys" },
	{ "one of three is missing", { "abdef", 3, "ae" }, "signed by 2 of 3 required keys" },
	{ "3 of 5, ace", { "abcde", 3, "ace" }, NULL },
	{ "3 of 5, aeb", { "abcde", 3, "aeb" }, NULL },
	{ "3 of 5, cde", { "abcde", 3, "cde" }, NULL },
	{ "3 of 5, one spoiled", { "abcde", 3, "ab!c" }, "signed by 2 of 3 required keys" },
	{ "3 of 5, one spoiled of four", { "abcde", 3, "ab!cd" }, NULL },
	{ "no signature at all", { "a", 1, "" }, "signed by 0 of 1 required keys" },
	{ "more than there are", { "ab", 6, "ab" }, "signed by 2 of 6 required keys" },
};

TEST(keys_of_the_other_roles_are_rotated)
{
	static const char *const roles[] = { "timestamp", "snapshot", "targets" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]) * 3; i++) {
		const char *role = roles[i % 3];
		const struct step *step = &others[i / 3].step;
		const char *want = others[i / 3].want;
		char file[32], msg[128];
		struct sim s = { 0 };
		struct oak_error err;

		test_case = others[i / 3].name;
		sim_new(&s);
		EXPECT(sim_refresh(&s, &err) == 1);
		sim_signers(&s, role, step->keys, step->threshold);
		sim_sigs(&s, role, step->sigs);
		sim_bump(&s, "root");
		sim_publish(&s);
		(void)snprintf(file, sizeof(file), "%s.json", role);
		(void)snprintf(msg, sizeof(msg), "%s: %s", file, want ? want : "");
		EXPECT(sim_refresh(&s, &err) == (want ? -OAK_E_TRUST : 1));
		if (want)
			EXPECT_STR(err.msg, msg);
		EXPECT(sim_stored(&s, "root.json") == 2);
		/*
		 * What was stored of a role that is refused stays; of timestamp and snapshot it goes
		 * with their keys.
		 */
		EXPECT(sim_stored(&s, file) == (!want ? 2u : strcmp(role, "targets") == 0));
		sim_free(&s);
	}
}

/* Whoever held a key published a version that the owner will never reach. */
TEST(new_keys_recover_from_versions_that_ran_ahead)
{
	static const struct {
		const char *name;
		const char *ahead;   /* the role whose version ran ahead */
		const char *rotated; /* roles that get new keys, by their letters t, s, g */
		const char *want_msg;
	} cases[] = {
		{ "timestamp", "timestamp", "t", NULL },
		{ "timestamp, by the key of snapshot", "timestamp", "s", NULL },
		{ "timestamp, no new key", "timestamp", "",
		  "timestamp.json: version 2 is older than the trusted 99999 (rollback)" },
		{ "snapshot", "snapshot", "st", NULL },
		{ "snapshot, by the key of timestamp", "snapshot", "t", NULL },
		{ "snapshot, no new key", "snapshot", "",
		  "timestamp.json: snapshot.json version 2 is older than the trusted 99999 "
		  "(rollback)" },
		{ "targets, by the key of snapshot", "targets", "s", NULL },
		{ "targets, with a new key of its own", "targets", "gs", NULL },
		{ "targets, a new key of its own alone", "targets", "g",
		  "snapshot.json: targets.json version 2 is older than the trusted 99998 "
		  "(rollback)" },
		{ "a delegated role, by the key of snapshot", "A", "s", NULL },
		{ "a delegated role, a new key of targets alone", "A", "g",
		  "snapshot.json: A.json version 2 is older than the trusted 99998 (rollback)" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static const char *const roles[] = { "timestamp", "snapshot", "targets" };
		struct sim s = { 0 };
		struct oak_error err;

		test_case = cases[i].name;
		sim_new(&s);
		sim_delegate(&s, "targets", "A", &(struct sim_delegation){ 0 });
		sim_target(&s, "A", "a", "text");
		sim_publish(&s);
		sim_set(&s, cases[i].ahead, "version", json_integer(99998));
		sim_publish(&s);
		EXPECT(sim_get(&s, "a", "text", &err) == 0);

		sim_set(&s, cases[i].ahead, "version", json_integer(1));
		for (size_t k = 0; k < 3; k++) {
			char key[2] = { "tsg"[k], '\0' };

			if (!strchr(cases[i].rotated, key[0]))
				continue;
			sim_signers(&s, roles[k], key, 1);
			sim_sigs(&s, roles[k], key);
		}
		sim_bump(&s, "root");
		sim_publish(&s);
		EXPECT(sim_get(&s, "a", cases[i].want_msg ? NULL : "text", &err) ==
		       (cases[i].want_msg ? -OAK_E_TRUST : 0));
		if (cases[i].want_msg)
			EXPECT_STR(err.msg, cases[i].want_msg);
		sim_free(&s);
	}
}

/* Adding a key, or another threshold, of the same keys: nothing is forgotten for the latter. */
TEST(a_new_threshold_alone_forgets_nothing)
{
	struct sim s = { 0 };
	struct oak_error err;

	sim_new(&s);
	sim_signers(&s, "timestamp", "1a", 1);
	sim_bump(&s, "root");
	sim_publish(&s);
	sim_publish(&s);
	EXPECT(sim_refresh(&s, &err) == 1);
	sim_signers(&s, "timestamp", "1a", 2);
	sim_sigs(&s, "timestamp", "1a");
	sim_bump(&s, "root");
	sim_set(&s, "timestamp", "version", json_integer(2));
	sim_sign(&s, "timestamp");
	/* The stored one has one signature of two now, and so proves nothing any more. */
	EXPECT(sim_refresh(&s, &err) == 1);
	sim_set(&s, "timestamp", "version", json_integer(1));
	sim_sign(&s, "timestamp");
	EXPECT(sim_refresh(&s, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "timestamp.json: version 1 is older than the trusted 2 (rollback)");
	sim_free(&s);
}

TEST(keyids_need_not_be_hashes_where_that_is_asked_for)
{
	struct sim s = { .opaque = true };
	struct oak_error err;
	const struct buf *root;

	sim_new(&s);
	sim_delegate(&s, "targets", "A", &(struct sim_delegation){ 0 });
	sim_target(&s, "A", "a", "text");
	sim_publish(&s);
	EXPECT(sim_get(&s, "a", "text", &err) == 0);
	root = sim_served(&s, "1.root.json");
	EXPECT(root);
	EXPECT(tuf_client_init(s.state, root->data, root->len, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "root.json: keys: key-0: the keyid is not the hash of the key");
	sim_free(&s);
}

/* Ten keyids, one key: it counts once, under whatever name. */
TEST(one_key_under_many_keyids_counts_once)
{
	struct sim s = { .opaque = true };
	json_t *keys, *sigs, *j;
	struct oak_error err;

	sim_new(&s);
	sim_signers(&s, "timestamp", "1a", 2);
	keys = json_object_get(sim_role(&s, "root"), "keys");
	EXPECT(json_object_set_new(keys, "key-a", tuf_key_json(sim_key('1'))) == 0);
	sim_bump(&s, "root");
	sim_publish(&s);
	j = json_loads(buf_str(sim_served(&s, "timestamp.json")), 0, NULL);
	sigs = json_object_get(j, "signatures");
	EXPECT(json_array_append_new(sigs, json_deep_copy(json_array_get(sigs, 0))) == 0);
	EXPECT(json_object_set_new(json_array_get(sigs, 1), "keyid", json_string("key-a")) == 0);
	{
		_cleanup_(freep) char *text = json_dumps(j, 0);

		sim_serve(&s, "timestamp.json", text, strlen(text));
	}
	json_decref(j);
	EXPECT(sim_refresh(&s, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "timestamp.json: signed by 1 of 2 required keys");
	sim_free(&s);
}

/* The keyid stays, the key does not: that is a rotation as well. */
TEST(a_key_that_changes_under_its_keyid_is_a_rotation)
{
	struct sim s = { .opaque = true };
	struct oak_error err;
	json_t *keys;

	sim_new(&s);
	sim_set(&s, "timestamp", "version", json_integer(99998));
	sim_publish(&s);
	EXPECT(sim_refresh(&s, &err) == 1);
	keys = json_object_get(sim_role(&s, "root"), "keys");
	EXPECT(json_object_set_new(keys, "key-2", tuf_key_json(sim_key('a'))) == 0);
	sim_bump(&s, "root");
	sim_set(&s, "timestamp", "version", json_integer(1));
	sim_publish(&s);
	/* The snapshot is still signed by the old key. */
	EXPECT(sim_refresh(&s, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "snapshot.json: signed by 0 of 1 required keys");
	EXPECT(sim_stored(&s, "timestamp.json") == 2);
	sim_free(&s);
}
