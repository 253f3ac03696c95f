/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust-fixture.h"

#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "trust/level.h"

static struct tuf_client *refreshed(const struct fixture *f)
{
	struct tuf_client *c = fixture_open(f);
	struct oak_error err;

	EXPECT(fixture_refresh(f, false, &err) >= 0);
	EXPECT(tuf_client_load(c, FIXTURE_NOW, &err) == 0);
	return c;
}

TEST(level_find_picks_the_newest_that_is_allowed)
{
	static const struct {
		const char *name;
		struct level_query query;
		uint32_t want; /* 0: none */
		const char *want_msg;
	} cases[] = {
		{ "newest", { "x86_64", FIXTURE_BUILD_ID, 0, NULL }, 10, NULL },
		{ "given", { "x86_64", FIXTURE_BUILD_ID, 2, NULL }, 2, NULL },
		{ "channel", { "x86_64", FIXTURE_BUILD_ID, 0, "stable" }, 2, NULL },
		{ "other kernel",
		  { "x86_64", "ffffffffffffffffffffffffffffffffffffffff", 0, NULL },
		  0,
		  "the repository has no level for kernel ffffffffffffffffffffffffffffffffffffffff "
		  "(x86_64)" },
		{ "other architecture",
		  { "aarch64", FIXTURE_BUILD_ID, 0, NULL },
		  0,
		  "the repository has no level for kernel " FIXTURE_BUILD_ID " (aarch64)" },
		{ "not that level",
		  { "x86_64", FIXTURE_BUILD_ID, 3, "edge" },
		  0,
		  "the repository has no level 3 in channel edge for kernel " FIXTURE_BUILD_ID
		  " (x86_64)" },
	};
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	struct fixture f;

	fixture_new(&f);
	fixture_publish_level(&f, 9, "edge");
	fixture_publish_level(&f, 10, "edge");
	fixture_publish_level(&f, 2, "stable");
	c = refreshed(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(level_freep) struct level *level = NULL;
		struct oak_error err = { .code = OAK_OK };
		int r = level_find(c, &cases[i].query, &level, &err);

		test_case = cases[i].name;
		EXPECT(r == (cases[i].want ? 0 : -OAK_E_NOTFOUND));
		EXPECT((level != NULL) == (r == 0));
		if (level)
			EXPECT(level->manifest->level == cases[i].want);
		else
			EXPECT_STR(err.msg, cases[i].want_msg);
	}
	fixture_free(&f);
}

/* The file of a level in the repository. */
static void packed_name(const struct level *level, char ret[600])
{
	_cleanup_(freep) char *file = target_file(&level->target, true);

	(void)snprintf(ret, 600, "targets/%s", file);
}

TEST(level_fetch_verifies_every_byte)
{
	static const struct level_query query = { "x86_64", FIXTURE_BUILD_ID, 0, NULL };
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	_cleanup_(level_freep) struct level *level = NULL;
	_cleanup_(buf_free) struct buf module = { 0 }, packed = { 0 }, want = { 0 };
	struct oak_error err;
	struct fixture f;
	char name[600];

	fixture_new(&f);
	fixture_publish_level(&f, 1, "edge");
	c = refreshed(&f);
	EXPECT(level_find(c, &query, &level, &err) == 0);
	EXPECT(level_fetch(level, c, &f.fetcher, &module, &err) == 0);
	fixture_read(fixture_level(&f, 1, "edge"), "oakum_1.ko", &want);
	EXPECT(module.len == want.len && memcmp(module.data, want.data, want.len) == 0);

	packed_name(level, name);
	fixture_read(f.repo, name, &packed);
	packed.data[packed.len / 2] ^= 1;
	fixture_write(f.repo, name, packed.data, packed.len);
	EXPECT(level_fetch(level, c, &f.fetcher, &module, &err) == -OAK_E_TRUST);
	EXPECT_CONTAINS(err.msg, "/1/oakum_1.ko.zst: sha256 does not match targets.json");
	fixture_write(f.repo, name, packed.data, packed.len - 1);
	EXPECT(level_fetch(level, c, &f.fetcher, &module, &err) == -OAK_E_TRUST);
	EXPECT_CONTAINS(err.msg, " bytes, but targets.json says ");
	EXPECT(buf_add_zero(&packed, 1) == 0);
	fixture_write(f.repo, name, packed.data, packed.len);
	EXPECT(level_fetch(level, c, &f.fetcher, &module, &err) == -OAK_E_TOOLARGE);
	EXPECT_CONTAINS(err.msg, "oakum_1.ko.zst: larger than ");
	EXPECT(module.len == want.len);
	fixture_free(&f);
}

TEST(level_unpack_holds_to_the_manifest)
{
	static const struct level_query query = { "x86_64", FIXTURE_BUILD_ID, 0, NULL };
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	_cleanup_(level_freep) struct level *level = NULL;
	_cleanup_(buf_free) struct buf packed = { 0 }, out = { 0 };
	struct oak_error err;
	struct manifest m;
	struct fixture f;

	fixture_new(&f);
	fixture_publish_level(&f, 1, "edge");
	c = refreshed(&f);
	EXPECT(level_find(c, &query, &level, &err) == 0);
	EXPECT(tuf_client_download(c, &level->target, &f.fetcher, &packed, &err) == 0);
	m = *level->manifest;
	EXPECT(level_unpack(&m, packed.data, packed.len, &out, &err) == 0);
	m.module.size--;
	EXPECT(level_unpack(&m, packed.data, packed.len, &out, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "oakum_1: larger than the 4999 bytes its manifest says");
	m.module.size += 2;
	EXPECT(level_unpack(&m, packed.data, packed.len, &out, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "oakum_1: 5000 bytes, but its manifest says 5001");
	m.module.size--;
	m.module.sha256 = m.fixes[0].patch_sha256;
	EXPECT(level_unpack(&m, packed.data, packed.len, &out, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "oakum_1: sha256 does not match its manifest");
	EXPECT(level_unpack(&m, "zstd?", 5, &out, &err) == -OAK_E_FORMAT);
	EXPECT_CONTAINS(err.msg, "oakum_1: not zstd data (");
	fixture_free(&f);
}

/* A signed target whose manifest speaks of another kernel than its path. */
TEST(level_find_refuses_a_manifest_of_another_path)
{
	static const struct level_query query = { "x86_64", FIXTURE_BUILD_ID, 0, NULL };
	static const char path[] = "kernels/x86_64/" FIXTURE_BUILD_ID "/1/oakum_1.ko.zst";
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	_cleanup_(freep) char *text = NULL;
	struct level *level = NULL;
	struct forge forge = { 0 };
	struct oak_error err;
	struct fixture f;
	json_t *targets, *entry;

	fixture_new(&f);
	fixture_publish_level(&f, 1, "edge");
	targets = fixture_signed(&f, TUF_TARGETS);
	entry = json_object_get(json_object_get(targets, "targets"), path);
	(void)json_object_set_new(json_object_get(json_object_get(entry, "custom"), "kernel"),
				  "build_id",
				  json_string("ffffffffffffffffffffffffffffffffffffffff"));
	text = json_dumps(targets, 0);
	json_decref(targets);
	/* The overlay also carries the old version; the forged one must be newer. */
	forge.overlay[TUF_TARGETS] = text;
	fixture_forge(&f, &forge);
	c = refreshed(&f);
	EXPECT(level_find(c, &query, &level, &err) == -OAK_E_FORMAT);
	EXPECT_CONTAINS(err.msg, "/1/oakum_1.ko.zst: its manifest is that of kernels/x86_64/"
				 "ffffffffffffffffffffffffffffffffffffffff/1/oakum_1.ko.zst");
	fixture_free(&f);
}
