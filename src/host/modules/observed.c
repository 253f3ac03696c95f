/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/observed.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "trust/date.h"

#define DAY_S 86400

static int by_name(const void *a, const void *b)
{
	const struct observed_module *x = a, *y = b;

	return strcmp(x->name, y->name);
}

const struct observed_module *observed_find(const struct observed *o, const char *name)
{
	struct observed_module key = { .used_s = 0 };

	if (!o->n || !word_module((struct word){ name, strlen(name) }, key.name))
		return NULL;
	return bsearch(&key, o->modules, o->n, sizeof(key), by_name);
}

unsigned observed_days(const struct observed *o)
{
	return o->last_s > o->first_s ? (unsigned)((o->last_s - o->first_s) / DAY_S) : 0;
}

/* A member that is a date; false where it is not. */
static bool read_date(const json_t *object, const char *key, int64_t *ret)
{
	const char *text = json_get_str(object, key);

	return text && date_parse(text, ret) == 0;
}

static bool parse_module(const char *name, const json_t *j, struct observed_module *ret)
{
	struct observed_module m = { .used_s = 0 };

	if (!word_module((struct word){ name, strlen(name) }, m.name) ||
	    !read_date(j, "first", &m.first_s) || !read_date(j, "last", &m.last_s))
		return false;
	if (!json_is_null(json_object_get(j, "used")) && !read_date(j, "used", &m.used_s))
		return false;
	*ret = m;
	return true;
}

static int parse_modules(const json_t *modules, struct observed *o, struct oak_error *err)
{
	const char *name;
	json_t *j;

	if (!json_is_object(modules))
		return oak_fail(err, OAK_E_FORMAT, "modules: not an object");
	if (json_object_size(modules) > LOADED_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u modules", LOADED_MAX);
	o->modules = calloc(json_object_size(modules) + 1, sizeof(*o->modules));
	if (!o->modules)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	json_object_foreach((json_t *)(uintptr_t)modules, name, j)
	{
		if (!parse_module(name, j, &o->modules[o->n]))
			return oak_fail(err, OAK_E_FORMAT,
					"a module has a name or a date that is "
					"none");
		o->n++;
	}
	qsort(o->modules, o->n, sizeof(o->modules[0]), by_name);
	for (size_t i = 1; i < o->n; i++)
		if (strcmp(o->modules[i].name, o->modules[i - 1].name) == 0)
			return oak_fail(err, OAK_E_FORMAT, "%s is there twice", o->modules[i].name);
	return 0;
}

int observed_parse(const void *data, size_t len, struct observed *ret, struct oak_error *err)
{
	_cleanup_(observed_free) struct observed o = { 0 };
	_cleanup_(json_decrefp) json_t *j = NULL;
	const json_t *samples;
	int r = json_parse(data, len, OBSERVED_TEXT_MAX, "/" OBSERVED_PATH, &j, err);

	if (r < 0)
		return r;
	samples = json_object_get(j, "samples");
	if (!read_date(j, "first", &o.first_s) || !read_date(j, "last", &o.last_s) ||
	    o.last_s < o.first_s || !json_is_integer(samples) || json_integer_value(samples) < 1 ||
	    json_integer_value(samples) > UINT32_MAX)
		return oak_fail(err, OAK_E_FORMAT,
				"/" OBSERVED_PATH ": first, last or samples is missing");
	o.samples = (uint32_t)json_integer_value(samples);
	r = parse_modules(json_object_get(j, "modules"), &o, err);
	if (r < 0)
		return oak_context(err, "/" OBSERVED_PATH);
	*ret = o;
	o = (struct observed){ 0 };
	return 0;
}

int observed_read(int root, struct observed *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(root, OBSERVED_PATH, OBSERVED_TEXT_MAX, &text, err);

	if (r == -OAK_E_NOTFOUND) {
		*ret = (struct observed){ 0 };
		return 0;
	}
	return r < 0 ? r : observed_parse(text.data, text.len, ret, err);
}

static void forget(struct observed *o, int64_t now_s)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->n; i++)
		if (now_s - o->modules[i].last_s <= (int64_t)OBSERVED_FORGET_DAYS * DAY_S)
			o->modules[kept++] = o->modules[i];
	o->n = kept;
}

int observed_add(struct observed *o, const struct usage *u, int64_t now_s, struct oak_error *err)
{
	size_t before;
	struct observed_module *v;

	forget(o, now_s);
	before = o->n;
	if (before + u->loaded.n > 2 * (size_t)LOADED_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u modules", LOADED_MAX);
	v = reallocarray(o->modules, before + u->loaded.n + 1, sizeof(*v));
	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	o->modules = v;
	for (size_t i = 0; i < u->loaded.n; i++) {
		const struct observed old = { .modules = v, .n = before };
		const char *name = u->loaded.modules[i].name;
		struct observed_module *m =
			(struct observed_module *)(uintptr_t)observed_find(&old, name);

		if (!m) {
			m = &v[o->n++];
			*m = (struct observed_module){ .first_s = now_s };
			(void)word_module((struct word){ name, strlen(name) }, m->name);
		}
		m->last_s = now_s;
		if (u->of[i].used != USED_NO)
			m->used_s = now_s;
	}
	qsort(v, o->n, sizeof(*v), by_name);
	o->first_s = o->first_s && o->first_s < now_s ? o->first_s : now_s;
	o->last_s = now_s;
	o->samples++;
	return 0;
}

static json_t *module_json(const struct observed_module *m)
{
	char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX], used[DATE_TEXT_MAX];

	date_format(m->first_s, first);
	date_format(m->last_s, last);
	date_format(m->used_s, used);
	return json_pack("{s:s, s:s, s:s?}", "first", first, "last", last, "used",
			 m->used_s ? used : NULL);
}

int observed_write(int root, const struct observed *o, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j = NULL;
	_cleanup_(freep) char *text = NULL;
	char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
	json_t *modules = json_object();
	int r = 0;

	for (size_t i = 0; i < o->n; i++)
		r |= json_object_set_new(modules, o->modules[i].name, module_json(&o->modules[i]));
	date_format(o->first_s, first);
	date_format(o->last_s, last);
	j = json_pack("{s:i, s:s, s:s, s:I, s:o}", "schema", 1, "first", first, "last", last,
		      "samples", (json_int_t)o->samples, "modules", modules);
	text = j && r == 0 ? json_text(j) : NULL;
	if (!text)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = dir_make(root, "var/lib/oakum", err);
	return r < 0 ? r : file_write(root, OBSERVED_PATH, text, strlen(text), 0644, err);
}

void observed_free(struct observed *o)
{
	free(o->modules);
	*o = (struct observed){ 0 };
}
