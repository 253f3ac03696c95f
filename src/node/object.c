/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "node/object.h"

#include <string.h>

#include "base/json.h"
#include "trust/date.h"

/* Text of others, in one line of ASCII, cut. */
static void copy(char *ret, size_t size, const char *text)
{
	size_t n = 0;

	for (; text && text[n] && n < size - 1; n++) {
		ret[n] = text[n];
		if (ret[n] < ' ' || ret[n] > '~')
			ret[n] = '?';
	}
	ret[n] = '\0';
}
#define COPY(field, text) copy(field, sizeof(field), text)

bool node_name_is(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.");

	return n && n < NODE_NAME_MAX && !name[n] && name[0] != '.' && name[0] != '-';
}

static void take_labels(const json_t *metadata, struct node_object *o)
{
	const json_t *labels = json_object_get(metadata, "labels");
	char key[96];

	for (size_t i = 0; i < NODE_LABELS; i++) {
		(void)snprintf(key, sizeof(key), NODE_PREFIX "%s", node_label_keys[i]);
		COPY(o->labels[i], json_get_str(labels, key));
	}
}

static void take_condition(const json_t *status, struct node_object *o)
{
	const json_t *list = json_object_get(status, "conditions"), *c;
	size_t i;

	json_array_foreach(list, i, c)
	{
		const char *type = json_get_str(c, "type");

		if (!type || strcmp(type, NODE_CONDITION) != 0)
			continue;
		o->has_condition = true;
		COPY(o->status, json_get_str(c, "status"));
		COPY(o->reason, json_get_str(c, "reason"));
		COPY(o->message, json_get_str(c, "message"));
		COPY(o->since, json_get_str(c, "lastTransitionTime"));
	}
}

static bool is_ours(const json_t *taint)
{
	const char *key = json_get_str(taint, "key");

	return key && strcmp(key, NODE_TAINT) == 0;
}

static void take_taints(const json_t *spec, struct node_object *o)
{
	json_t *list = json_object_get(spec, "taints");
	const json_t *taint;
	size_t i;

	if (!json_is_array(list))
		return;
	o->taints = json_incref(list);
	json_array_foreach(list, i, taint)
	{
		o->has_taint = o->has_taint || is_ours(taint);
	}
}

int node_object_parse(const void *data, size_t len, struct node_object *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	const json_t *metadata;
	int r = json_parse(data, len, NODE_OBJECT_BYTES_MAX, "node", &doc, err);

	if (r < 0)
		return r;
	metadata = json_object_get(doc, "metadata");
	if (!json_is_object(metadata) || !json_get_str(metadata, "resourceVersion"))
		return oak_fail(err, OAK_E_FORMAT, "node: it has no metadata.resourceVersion");
	*ret = (struct node_object){ .taints = NULL };
	COPY(ret->version, json_get_str(metadata, "resourceVersion"));
	take_labels(metadata, ret);
	take_condition(json_object_get(doc, "status"), ret);
	take_taints(json_object_get(doc, "spec"), ret);
	return 0;
}

void node_object_clear(struct node_object *o)
{
	json_decref(o->taints);
	*o = (struct node_object){ .taints = NULL };
}

static int give(json_t *doc, char **ret, struct oak_error *err)
{
	char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;

	json_decref(doc);
	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = text;
	return 0;
}

int node_patch_labels(const struct node_object *o, const struct node_view *v, char **ret,
		      struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *labels = json_object();
	char key[96];

	*ret = NULL;
	for (size_t i = 0; i < NODE_LABELS; i++) {
		const char *want = v ? v->labels[i].value : "";

		if (strcmp(o->labels[i], want) == 0)
			continue;
		(void)snprintf(key, sizeof(key), NODE_PREFIX "%s", node_label_keys[i]);
		if (json_object_set_new(labels, key, want[0] ? json_string(want) : json_null()) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	if (!json_object_size(labels))
		return 0;
	return give(json_pack("{s:{s:O}}", "metadata", "labels", labels), ret, err);
}

/* Messages are of others; what is no UTF-8 is none. */
static json_t *text_json(const char *text)
{
	char plain[NODE_TEXT_MAX * 2];

	copy(plain, sizeof(plain), text);
	return json_string(plain);
}

static json_t *condition_json(const struct node_object *o, const struct node_condition *c,
			      int64_t now_s)
{
	bool stays = o->has_condition && o->since[0] && strcmp(o->status, c->status) == 0;
	char now[DATE_TEXT_MAX];

	date_format(now_s, now);
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s}", "type", NODE_CONDITION, "status",
			 c->status, "reason", c->reason, "message", text_json(c->message),
			 "lastHeartbeatTime", now, "lastTransitionTime", stays ? o->since : now);
}

int node_patch_condition(const struct node_object *o, const struct node_view *v, int64_t now_s,
			 char **ret, struct oak_error *err)
{
	json_t *c;

	*ret = NULL;
	if (!v && !o->has_condition)
		return 0;
	c = v ? condition_json(o, &v->condition, now_s)
	      : json_pack("{s:s, s:s}", "$patch", "delete", "type", NODE_CONDITION);
	return give(json_pack("{s:{s:[o]}}", "status", "conditions", c), ret, err);
}

int node_patch_taint(const struct node_object *o, bool want, char **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = json_array();
	json_t *taint;
	size_t i;
	int r = list ? 0 : -1;

	*ret = NULL;
	if (o->has_taint == want)
		return 0;
	json_array_foreach(o->taints, i, taint)
	{
		if (r == 0 && !is_ours(taint))
			r = json_array_append(list, taint);
	}
	if (r == 0 && want)
		r = json_array_append_new(list, json_pack("{s:s, s:s}", "key", NODE_TAINT, "effect",
							  "NoSchedule"));
	if (r < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return give(json_pack("{s:{s:s}, s:{s:O}}", "metadata", "resourceVersion", o->version,
			      "spec", "taints", list),
		    ret, err);
}

/* The uid is the name, as the kubelet's own events have it: "kubectl describe node" looks for that. */
int node_event_make(const struct node_event *e, const char *node, char **ret, struct oak_error *err)
{
	json_t *about = json_pack("{s:s, s:s, s:s, s:s}", "apiVersion", "v1", "kind", "Node",
				  "name", node, "uid", node);
	json_t *source = json_pack("{s:s, s:s}", "component", "oakum", "host", node);
	json_t *metadata = json_pack("{s:s, s:s}", "name", e->name, "namespace", "default");
	char at[DATE_TEXT_MAX];

	date_format(e->at_s, at);
	*ret = NULL;
	return give(json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:o, s:s, s:s, s:i}",
			      "apiVersion", "v1", "kind", "Event", "metadata", metadata,
			      "involvedObject", about, "source", source, "type", e->type, "reason",
			      e->reason, "message", text_json(e->message), "firstTimestamp", at,
			      "lastTimestamp", at, "count", 1),
		    ret, err);
}

void node_problem(const void *data, size_t len, char *ret, size_t size)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;

	ret[0] = '\0';
	if (json_parse(data, len, NODE_OBJECT_BYTES_MAX, "status", &doc, NULL) == 0)
		copy(ret, size, json_get_str(doc, "message"));
}

int node_list_parse(const void *data, size_t len, char (*ret)[NODE_NAME_MAX], size_t max,
		    size_t *ret_n, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	const json_t *items, *item;
	size_t i, n = 0;
	int r = json_parse(data, len, (size_t)16 * NODE_OBJECT_BYTES_MAX, "nodes", &doc, err);

	if (r < 0)
		return r;
	items = json_object_get(doc, "items");
	if (!json_is_array(items) || json_array_size(items) > max)
		return oak_fail(err, OAK_E_FORMAT, "nodes: no list of 0 to %zu items", max);
	json_array_foreach(items, i, item)
	{
		const char *name = json_get_str(json_object_get(item, "metadata"), "name");

		if (!name || !node_name_is(name))
			return oak_fail(err, OAK_E_FORMAT, "nodes: item %zu has no good name", i);
		(void)snprintf(ret[n++], NODE_NAME_MAX, "%s", name);
	}
	*ret_n = n;
	return 0;
}
