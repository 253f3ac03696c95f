/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust-fixture.h"

#include "base/json.h"

#define HEAD(type)                                                                      \
	"\"_type\":\"" type "\",\"spec_version\":\"1.0.31\",\"version\":1,\"expires\":" \
	"\"2030-01-01T00:00:00Z\""
#define HEX64 "0000000000000000000000000000000000000000000000000000000000000000"

/* "S" stands for {"signatures":[],"signed":{...}}. */
#define S(members) "{\"signatures\":[],\"signed\":{" members "}}"

static const struct {
	enum tuf_role role;
	const char *in, *want_msg;
} malformed[] = {
	{ TUF_TIMESTAMP, "", "f: line 1: '[' or '{' expected near end of file" },
	{ TUF_TIMESTAMP, "[]", "f: no \"signed\" object" },
	{ TUF_TIMESTAMP, "{\"signed\":{}}", "f: signatures: not a list of at most 256" },
	{ TUF_TIMESTAMP, "{\"signatures\":[1],\"signed\":{}}",
	  "f: signatures: one is not {\"keyid\", \"sig\"}" },
	{ TUF_TIMESTAMP,
	  "{\"signatures\":[{\"keyid\":\"a\",\"sig\":\"\"},{\"keyid\":\"a\",\"sig\":\"\"}],"
	  "\"signed\":{}}",
	  "f: signatures: keyid a is given twice" },
	{ TUF_TIMESTAMP, S("\"_type\":\"snapshot\""), "f: _type is 'snapshot', not 'timestamp'" },
	{ TUF_TIMESTAMP, S(""), "f: _type is '', not 'timestamp'" },
	{ TUF_TIMESTAMP, S("\"_type\":\"timestamp\",\"spec_version\":\"2.0.0\""),
	  "f: spec_version '2.0.0' is not 1.x" },
	{ TUF_TIMESTAMP, S("\"_type\":\"timestamp\",\"spec_version\":\"1.0\",\"version\":0"),
	  "f: version: not a number from 1 up" },
	{ TUF_TIMESTAMP, S("\"_type\":\"timestamp\",\"spec_version\":\"1.0\",\"version\":1.0"),
	  "f: version: not a number from 1 up" },
	{ TUF_TIMESTAMP,
	  S("\"_type\":\"timestamp\",\"spec_version\":\"1.0\",\"version\":1,"
	    "\"expires\":\"2026-02-30T00:00:00Z\""),
	  "f: expires: not a date like 2026-01-31T00:00:00Z" },
	{ TUF_TIMESTAMP, S(HEAD("timestamp")), "f: meta: not snapshot.json alone" },
	{ TUF_TIMESTAMP,
	  S(HEAD("timestamp") ",\"meta\":{\"snapshot.json\":{\"version\":1},\"a\":{}}"),
	  "f: meta: not snapshot.json alone" },
	{ TUF_TIMESTAMP, S(HEAD("timestamp") ",\"meta\":{\"snapshot.json\":{}}"),
	  "f: meta: snapshot.json: version: not a number from 1 up" },
	{ TUF_TIMESTAMP,
	  S(HEAD("timestamp") ",\"meta\":{\"snapshot.json\":{\"version\":1,\"length\":0}}"),
	  "f: meta: snapshot.json: length: not a size" },
	{ TUF_TIMESTAMP,
	  S(HEAD("timestamp") ",\"meta\":{\"snapshot.json\":{\"version\":1,\"hashes\":{"
			      "\"md5\":\"00\"}}}"),
	  "f: meta: snapshot.json: hashes: neither sha256 nor sha512" },
	{ TUF_SNAPSHOT,
	  S(HEAD("snapshot") ",\"meta\":{\"targets.json\":{\"version\":1,\"hashes\":{"
			     "\"sha256\":\"00\"}}}"),
	  "f: meta: targets.json: hashes: sha256: not 64 hex digits" },
	{ TUF_SNAPSHOT, S(HEAD("snapshot")), "f: meta: not an object" },
	{ TUF_TARGETS, S(HEAD("targets")), "f: targets: not an object" },
	{ TUF_TARGETS, S(HEAD("targets") ",\"targets\":{\"../x\":{}}"),
	  "f: target '../x': not a safe relative path" },
	{ TUF_TARGETS, S(HEAD("targets") ",\"targets\":{\"a//x\":{}}"),
	  "f: target 'a//x': not a safe relative path" },
	{ TUF_TARGETS, S(HEAD("targets") ",\"targets\":{\"/x\":{}}"),
	  "f: target '/x': not a safe relative path" },
	{ TUF_TARGETS, S(HEAD("targets") ",\"targets\":{\"x\":{\"length\":-1}}"),
	  "f: target 'x': length: not a size" },
	{ TUF_TARGETS, S(HEAD("targets") ",\"targets\":{\"x\":{\"length\":1}}"),
	  "f: target 'x': hashes: neither sha256 nor sha512" },
	{ TUF_TARGETS,
	  S(HEAD("targets") ",\"targets\":{\"x\":{\"length\":1,\"custom\":1,\"hashes\":{"
			    "\"sha256\":\"" HEX64 "\"}}}"),
	  "f: target 'x': custom: not an object" },
	{ TUF_TARGETS, S(HEAD("targets") ",\"targets\":{},\"delegations\":{}"),
	  "f: delegations: keys: not an object" },
	{ TUF_TARGETS, S(HEAD("targets") ",\"targets\":{},\"delegations\":null"),
	  "f: delegations: keys: not an object" },
	{ TUF_TARGETS,
	  S(HEAD("targets") ",\"targets\":{},\"delegations\":{\"keys\":{},\"roles\":[{\"name\":"
			    "\"snapshot\"}]}"),
	  "f: delegations: a role may not be called 'snapshot'" },
	{ TUF_ROOT, S(HEAD("root")), "f: keys: not an object" },
	{ TUF_ROOT, S(HEAD("root") ",\"keys\":{}"), "f: consistent_snapshot: not true or false" },
	{ TUF_ROOT, S(HEAD("root") ",\"consistent_snapshot\":true,\"keys\":{},\"roles\":{}"),
	  "f: roles: root: keyids: not a list of at most 1024" },
	{ TUF_ROOT,
	  S(HEAD("root") ",\"consistent_snapshot\":true,\"keys\":{},\"roles\":{\"root\":{"
			 "\"keyids\":[],\"threshold\":0}}"),
	  "f: roles: root: threshold: not a number from 1 to 1024" },
	{ TUF_ROOT,
	  S(HEAD("root") ",\"consistent_snapshot\":true,\"keys\":{},\"roles\":{\"root\":{"
			 "\"keyids\":[\"a\",\"a\"],\"threshold\":1}}"),
	  "f: roles: root: keyids: one is given twice" },
	{ TUF_ROOT,
	  S(HEAD("root") ",\"consistent_snapshot\":true,\"roles\":{},\"keys\":{\"00\":{"
			 "\"keytype\":\"x\",\"scheme\":\"y\",\"keyval\":{}}}"),
	  "f: keys: 00: the keyid is not the hash of the key" },
};

TEST(metadata_parse_refuses)
{
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		_cleanup_(metadata_freep) struct metadata *m = NULL;
		struct oak_error err = { .code = OAK_OK };

		test_case = malformed[i].want_msg;
		EXPECT(metadata_parse(malformed[i].role, malformed[i].in, strlen(malformed[i].in),
				      "f", &m, &err) == -OAK_E_FORMAT);
		EXPECT(!m);
		EXPECT_STR(err.msg, malformed[i].want_msg);
	}
}

TEST(metadata_parse_bounds_the_size)
{
	static char big[TUF_TIMESTAMP_BYTES_MAX + 1];
	struct metadata *m = NULL;
	struct oak_error err;

	memset(big, ' ', sizeof(big));
	EXPECT(metadata_parse(TUF_TIMESTAMP, big, sizeof(big), "timestamp.json", &m, &err) ==
	       -OAK_E_TOOLARGE);
	EXPECT_STR(err.msg, "timestamp.json: 16385 bytes, at most 16384 are accepted");
}

/* A root whose "targets" role has @n keys and @threshold. */
static struct metadata *root_with(struct tuf_key *const *keys, size_t n, int threshold)
{
	json_t *roles = json_object(), *table = json_object(), *ids = json_array();
	struct metadata *m = NULL;
	struct oak_error err;

	for (size_t i = 0; i < n; i++) {
		(void)json_object_set_new(table, tuf_key_id(keys[i]), tuf_key_json(keys[i]));
		(void)json_array_append_new(ids, json_string(tuf_key_id(keys[i])));
	}
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++)
		(void)json_object_set_new(roles, tuf_role_name(role),
					  json_pack("{s:O, s:i}", "keyids", ids, "threshold",
						    threshold));
	json_decref(ids);
	EXPECT(metadata_new(TUF_ROOT, "root.json",
			    json_pack("{s:s, s:s, s:i, s:s, s:b, s:o, s:o}", "_type", "root",
				      "spec_version", "1.0.31", "version", 1, "expires",
				      "2030-01-01T00:00:00Z", "consistent_snapshot", 1, "keys",
				      table, "roles", roles),
			    &m, &err) == 0);
	return m;
}

static struct metadata *targets_of(struct tuf_key *const *keys, size_t n)
{
	struct metadata *m = NULL;
	struct oak_error err;

	EXPECT(metadata_new(TUF_TARGETS, "targets.json",
			    json_pack("{s:s, s:s, s:i, s:s, s:{}, s:s}", "_type", "targets",
				      "spec_version", "1.0.31", "version", 1, "expires",
				      "2026-01-01T00:00:00Z", "targets", "x-unknown", "kept"),
			    &m, &err) == 0);
	for (size_t i = 0; i < n; i++)
		EXPECT(metadata_sign(m, keys[i], &err) == 0);
	return m;
}

TEST(metadata_verify_counts_distinct_keys)
{
	static const struct {
		const char *name;
		size_t listed, signing;
		int threshold;
		const char *want_msg;
	} cases[] = {
		{ "one of one", 1, 1, 1, NULL },
		{ "none", 1, 0, 1, "targets.json: signed by 0 of 1 required keys" },
		{ "two of three", 3, 2, 2, NULL },
		{ "one of two", 3, 1, 2, "targets.json: signed by 1 of 2 required keys" },
		{ "foreign signatures do not count", 1, 3, 2,
		  "targets.json: signed by 1 of 2 required keys" },
		{ "foreign signatures do not harm", 1, 3, 1, NULL },
		{ "threshold beyond the keys", 2, 2, 3,
		  "targets.json: signed by 2 of 3 required keys" },
	};
	struct tuf_key *keys[3] = { NULL };
	struct oak_error err;

	for (size_t i = 0; i < 3; i++)
		EXPECT(tuf_key_generate(&keys[i], &err) == 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(metadata_freep) struct metadata *root =
			root_with(keys, cases[i].listed, cases[i].threshold);
		_cleanup_(metadata_freep) struct metadata *m = targets_of(keys, cases[i].signing);
		int r = metadata_verify(m, metadata_signers(root, TUF_TARGETS), &err);

		test_case = cases[i].name;
		EXPECT(r == (cases[i].want_msg ? -OAK_E_TRUST : 0));
		if (r < 0)
			EXPECT_STR(err.msg, cases[i].want_msg);
	}
	for (size_t i = 0; i < 3; i++)
		tuf_key_free(keys[i]);
}

/* The text is parsed back; unknown members are covered by the signature and kept. */
TEST(metadata_text_verifies_again_and_a_changed_byte_does_not)
{
	_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
	_cleanup_(metadata_freep) struct metadata *root = NULL, *m = NULL, *again = NULL;
	_cleanup_(metadata_freep) struct metadata *changed = NULL;
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;
	char *kept;

	EXPECT(tuf_key_generate(&key, &err) == 0);
	root = root_with(&key, 1, 1);
	m = targets_of(&key, 1);
	EXPECT(metadata_text(m, &text, &err) == 0);
	EXPECT(metadata_parse(TUF_TARGETS, text.data, text.len, "t", &again, &err) == 0);
	EXPECT(metadata_verify(again, metadata_signers(root, TUF_TARGETS), &err) == 0);
	kept = strstr((char *)text.data, "kept");
	EXPECT(kept);
	kept[0] = 'K';
	EXPECT(metadata_parse(TUF_TARGETS, text.data, text.len, "t", &changed, &err) == 0);
	EXPECT(metadata_verify(changed, metadata_signers(root, TUF_TARGETS), &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "t: signed by 0 of 1 required keys");
}

TEST(metadata_expires_at_the_second)
{
	_cleanup_(metadata_freep) struct metadata *m = targets_of(NULL, 0);
	struct oak_error err;

	EXPECT(metadata_check_fresh(m, 1767225599, &err) == 0);
	EXPECT(metadata_check_fresh(m, 1767225600, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "targets.json: expired 2026-01-01T00:00:00Z; the repository is frozen "
			    "or your clock is wrong");
}
