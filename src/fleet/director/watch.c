/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/director/watch.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/json.h"
#include "fleet/server-settings.h"
#include "fleet/store/level-list.h"
#include "trust/client.h"
#include "trust/level.h"

#define ROOT_MAX (512u << 10)

struct watch {
	struct fleet *fleet;
	struct db *db;
	int64_t now_s;
	struct tuf_client *client;
	struct fetcher fetcher;
};

static void watch_clear(struct watch *w)
{
	tuf_client_close(w->client);
	fetcher_close(&w->fetcher);
}

static int open_client(struct watch *w, struct oak_error *err)
{
	const char *data = w->fleet->settings->data;
	_cleanup_(freep) char *root = path_join(data, "root.json");
	_cleanup_(freep) char *dir = path_join(data, "repository-trust");
	_cleanup_(buf_free) struct buf bytes = { 0 };
	int r;

	if (!root || !dir)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = file_read(AT_FDCWD, root, ROOT_MAX, &bytes, err);
	if (r == 0)
		r = tuf_client_init(dir, bytes.data, bytes.len, err);
	return r < 0 ? r : tuf_client_open(dir, NULL, &w->client, err);
}

static int open_repository(struct watch *w, const char *url, struct oak_error *err)
{
	static const struct fetch_options patience = { .connect_s = 5, .slow_s = 5, .total_s = 20 };
	const struct tuf_refresh how = { .now_s = w->now_s, .quick = true };
	int r = open_client(w, err);

	if (r == 0)
		r = fetcher_open_with(url, &patience, &w->fetcher, err);
	return r < 0 ? r : tuf_client_refresh(w->client, &w->fetcher, &how, err);
}

static int look_at(struct watch *w, const json_t *kernel, struct oak_error *err)
{
	const struct tuf_lookup how = { .fetcher = &w->fetcher, .now_s = w->now_s };
	const char *build_id = json_get_str(kernel, "build_id");
	_cleanup_(levels_freep) struct levels *l = NULL;
	int r = level_list(w->client, &how, json_get_str(kernel, "arch"), build_id, &l, err);

	if (r < 0 && r != -OAK_E_NOTFOUND)
		return r;
	r = db_begin(w->db, err);
	if (r == 0)
		r = level_list_store(w->db, build_id, l, err);
	if (r == 0)
		r = db_commit(w->db, err);
	if (r < 0)
		db_rollback(w->db);
	return r;
}

int watch_repository(struct fleet *fleet, struct db *db, int64_t now_s, struct oak_error *err)
{
	_cleanup_(watch_clear) struct watch w = { .fleet = fleet, .db = db, .now_s = now_s };
	const struct server_settings *set = fleet->settings;
	const char *url = set->repository_url ? set->repository_url : set->repository;
	_cleanup_(json_decrefp) json_t *kernels = NULL;
	const json_t *kernel;
	size_t i;
	int r;

	if (!url || !set->data)
		return 0;
	r = open_repository(&w, url, err);
	if (r >= 0)
		r = level_list_kernels(db, &kernels, err);
	if (r < 0)
		return oak_context(err, "repository %s", url);
	json_array_foreach(kernels, i, kernel) if (r >= 0) r = look_at(&w, kernel, err);
	return r < 0 ? oak_context(err, "repository %s", url) : 0;
}
