/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/news.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "host/plain.h"

#define SCHEMA 1

void news_clear(struct news *n)
{
	for (size_t i = 0; i < n->n_withheld; i++) {
		for (size_t k = 0; k < n->withheld[i].n_cves; k++)
			free(n->withheld[i].cves[k]);
		free(n->withheld[i].cves);
	}
	free(n->withheld);
	*n = (struct news){ 0 };
}

struct news_withheld *news_withhold(struct news *n, uint32_t level, int64_t until_s, const char *why)
{
	struct news_withheld *w;

	if (n->n_withheld == NEWS_WITHHELD_MAX)
		return NULL;
	w = reallocarray(n->withheld, n->n_withheld + 1, sizeof(*w));
	if (!w)
		return NULL;
	n->withheld = w;
	w += n->n_withheld++;
	*w = (struct news_withheld){ .level = level, .until_s = until_s };
	plain_copy(w->why, sizeof(w->why), why);
	return w;
}

static bool is_cve(const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789-_.");

	return len > 0 && len < NEWS_CVE_MAX && !text[len];
}

int news_add_cve(struct news_withheld *w, const char *cve)
{
	char **grown, *copy;

	if (w->n_cves == NEWS_CVES_MAX || !is_cve(cve))
		return 0;
	grown = reallocarray(w->cves, w->n_cves + 1, sizeof(*grown));
	copy = strdup(cve);
	if (grown)
		w->cves = grown;
	if (!grown || !copy) {
		free(copy);
		return -1;
	}
	w->cves[w->n_cves++] = copy;
	return 0;
}

static json_t *withheld_json(const struct news_withheld *w)
{
	json_t *cves = json_array();

	for (size_t i = 0; cves && i < w->n_cves; i++)
		(void)json_array_append_new(cves, json_string(w->cves[i]));
	return json_pack("{s:i, s:I, s:s, s:o}", "level", (int)w->level, "until",
			 (json_int_t)w->until_s, "why", w->why, "cves", cves);
}

int news_write(int root, const struct news *n, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	_cleanup_(freep) char *text = NULL;
	json_t *list = json_array();

	for (size_t i = 0; list && i < n->n_withheld; i++)
		(void)json_array_append_new(list, withheld_json(&n->withheld[i]));
	doc = json_pack("{s:i, s:I, s:I, s:s, s:I, s:i, s:b, s:{s:I, s:s}, s:o}", "schema", SCHEMA,
			"tried", (json_int_t)n->tried_s, "checked", (json_int_t)n->checked_s,
			"error", n->error, "expires", (json_int_t)n->expires_s, "newest",
			(int)n->newest, "no_level", n->no_level, "cves", "checked",
			(json_int_t)n->cves_checked_s, "error", n->cves_error, "withheld", list);
	text = doc ? json_text(doc) : NULL;
	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(root, NEWS_PATH, text, strlen(text), 0644, err);
}

/* One line for a terminal, or nothing. */
static bool take_text(const json_t *object, const char *key, char *ret, size_t size)
{
	const char *text = json_get_str(object, key);

	if (!text || strlen(text) >= size || !plain_is(text, size))
		return false;
	plain_copy(ret, size, text);
	return true;
}

static bool take_time(const json_t *object, const char *key, int64_t *ret)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*ret = json_integer_value(value);
	return true;
}

static bool take_level(const json_t *object, const char *key, uint32_t *ret)
{
	int64_t n;

	if (!take_time(object, key, &n) || n > UINT32_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

static bool take_cves(const json_t *object, struct news_withheld *w)
{
	const json_t *cves = json_object_get(object, "cves");

	if (!json_is_array(cves) || json_array_size(cves) > NEWS_CVES_MAX)
		return false;
	for (size_t i = 0; i < json_array_size(cves); i++) {
		const char *text = json_string_value(json_array_get(cves, i));

		if (!text || !is_cve(text) || news_add_cve(w, text) < 0)
			return false;
	}
	return true;
}

static bool take_withheld(const json_t *doc, struct news *n)
{
	const json_t *list = json_object_get(doc, "withheld");

	if (!json_is_array(list) || json_array_size(list) > NEWS_WITHHELD_MAX)
		return false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *object = json_array_get(list, i);
		struct news_withheld *w = news_withhold(n, 0, 0, "");

		if (!w || !take_level(object, "level", &w->level) ||
		    !take_time(object, "until", &w->until_s) ||
		    !take_text(object, "why", w->why, sizeof(w->why)) || !take_cves(object, w))
			return false;
	}
	return true;
}

/* A worker of before says nothing of it. */
static bool take_database(const json_t *doc, struct news *n)
{
	const json_t *cves = json_object_get(doc, "cves");

	return !cves || (take_time(cves, "checked", &n->cves_checked_s) &&
			 take_text(cves, "error", n->cves_error, sizeof(n->cves_error)));
}

int news_parse(const void *data, size_t len, struct news *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	_cleanup_(news_clear) struct news n = { 0 };
	int64_t schema = 0;
	int r = json_parse(data, len, NEWS_BYTES_MAX, "news.json", &doc, err);

	if (r < 0)
		return r;
	n.no_level = json_is_true(json_object_get(doc, "no_level"));
	if (!take_time(doc, "schema", &schema) || schema != SCHEMA ||
	    !take_time(doc, "tried", &n.tried_s) || !take_time(doc, "checked", &n.checked_s) ||
	    !take_time(doc, "expires", &n.expires_s) || !take_level(doc, "newest", &n.newest) ||
	    !take_text(doc, "error", n.error, sizeof(n.error)) || !take_database(doc, &n) ||
	    !take_withheld(doc, &n))
		return oak_fail(err, OAK_E_FORMAT, "news.json: not as the agent writes it");
	*ret = n;
	n = (struct news){ 0 };
	return 0;
}

int news_read(int root, struct news *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(root, NEWS_PATH, NEWS_BYTES_MAX, &text, err);

	if (r == -OAK_E_NOTFOUND) {
		*ret = (struct news){ 0 };
		return 0;
	}
	return r < 0 ? r : news_parse(text.data, text.len, ret, err);
}
