/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make-headers: the objects that a changed header, or a .c file that others include, may change.
 *
 *	all that includes it -> what says a name that the change reaches -> what is compiled
 *
 * What remains is compiled, original and patched; an object whose bytes stay is dropped then.
 */
#include "build/make-priv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "build/cincludes.h"
#include "build/creach.h"
#include "build/ctoken.h"
#include "build/linediff.h"
#include "build/make-files.h"

/*
 * Each is compiled twice, 2 to 4 s of a processor: 400 are about 15 minutes on two. What reaches
 * more is an inline function that half of the kernel uses, and no fix to patch live.
 */
#define CANDIDATES_MAX 400

/* Of files before the makefiles are asked: half of a kernel's source or more is compiled nowhere. */
#define FILES_MAX 8000

/* Names that say nothing any more: then all that includes the header is looked at. */
#define NAMES_MAX 4000

/* Compiled by no rule for objects: their output is a header that everything includes. */
static const char *const generators[] = { "kernel/bounds.c", "arch/x86/kernel/asm-offsets.c",
					  "arch/x86/kernel/asm-offsets_64.c" };

struct search {
	struct maker *m;
	const struct include_graph *g;
	bool *reached; /* includes a touched header */
	bool *hit;     /* .c files that may change */
	bool *used;    /* may be included by a reached .c */
	struct creach names;
	struct buf text; /* of the file at hand */
	size_t n_reached, n_hit;
};

static void search_free(struct search *s)
{
	free(s->reached);
	free(s->hit);
	free(s->used);
	creach_free(&s->names);
	buf_free(&s->text);
}

static bool has_suffix(const char *path, const char *suffix)
{
	size_t len = strlen(path), n = strlen(suffix);

	return len >= n && strcmp(path + len - n, suffix) == 0;
}

int make_graph(struct maker *m, const struct include_graph **ret)
{
	int r = 0;

	if (!m->graph)
		r = include_graph_open(m->k, m->progress, &m->graph, m->err);
	*ret = m->graph;
	return r;
}

int make_read_source(struct maker *m, const char *tree, const char *path, struct buf *ret)
{
	_cleanup_(freep) char *full = path_join(tree, path);

	if (!full)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	if (!file_exists(AT_FDCWD, full))
		return 0;
	return file_read(AT_FDCWD, full, SOURCE_MAX_BYTES, ret, m->err);
}

/* Whoever includes the file may change. */
static int hit_includers(struct search *s, uint32_t file)
{
	return include_graph_reach(s->g, file, true, s->hit, s->m->err);
}

/* May the file include, directly or not, a file whose path ends in "/@path"? */
static bool includes_already(const struct search *s, const bool *below, const struct cinclude *i)
{
	for (uint32_t f = 0; f < s->g->n; f++) {
		size_t len = strlen(s->g->paths[f]);

		if (below[f] && len > i->len && s->g->paths[f][len - i->len - 1] == '/' &&
		    memcmp(s->g->paths[f] + len - i->len, i->path, i->len) == 0)
			return true;
	}
	return false;
}

/*
 * An #include that is added brings nothing where the header had it from another one. Any other
 * change of them may matter to whoever includes the header.
 */
static int judge_include(struct search *s, uint32_t file, const struct cinclude *i, bool added)
{
	_cleanup_(freep) bool *below = calloc(s->g->n, sizeof(*below));
	int r;

	if (!below)
		return oak_fail(s->m->err, OAK_E_NOMEM, "out of memory");
	r = include_graph_reach(s->g, file, false, below, s->m->err);
	if (r < 0 || (added && includes_already(s, below, i)))
		return r;
	return hit_includers(s, file);
}

static const char *line_at(const char *text, size_t len, uint32_t line)
{
	const char *p = text, *end = text + len;

	for (uint32_t i = 1; i < line && p < end; i++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		p = nl ? nl + 1 : end;
	}
	return p;
}

static int judge_lines(struct search *s, uint32_t file, const struct buf *text,
		       struct line_range lines, bool added)
{
	const char *from = line_at(buf_str(text), text->len, lines.first);
	const char *to = line_at(buf_str(text), text->len, lines.end);
	struct cincludes all = cincludes_of(from, (size_t)(to - from));
	struct cinclude i;
	int r = 0;

	while (r == 0 && cincludes_next(&all, &i))
		r = judge_include(s, file, &i, added);
	return r;
}

static int touch(struct search *s, uint32_t file, const struct buf *text,
		 const struct line_range *v, size_t n)
{
	_cleanup_(coutline_free) struct coutline o = { 0 };
	int r = coutline_read(buf_str(text), text->len, &o, s->m->err);

	if (r == 0)
		r = creach_touch(&s->names, &o, v, n, s->m->err);
	if (r == 0 && s->names.includers)
		r = hit_includers(s, file);
	s->names.includers = false;
	return r;
}

/* What the fixes change in one header. */
static int touch_header(struct search *s, uint32_t file)
{
	struct maker *m = s->m;
	_cleanup_(buf_free) struct buf old = { 0 }, new = { 0 };
	_cleanup_(linediff_free) struct linediff d = { 0 };
	_cleanup_(freep) struct line_range *v = NULL;
	int r = make_read_source(m, m->k->source, s->g->paths[file], &old);

	if (r == 0)
		r = make_read_source(m, m->tree->dir, s->g->paths[file], &new);
	if (r == 0 && ctokens_equal(buf_str(&old), old.len, buf_str(&new), new.len))
		return 0; /* comments */
	if (r == 0)
		r = linediff_run(buf_str(&old), old.len, buf_str(&new), new.len, &d, m->err);
	if (r < 0)
		return r;
	v = calloc(2 * d.n + 1, sizeof(*v));
	if (!v)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < d.n; i++) {
		v[i] = (struct line_range){ d.v[i].old_first, d.v[i].old_end };
		v[d.n + i] = (struct line_range){ d.v[i].new_first, d.v[i].new_end };
	}
	r = touch(s, file, &old, v, d.n);
	if (r == 0)
		r = touch(s, file, &new, v + d.n, d.n);
	for (size_t i = 0; r == 0 && i < d.n; i++) {
		r = judge_lines(s, file, &old, v[i], false);
		if (r == 0)
			r = judge_lines(s, file, &new, v[d.n + i], true);
	}
	return r;
}

static int load(struct search *s, uint32_t file)
{
	s->text.len = 0;
	return make_read_source(s->m, s->m->tree->dir, s->g->paths[file], &s->text);
}

/* One header that may hand a name on. */
static int spread_in(struct search *s, uint32_t file, struct creach_count since)
{
	_cleanup_(coutline_free) struct coutline o = { 0 };
	int r = load(s, file);

	if (r < 0 || !creach_says(&s->names, since, buf_str(&s->text), s->text.len))
		return r;
	/* A piece of C that is no header is part of whoever includes it. */
	if (!has_suffix(s->g->paths[file], ".h"))
		return hit_includers(s, file);
	r = coutline_read(buf_str(&s->text), s->text.len, &o, s->m->err);
	if (r == 0)
		r = creach_spread(&s->names, &o, s->m->err);
	if (r == 0 && s->names.includers)
		r = hit_includers(s, file);
	s->names.includers = false;
	return r;
}

static bool is_unit(const char *path)
{
	return has_suffix(path, ".c") || has_suffix(path, ".S");
}

static bool has_too_many_names(const struct search *s)
{
	return s->names.names.n > NAMES_MAX;
}

/* Until no header brings a new name. */
static int spread(struct search *s)
{
	struct creach_count since = { 0 }, now;
	int r = 0;

	do {
		now = creach_count(&s->names);
		for (uint32_t i = 0; r == 0 && i < s->g->n && !has_too_many_names(s); i++)
			if (s->used[i] && !is_unit(s->g->paths[i]))
				r = spread_in(s, i, since);
		since = now;
	} while (r == 0 && !has_too_many_names(s) &&
		 (creach_count(&s->names).names != now.names ||
		  creach_count(&s->names).fragments != now.fragments));
	return r;
}

static bool is_generator(const char *path)
{
	for (size_t i = 0; i < sizeof(generators) / sizeof(generators[0]); i++)
		if (strcmp(path, generators[i]) == 0)
			return true;
	return false;
}

/* A .c or .S file that includes the header: does it say what changes? */
static int judge_unit(struct search *s, uint32_t file)
{
	int r;

	s->n_reached++;
	if (s->hit[file])
		return 0;
	if (has_too_many_names(s))
		return hit_includers(s, file);
	r = load(s, file);
	if (r == 0 &&
	    creach_says(&s->names, (struct creach_count){ 0 }, buf_str(&s->text), s->text.len))
		r = hit_includers(s, file); /* itself, and who includes it as a part */
	return r;
}

static int check_unit(struct search *s, const char *path)
{
	if (has_suffix(path, ".S") && s->names.macros)
		return finding_add(&s->m->res->findings, RULE_ASSEMBLY, path,
				   "keep what assembly uses of the header as it is", s->m->err,
				   "assembly includes the header and names what the fix changes");
	if (is_generator(path))
		return finding_add(&s->m->res->findings, RULE_HEADER, path, NULL, s->m->err,
				   "the fix changes what this file makes for all of the kernel: "
				   "constants in a generated header");
	return 0;
}

/* A .c file that may change and is an object, or a part of one. */
static bool is_candidate(const struct search *s, uint32_t file)
{
	const char *path = s->g->paths[file];

	return s->hit[file] && s->reached[file] && has_suffix(path, ".c") && !is_generator(path);
}

static int judge_units(struct search *s)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < s->g->n; i++)
		if (s->reached[i] && is_unit(s->g->paths[i]))
			r = judge_unit(s, i);
	for (uint32_t i = 0; i < s->g->n; i++)
		s->n_hit += is_candidate(s, i);
	/* Where nearly everything is reached, that is the reason to give, and no other. */
	for (uint32_t i = 0; r == 0 && s->n_hit <= FILES_MAX && i < s->g->n; i++)
		if (s->reached[i] && s->hit[i] && is_unit(s->g->paths[i]))
			r = check_unit(s, s->g->paths[i]);
	return r;
}

/* Which fixes touch a file that this one includes. */
static int add_for_fixes(struct search *s, uint32_t file, const bool *below, size_t *n_compiled)
{
	struct maker *m = s->m;
	bool compiled = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->res->n_fixes; i++) {
		const struct fix *f = m->res->fixes[i];
		bool is_of = false;

		for (size_t k = 0; k < f->n_files && !is_of; k++) {
			uint32_t touched = include_graph_find(s->g, f->files[k]);

			is_of = touched != INCLUDE_FILE_NONE && below[touched];
		}
		if (is_of)
			r = make_add_candidate(m, s->g->paths[file], i, &compiled);
	}
	*n_compiled += compiled;
	return r;
}

static int add_candidates(struct search *s)
{
	_cleanup_(freep) const char **sources = calloc(s->n_hit + 1, sizeof(*sources));
	_cleanup_(freep) bool *below = calloc(s->g->n + 1, sizeof(*below));
	size_t n = 0, n_compiled = 0;
	int r = 0;

	if (!sources || !below)
		return oak_fail(s->m->err, OAK_E_NOMEM, "out of memory");
	for (uint32_t i = 0; i < s->g->n; i++)
		if (is_candidate(s, i))
			sources[n++] = s->g->paths[i];
	r = kbuild_ask(s->m->kb, sources, n, s->m->progress, s->m->err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		uint32_t file = include_graph_find(s->g, sources[i]);

		memset(below, 0, s->g->n * sizeof(*below));
		r = include_graph_reach(s->g, file, false, below, s->m->err);
		if (r == 0)
			r = add_for_fixes(s, file, below, &n_compiled);
	}
	progress_step(s->m->progress, "header: %zu of %zu files may change, %zu of them compiled",
		      s->n_hit, s->n_reached, n_compiled);
	return r;
}

static int mark_touched(struct search *s, size_t *ret_n)
{
	const struct make_result *res = s->m->res;
	int r = 0;

	for (size_t i = 0; i < res->n_fixes; i++) {
		for (size_t k = 0; r == 0 && k < res->fixes[i]->n_files; k++) {
			const char *path = res->fixes[i]->files[k];
			uint32_t file = include_graph_find(s->g, path);

			/* A header that the fix adds is included by what else the fix touches. */
			if (file_rule_of(path)->action != FILE_HEADER || file == INCLUDE_FILE_NONE)
				continue;
			(*ret_n)++;
			r = include_graph_reach(s->g, file, true, s->reached, s->m->err);
			if (r == 0)
				r = touch_header(s, file);
		}
	}
	for (uint32_t i = 0; r == 0 && i < s->g->n; i++)
		if (s->reached[i] && is_unit(s->g->paths[i]))
			r = include_graph_reach(s->g, i, false, s->used, s->m->err);
	return r;
}

static int search_open(struct search *s)
{
	int r = make_graph(s->m, &s->g);

	if (r < 0)
		return r;
	s->reached = calloc((size_t)s->g->n + 1, sizeof(bool));
	s->hit = calloc((size_t)s->g->n + 1, sizeof(bool));
	s->used = calloc((size_t)s->g->n + 1, sizeof(bool));
	if (!s->reached || !s->hit || !s->used)
		return oak_fail(s->m->err, OAK_E_NOMEM, "out of memory");
	return 0;
}

bool make_touches_header(const struct maker *m)
{
	for (size_t i = 0; i < m->res->n_fixes; i++)
		for (size_t k = 0; k < m->res->fixes[i]->n_files; k++)
			if (file_rule_of(m->res->fixes[i]->files[k])->action == FILE_HEADER)
				return true;
	return false;
}

static int refuse_reach(struct maker *m, size_t n, const char *of_what)
{
	return finding_add(&m->res->findings, RULE_HEADER, m->res->fixes[0]->name,
			   "move the change into a new inline function that only the vulnerable "
			   "code calls",
			   m->err,
			   "the change of its headers reaches %zu %s, and no more than %d objects "
			   "are compiled to see whether they change",
			   n, of_what, CANDIDATES_MAX);
}

static int check_bound(struct maker *m, size_t before)
{
	size_t n = m->res->n_objects - before;

	if (n <= CANDIDATES_MAX)
		return 0;
	while (m->res->n_objects > before)
		make_drop_object(m, m->res->n_objects - 1);
	return refuse_reach(m, n, "objects");
}

int make_find_by_headers(struct maker *m)
{
	_cleanup_(search_free) struct search s = { .m = m };
	size_t n_headers = 0, before = m->res->n_objects;
	int r;

	if (!make_touches_header(m))
		return 0;
	r = search_open(&s);
	if (r == 0)
		r = mark_touched(&s, &n_headers);
	if (r == 0)
		r = spread(&s);
	if (r == 0)
		r = judge_units(&s);
	if (r < 0)
		return r;
	if (s.n_hit > FILES_MAX)
		return refuse_reach(m, s.n_hit, "files");
	r = add_candidates(&s);
	return r < 0 ? r : check_bound(m, before);
}

/* All .c files that include this one. */
static int add_includers(struct maker *m, const struct include_graph *g, uint32_t file, size_t fix,
			 size_t *ret_n)
{
	_cleanup_(freep) bool *marks = calloc((size_t)g->n + 1, sizeof(*marks));
	int r;

	if (!marks)
		return oak_fail(m->err, OAK_E_NOMEM, "out of memory");
	r = include_graph_reach(g, file, true, marks, m->err);
	for (uint32_t i = 0; r == 0 && i < g->n; i++) {
		bool compiled = false;

		if (i == file || !marks[i] || !has_suffix(g->paths[i], ".c"))
			continue;
		r = make_add_candidate(m, g->paths[i], fix, &compiled);
		*ret_n += compiled;
	}
	return r;
}

int make_add_source(struct maker *m, const char *source, size_t fix)
{
	_cleanup_(object_command_free) struct object_command c = { 0 };
	const struct include_graph *g;
	size_t n = 0;
	uint32_t file;
	int r = make_graph(m, &g);

	if (r < 0)
		return r;
	file = include_graph_find(g, source);
	if (file != INCLUDE_FILE_NONE)
		r = add_includers(m, g, file, fix, &n);
	if (r == 0 && n)
		r = kbuild_object(m->kb, source, &c, m->err);
	/* One that others include need not be an object itself: kernel/sched/rt.c. */
	if (r < 0 || (n && c.home == HOME_NONE))
		return r;
	return make_add_object(m, source, fix);
}
