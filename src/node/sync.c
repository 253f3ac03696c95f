/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "node/sync.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"

#define PATH_MAX_BYTES 512
#define EVENTS_PATH    "/api/v1/namespaces/default/events"

/* The daemon's own process, not another that has its number now. */
static bool runs(int root, uint32_t pid)
{
	_cleanup_(freep) char *comm = NULL;
	char path[48];

	(void)snprintf(path, sizeof(path), "proc/%u/comm", pid);
	return pid && file_read_line(root, path, &comm, NULL) == 0 && strcmp(comm, "oakum") == 0;
}

static bool is_alive(struct node_sync *s, uint32_t pid, int64_t now_s)
{
	if (runs(s->root, pid)) {
		s->dead_since_s = 0;
		return true;
	}
	if (!s->dead_since_s)
		s->dead_since_s = now_s;
	return now_s - s->dead_since_s < NODE_DEAD_S;
}

void node_sync_look(struct node_sync *s, int64_t now_s, struct node_view *ret)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(freep) struct node_status *status = calloc(1, sizeof(*status));
	bool known = status &&
		     file_read(s->root, NODE_STATUS_PATH, NODE_STATUS_BYTES_MAX, &text, NULL) ==
			     0 &&
		     node_status_parse(text.data, text.len, status, NULL) == 0;

	node_view_of(known ? status : NULL, s->node, known && is_alive(s, status->agent, now_s),
		     now_s, ret);
}

static void path_of(const char *node, const char *sub, char ret[PATH_MAX_BYTES])
{
	(void)snprintf(ret, PATH_MAX_BYTES, "/api/v1/nodes/%s%s", node, sub);
}

static int get(struct node_api *api, const char *node, struct node_object *ret,
	       struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char path[PATH_MAX_BYTES];
	const struct node_call call = { .method = "GET", .path = path };
	unsigned status;
	int r;

	path_of(node, "", path);
	r = node_api_call(api, &call, &status, &text, err);
	return r == 0 ? node_object_parse(text.data, text.len, ret, err) : r;
}

/* @body is freed; NULL: nothing to do. @ret_conflict: somebody was faster. */
static int patch(struct node_api *api, const struct node_call *call, char *body, bool *ret_conflict,
		 struct oak_error *err)
{
	_cleanup_(freep) char *text = body;
	struct node_call with = *call;
	unsigned status = 0;
	int r;

	*ret_conflict = false;
	if (!body)
		return 0;
	with.method = "PATCH";
	with.body = text;
	r = node_api_call(api, &with, &status, NULL, err);
	*ret_conflict = status == 409;
	return r;
}

/* What a node becomes; @v NULL: as if we had never been there. */
struct change {
	const struct node_view *v;
	bool taint;
	int64_t now_s;
};

static int change_once(struct node_api *api, const char *node, const struct change *c,
		       bool *ret_conflict, struct oak_error *err)
{
	_cleanup_(node_object_clear) struct node_object o = { .taints = NULL };
	char path[PATH_MAX_BYTES], status_path[PATH_MAX_BYTES];
	const struct node_call merge = { .path = path, .type = NODE_MERGE };
	const struct node_call strategic = { .path = status_path, .type = NODE_STRATEGIC };
	char *body = NULL;
	int r = get(api, node, &o, err);

	path_of(node, "", path);
	path_of(node, "/status", status_path);
	*ret_conflict = false;
	/* The taint first: the version that it was made of is the one just read. */
	if (r == 0)
		r = node_patch_taint(&o, c->taint, &body, err);
	if (r == 0)
		r = patch(api, &merge, take_ptr(body), ret_conflict, err);
	if (r < 0 || *ret_conflict)
		return r;
	r = node_patch_labels(&o, c->v, &body, err);
	if (r == 0)
		r = patch(api, &merge, take_ptr(body), ret_conflict, err);
	if (r < 0 || *ret_conflict)
		return r;
	r = node_patch_condition(&o, c->v, c->now_s, &body, err);
	return r == 0 ? patch(api, &strategic, take_ptr(body), ret_conflict, err) : r;
}

static int change(struct node_api *api, const char *node, const struct change *c,
		  struct oak_error *err)
{
	bool conflict = true;

	for (int i = 0; i < NODE_CONFLICT_TRIES && conflict; i++) {
		int r = change_once(api, node, c, &conflict, err);

		if (r < 0)
			return r;
	}
	return conflict ? oak_fail(err, OAK_E_AGAIN, "node %s: others change it all the time", node)
			: 0;
}

static bool is_told(const struct node_sync *s, const char *name)
{
	for (size_t i = 0; i < NODE_TOLD_MAX; i++)
		if (strcmp(s->told[i], name) == 0)
			return true;
	return false;
}

/* 409: it was told before a restart of ours. */
static int tell(struct node_sync *s, const struct node_event *e, struct oak_error *err)
{
	_cleanup_(freep) char *body = NULL;
	struct node_call call = { .method = "POST", .path = EVENTS_PATH, .type = NODE_JSON };
	unsigned status;
	int r = node_event_make(e, s->node, &body, err);

	call.body = body;
	if (r == 0)
		r = node_api_call(&s->api, &call, &status, NULL, err);
	if (r < 0)
		return r;
	(void)snprintf(s->told[s->n_told++ % NODE_TOLD_MAX], NODE_NAME_MAX, "%s", e->name);
	return 0;
}

static int tell_all(struct node_sync *s, const struct node_view *v, int64_t now_s,
		    struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->n_events; i++)
		if (v->events[i].at_s > now_s - NODE_EVENT_AGE_S && !is_told(s, v->events[i].name))
			r = tell(s, &v->events[i], err);
	return r;
}

int node_sync_once(struct node_sync *s, int64_t now_s, struct oak_error *err)
{
	_cleanup_(freep) struct node_view *v = calloc(1, sizeof(*v));
	struct change c = { .v = v, .now_s = now_s };
	int r;

	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	node_sync_look(s, now_s, v);
	c.taint = s->taint && v->critical;
	r = node_api_open(&s->api, err);
	if (r == 0)
		r = change(&s->api, s->node, &c, err);
	if (r == 0)
		r = tell_all(s, v, now_s, err);
	node_api_close(&s->api);
	return r;
}

int node_sync_remove(struct node_api *api, const char *node, struct oak_error *err)
{
	const struct change c = { .v = NULL };

	return change(api, node, &c, err);
}

unsigned node_backoff_s(unsigned failures, unsigned asked)
{
	unsigned s = failures < 7 ? 5u << (failures ? failures - 1 : 0) : NODE_BACKOFF_MAX_S;

	s = s > asked ? s : asked;
	/* However long the server asks for: it may have been another one that asked. */
	return s < NODE_BACKOFF_MAX_S ? s : NODE_BACKOFF_MAX_S;
}

unsigned node_offset_s(const char *node)
{
	char hash[SHA256_HEX_MAX];
	unsigned n = 0;

	sha256_hex(node, strlen(node), hash);
	for (int i = 0; i < 6; i++)
		n = n * 16 + (unsigned)(hash[i] <= '9' ? hash[i] - '0' : hash[i] - 'a' + 10);
	return n % 60;
}
