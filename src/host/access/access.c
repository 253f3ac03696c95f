/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/access/access.h"
#include "host/named.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/access/access-priv.h"
#include "host/access/table.h"

#define SHORT_ID  12
#define NAMED_MAX 4u
#define BOUNDS    3u

void access_close(struct access_map *m)
{
	for (size_t i = 0; i < m->host.n_profiles; i++)
		free(m->keys[i].text);
	free(m->keys);
	free(m->host.profiles);
	policy_free(&m->policy);
	free(m->abilities);
	free(m->actors);
	free(m->bound);
	free(m->cells);
	free(m->scratch);
	free(m);
}

void access_closep(struct access_map **m)
{
	if (*m)
		access_close(*m);
}

static size_t add_ability(struct access_map *m, const struct access_ability *a)
{
	for (size_t i = 0; i < m->n_abilities; i++)
		if (memcmp(&m->abilities[i], a, sizeof(*a)) == 0)
			return i;
	m->abilities[m->n_abilities] = *a;
	return m->n_abilities++;
}

static void name_actor(struct access_actor *a, const struct container *c)
{
	if (c->name[0])
		(void)snprintf(a->name, sizeof(a->name), "%s", c->name);
	else
		(void)snprintf(a->name, sizeof(a->name), "%.*s", SHORT_ID, c->id);
	(void)snprintf(a->engine, sizeof(a->engine), "%s", c->engine);
	(void)snprintf(a->id, sizeof(a->id), "%s", c->id);
	a->pid = c->init;
}

static int by_name(const void *a, const void *b)
{
	const struct access_actor *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int read_containers(struct access_map *m, struct oak_error *err)
{
	_cleanup_(survey_free) struct survey s = { .n = 0 };
	int r = survey_read(m->root, &s, err);

	if (r < 0)
		return r;
	m->abilities = calloc(s.n + 1, sizeof(*m->abilities));
	m->actors = calloc(s.n + 1, sizeof(*m->actors));
	m->scratch = calloc(s.n + 1, sizeof(*m->scratch));
	if (!m->abilities || !m->actors || !m->scratch)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i <= s.n; i++) {
		struct access_actor *actor = &m->actors[m->n_actors++];
		struct access_ability a;

		if (i == 0) {
			(void)snprintf(actor->name, sizeof(actor->name), "any user");
			ability_of_user(m, &a);
		} else {
			name_actor(actor, &s.v[i - 1].c);
			if (ability_of_container(m, &s.v[i - 1], &a) < 0)
				return oak_fail(err, OAK_E_NOMEM, "out of memory");
		}
		actor->ability = add_ability(m, &a);
	}
	qsort(m->actors + 1, s.n, sizeof(*m->actors), by_name);
	return 0;
}

int access_read(int root, const struct built *built, struct access_map **ret, struct oak_error *err)
{
	_cleanup_(access_closep) struct access_map *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	m->root = root;
	m->built = built;
	r = access_read_host(m, err);
	if (r == 0)
		r = read_containers(m, err);
	if (r < 0)
		return r;
	m->cells = calloc((access_rows() + 1) * BOUNDS * m->n_abilities, 1);
	if (!m->cells)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = take_ptr(m);
	return 0;
}

const struct access_actor *access_actors(const struct access_map *m, size_t *ret_n)
{
	*ret_n = m->n_actors;
	return m->actors;
}

size_t access_abilities(const struct access_map *m)
{
	return m->n_abilities;
}

/* The first actor is no container. */
static struct named named_at(const void *ctx, size_t i)
{
	const struct access_actor *a = &((const struct access_map *)ctx)->actors[i + 1];

	return (struct named){ a->engine, a->name, a->id };
}

int access_find_actor(const struct access_map *m, const char *name, size_t *ret,
		      struct oak_error *err)
{
	size_t i;
	int r = named_find(m->n_actors ? m->n_actors - 1 : 0, named_at, m, name, &i, err);

	if (r == 0)
		*ret = i + 1;
	return r;
}

static bool is_code(const char *file)
{
	const char *dot = strrchr(file, '.');

	return dot && (strcmp(dot, ".c") == 0 || strcmp(dot, ".S") == 0 || strcmp(dot, ".rs") == 0);
}

static bool is_there(const struct access_map *m, const struct cve_db *db,
		     const struct cve_file_path *path, struct built_why *ret)
{
	*ret = built_file(m->built, db, path);
	return ret->state == BUILT_YES || ret->state == BUILT_UNKNOWN;
}

static enum fact bound_of_name(struct access_map *m, const char *module)
{
	char name[MODULE_NAME_MAX];

	built_module_name(module, name, sizeof(name));
	return access_is_bound(m, name);
}

/* Of code that is part of the kernel the rules say what its module would be called. */
static enum fact bound_of(struct access_map *m, const struct cve_db *db,
			  const struct cve_file_path *path, const struct built_why *why)
{
	enum fact all = FACT_UNKNOWN;

	if (why->module)
		return bound_of_name(m, why->module);
	for (uint32_t i = 0; i < path->n_rules; i++) {
		const struct cve_file_rule *rule = &db->rules[path->rules + i];
		enum fact f;

		if (!rule->module)
			continue;
		f = bound_of_name(m, cve_db_text(db, rule->module));
		if (f == FACT_YES)
			return f;
		all = i == 0 || f == all ? f : FACT_UNKNOWN;
	}
	return all;
}

static struct access ask(struct access_map *m, size_t row, enum fact bound, size_t ability)
{
	uint8_t *cell = &m->cells[(row * BOUNDS + bound) * m->n_abilities + ability];
	struct need_at at = { .host = &m->host, .ability = &m->abilities[ability], .bound = bound };
	struct access a = { ACCESS_UNKNOWN, ACCESS_UNSURE };

	if (*cell)
		return (struct access){ (enum access_answer)((*cell - 1u) / 3),
					(enum access_sure)((*cell - 1u) % 3) };
	if (row < access_rows())
		a = access_of_row(access_row(row), &at);
	*cell = (uint8_t)(1 + a.answer * 3 + a.sure);
	return a;
}

/* All files must agree. */
static struct access agree(struct access a, struct access b)
{
	if (a.answer != b.answer)
		return (struct access){ ACCESS_UNKNOWN, ACCESS_UNSURE };
	return a.sure < b.sure ? a : b;
}

struct counted {
	const struct cve_file_path *path;
	size_t row;
	enum fact bound;
};

/* The files that count: up to ACCESS_BECAUSE_MAX; those of one row and driver once. */
static size_t count_files(struct access_map *m, const struct cve_db *db,
			  const struct cve_file_record *r, struct counted *ret)
{
	size_t n = 0;

	for (int code = 1; code >= 0 && n == 0; code--)
		for (uint32_t i = 0; i < r->n_files && n < ACCESS_BECAUSE_MAX; i++) {
			const struct cve_file_path *path = cve_db_path(db, r, i);
			const char *file = cve_db_text(db, path->name);
			struct counted c = { .path = path };
			struct built_why why;
			size_t k = 0;

			if (is_code(file) != (code == 1) || !is_there(m, db, path, &why))
				continue;
			c.row = access_find(file);
			c.bound = bound_of(m, db, path, &why);
			while (k < n && (ret[k].row != c.row || ret[k].bound != c.bound))
				k++;
			if (k == n)
				ret[n++] = c;
		}
	return n;
}

void access_of_record(struct access_map *m, const struct cve_db *db,
		      const struct cve_file_record *r, struct access *ret)
{
	struct counted files[ACCESS_BECAUSE_MAX];
	size_t n = count_files(m, db, r, files);

	for (size_t i = 0; i < m->n_abilities; i++) {
		ret[i] = (struct access){ ACCESS_UNKNOWN, ACCESS_UNSURE };
		/* So many different places never agree; those behind the last are not known. */
		for (size_t k = 0; n < ACCESS_BECAUSE_MAX && k < n; k++) {
			struct access a = ask(m, files[k].row, files[k].bound, i);

			ret[i] = k == 0 ? a : agree(ret[i], a);
		}
	}
}

struct access access_by(struct access_map *m, const struct cve_db *db,
			const struct cve_file_record *r, size_t ability)
{
	access_of_record(m, db, r, m->scratch);
	return m->scratch[ability];
}

uint64_t access_rank(const struct cve_file_record *r, enum access_answer widest)
{
	/* What nobody has scored is put between medium and high. */
	static const uint64_t severities[] = { 3, 1, 2, 4, 5 };
	uint64_t exploited = (r->flags & CVE_FLAG_RANSOMWARE) ? 2
			     : (r->flags & CVE_FLAG_KEV)      ? 1
							      : 0;
	uint64_t severity = r->severity < 5 ? severities[r->severity] : 5;

	return exploited << 62 | severity << 59 | (uint64_t)widest << 57 |
	       (uint64_t)(r->score & 0x7f) << 50 | (uint64_t)(r->epss & 0x1ffff) << 33 |
	       (uint64_t)(r->year & 0xfff) << 20 | (r->number & 0xfffff);
}

struct access_sum access_sum(struct access_map *m, const struct cve_db *db,
			     const struct cve_file_record *r)
{
	struct access_sum s = { .yes = 0 };

	access_of_record(m, db, r, m->scratch);
	s.user = m->scratch[m->actors[0].ability];
	for (size_t i = 1; i < m->n_actors; i++) {
		enum access_answer a = m->scratch[m->actors[i].ability].answer;

		s.yes += a == ACCESS_YES;
		s.unknown += a == ACCESS_UNKNOWN;
		s.no += a == ACCESS_NO;
	}
	return s;
}

enum access_answer access_widest(const struct access_sum *s)
{
	if (s->yes || s->user.answer == ACCESS_YES)
		return ACCESS_YES;
	return s->unknown || s->user.answer == ACCESS_UNKNOWN ? ACCESS_UNKNOWN : ACCESS_NO;
}

const char *access_widest_name(enum access_answer a)
{
	static const char *const names[] = { "none", "unknown", "any" };

	return names[a];
}

static int add_names(const struct access_map *m, enum access_answer answer, struct buf *ret)
{
	size_t shown = 0;
	int r = 0;

	for (size_t i = 1; r == 0 && i < m->n_actors; i++) {
		if (m->scratch[m->actors[i].ability].answer != answer)
			continue;
		if (shown == NAMED_MAX)
			return buf_add_str(ret, ", ...");
		r = buf_printf(ret, "%s%s", shown++ ? ", " : ": ", m->actors[i].name);
	}
	return r;
}

int access_text(struct access_map *m, const struct cve_db *db, const struct cve_file_record *rec,
		struct buf *ret)
{
	struct access_sum s = access_sum(m, db, rec);
	size_t n = m->n_actors - 1;
	int r = 0;

	if (access_widest(&s) == ACCESS_NO)
		return buf_printf(ret, "nobody unprivileged%s", n ? ", no container" : "");
	if (s.user.answer == ACCESS_YES)
		r = buf_printf(ret, "any user (%s)", access_sure_name(s.user.sure));
	else
		r = buf_add_str(ret, s.user.answer == ACCESS_NO ? "no user" : "users unknown");
	if (r == 0 && s.yes) {
		r = buf_printf(ret, ", %zu of %zu containers", s.yes, n);
		if (r == 0)
			r = add_names(m, ACCESS_YES, ret);
	} else if (r == 0 && s.unknown) {
		r = buf_printf(ret, ", containers unknown");
	} else if (r == 0 && n) {
		r = buf_add_str(ret, ", no container");
	}
	return r;
}

size_t access_explain(struct access_map *m, const struct cve_db *db,
		      const struct cve_file_record *r, size_t actor, struct access_because *ret)
{
	struct counted files[ACCESS_BECAUSE_MAX];
	size_t n = count_files(m, db, r, files);

	for (size_t i = 0; i < n; i++) {
		const struct access_row *row =
			files[i].row < access_rows() ? access_row(files[i].row) : NULL;
		struct need_at at = { .host = &m->host,
				      .ability = &m->abilities[m->actors[actor].ability],
				      .bound = files[i].bound,
				      .why = &ret[i].why };

		ret[i] = (struct access_because){ .file = cve_db_text(db, files[i].path->name),
						  .what = row ? row->what : "" };
		if (row)
			ret[i].got = access_of_row(row, &at);
		else
			ret[i].got = (struct access){ ACCESS_UNKNOWN, ACCESS_UNSURE };
	}
	return n;
}
