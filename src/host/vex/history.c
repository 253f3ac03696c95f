/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/vex/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"

#define SCHEMA 1

static bool is_hex(const char *text, size_t digits)
{
	return text && strlen(text) == digits && strspn(text, "0123456789abcdef") == digits;
}

static bool take_revision(const json_t *row, struct vex_revision *ret)
{
	const json_t *at = json_object_get(row, "at");
	const char *digest = json_get_str(row, "digest");

	if (!json_is_integer(at) || json_integer_value(at) < 0 ||
	    !is_hex(digest, SHA256_HEX_MAX - 1))
		return false;
	ret->at_s = json_integer_value(at);
	memcpy(ret->digest, digest, SHA256_HEX_MAX);
	return true;
}

static bool take(const json_t *doc, struct vex_history *h)
{
	const char *build_id = json_get_str(doc, "build_id");
	json_int_t series = json_integer_value(json_object_get(doc, "series"));
	const json_t *rows = json_object_get(doc, "revisions");
	size_t n = json_array_size(rows);

	if (json_integer_value(json_object_get(doc, "schema")) != SCHEMA || !build_id ||
	    strlen(build_id) >= sizeof(h->build_id) || series < 1 || series > UINT32_MAX ||
	    n > VEX_REVISIONS_MAX)
		return false;
	(void)snprintf(h->build_id, sizeof(h->build_id), "%s", build_id);
	h->series = (uint32_t)series;
	for (size_t i = 0; i < n; i++)
		if (!take_revision(json_array_get(rows, i), &h->revisions[h->n++]))
			return false;
	return true;
}

static int make_room(struct vex_history *h, struct oak_error *err)
{
	h->revisions = calloc(VEX_REVISIONS_MAX, sizeof(*h->revisions));
	return h->revisions ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int history_parse(const void *data, size_t len, struct vex_history *ret, struct oak_error *err)
{
	_cleanup_(history_free) struct vex_history h = { .series = 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	int r = json_parse(data, len, VEX_HISTORY_BYTES, VEX_HISTORY_PATH, &doc, err);

	if (r == 0)
		r = make_room(&h, err);
	if (r < 0)
		return r;
	if (!take(doc, &h))
		return oak_fail(err, OAK_E_FORMAT, "%s: not a history of this form",
				VEX_HISTORY_PATH);
	*ret = h;
	h = (struct vex_history){ .series = 0 };
	return 0;
}

int history_read(int root, struct vex_history *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (file_read(root, VEX_HISTORY_PATH, VEX_HISTORY_BYTES, &text, NULL) == 0 &&
	    history_parse(text.data, text.len, ret, NULL) == 0)
		return 0;
	*ret = (struct vex_history){ .series = 0 };
	return make_room(ret, err);
}

int history_write(int root, const struct vex_history *h, struct oak_error *err)
{
	_cleanup_(json_decrefp)
		json_t *doc = json_pack("{s:i, s:s, s:I, s:[]}", "schema", SCHEMA, "build_id",
					h->build_id, "series", (json_int_t)h->series, "revisions");
	json_t *rows = json_object_get(doc, "revisions");
	_cleanup_(freep) char *text = NULL;
	int r = dir_make(root, VEX_DIR, err);

	if (r < 0)
		return r;
	for (size_t i = 0; rows && i < h->n; i++)
		(void)json_array_append_new(rows, json_pack("{s:I, s:s}", "at",
							    (json_int_t)h->revisions[i].at_s,
							    "digest", h->revisions[i].digest));
	text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
	if (!text || json_array_size(rows) != h->n)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(root, VEX_HISTORY_PATH, text, strlen(text), 0644, err);
}

void history_uuid(const char *text, char ret[VEX_UUID_MAX])
{
	char hash[SHA256_HEX_MAX];

	sha256_hex(text, strlen(text), hash);
	/* RFC 9562: version 8 is "as its maker likes", the variant is the first bits of group 4. */
	(void)snprintf(ret, VEX_UUID_MAX, "%.8s-%.4s-8%.3s-%c%.3s-%.12s", hash, hash + 8, hash + 13,
		       "89ab"[hash[16] & 3], hash + 17, hash + 20);
}

int history_issue(struct vex_history *h, const char *build_id, const char *owner,
		  const char digest[SHA256_HEX_MAX], int64_t now_s, struct vex_issue *ret,
		  struct oak_error *err)
{
	bool other = strcmp(h->build_id, build_id) != 0;
	bool same = !other && h->n && strcmp(h->revisions[h->n - 1].digest, digest) == 0;
	char text[256];

	if (!h->revisions)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (!same) {
		struct vex_revision *next;

		if (other || !h->series || h->n == VEX_REVISIONS_MAX) {
			h->series++;
			h->n = 0;
		}
		/* A clock that was set back makes no revision older than the one before. */
		if (h->n && now_s < h->revisions[h->n - 1].at_s)
			now_s = h->revisions[h->n - 1].at_s;
		(void)snprintf(h->build_id, sizeof(h->build_id), "%s", build_id);
		next = &h->revisions[h->n++];
		next->at_s = now_s;
		memcpy(next->digest, digest, SHA256_HEX_MAX);
	}
	(void)snprintf(text, sizeof(text), "oakum vex %s %s %" PRIu32, owner, build_id, h->series);
	history_uuid(text, ret->id);
	ret->version = (uint32_t)h->n;
	ret->revisions = h->revisions;
	return same ? 0 : 1;
}

void history_free(struct vex_history *h)
{
	free(h->revisions);
	*h = (struct vex_history){ .series = 0 };
}
