/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions, dates, lengths and what else a refresh compares, and what it keeps of it. */
#include "tuf-sim.h"

#include <fcntl.h>

#include "base/file.h"

static const char *const files[] = { "root.json", "timestamp.json", "snapshot.json",
				     "targets.json" };

static void start(struct sim *s)
{
	struct oak_error err;

	sim_new(s);
	sim_publish(s);
	sim_publish(s);
	EXPECT(sim_refresh(s, &err) == 1);
}

static void set(struct sim *s, const char *role, json_int_t version)
{
	sim_set(s, role, "version", json_integer(version));
}

static void timestamp_back(struct sim *s)
{
	set(s, "timestamp", 2);
	sim_sign(s, "timestamp");
}

static void snapshot_back(struct sim *s)
{
	set(s, "snapshot", 1);
	sim_sign(s, "snapshot");
	sim_link(s, "timestamp", "snapshot.json", "snapshot");
	sim_bump(s, "timestamp");
}

static void snapshot_back_bare(struct sim *s)
{
	s->bare = true;
	snapshot_back(s);
}

static void snapshot_older_than_said(struct sim *s)
{
	s->bare = true;
	sim_publish(s);
	sim_serve(s, "4.snapshot.json", sim_served(s, "3.snapshot.json")->data,
		  sim_served(s, "3.snapshot.json")->len);
}

static void targets_back(struct sim *s)
{
	set(s, "targets", 1);
	sim_sign(s, "targets");
	sim_publish_links(s);
}

static void targets_gone(struct sim *s)
{
	sim_set(s, "snapshot", "meta", json_object());
	sim_bump(s, "snapshot");
	sim_link(s, "timestamp", "snapshot.json", "snapshot");
	sim_bump(s, "timestamp");
}

static void timestamp_equal(struct sim *s)
{
	sim_link(s, "timestamp", "snapshot.json", "targets");
	json_object_set_new(json_object_get(json_object_get(sim_role(s, "timestamp"), "meta"),
					    "snapshot.json"),
			    "version", json_integer(100));
	sim_sign(s, "timestamp");
}

static void expire(struct sim *s, const char *role)
{
	sim_set(s, role, "expires", json_string(SIM_PAST));
}

static void root_expired(struct sim *s)
{
	expire(s, "root");
	sim_bump(s, "root");
	sim_publish(s);
}

/* An intermediate root may be as old as it likes. */
static void root_expired_between(struct sim *s)
{
	expire(s, "root");
	sim_bump(s, "root");
	sim_set(s, "root", "expires", json_string("2030-01-01T00:00:00Z"));
	sim_bump(s, "root");
}

static void timestamp_expired(struct sim *s)
{
	expire(s, "timestamp");
	sim_publish(s);
}

static void timestamp_expires_now(struct sim *s)
{
	sim_set(s, "timestamp", "expires", json_string("2027-01-15T08:00:00Z"));
	sim_publish(s);
}

static void timestamp_expires_next(struct sim *s)
{
	sim_set(s, "timestamp", "expires", json_string("2027-01-15T08:00:01Z"));
	sim_publish(s);
}

static void snapshot_expired(struct sim *s)
{
	expire(s, "snapshot");
	sim_publish(s);
}

static void targets_expired(struct sim *s)
{
	expire(s, "targets");
	sim_publish(s);
}

static void targets_changed(struct sim *s)
{
	sim_publish(s);
	sim_set(s, "targets", "x", json_string("y"));
	sim_sign(s, "targets");
}

static void targets_version(struct sim *s)
{
	s->bare = true;
	sim_publish(s);
	set(s, "targets", 9);
	sim_sign(s, "targets");
	sim_serve(s, "4.targets.json", sim_served(s, "9.targets.json")->data,
		  sim_served(s, "9.targets.json")->len);
}

static void length_wrong(struct sim *s)
{
	sim_publish(s);
	json_object_set_new(json_object_get(json_object_get(sim_role(s, "timestamp"), "meta"),
					    "snapshot.json"),
			    "length", json_integer(9999));
	sim_sign(s, "timestamp");
}

static void length_short(struct sim *s)
{
	sim_publish(s);
	json_object_set_new(json_object_get(json_object_get(sim_role(s, "timestamp"), "meta"),
					    "snapshot.json"),
			    "length", json_integer(10));
	sim_sign(s, "timestamp");
}

static void hash_unknown(struct sim *s)
{
	sim_publish(s);
	json_object_set_new(json_object_get(json_object_get(sim_role(s, "timestamp"), "meta"),
					    "snapshot.json"),
			    "hashes", json_pack("{s:s}", "md5", "00"));
	sim_sign(s, "timestamp");
}

static void links_bare(struct sim *s)
{
	s->bare = true;
	sim_publish(s);
}

static void timestamp_lists_more(struct sim *s)
{
	sim_publish(s);
	sim_link(s, "timestamp", "targets.json", "targets");
	sim_bump(s, "timestamp");
}

static void snapshot_lists_no_targets(struct sim *s)
{
	/* New snapshot keys, so that nothing older is compared. */
	sim_signers(s, "snapshot", "7", 1);
	sim_sigs(s, "snapshot", "7");
	sim_bump(s, "root");
	targets_gone(s);
}

/* Members that nobody defined, everywhere: all are signed, none is in the way. */
static void unknown_members(struct sim *s)
{
	json_t *root = sim_role(s, "root");

	sim_set(s, "root", "custom", json_pack("{s:[i,n], s:b}", "a", 1, "b", 1));
	json_object_set_new(json_object_get(json_object_get(root, "roles"), "root"), "note",
			    json_string("x"));
	sim_bump(s, "root");
	sim_set(s, "targets", "custom", json_string("é\n\"\\"));
	sim_set(s, "snapshot", "custom", json_array());
	sim_set(s, "timestamp", "custom", json_null());
	sim_publish(s);
}

static const struct {
	const char *name;
	void (*harm)(struct sim *s);
	int want;
	const char *want_msg;
	uint64_t stored[4]; /* root, timestamp, snapshot, targets; it began as 1 3 3 3 */
} cases[] = {
	{ "rollback of timestamp",
	  timestamp_back,
	  -OAK_E_TRUST,
	  "timestamp.json: version 2 is older than the trusted 3 (rollback)",
	  { 1, 3, 3, 3 } },
	{ "rollback of snapshot",
	  snapshot_back,
	  -OAK_E_TRUST,
	  "timestamp.json: snapshot.json version 1 is older than the trusted 3 (rollback)",
	  { 1, 3, 3, 3 } },
	{ "rollback of snapshot, without hashes",
	  snapshot_back_bare,
	  -OAK_E_TRUST,
	  "timestamp.json: snapshot.json version 1 is older than the trusted 3 (rollback)",
	  { 1, 3, 3, 3 } },
	{ "an old snapshot in the new one's place",
	  snapshot_older_than_said,
	  -OAK_E_TRUST,
	  "snapshot.json: version 3, but timestamp.json says 4",
	  { 1, 4, 3, 3 } },
	{ "rollback of targets",
	  targets_back,
	  -OAK_E_TRUST,
	  "snapshot.json: targets.json version 1 is older than the trusted 3 (rollback)",
	  { 1, 4, 3, 3 } },
	{ "targets no longer listed",
	  targets_gone,
	  -OAK_E_TRUST,
	  "snapshot.json: targets.json is no longer listed (rollback)",
	  { 1, 4, 3, 3 } },
	{ "another content, the same version", timestamp_equal, 0, "", { 1, 3, 3, 3 } },
	{ "expired root",
	  root_expired,
	  -OAK_E_TRUST,
	  "root.json: expired " SIM_PAST "; the repository is frozen or your clock is wrong",
	  { 2, 3, 3, 3 } },
	{ "expired root between", root_expired_between, 1, "", { 3, 3, 3, 3 } },
	{ "expired timestamp",
	  timestamp_expired,
	  -OAK_E_TRUST,
	  "timestamp.json: expired " SIM_PAST "; the repository is frozen or your clock is wrong",
	  { 1, 3, 3, 3 } },
	{ "timestamp expires this second",
	  timestamp_expires_now,
	  -OAK_E_TRUST,
	  "timestamp.json: expired 2027-01-15T08:00:00Z; the repository is frozen or your "
	  "clock is wrong",
	  { 1, 3, 3, 3 } },
	{ "timestamp expires next second", timestamp_expires_next, 1, "", { 1, 4, 4, 4 } },
	{ "expired snapshot",
	  snapshot_expired,
	  -OAK_E_TRUST,
	  "snapshot.json: expired " SIM_PAST "; the repository is frozen or your clock is wrong",
	  { 1, 4, 3, 3 } },
	{ "expired targets",
	  targets_expired,
	  -OAK_E_TRUST,
	  "targets.json: expired " SIM_PAST "; the repository is frozen or your clock is wrong",
	  { 1, 4, 4, 3 } },
	{ "another targets than was listed",
	  targets_changed,
	  -OAK_E_TOOLARGE,
	  "4.targets.json: larger than ",
	  { 1, 4, 4, 3 } },
	{ "another version of targets than listed",
	  targets_version,
	  -OAK_E_TRUST,
	  "targets.json: version 9, but snapshot.json says 4",
	  { 1, 4, 4, 3 } },
	{ "a length that is too large",
	  length_wrong,
	  -OAK_E_TRUST,
	  " bytes, but timestamp.json says 9999",
	  { 1, 4, 3, 3 } },
	{ "a length that is too small",
	  length_short,
	  -OAK_E_TOOLARGE,
	  "4.snapshot.json: larger than 10 bytes",
	  { 1, 4, 3, 3 } },
	{ "hashes that nobody knows",
	  hash_unknown,
	  -OAK_E_FORMAT,
	  "timestamp.json: meta: snapshot.json: hashes: neither sha256 nor sha512",
	  { 1, 3, 3, 3 } },
	{ "links without length and hashes", links_bare, 1, "", { 1, 4, 4, 4 } },
	{ "timestamp lists another file",
	  timestamp_lists_more,
	  -OAK_E_FORMAT,
	  "timestamp.json: meta: not snapshot.json alone",
	  { 1, 3, 3, 3 } },
	{ "snapshot does not list targets",
	  snapshot_lists_no_targets,
	  -OAK_E_FORMAT,
	  "snapshot.json: does not list targets.json",
	  { 2, 4, 4, 3 } },
	{ "members that nobody defined", unknown_members, 1, "", { 2, 4, 4, 4 } },
};

TEST(a_refresh_compares_and_keeps_what_passed)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sim s = { 0 };
		struct oak_error err;

		test_case = cases[i].name;
		start(&s);
		cases[i].harm(&s);
		EXPECT(sim_refresh(&s, &err) == cases[i].want);
		EXPECT_CONTAINS(err.msg, cases[i].want_msg);
		for (size_t k = 0; k < 4; k++)
			EXPECT(sim_stored(&s, files[k]) == cases[i].stored[k]);
		sim_free(&s);
	}
}

TEST(the_requests_of_a_refresh)
{
	struct sim s = { 0 };
	struct oak_error err;

	sim_new(&s);
	EXPECT(sim_refresh(&s, &err) == 1);
	EXPECT_STR(buf_str(&s.log), "2.root.json timestamp.json 1.snapshot.json 1.targets.json");
	EXPECT(sim_refresh(&s, &err) == 0);
	EXPECT_STR(buf_str(&s.log), "2.root.json timestamp.json");
	sim_publish_links(&s);
	EXPECT(sim_refresh(&s, &err) == 1);
	EXPECT_STR(buf_str(&s.log), "2.root.json timestamp.json 2.snapshot.json");
	sim_free(&s);
}

TEST(expired_metadata_of_the_host_still_lead_to_newer)
{
	struct sim s = { 0 };
	struct oak_error err;

	sim_new(&s);
	sim_set(&s, "timestamp", "expires", json_string("2027-01-22T08:00:00Z"));
	sim_publish(&s);
	EXPECT(sim_refresh(&s, &err) == 1);
	sim_set(&s, "timestamp", "expires", json_string("2027-02-05T08:00:00Z"));
	sim_publish(&s);
	s.now_s = SIM_NOW + 18 * 86400;
	EXPECT(sim_refresh(&s, &err) == 1);
	EXPECT(sim_stored(&s, "timestamp.json") == 3 && sim_stored(&s, "targets.json") == 3);
	/* An expired one is still good for comparing versions. */
	s.now_s = SIM_NOW + 60 * 86400;
	sim_set(&s, "timestamp", "expires", json_string("2028-01-01T00:00:00Z"));
	set(&s, "timestamp", 2);
	sim_sign(&s, "timestamp");
	EXPECT(sim_refresh(&s, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "timestamp.json: version 2 is older than the trusted 3 (rollback)");
	sim_free(&s);
}

TEST(all_is_kept_as_served)
{
	static const char *const served[] = { "1.root.json", "timestamp.json", "3.snapshot.json",
					      "3.targets.json" };
	struct sim s = { 0 };

	start(&s);
	for (size_t i = 0; i < 4; i++) {
		_cleanup_(freep) char *path = path_join(s.state, files[i]);
		_cleanup_(buf_free) struct buf have = { 0 };
		const struct buf *want = sim_served(&s, served[i]);
		struct oak_error err;

		test_case = files[i];
		EXPECT(file_read(AT_FDCWD, path, 1u << 20, &have, &err) == 0 && want);
		EXPECT(have.len == want->len && memcmp(have.data, want->data, have.len) == 0);
	}
	sim_free(&s);
}

TEST(targets_are_checked_and_named)
{
	struct sim s = { 0 };
	struct oak_error err;
	char path[128] = "";

	sim_new(&s);
	sim_delegate(&s, "targets", "A", &(struct sim_delegation){ .paths = "[\"*/*\"]" });
	sim_target(&s, "A", "dir/a file", "genuine");
	sim_publish(&s);
	EXPECT(sim_get(&s, "dir/a file", "genuine", &err) == 0);
	(void)snprintf(path, sizeof(path), "%s", strstr(buf_str(&s.log), "targets/"));
	EXPECT_CONTAINS(path, ".a%20file");
	sim_serve(&s, path, "forged!", 7);
	EXPECT(sim_get(&s, "dir/a file", "", &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "dir/a file: sha256 does not match A.json");
	sim_serve(&s, path, "short", 5);
	EXPECT(sim_get(&s, "dir/a file", "", &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "dir/a file: 5 bytes, but A.json says 7");
	sim_serve(&s, path, "much longer", 11);
	EXPECT(sim_get(&s, "dir/a file", "", &err) == -OAK_E_TOOLARGE);
	EXPECT_CONTAINS(err.msg, ".a%20file: larger than 7 bytes");
	sim_lose(&s, path);
	EXPECT(sim_get(&s, "dir/a file", "", &err) == -OAK_E_NOTFOUND);
	EXPECT_CONTAINS(err.msg, ".a%20file: no such file");
	sim_free(&s);
}
