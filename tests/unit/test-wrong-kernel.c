/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attack "wrong software": levels of another kernel, over HTTP against the real client. By a
 * mirror, which signs nothing, and by a thief of the keys of targets.
 */
#include "http-server.h"
#include "trust-fixture.h"

#include "base/file.h"
#include "trust/level.h"

#define OTHER "ffffffffffffffffffffffffffffffffffffffff"
#define LIST  "kernels/x86_64/" FIXTURE_BUILD_ID "/levels.json"

struct victim {
	struct fixture f;
	struct http_server server;
	struct fetcher fetcher;
	struct tuf_client *client;
	struct tuf_lookup how;
};

static void victim_new(struct victim *v)
{
	const struct tuf_refresh refresh = { .now_s = FIXTURE_NOW };
	struct oak_error err;

	http_server_start(&v->server, v->f.repo);
	EXPECT(fetcher_open(v->server.url, &v->fetcher, &err) == 0);
	v->client = fixture_open(&v->f);
	EXPECT(tuf_client_refresh(v->client, &v->fetcher, &refresh, &err) >= 0);
	v->how = (struct tuf_lookup){ .fetcher = &v->fetcher, .now_s = FIXTURE_NOW };
}

static void victim_free(struct victim *v)
{
	tuf_client_close(v->client);
	fetcher_close(&v->fetcher);
	http_server_stop(&v->server);
	fixture_free(&v->f);
}

/* What a host does before it installs: the list of its kernel, the newest level, its file. */
static int install(struct victim *v, struct oak_error *err)
{
	_cleanup_(levels_freep) struct levels *list = NULL;
	_cleanup_(level_freep) struct level *level = NULL;
	_cleanup_(buf_free) struct buf module = { 0 };
	int r = level_list(v->client, &v->how, "x86_64", FIXTURE_BUILD_ID, &list, err);

	if (r == 0)
		r = level_open(v->client, &v->how, list, levels_newest(list, NULL), &level, err);
	return r < 0 ? r : level_fetch(level, v->client, &v->fetcher, &module, err);
}

/* The path of the file of level 1 as served. */
static void level_file(const struct victim *v, char ret[600])
{
	_cleanup_(freep) char *file = NULL;
	struct tuf_target target;
	struct oak_error err;
	char path[MANIFEST_PATH_MAX];

	levels_module_path("x86_64", FIXTURE_BUILD_ID, 1, path);
	EXPECT(tuf_client_find(v->client, path, &v->how, &target, &err) == 0);
	file = target_file(&target, true);
	(void)snprintf(ret, 600, "targets/%s", file);
}

TEST(wrong_kernel_by_a_mirror)
{
	_cleanup_(buf_free) struct buf bytes = { 0 };
	struct oak_error err;
	struct victim v = { 0 };
	char file[600];

	fixture_new(&v.f);
	fixture_publish_level(&v.f, 1, "edge");
	victim_new(&v);
	EXPECT(install(&v, &err) == 0);
	/* A level of another kernel that is as long. */
	level_file(&v, file);
	fixture_read(v.f.repo, file, &bytes);
	memset(bytes.data + 8, 'x', 40);
	fixture_write(v.f.repo, file, bytes.data, bytes.len);
	EXPECT(install(&v, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "kernels/x86_64/" FIXTURE_BUILD_ID
			    "/1/oakum_1.ko.zst: sha256 does not match targets.json");
	victim_free(&v);
}

/* "targets" with the list of levels changed to speak of another kernel; the caller frees. */
static char *list_of_another_kernel(const struct fixture *f)
{
	json_t *targets = fixture_signed(f, TUF_TARGETS);
	json_t *entry = json_object_get(json_object_get(targets, "targets"), LIST);
	char *text;

	(void)json_object_set_new(json_object_get(json_object_get(entry, "custom"), "kernel"),
				  "build_id", json_string(OTHER));
	text = json_dumps(targets, 0);
	json_decref(targets);
	return text;
}

TEST(wrong_kernel_signed_by_a_thief)
{
	_cleanup_(freep) char *text = NULL;
	struct forge forge = { 0 };
	struct oak_error err;
	struct victim v = { 0 };

	fixture_new(&v.f);
	fixture_publish_level(&v.f, 1, "edge");
	text = list_of_another_kernel(&v.f);
	forge.overlay[TUF_TARGETS] = text;
	fixture_forge(&v.f, &forge);
	victim_new(&v);
	EXPECT(install(&v, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, LIST ": is the list of kernel " OTHER " (x86_64)");
	victim_free(&v);
}
