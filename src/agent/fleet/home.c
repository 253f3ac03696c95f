/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fleet/home.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "trust/canonical.h"
#include "trust/fleet/members.h"
#include "trust/fleet/seal.h"
#include "trust/manifest.h"

#define TAGS_MAX   64
#define WAIT_MAX_S (UINT64_C(366) * 86400)

static const struct text_rule server_url = { NULL, 8, FLEET_TEXT_MAX - 1, "a URL" };

static int parse_keys(const json_t *doc, struct fleet_home *h, struct oak_error *err)
{
	const json_t *list = NULL, *each;
	int r = member_words(doc, "keys", &fleet_key, FLEET_KEYS_MAX, &list, err);
	size_t i;

	if (r == 0 && json_array_size(list) == 0)
		r = oak_fail(err, OAK_E_FORMAT, "keys: none");
	json_array_foreach(list, i, each)
	{
		if (r == 0)
			r = seal_key_parse(json_string_value(each), &h->keys[i], err);
		if (r == 0)
			h->n_keys = i + 1;
	}
	return r;
}

static int parse_home(const json_t *doc, struct fleet_home *h, struct oak_error *err)
{
	uint64_t n = 0, poll_s = 0, report_s = 0;
	const json_t *tags = NULL;
	int r = field_number(doc, "schema", 1, 1, &n, err);

	if (r == 0)
		r = member_text(doc, "server", &server_url, h->server, err);
	if (r == 0)
		r = member_text(doc, "host", &fleet_host_id, h->host, err);
	if (r == 0)
		r = member_line(doc, "name", h->name, sizeof(h->name), err);
	if (r == 0)
		r = member_text(doc, "ring", &fleet_word, h->ring, err);
	if (r == 0)
		r = member_words(doc, "tags", &fleet_tag, TAGS_MAX, &tags, err);
	if (r == 0)
		r = field_number(doc, "poll_s", 1, WAIT_MAX_S, &poll_s, err);
	if (r == 0)
		r = field_number(doc, "report_s", 1, WAIT_MAX_S, &report_s, err);
	if (r == 0)
		r = parse_keys(doc, h, err);
	h->has_ca = json_is_true(json_object_get(doc, "ca"));
	h->pinned = json_is_true(json_object_get(doc, "pinned"));
	h->tags = tags ? json_deep_copy(tags) : NULL;
	h->poll_s = (uint32_t)poll_s;
	h->report_s = (uint32_t)report_s;
	return r;
}

int fleet_home_parse(const void *data, size_t len, struct fleet_home *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	struct fleet_home h = { .server = "" };
	int r = json_parse(data, len, FLEET_BYTES_MAX, "/" FLEET_ENROLLED, &doc, err);

	if (r < 0)
		return r;
	r = parse_home(doc, &h, err);
	if (r < 0) {
		fleet_home_clear(&h);
		return oak_context(err, "/" FLEET_ENROLLED);
	}
	*ret = h;
	return 0;
}

int fleet_home_read(int root, struct fleet_home *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(root, FLEET_ENROLLED, FLEET_BYTES_MAX, &text, err);

	return r < 0 ? r : fleet_home_parse(text.data, text.len, ret, err);
}

bool fleet_is_enrolled(int root)
{
	return file_exists(root, FLEET_ENROLLED);
}

void fleet_home_clear(struct fleet_home *h)
{
	json_decref(h->tags);
	for (size_t i = 0; i < FLEET_KEYS_MAX; i++)
		tuf_key_free(h->keys[i]);
	*h = (struct fleet_home){ .server = "" };
}

/* For all to read: "oakum status" needs no privilege. */
static int write_json(int root, const char *path, json_t *document, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = document;
	_cleanup_(freep) char *text = doc ? json_text(doc) : NULL;

	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(root, path, text, strlen(text), 0644, err);
}

static json_t *keys_json(const struct fleet_home *h)
{
	json_t *list = json_array();
	char hex[SEAL_KEY_HEX_MAX];

	for (size_t i = 0; i < h->n_keys; i++)
		if (seal_key_hex(h->keys[i], hex, NULL) == 0)
			(void)json_array_append_new(list, json_string(hex));
	return list;
}

int fleet_home_write(int root, const struct fleet_home *h, struct oak_error *err)
{
	return write_json(root, FLEET_ENROLLED,
			  json_pack("{s:i, s:s, s:b, s:b, s:s, s:s, s:s, s:o, s:o, s:I, s:I}",
				    "schema", 1, "server", h->server, "ca", h->has_ca, "pinned",
				    h->pinned, "host", h->host, "name", h->name, "ring", h->ring,
				    "tags", h->tags ? json_incref(h->tags) : json_array(), "keys",
				    keys_json(h), "poll_s", (json_int_t)h->poll_s, "report_s",
				    (json_int_t)h->report_s),
			  err);
}

static int parse_watch(const json_t *doc, struct fleet_watch *w, struct oak_error *err)
{
	uint64_t level = 0;
	int r = member_text(doc, "rollout", &fleet_rollout_id, w->rollout, err);

	if (r == 0)
		r = member_text(doc, "build_id", &text_build_id, w->build_id, err);
	if (r == 0)
		r = field_number(doc, "level", 1, MANIFEST_LEVEL_MAX, &level, err);
	if (r == 0)
		r = member_time(doc, "granted", &w->granted_s, err);
	w->level = (uint32_t)level;
	w->applied = json_is_true(json_object_get(doc, "applied"));
	return r;
}

static int parse_watches(const json_t *doc, struct fleet_memory *m, struct oak_error *err)
{
	const json_t *list = NULL, *each;
	int r = member_objects(doc, "watches", FLEET_WATCH_MAX, &list, err);
	size_t i;

	json_array_foreach(list, i, each)
	{
		if (r == 0)
			r = parse_watch(each, &m->watches[i], err);
		if (r == 0)
			m->n_watches = i + 1;
	}
	return r;
}

static int parse_times(const json_t *doc, struct fleet_memory *m, struct oak_error *err)
{
	const struct {
		const char *key;
		int64_t *at;
	} times[] = {
		{ "heard", &m->heard_s },       { "issued", &m->issued_s },
		{ "expires", &m->expires_s },   { "again", &m->again_s },
		{ "reported", &m->reported_s }, { "held_since", &m->held_s },
	};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int r = member_time(doc, times[i].key, times[i].at, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int parse_numbers(const json_t *doc, struct fleet_memory *m, struct oak_error *err)
{
	const struct {
		const char *key;
		uint32_t *at;
	} numbers[] = { { "poll_s", &m->poll_s },
			{ "report_s", &m->report_s },
			{ "wait_s", &m->wait_s },
			{ "held_level", &m->held_level } };
	int r = field_number(doc, "sequence", 0, CANONICAL_INTEGER_MAX, &m->sequence, err);

	if (r == 0)
		r = field_number(doc, "version", 0, CANONICAL_INTEGER_MAX, &m->version, err);
	for (size_t i = 0; r == 0 && i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		uint64_t n = 0;

		r = field_number(doc, numbers[i].key, 0, WAIT_MAX_S, &n, err);
		*numbers[i].at = (uint32_t)n;
	}
	return r;
}

static int parse_texts(const json_t *doc, struct fleet_memory *m, struct oak_error *err)
{
	const struct {
		const char *key;
		char *at;
		size_t size;
	} texts[] = { { "etag", m->etag, sizeof(m->etag) },
		      { "signer", m->signer, sizeof(m->signer) },
		      { "code", m->code, sizeof(m->code) },
		      { "error", m->error, sizeof(m->error) },
		      { "held_why", m->held_why, sizeof(m->held_why) },
		      { "said", m->said, sizeof(m->said) } };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int r = member_line(doc, texts[i].key, texts[i].at, texts[i].size, err);

		if (r < 0)
			return r;
	}
	m->alone = json_is_true(json_object_get(doc, "alone"));
	return 0;
}

int fleet_memory_parse(const void *data, size_t len, struct fleet_memory *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	struct fleet_memory m = { .sequence = 0 };
	int r = json_parse(data, len, FLEET_BYTES_MAX, "/" FLEET_MEMORY, &doc, err);

	if (r < 0)
		return r;
	r = parse_numbers(doc, &m, err);
	if (r == 0)
		r = parse_times(doc, &m, err);
	if (r == 0)
		r = parse_texts(doc, &m, err);
	if (r == 0)
		r = parse_watches(doc, &m, err);
	if (r < 0)
		return oak_context(err, "/" FLEET_MEMORY);
	*ret = m;
	return 0;
}

void fleet_memory_read(int root, struct fleet_memory *ret)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (file_read(root, FLEET_MEMORY, FLEET_BYTES_MAX, &text, NULL) < 0 ||
	    fleet_memory_parse(text.data, text.len, ret, NULL) < 0)
		*ret = (struct fleet_memory){ .sequence = 0 };
}

static json_t *watches_json(const struct fleet_memory *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n_watches; i++) {
		const struct fleet_watch *w = &m->watches[i];

		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I, s:b}", "rollout",
							    w->rollout, "build_id", w->build_id,
							    "level", (json_int_t)w->level,
							    "granted", (json_int_t)w->granted_s,
							    "applied", w->applied));
	}
	return list;
}

int fleet_memory_write(int root, const struct fleet_memory *m, struct oak_error *err)
{
	json_t *doc = json_pack(
		"{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o}",
		"schema", 1, "sequence", (json_int_t)m->sequence, "version", (json_int_t)m->version,
		"heard", (json_int_t)m->heard_s, "issued", (json_int_t)m->issued_s, "expires",
		(json_int_t)m->expires_s, "poll_s", (json_int_t)m->poll_s, "report_s",
		(json_int_t)m->report_s, "reported", (json_int_t)m->reported_s, "again",
		(json_int_t)m->again_s, "wait_s", (json_int_t)m->wait_s, "held_level",
		(json_int_t)m->held_level, "held_since", (json_int_t)m->held_s, "alone", m->alone,
		"watches", watches_json(m));
	const struct {
		const char *key, *text;
	} texts[] = { { "etag", m->etag },   { "signer", m->signer },     { "code", m->code },
		      { "error", m->error }, { "held_why", m->held_why }, { "said", m->said } };

	for (size_t i = 0; doc && i < sizeof(texts) / sizeof(texts[0]); i++)
		(void)json_object_set_new(doc, texts[i].key, json_string(texts[i].text));
	return write_json(root, FLEET_MEMORY, doc, err);
}
