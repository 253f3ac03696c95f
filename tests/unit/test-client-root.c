/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rotation of roots: both thresholds, the chain, fast-forward recovery. */
#include "trust-fixture.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/json.h"

/* The next root as a change of the present one: version one on, not yet signed. */
static json_t *next_root(const struct fixture *f)
{
	json_t *j = fixture_signed(f, TUF_ROOT);
	json_int_t version = json_integer_value(json_object_get(j, "version"));

	(void)json_object_set_new(j, "version", json_integer(version + 1));
	return j;
}

static uint64_t trusted_root(const struct fixture *f)
{
	_cleanup_(tuf_client_closep) struct tuf_client *c = fixture_open(f);

	return metadata_version(tuf_client_metadata(c, TUF_ROOT));
}

static void start(struct fixture *f)
{
	struct oak_error err;

	fixture_new(f);
	fixture_publish_level(f, 1, "edge");
	EXPECT(fixture_refresh(f, false, &err) == 1);
}

TEST(root_needs_the_old_and_the_new_keys)
{
	static const struct {
		const char *name;
		bool old_signs, new_signs;
		int want;
		const char *want_msg;
	} cases[] = {
		{ "both", true, true, 1, NULL },
		{ "the old alone", true, false, -OAK_E_TRUST,
		  "2.root.json: signed by 0 of 1 required keys" },
		{ "the new alone", false, true, -OAK_E_TRUST,
		  "2.root.json: signed by 0 of 1 required keys" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
		struct tuf_key *keys[2];
		size_t n = 0;
		struct oak_error err;
		struct fixture f;
		json_t *root;

		test_case = cases[i].name;
		start(&f);
		EXPECT(tuf_key_generate(&key, &err) == 0);
		root = next_root(&f);
		fixture_set_signer(root, TUF_ROOT, key);
		if (cases[i].old_signs)
			keys[n++] = f.keys[TUF_ROOT];
		if (cases[i].new_signs)
			keys[n++] = key;
		fixture_sign(&f, TUF_ROOT, root, keys, n);
		EXPECT(fixture_refresh(&f, false, &err) == cases[i].want);
		if (cases[i].want_msg)
			EXPECT_STR(err.msg, cases[i].want_msg);
		EXPECT(trusted_root(&f) == (cases[i].want == 1 ? 2 : 1));
		fixture_free(&f);
	}
}

TEST(root_threshold_of_two_holds)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	struct oak_error err;
	struct tuf_key *both[2];
	struct fixture f;
	json_t *root, *entry;

	start(&f);
	EXPECT(tuf_key_generate(&key, &err) == 0);
	both[0] = f.keys[TUF_ROOT];
	both[1] = key;
	root = next_root(&f);
	entry = json_object_get(json_object_get(root, "roles"), "root");
	(void)json_object_set_new(json_object_get(root, "keys"), tuf_key_id(key), tuf_key_json(key));
	(void)json_array_append_new(json_object_get(entry, "keyids"), json_string(tuf_key_id(key)));
	(void)json_object_set_new(entry, "threshold", json_integer(2));
	fixture_sign(&f, TUF_ROOT, json_deep_copy(root), both, 1);
	EXPECT(fixture_refresh(&f, false, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "2.root.json: signed by 1 of 2 required keys");
	fixture_sign(&f, TUF_ROOT, root, both, 2);
	EXPECT(fixture_refresh(&f, false, &err) == 1);
	EXPECT(trusted_root(&f) == 2);
	fixture_free(&f);
}

TEST(root_chain_is_followed_step_by_step)
{
	struct oak_error err;
	struct fixture f;
	json_t *root;

	start(&f);
	/* An expired root in the middle does not matter; the last one counts. */
	root = next_root(&f);
	(void)json_object_set_new(root, "expires", json_string("2026-01-01T00:00:00Z"));
	fixture_sign(&f, TUF_ROOT, root, &f.keys[TUF_ROOT], 1);
	EXPECT(fixture_refresh(&f, false, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "2.root.json: expired 2026-01-01T00:00:00Z; the repository is frozen "
			    "or your clock is wrong");
	EXPECT(trusted_root(&f) == 2);
	for (int i = 0; i < 3; i++) {
		root = next_root(&f);
		(void)json_object_set_new(root, "expires", json_string("2030-01-01T00:00:00Z"));
		fixture_sign(&f, TUF_ROOT, root, &f.keys[TUF_ROOT], 1);
	}
	EXPECT(fixture_refresh(&f, false, &err) == 1);
	EXPECT(trusted_root(&f) == 5);
	fixture_free(&f);
}

TEST(root_version_must_be_the_next)
{
	_cleanup_(buf_free) struct buf three = { 0 };
	struct oak_error err;
	struct fixture f;
	json_t *root;

	start(&f);
	root = next_root(&f);
	(void)json_object_set_new(root, "version", json_integer(3));
	fixture_sign(&f, TUF_ROOT, root, &f.keys[TUF_ROOT], 1);
	fixture_read(f.repo, "3.root.json", &three);
	fixture_write(f.repo, "2.root.json", three.data, three.len);
	EXPECT(fixture_refresh(&f, false, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "2.root.json: version 3, not 2");
	/* A root that is served again under the next name. */
	fixture_read(f.repo, "1.root.json", &three);
	fixture_write(f.repo, "2.root.json", three.data, three.len);
	EXPECT(fixture_refresh(&f, false, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "2.root.json: version 1, not 2");
	fixture_free(&f);
}

/* A rotated-out key no longer counts, even for files that were good before. */
TEST(root_revokes_a_targets_key)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	struct oak_error err;
	struct fixture f;
	json_t *root;

	start(&f);
	EXPECT(tuf_key_generate(&key, &err) == 0);
	root = next_root(&f);
	fixture_set_signer(root, TUF_TARGETS, key);
	fixture_sign(&f, TUF_ROOT, root, &f.keys[TUF_ROOT], 1);
	EXPECT(fixture_refresh(&f, false, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "targets.json: signed by 0 of 1 required keys");
	fixture_free(&f);
}

/*
 * Fast-forward: whoever held the timestamp key published version 1000000. A new root with a new
 * key lets hosts accept the true, lower version again.
 */
TEST(root_recovers_from_fast_forward)
{
	static const enum tuf_role rotated[] = { TUF_TIMESTAMP, TUF_SNAPSHOT };

	for (size_t i = 0; i < sizeof(rotated) / sizeof(rotated[0]); i++) {
		const struct forge forward = { .overlay = { [TUF_TIMESTAMP] =
								    "{\"version\":1000000}" } };
		_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
		_cleanup_(buf_free) struct buf honest = { 0 };
		struct oak_error err;
		struct fixture f;
		json_t *root;

		test_case = tuf_role_name(rotated[i]);
		start(&f);
		fixture_read(f.repo, "timestamp.json", &honest);
		fixture_forge(&f, &forward);
		EXPECT(fixture_refresh(&f, false, &err) == 1);
		fixture_write(f.repo, "timestamp.json", honest.data, honest.len);
		EXPECT(fixture_refresh(&f, false, &err) == -OAK_E_TRUST);
		EXPECT_STR(err.msg, "timestamp.json: version 2 is older than the trusted 1000000 "
				    "(rollback)");
		EXPECT(tuf_key_generate(&key, &err) == 0);
		root = next_root(&f);
		fixture_set_signer(root, rotated[i], key);
		fixture_sign(&f, TUF_ROOT, root, &f.keys[TUF_ROOT], 1);
		tuf_key_free(f.keys[rotated[i]]);
		f.keys[rotated[i]] = take_ptr(key);
		/* The publisher's own next version, by the new keys: snapshot 4, timestamp 3. */
		fixture_forge(&f, &(const struct forge){ 0 });
		EXPECT(fixture_refresh(&f, false, &err) == 1);
		EXPECT(fixture_refresh(&f, true, &err) == 0);
		fixture_free(&f);
	}
}

/* Not only a change of the root alone: the quick way notices through the timestamp. */
TEST(root_is_followed_by_the_quick_way)
{
	struct oak_error err;
	struct fixture f;

	start(&f);
	fixture_sign(&f, TUF_ROOT, next_root(&f), &f.keys[TUF_ROOT], 1);
	fixture_forge(&f, &(const struct forge){ 0 });
	EXPECT(fixture_refresh(&f, true, &err) == 1);
	EXPECT(trusted_root(&f) == 2);
	fixture_free(&f);
}

TEST(root_that_cannot_be_stored_is_not_taken)
{
	_cleanup_(freep) char *block = NULL;
	struct oak_error err;
	struct fixture f;

	start(&f);
	fixture_sign(&f, TUF_ROOT, next_root(&f), &f.keys[TUF_ROOT], 1);
	block = path_join(f.state, ".root.json.tmp");
	EXPECT(dir_make(AT_FDCWD, block, &err) == 0);
	EXPECT(fixture_refresh(&f, false, &err) == -OAK_E_IO);
	EXPECT(trusted_root(&f) == 1);
	EXPECT(tree_remove(AT_FDCWD, block, &err) == 0);
	EXPECT(fixture_refresh(&f, false, &err) == 1);
	EXPECT(trusted_root(&f) == 2);
	fixture_free(&f);
}
