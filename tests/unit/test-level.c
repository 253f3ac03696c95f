/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust-fixture.h"

#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "trust/container.h"
#include "trust/level.h"

#define LIST_PATH "kernels/x86_64/" FIXTURE_BUILD_ID "/levels.json"
#define OTHER     "ffffffffffffffffffffffffffffffffffffffff"

static struct tuf_client *refreshed(const struct fixture *f)
{
	struct tuf_client *c = fixture_open(f);
	struct oak_error err;

	EXPECT(fixture_refresh(f, false, &err) >= 0);
	EXPECT(tuf_client_load(c, FIXTURE_NOW, &err) == 0);
	return c;
}

static struct tuf_lookup lookup(const struct fixture *f)
{
	return (struct tuf_lookup){ .fetcher = &f->fetcher, .now_s = FIXTURE_NOW };
}

static int list_of(const struct fixture *f, struct tuf_client *c, struct levels **ret,
		   struct oak_error *err)
{
	const struct tuf_lookup how = lookup(f);

	return level_list(c, &how, "x86_64", FIXTURE_BUILD_ID, ret, err);
}

TEST(level_list_is_that_of_the_kernel)
{
	static const struct {
		const char *arch, *build_id, *want_msg;
	} cases[] = {
		{ "x86_64", FIXTURE_BUILD_ID, NULL },
		{ "x86_64", OTHER, "the repository has no level for kernel " OTHER " (x86_64)" },
		{ "aarch64", FIXTURE_BUILD_ID,
		  "the repository has no level for kernel " FIXTURE_BUILD_ID " (aarch64)" },
	};
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	struct tuf_lookup how;
	struct fixture f;

	fixture_new_with_bins(&f, 1);
	fixture_publish_level(&f, 9, "edge");
	fixture_publish_level(&f, 10, "stable");
	how = lookup(&f);
	c = refreshed(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(levels_freep) struct levels *list = NULL;
		struct oak_error err = { .code = OAK_OK };
		int r = level_list(c, &how, cases[i].arch, cases[i].build_id, &list, &err);

		EXPECT(r == (cases[i].want_msg ? -OAK_E_NOTFOUND : 0));
		if (cases[i].want_msg) {
			EXPECT_STR(err.msg, cases[i].want_msg);
			continue;
		}
		EXPECT(list->n == 2 && levels_newest(list, NULL)->level == 10);
		EXPECT(levels_newest(list, "edge")->level == 9);
		EXPECT(!levels_newest(list, "lts"));
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
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	_cleanup_(level_freep) struct level *level = NULL;
	_cleanup_(levels_freep) struct levels *list = NULL;
	_cleanup_(buf_free) struct buf module = { 0 }, packed = { 0 }, want = { 0 };
	struct tuf_lookup how;
	struct oak_error err;
	struct fixture f;
	char name[600];

	fixture_new(&f);
	fixture_publish_level(&f, 1, "edge");
	how = lookup(&f);
	c = refreshed(&f);
	EXPECT(list_of(&f, c, &list, &err) == 0);
	EXPECT(level_open(c, &how, list, levels_newest(list, NULL), &level, &err) == 0);
	EXPECT(level_fetch(level, c, &f.fetcher, &module, &err) == 0);
	EXPECT(level->manifest->level == 1);
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

/* A signed list that speaks of another kernel than its path. */
TEST(level_list_refuses_that_of_another_kernel)
{
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	_cleanup_(freep) char *text = NULL;
	struct levels *list = NULL;
	struct forge forge = { 0 };
	struct oak_error err;
	struct fixture f;
	json_t *targets, *entry;

	fixture_new(&f);
	fixture_publish_level(&f, 1, "edge");
	targets = fixture_signed(&f, TUF_TARGETS);
	entry = json_object_get(json_object_get(targets, "targets"), LIST_PATH);
	(void)json_object_set_new(json_object_get(json_object_get(entry, "custom"), "kernel"),
				  "build_id", json_string(OTHER));
	text = json_dumps(targets, 0);
	json_decref(targets);
	/* The overlay also carries the old version; the forged one must be newer. */
	forge.overlay[TUF_TARGETS] = text;
	fixture_forge(&f, &forge);
	c = refreshed(&f);
	EXPECT(list_of(&f, c, &list, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, LIST_PATH ": is the list of kernel " OTHER " (x86_64)");
	fixture_free(&f);
}

/* What the list names must have been signed as well. */
TEST(level_open_wants_a_signed_target)
{
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	_cleanup_(levels_freep) struct levels *list = NULL;
	struct levels_entry entry = { .level = 7 };
	struct level *level = NULL;
	struct tuf_lookup how;
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	fixture_publish_level(&f, 1, "edge");
	how = lookup(&f);
	c = refreshed(&f);
	EXPECT(list_of(&f, c, &list, &err) == 0);
	EXPECT(level_open(c, &how, list, &entry, &level, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "kernels/x86_64/" FIXTURE_BUILD_ID
			    "/7/oakum_7.ko.zst: the list of levels has it, but nobody signed it");
	fixture_free(&f);
}

/* Packs what fixture_level() made. */
static void pack(const struct fixture *f, struct buf *ret)
{
	_cleanup_(buf_free) struct buf manifest = { 0 }, module = { 0 };
	const char *dir = fixture_level(f, 1, "edge");
	struct oak_error err;

	fixture_read(dir, "manifest.json", &manifest);
	fixture_read(dir, "oakum_1.ko", &module);
	EXPECT(container_pack(&manifest, &module, ret, &err) == 0);
}

TEST(container_holds_to_the_manifest)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	_cleanup_(buf_free) struct buf packed = { 0 }, out = { 0 };
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	pack(&f, &packed);
	EXPECT(container_manifest(packed.data, packed.len, "x", &m, &err) == 0);
	EXPECT(m->level == 1);
	EXPECT(container_module(m, packed.data, packed.len, &out, &err) == 0);
	EXPECT(out.len == 5000);
	m->module.size--;
	EXPECT(container_module(m, packed.data, packed.len, &out, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "oakum_1: larger than the 4999 bytes its manifest says");
	m->module.size += 2;
	EXPECT(container_module(m, packed.data, packed.len, &out, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "oakum_1: 5000 bytes, but its manifest says 5001");
	m->module.size--;
	m->module.sha256 = m->fixes[0].patch_sha256;
	EXPECT(container_module(m, packed.data, packed.len, &out, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "oakum_1: sha256 does not match its manifest");
	fixture_free(&f);
}

TEST(container_refuses_what_is_none)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
		const char *want;
	} cases[] = {
		{ "empty", "", 0, "x: does not begin with a manifest" },
		{ "short", "\x50\x2a\x4d\x18\x01", 5, "x: does not begin with a manifest" },
		{ "not skippable", "zstd?zstd?", 10, "x: does not begin with a manifest" },
		{ "longer than the file", "\x50\x2a\x4d\x18\xff\xff\xff\xff", 8,
		  "x: does not begin with a manifest" },
		{ "not zstd", "\x50\x2a\x4d\x18\x02\x00\x00\x00{}", 10,
		  "x: its manifest is not zstd data (" },
	};
	struct manifest *m = NULL;
	struct oak_error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].name;
		EXPECT(container_manifest(cases[i].bytes, cases[i].len, "x", &m, &err) ==
		       -OAK_E_FORMAT);
		EXPECT_CONTAINS(err.msg, cases[i].want);
	}
}

/* The whole file was signed, but as another level. */
TEST(level_read_wants_the_manifest_of_its_path)
{
	_cleanup_(buf_free) struct buf packed = { 0 }, out = { 0 };
	struct manifest *m = NULL;
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	pack(&f, &packed);
	EXPECT(level_read("kernels/x86_64/" OTHER "/1/oakum_1.ko.zst", packed.data, packed.len, &m,
			  &out, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "kernels/x86_64/" OTHER "/1/oakum_1.ko.zst: its manifest is that of "
			    "kernels/x86_64/" FIXTURE_BUILD_ID "/1/oakum_1.ko.zst");
	fixture_free(&f);
}
