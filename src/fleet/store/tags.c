/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/tags.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "trust/fleet/members.h"

#define TAG_BYTES_MAX 63

/* What the documents allow: a host would not understand an answer with another. */
bool tag_is_good(const char *tag)
{
	return text_follows(tag, &fleet_tag);
}

bool ring_is_good(const char *ring)
{
	size_t len = strlen(ring);

	return len > 0 && len <= TAG_BYTES_MAX && ring[0] != '.' &&
	       strspn(ring, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

struct words {
	char word[2 * TAGS_MAX][TAG_BYTES_MAX + 1];
	size_t n;
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Adds one where there is room and it is new. */
static void add(struct words *w, const char *tag, size_t len)
{
	char word[TAG_BYTES_MAX + 1] = { 0 };

	if (len > TAG_BYTES_MAX || w->n == sizeof(w->word) / sizeof(w->word[0]))
		return;
	memcpy(word, tag, len);
	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->word[i], word))
			return;
	memcpy(w->word[w->n++], word, sizeof(word));
}

static int join(struct words *w, char **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r;

	qsort(w->word, w->n, sizeof(w->word[0]), compare);
	r = buf_add_str(&b, "");
	for (size_t i = 0; i < w->n && i < TAGS_MAX && !r; i++)
		r = buf_printf(&b, "%s%s", i ? " " : "", w->word[i]);
	if (r || !(*ret = strdup(buf_str(&b))))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int from_json(const json_t *array, bool strict, char **ret, struct oak_error *err)
{
	struct words w = { .n = 0 };

	if (strict && array && !json_is_array(array) && !json_is_null(array))
		return oak_fail(err, OAK_E_FORMAT, "tags: not a list");
	if (strict && json_array_size(array) > TAGS_MAX)
		return oak_fail(err, OAK_E_FORMAT, "tags: more than %d", TAGS_MAX);
	for (size_t i = 0; i < json_array_size(array) && w.n < TAGS_MAX; i++) {
		const char *tag = json_string_value(json_array_get(array, i));

		if (tag && tag_is_good(tag))
			add(&w, tag, strlen(tag));
		else if (strict)
			return oak_fail(err, OAK_E_FORMAT,
					"tags: number %zu is not a word of 1 to %d bytes", i + 1,
					TAG_BYTES_MAX);
	}
	return join(&w, ret, err);
}

int tags_from_json(const json_t *array, char **ret, struct oak_error *err)
{
	return from_json(array, true, ret, err);
}

int tags_from_host(const json_t *array, char **ret, struct oak_error *err)
{
	return from_json(array, false, ret, err);
}

static void split(const char *tags, struct words *w)
{
	for (size_t len; *tags; tags += len) {
		tags += strspn(tags, " ");
		len = strcspn(tags, " ");
		if (len)
			add(w, tags, len);
	}
}

int tags_union(const char *a, const char *b, char **ret, struct oak_error *err)
{
	struct words w = { .n = 0 };

	split(a, &w);
	split(b, &w);
	return join(&w, ret, err);
}

json_t *tags_json(const char *tags)
{
	_cleanup_(json_decrefp) json_t *array = json_array();
	struct words w = { .n = 0 };

	split(tags, &w);
	for (size_t i = 0; i < w.n; i++)
		if (!array || json_array_append_new(array, json_string(w.word[i])))
			return NULL;
	return take_ptr(array);
}

int tags_each_missing(const char *a, const char *b,
		      int (*each)(void *ctx, const char *tag, struct oak_error *err), void *ctx,
		      struct oak_error *err)
{
	struct words w = { .n = 0 }, all = { .n = 0 };
	int r = 0;

	split(b, &all);
	split(a, &w);
	for (size_t i = 0; i < w.n && r >= 0; i++) {
		bool found = false;

		for (size_t k = 0; k < all.n && !found; k++)
			found = !strcmp(all.word[k], w.word[i]);
		if (!found)
			r = each(ctx, w.word[i], err);
	}
	return r < 0 ? r : 0;
}
