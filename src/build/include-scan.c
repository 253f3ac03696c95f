/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/include-scan.h"

#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "build/cincludes.h"

/* The largest generated register header has 17 MB. */
#define FILE_MAX_BYTES (64u << 20)

/* Folders whose files no object of the kernel includes; but for what a makefile takes from there. */
static const char *const left_out[] = { "Documentation", "samples", "scripts", "usr", "debian" };
static const char tools_used[] = "tools/lib";

static const char *const suffixes[] = { ".c", ".h", ".S", ".inc", ".def", ".tbl" };

/* Where every object looks, in order: LINUXINCLUDE of the top makefile, for x86. */
static const char *const searched[] = {
	"arch/x86/include/",      "arch/x86/include/generated/",      "include/",
	"arch/x86/include/uapi/", "arch/x86/include/generated/uapi/", "include/uapi/",
	"include/generated/uapi/"
};

/* Included by the command line of every object (scripts/Makefile.lib, top makefile). */
static const char *const implied[] = { "include/linux/compiler-version.h",
				       "include/linux/kconfig.h",
				       "include/linux/compiler_types.h" };

struct scan {
	const char *source;
	char **paths;
	size_t n, cap;
	uint32_t *by_name; /* indexes into paths, sorted by last component */
	uint32_t *found;   /* of the file at hand, each once */
	uint32_t *seen;    /* by path: 1 + the file that listed it last */
	size_t n_found, n_all;
	struct buf edges, content;
	struct oak_error *err;
};

static void scan_free(struct scan *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->paths[i]);
	free(s->paths);
	free(s->by_name);
	free(s->found);
	free(s->seen);
	buf_free(&s->edges);
	buf_free(&s->content);
}

static bool is_left_out(const char *path)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (strcmp(path, left_out[i]) == 0)
			return true;
	/* Keeps "tools", "tools/lib" and what is below that. */
	return strncmp(path, "tools/", 6) == 0 &&
	       strncmp(path, tools_used, sizeof(tools_used) - 1) != 0;
}

static bool has_suffix(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcmp(dot, suffixes[i]) == 0)
			return true;
	return false;
}

static int add_path(struct scan *s, const char *path)
{
	if (s->n == s->cap) {
		char **v;

		s->cap = s->cap ? 2 * s->cap : 4096;
		v = reallocarray(s->paths, s->cap, sizeof(*v));
		if (!v)
			return oak_fail(s->err, OAK_E_NOMEM, "out of memory");
		s->paths = v;
	}
	s->paths[s->n] = strdup(path);
	if (!s->paths[s->n])
		return oak_fail(s->err, OAK_E_NOMEM, "out of memory");
	s->n++;
	return 0;
}

static void fts_closep(FTS **f)
{
	if (*f)
		(void)fts_close(*f);
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_files(struct scan *s)
{
	char *root = strdup(s->source);
	char *const roots[] = { root, NULL };
	_cleanup_(fts_closep) FTS *f = root ? fts_open(roots, FTS_PHYSICAL | FTS_NOSTAT, NULL)
					    : NULL;
	size_t skip = strlen(s->source) + 1;
	FTSENT *e;
	int r = 0;

	free(root);
	if (!f)
		return oak_fail(s->err, OAK_E_IO, "%s: cannot be read", s->source);
	while (r == 0 && (e = fts_read(f))) {
		if (e->fts_info == FTS_D && e->fts_level > 0 &&
		    (e->fts_name[0] == '.' || is_left_out(e->fts_path + skip)))
			(void)fts_set(f, e, FTS_SKIP);
		else if ((e->fts_info == FTS_F || e->fts_info == FTS_NSOK) &&
			 has_suffix(e->fts_name))
			r = add_path(s, e->fts_path + skip);
	}
	if (r == 0 && s->n)
		qsort(s->paths, s->n, sizeof(*s->paths), compare_paths);
	return r;
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int compare_names(const void *a, const void *b, void *ctx)
{
	char *const *paths = ctx;
	int c = strcmp(last_name(paths[*(const uint32_t *)a]),
		       last_name(paths[*(const uint32_t *)b]));

	return c ? c : strcmp(paths[*(const uint32_t *)a], paths[*(const uint32_t *)b]);
}

static int index_names(struct scan *s)
{
	s->by_name = calloc(s->n + 1, sizeof(*s->by_name));
	s->found = calloc(s->n + 1, sizeof(*s->found));
	s->seen = calloc(s->n + 1, sizeof(*s->seen));
	if (!s->by_name || !s->found || !s->seen)
		return oak_fail(s->err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < s->n; i++)
		s->by_name[i] = (uint32_t)i;
	qsort_r(s->by_name, s->n, sizeof(*s->by_name), compare_names, s->paths);
	return 0;
}

static void add_found(struct scan *s, uint32_t file, uint32_t by)
{
	if (s->seen[file] == by + 1)
		return;
	s->seen[file] = by + 1;
	s->found[s->n_found++] = file;
}

/* Is @path the file that an #include of @rest in folder @dir means? Then it is added. */
static bool try_path(struct scan *s, const char *dir, size_t dir_len, const char *rest, uint32_t by)
{
	char path[2 * CINCLUDE_MAX + 512], *key = path;
	char **hit;
	size_t len = strlen(rest);

	while (strncmp(rest, "../", 3) == 0 && dir_len) {
		dir_len--; /* the slash */
		while (dir_len && dir[dir_len - 1] != '/')
			dir_len--;
		rest += 3;
		len -= 3;
	}
	if (dir_len + len >= sizeof(path))
		return false;
	memcpy(path, dir, dir_len);
	memcpy(path + dir_len, rest, len + 1);
	hit = bsearch(&key, s->paths, s->n, sizeof(*s->paths), compare_paths);
	if (hit)
		add_found(s, (uint32_t)(hit - s->paths), by);
	return hit;
}

/* All files whose path ends in "/@rest": what some makefile's -I may find. */
static void try_suffix(struct scan *s, const char *rest, uint32_t by)
{
	size_t low = 0, high = s->n, len;
	const char *name;

	while (strncmp(rest, "../", 3) == 0 || strncmp(rest, "./", 2) == 0)
		rest += rest[1] == '.' ? 3 : 2;
	name = last_name(rest);
	len = strlen(rest);
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(last_name(s->paths[s->by_name[mid]]), name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < s->n; low++) {
		const char *path = s->paths[s->by_name[low]];
		size_t n = strlen(path);

		if (strcmp(last_name(path), name) != 0)
			return;
		if (n >= len && strcmp(path + n - len, rest) == 0 &&
		    (n == len || path[n - len - 1] == '/'))
			add_found(s, s->by_name[low], by);
	}
}

static void resolve(struct scan *s, uint32_t by, const struct cinclude *i)
{
	const char *dir = s->paths[by];
	char rest[CINCLUDE_MAX + 1];
	bool hit = false;

	memcpy(rest, i->path, i->len);
	rest[i->len] = '\0';
	if (i->quoted && try_path(s, dir, (size_t)(last_name(dir) - dir), rest, by))
		return;
	for (size_t k = 0; k < sizeof(searched) / sizeof(searched[0]); k++)
		hit |= try_path(s, searched[k], strlen(searched[k]), rest, by);
	if (!hit)
		try_suffix(s, rest, by);
}

static bool is_source(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (strcmp(dot, ".c") == 0 || strcmp(dot, ".S") == 0);
}

static int scan_file(struct scan *s, uint32_t file)
{
	_cleanup_(freep) char *path = path_join(s->source, s->paths[file]);
	struct cincludes includes;
	struct cinclude i;
	int r;

	if (!path)
		return oak_fail(s->err, OAK_E_NOMEM, "out of memory");
	s->content.len = s->n_found = 0;
	r = file_read(AT_FDCWD, path, FILE_MAX_BYTES, &s->content, s->err);
	if (r < 0)
		return r;
	includes = cincludes_of(buf_str(&s->content), s->content.len);
	while (cincludes_next(&includes, &i))
		resolve(s, file, &i);
	for (size_t k = 0; is_source(s->paths[file]) && k < sizeof(implied) / sizeof(implied[0]);
	     k++)
		(void)try_path(s, "", 0, implied[k], file);
	s->n_all += s->n_found;
	r = buf_printf(&s->edges, "%zu\n", s->n_found);
	for (size_t k = 0; r == 0 && k < s->n_found; k++)
		r = buf_printf(&s->edges, "%u\n", s->found[k]);
	return r < 0 ? oak_fail(s->err, OAK_E_NOMEM, "out of memory") : 0;
}

int include_scan(const char *source, struct buf *ret, struct oak_error *err)
{
	_cleanup_(scan_free) struct scan s = { .source = source, .err = err };
	int r = list_files(&s);

	if (r == 0)
		r = index_names(&s);
	for (size_t i = 0; r == 0 && i < s.n; i++)
		r = scan_file(&s, (uint32_t)i);
	if (r < 0)
		return r;
	r = buf_printf(ret, "%zu %zu\n", s.n, s.n_all);
	for (size_t i = 0; r == 0 && i < s.n; i++)
		r = buf_printf(ret, "%s\n", s.paths[i]);
	if (r == 0)
		r = buf_add(ret, s.edges.data, s.edges.len);
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
