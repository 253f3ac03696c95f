/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/debian-index.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/debian-version.h"
#include "base/process.h"

#define ARGS_MAX 1024 /* package names of one query */

struct span {
	const char *p;
	size_t len;
};

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static void package_free(struct debian_package *p)
{
	free(p->name);
	free(p->version);
	free(p->sha256);
	*p = (struct debian_package){ 0 };
}

void debian_index_free(struct debian_index *x)
{
	for (size_t i = 0; i < x->n; i++)
		package_free(&x->v[i]);
	free(x->v);
	*x = (struct debian_index){ 0 };
}

const struct debian_package *debian_index_find(const struct debian_index *x, const char *name,
					       const char *version)
{
	const struct debian_package *best = NULL;

	for (size_t i = 0; i < x->n; i++) {
		const struct debian_package *p = &x->v[i];

		if (strcmp(p->name, name) != 0 || (version && strcmp(p->version, version) != 0))
			continue;
		if (!best || debian_version_compare(p->version, best->version) > 0)
			best = p;
	}
	return best;
}

/* Moves @p into @x, unless it is there. */
static int add(struct debian_index *x, struct debian_package *p, struct oak_error *err)
{
	struct debian_package *v;

	if (debian_index_find(x, p->name, p->version))
		return 0;
	v = reallocarray(x->v, x->n + 1, sizeof(*v));
	if (!v)
		return no_memory(err);
	x->v = v;
	x->v[x->n++] = *p;
	*p = (struct debian_package){ 0 };
	return 0;
}

static struct span trim(struct span s)
{
	while (s.len && isspace((unsigned char)s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len && isspace((unsigned char)s.p[s.len - 1]))
		s.len--;
	return s;
}

/* The next line of *text, without its newline; false at the end. */
static bool next_line(const char **text, struct span *ret)
{
	const char *p = *text;

	if (!*p)
		return false;
	*ret = (struct span){ p, strcspn(p, "\n") };
	*text = p + ret->len + (p[ret->len] == '\n');
	return true;
}

/* The next field of *s before a '|', trimmed. */
static struct span next_field(struct span *s)
{
	const char *bar = memchr(s->p, '|', s->len);
	struct span field = { s->p, bar ? (size_t)(bar - s->p) : s->len };
	size_t used = field.len + (bar ? 1 : 0);

	s->p += used;
	s->len -= used;
	return trim(field);
}

static bool ends_with(struct span s, const char *tail)
{
	size_t len = strlen(tail);

	return s.len >= len && memcmp(s.p + s.len - len, tail, len) == 0;
}

int debian_madison_parse(const char *text, struct debian_index *ret, struct oak_error *err)
{
	struct span line;

	while (next_line(&text, &line)) {
		struct span name = next_field(&line), version = next_field(&line);
		struct span where = next_field(&line);
		_cleanup_(package_free) struct debian_package p = { 0 };
		int r;

		if (!name.len || !version.len || !ends_with(where, " Packages"))
			continue;
		p.name = strndup(name.p, name.len);
		p.version = strndup(version.p, version.len);
		if (!p.name || !p.version)
			return no_memory(err);
		r = add(ret, &p, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The value of "<key>: <value>" where @line is that. */
static bool field_value(struct span line, const char *key, struct span *ret)
{
	size_t len = strlen(key);

	if (line.len <= len || memcmp(line.p, key, len) != 0 || line.p[len] != ':')
		return false;
	*ret = trim((struct span){ line.p + len + 1, line.len - len - 1 });
	return true;
}

static uint64_t parse_size(struct span s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.len && isdigit((unsigned char)s.p[i]); i++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(s.p[i] - '0'), &n))
			return 0;
	return n;
}

static int set_text(char **ret, struct span s, struct oak_error *err)
{
	free(*ret);
	*ret = strndup(s.p, s.len);
	return *ret ? 0 : no_memory(err);
}

/* Keeps a line of a stanza that we want. */
static int take_line(struct debian_package *p, struct span line, struct oak_error *err)
{
	struct span v;

	if (field_value(line, "Package", &v))
		return set_text(&p->name, v, err);
	if (field_value(line, "Version", &v))
		return set_text(&p->version, v, err);
	if (field_value(line, "SHA256", &v))
		return set_text(&p->sha256, v, err);
	if (field_value(line, "Size", &v))
		p->size_bytes = parse_size(v);
	return 0;
}

int debian_show_parse(const char *text, struct debian_index *ret, struct oak_error *err)
{
	_cleanup_(package_free) struct debian_package p = { 0 };
	struct span line;
	bool more;

	do {
		int r;

		more = next_line(&text, &line);
		if (more && line.len) {
			r = take_line(&p, line, err);
		} else {
			r = p.name && p.version ? add(ret, &p, err) : 0;
			package_free(&p);
		}
		if (r < 0)
			return r;
	} while (more);
	return 0;
}

/* Runs "apt-cache <verb> <names>"; with unknown names it prints what it has and fails, so its
 * status says nothing. */
static int query(const char *verb, const char *const *names, struct process_result *ret,
		 struct oak_error *err)
{
	static const char *const env[] = { "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	const struct process_options opt = { .env = env };
	const char *argv[ARGS_MAX + 3] = { "apt-cache", verb };
	size_t n = 0;
	int r;

	for (; names[n]; n++) {
		if (n == ARGS_MAX)
			return oak_fail(err, OAK_E_TOOLARGE, "more than %d packages", ARGS_MAX);
		argv[n + 2] = names[n];
	}
	r = process_run(argv, &opt, ret, err);
	if (r == -OAK_E_NOTFOUND)
		return oak_fail(err, OAK_E_NOTFOUND,
				"no apt-cache program: Debian's kernels need a Debian system");
	return r;
}

int debian_madison(const char *const *names, struct debian_index *ret, struct oak_error *err)
{
	_cleanup_(process_result_free) struct process_result out = { 0 };
	int r = query("madison", names, &out, err);

	return r < 0 ? r : debian_madison_parse(buf_str(&out.out), ret, err);
}

int debian_show(const char *const *which, struct debian_index *ret, struct oak_error *err)
{
	_cleanup_(process_result_free) struct process_result out = { 0 };
	int r = query("show", which, &out, err);

	return r < 0 ? r : debian_show_parse(buf_str(&out.out), ret, err);
}

int debian_package_names(const char *prefix, struct buf *ret, struct oak_error *err)
{
	_cleanup_(process_result_free) struct process_result out = { 0 };
	const char *const names[] = { prefix, NULL };
	int r = query("pkgnames", names, &out, err);

	if (r < 0)
		return r;
	if (buf_add(ret, buf_str(&out.out), out.out.len) < 0)
		return no_memory(err);
	return 0;
}
