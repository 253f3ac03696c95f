/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/kbuild-map.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "trust/cve/version.h"

#define VISITS_MAX  100000u
#define NESTING_MAX 4u /* of variables that name variables */
#define PATH_BYTES  512u

/* Folders that the kernel's own top Makefile descends into, and under what. */
static const struct {
	const char *folder, *condition;
} tops[] = {
	{ "init", NULL },
	{ "usr", NULL },
	{ "arch/x86", NULL },
	{ "kernel", NULL },
	{ "certs", NULL },
	{ "mm", NULL },
	{ "fs", NULL },
	{ "ipc", NULL },
	{ "security", NULL },
	{ "crypto", NULL },
	{ "block", "CONFIG_BLOCK" },
	{ "io_uring", "CONFIG_IO_URING" },
	{ "rust", "CONFIG_RUST" },
	{ "lib", NULL },
	{ "drivers", NULL },
	{ "sound", NULL },
	{ "samples", "CONFIG_SAMPLES" },
	{ "net", "CONFIG_NET" },
	{ "virt", NULL },
};

/* The conditions on the way to where we are. */
struct chain {
	const struct chain *up;
	const char *condition;
};

struct walk {
	int tree;
	struct kbuild_map *map;
	unsigned visits;
};

/* One object of an "obj-..." line, and what belongs to it. */
struct target {
	const char *folder, *module;
	const char *own; /* the module's condition */
	const struct chain *chain;
	const struct kbuild_lines *lines;
};

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static void rule_clear(struct kbuild_rule *r)
{
	free(r->path);
	free(r->module);
	for (size_t i = 0; i < r->n_conditions; i++)
		free(r->conditions[i]);
	free(r->conditions);
}

void kbuild_map_free(struct kbuild_map *m)
{
	for (size_t i = 0; i < m->n; i++)
		rule_clear(&m->rules[i]);
	free(m->rules);
	*m = (struct kbuild_map){ 0 };
}

/* "a/b/../c" is "a/c"; false where it leaves the tree or is too long. */
static bool join(const char *folder, const char *name, size_t len, char ret[PATH_BYTES])
{
	char *up;

	if (snprintf(ret, PATH_BYTES, "%s%s%.*s", folder, *folder ? "/" : "", (int)len, name) >=
	    (int)PATH_BYTES)
		return false;
	while ((up = strstr(ret, "/../")) != NULL) {
		char *before = up;

		while (before > ret && before[-1] != '/')
			before--;
		if (before == up)
			return false;
		memmove(before, up + 4, strlen(up + 4) + 1);
	}
	return strncmp(ret, "../", 3) != 0 && !strstr(ret, "/./");
}

static int add_condition(struct kbuild_rule *r, const char *condition)
{
	if (!condition || strcmp(condition, "y") == 0)
		return 0;
	if (r->n_conditions == KBUILD_CONDITIONS_MAX)
		return 0; /* one less: thought to be compiled a little too often */
	r->conditions[r->n_conditions] = strdup(condition);
	return r->conditions[r->n_conditions++] ? 0 : -ENOMEM;
}

static int fill_rule(struct kbuild_rule *r, const struct target *t, const struct chain *chain,
		     const char *path)
{
	r->conditions = calloc(KBUILD_CONDITIONS_MAX, sizeof(*r->conditions));
	r->path = strdup(path);
	if (!r->conditions || !r->path || add_condition(r, t->own) < 0)
		return -ENOMEM;
	if (t->module) {
		r->module = strdup(t->module);
		if (!r->module)
			return -ENOMEM;
	}
	for (; chain; chain = chain->up)
		if (add_condition(r, chain->condition) < 0)
			return -ENOMEM;
	return 0;
}

static int add_rule(struct walk *w, const struct target *t, const struct chain *chain,
		    const char *path, struct oak_error *err)
{
	struct kbuild_map *m = w->map;

	if (m->n == KBUILD_RULES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u objects", KBUILD_RULES_MAX);
	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 4096;
		void *more = reallocarray(m->rules, cap, sizeof(*m->rules));

		if (!more)
			return out_of_memory(err);
		m->rules = more;
		m->cap = cap;
	}
	m->rules[m->n] = (struct kbuild_rule){ 0 };
	return fill_rule(&m->rules[m->n++], t, chain, path) < 0 ? out_of_memory(err) : 0;
}

/* The next word of a line; false at its end. */
static bool next_word(const char **at, const char **ret, size_t *ret_len)
{
	if (!**at)
		return false;
	*ret = *at;
	*ret_len = strcspn(*at, " ");
	*at += *ret_len;
	if (**at)
		(*at)++;
	return true;
}

static bool is_object(const char *word, size_t len)
{
	return len > 2 && word[0] != '$' && word[len - 2] == '.' && word[len - 1] == 'o';
}

/* Is a variable's base what the word names: "a.o", "$(a-y)" or "$(a)"? */
static bool is_base(const char *base, const char *word, size_t len)
{
	size_t n = strlen(base);

	return len >= n && memcmp(base, word, n) == 0 &&
	       (len == n || (len == n + 2 && memcmp(word + n, "-y", 2) == 0) ||
		(len == n + 5 && memcmp(word + n, "-objs", 5) == 0));
}

static int add_members(struct walk *w, const struct target *t, const struct chain *chain,
		       const char *base, size_t len, unsigned depth, struct oak_error *err);

/* A word of "a-y := ...". */
static int add_member(struct walk *w, const struct target *t, const struct chain *chain,
		      const char *word, size_t len, unsigned depth, struct oak_error *err)
{
	char path[PATH_BYTES];

	if (word[0] == '$')
		return depth == NESTING_MAX
			       ? 0
			       : add_members(w, t, chain, word + 2, len - 3, depth + 1, err);
	if (!is_object(word, len) || !join(t->folder, word, len - 2, path))
		return 0;
	return add_rule(w, t, chain, path, err);
}

static int add_members(struct walk *w, const struct target *t, const struct chain *chain,
		       const char *base, size_t len, unsigned depth, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; i < t->lines->n && r == 0; i++) {
		const struct kbuild_line *line = &t->lines->v[i];
		const struct chain link = { .up = chain, .condition = line->condition };
		const char *at = line->values, *word;
		size_t n;

		if (!is_base(line->base, base, len))
			continue;
		while (r == 0 && next_word(&at, &word, &n))
			r = add_member(w, t, &link, word, n, depth, err);
	}
	return r;
}

static bool is_composite(const struct kbuild_lines *l, const char *name, size_t len)
{
	for (size_t i = 0; i < l->n; i++)
		if (strlen(l->v[i].base) == len && memcmp(l->v[i].base, name, len) == 0)
			return true;
	return false;
}

static int walk(struct walk *w, const char *folder, const struct chain *chain, unsigned depth,
		struct oak_error *err);

/* "a.o" of an "obj-..." line: a file, or what "a-y" and "a-objs" list. */
static int add_object(struct walk *w, struct target *t, const char *word, size_t len,
		      struct oak_error *err)
{
	char path[PATH_BYTES];
	size_t stem = len - 2;

	if (!join(t->folder, word, stem, path))
		return 0;
	if (t->module)
		t->module = path;
	if (is_composite(t->lines, word, stem))
		return add_members(w, t, t->chain, word, stem, 0, err);
	return add_rule(w, t, t->chain, path, err);
}

static int add_word(struct walk *w, const struct target *of, const char *word, size_t len,
		    unsigned depth, struct oak_error *err)
{
	const struct chain link = { .up = of->chain, .condition = of->own };
	struct target t = *of;
	char path[PATH_BYTES];

	if (is_object(word, len))
		return add_object(w, &t, word, len, err);
	if (word[len - 1] != '/' || !join(of->folder, word, len - 1, path))
		return 0;
	return walk(w, path, &link, depth + 1, err);
}

static int add_lines(struct walk *w, const char *folder, const struct kbuild_lines *lines,
		     const struct chain *chain, unsigned depth, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; i < lines->n && r == 0; i++) {
		const struct kbuild_line *line = &lines->v[i];
		bool obj = strcmp(line->base, "obj") == 0;
		const struct target t = {
			.folder = folder,
			/* A name follows with the object. */
			.module = obj && strcmp(line->condition, "y") != 0 ? "" : NULL,
			.own = line->condition,
			.chain = chain,
			.lines = lines,
		};
		const char *at = line->values, *word;
		size_t n;

		if (!obj && strcmp(line->base, "lib") != 0)
			continue;
		while (r == 0 && next_word(&at, &word, &n))
			r = add_word(w, &t, word, n, depth, err);
	}
	return r;
}

/* Kbuild, else Makefile; neither is fine. */
static int read_lines(const struct walk *w, const char *folder, struct kbuild_lines *ret,
		      struct oak_error *err)
{
	static const char *const names[] = { "Kbuild", "Makefile" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		_cleanup_(freep) char *path = path_join(folder, names[i]);
		_cleanup_(buf_free) struct buf text = { 0 };
		int r = path ? file_read(w->tree, path, KBUILD_FILE_MAX, &text, err)
			     : out_of_memory(err);

		if (r == 0)
			return kbuild_parse(buf_str(&text), text.len, ret, err);
		if (r != -OAK_E_NOTFOUND)
			return r;
	}
	return 0;
}

static int walk(struct walk *w, const char *folder, const struct chain *chain, unsigned depth,
		struct oak_error *err)
{
	_cleanup_(kbuild_lines_free) struct kbuild_lines lines = { 0 };
	int r;

	if (depth > KBUILD_DEPTH_MAX || ++w->visits > VISITS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: more folders than a kernel has", folder);
	r = read_lines(w, folder, &lines, err);
	return r < 0 ? r : add_lines(w, folder, &lines, chain, depth, err);
}

/* "drivers-$(CONFIG_PCI) += arch/x86/pci/": from the top of the tree. */
static int walk_arch(struct walk *w, struct oak_error *err)
{
	static const char *const bases[] = { "core", "drivers", "libs" };
	_cleanup_(kbuild_lines_free) struct kbuild_lines lines = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(w->tree, "arch/x86/Makefile", KBUILD_FILE_MAX, &text, err);

	if (r == 0)
		r = kbuild_parse(buf_str(&text), text.len, &lines, err);
	for (size_t i = 0; i < lines.n && r == 0; i++)
		for (size_t k = 0; k < sizeof(bases) / sizeof(bases[0]) && r == 0; k++) {
			const struct target t = { .folder = "",
						  .own = lines.v[i].condition,
						  .lines = &lines };
			const char *at = lines.v[i].values, *word;
			size_t n;

			if (strcmp(lines.v[i].base, bases[k]) != 0)
				continue;
			while (r == 0 && next_word(&at, &word, &n))
				r = word[n - 1] == '/' ? add_word(w, &t, word, n, 0, err) : 0;
		}
	return r;
}

/* "VERSION = 6", "PATCHLEVEL = 1", "SUBLEVEL = 176" at the top of the top Makefile. */
static int read_version(int tree, uint64_t *ret, struct oak_error *err)
{
	static const char *const keys[] = { "\nVERSION = ", "\nPATCHLEVEL = ", "\nSUBLEVEL = " };
	_cleanup_(buf_free) struct buf text = { 0 };
	char version[64] = "";
	size_t len = 0;
	int r = file_read(tree, "Makefile", KBUILD_FILE_MAX, &text, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *at = strstr(buf_str(&text), keys[i]);
		int digits = at ? (int)strspn(at + strlen(keys[i]), "0123456789") : 0;

		if (digits == 0 || digits > 4)
			return oak_fail(err, OAK_E_FORMAT,
					"Makefile: it tells no version; give "
					"the top folder of a kernel's source");
		len += (size_t)snprintf(version + len, sizeof(version) - len, "%s%.*s",
					i ? "." : "", digits, at + strlen(keys[i]));
	}
	return cve_version_parse(version, ret) < 0
		       ? oak_fail(err, OAK_E_FORMAT, "Makefile: '%s' is no version", version)
		       : 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct kbuild_rule *)a)->path, ((const struct kbuild_rule *)b)->path);
}

static int read_tree(struct walk *w, struct oak_error *err)
{
	int r = read_version(w->tree, &w->map->version, err);

	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]) && r == 0; i++) {
		const struct chain link = { .condition = tops[i].condition };

		r = walk(w, tops[i].folder, &link, 0, err);
	}
	if (r == 0)
		r = walk_arch(w, err);
	if (r == 0 && w->map->n)
		qsort(w->map->rules, w->map->n, sizeof(*w->map->rules), by_path);
	return r;
}

int kbuild_map_read(const char *path, struct kbuild_map *ret, struct oak_error *err)
{
	_cleanup_(closep) int tree = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct kbuild_map map = { 0 };
	struct walk w = { .tree = tree, .map = &map };
	int r;

	if (tree < 0)
		return errno == ENOENT ? oak_fail(err, OAK_E_NOTFOUND, "%s: no such folder", path)
				       : oak_fail_errno(err, errno, "%s", path);
	r = read_tree(&w, err);
	if (r < 0) {
		kbuild_map_free(&map);
		return oak_context(err, "%s", path);
	}
	*ret = map;
	return 0;
}

const struct kbuild_rule *kbuild_map_find(const struct kbuild_map *m, const char *file,
					  size_t *ret_n)
{
	static const char *const suffixes[] = { ".c", ".S", ".s", ".rs" };
	const char *dot = strrchr(file, '.');
	char stem[PATH_BYTES];
	struct kbuild_rule key = { .path = stem }, *at;
	size_t first, end;
	bool code = false;

	*ret_n = 0;
	for (size_t i = 0; dot && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		code = code || strcmp(dot, suffixes[i]) == 0;
	if (!code || (size_t)(dot - file) >= sizeof(stem) || m->n == 0)
		return NULL;
	memcpy(stem, file, (size_t)(dot - file));
	stem[dot - file] = '\0';
	at = bsearch(&key, m->rules, m->n, sizeof(*m->rules), by_path);
	if (!at)
		return NULL;
	for (first = (size_t)(at - m->rules); first && strcmp(m->rules[first - 1].path, stem) == 0;)
		first--;
	for (end = first; end < m->n && strcmp(m->rules[end].path, stem) == 0;)
		end++;
	*ret_n = end - first;
	return &m->rules[first];
}
