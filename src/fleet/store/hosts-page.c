/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/hosts-page.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "fleet/store/rows.h"

#define LOOK_TEXT "10000" /* HOSTS_PAGE_LOOK */

/*
 * The statements are put together by the preprocessor, from the same few pieces: a list for each filter that
 * may lead and for each order, with all the other filters.
 *
 * Of each the parameters are: the filters ($1 to $15, $21 to $23); $16, $19: the place that the page comes after, $17, $20: the place
 * that it must not go beyond; $18: how many.
 */
enum argument {
	A_RING,
	A_TAG,
	A_BUILD_ID,
	A_RELEASE,
	A_OS,
	A_OS_VERSION,
	A_STATE,
	A_VERDICT,
	A_LEVEL,
	A_CVE,
	A_TEXT,
	A_SILENT,
	A_AWAKE,
	A_REVOKED,
	A_BEHIND,
	A_AFTER_N,
	A_UPTO_N,
	A_LIMIT,
	A_AFTER,
	A_UPTO,
	A_UPTIME,
	A_REBOOT,
	A_FINDING,
	ARGUMENTS
};

#define ANY(number, type) "(CAST(" number " AS " type ") IS NULL OR "
/* clang-format off */
#define FILTERS \
	" AND " ANY("$1", "TEXT") "h.ring = $1)" \
	" AND " ANY("$2", "TEXT") "EXISTS (SELECT 1 FROM host_tags t WHERE t.tag = $2 AND t.host = h.n))" \
	" AND " ANY("$3", "TEXT") "h.build_id = $3)" \
	" AND " ANY("$4", "TEXT") "h.release = $4)" \
	" AND " ANY("$5", "TEXT") "h.os_id = $5)" \
	" AND " ANY("$6", "TEXT") "h.os_version = $6)" \
	" AND " ANY("$7", "TEXT") "h.state = $7)" \
	" AND " ANY("$8", "TEXT") "h.verdict = $8)" \
	" AND " ANY("$9", "BIGINT") "h.level = $9)" \
	" AND " ANY("$10", "TEXT") "h.cve_set IN (SELECT s.cve_set FROM cve_sets s WHERE s.cve = $10))" \
	" AND " ANY("$11", "TEXT") "lower(h.name) LIKE $11 ESCAPE '!' OR h.id LIKE $11 ESCAPE '!')" \
	" AND " ANY("$12", "BIGINT") "h.seen_s < $12)" \
	" AND " ANY("$13", "BIGINT") "h.seen_s >= $13)" \
	" AND CASE WHEN h.revoked_s > 0 THEN 1 ELSE 0 END = CAST($14 AS BIGINT)" \
	" AND " ANY("$15", "BIGINT") "h.behind = $15)" \
	" AND " ANY("$21", "TEXT") "h.uptime = $21)" \
	" AND " ANY("$22", "TEXT") "h.reboot = $22)" \
	" AND " ANY("$23", "TEXT") "h.finding_set IN" \
	" (SELECT s.finding_set FROM finding_sets s WHERE s.finding = $23))"
/* clang-format on */
#define PLACE "SELECT h.n, h.name, h.seen_s, h.level"

/* Along an index that @from and @where choose, in the order of @n. */
#define WALK(name, from, where, n)                                                            \
	{                                                                                     \
		{ name " up",                                                                 \
		  PLACE from where " AND " n " > $16 AND " n " <= $17" FILTERS " ORDER BY " n \
				   " LIMIT $18",                                              \
		  NULL },                                                                     \
		{                                                                             \
			name " down",                                                         \
				PLACE from where " AND " n " < $16 AND " n " >= $17" FILTERS  \
						 " ORDER BY " n " DESC LIMIT $18",            \
				NULL                                                          \
		}                                                                             \
	}
/* The place that is HOSTS_PAGE_LOOK further on. */
#define FAR(name, from, where, n)                                                      \
	{                                                                              \
		{ name " bound up",                                                    \
		  "SELECT " n ", '', 0, 0" from where " AND " n " > $16"               \
		  " ORDER BY " n " LIMIT 1 OFFSET " LOOK_TEXT,                         \
		  NULL },                                                              \
		{                                                                      \
			name " bound down",                                            \
				"SELECT " n ", '', 0, 0" from where " AND " n " < $16" \
				" ORDER BY " n " DESC LIMIT 1 OFFSET " LOOK_TEXT,      \
				NULL                                                   \
		}                                                                      \
	}
#define COUNT(name, from, where)                                                        \
	{                                                                               \
		name " count",                                                          \
			"SELECT COUNT(*) FROM (SELECT 1" from where " LIMIT " LOOK_TEXT \
			") AS few",                                                     \
			NULL                                                            \
	}
#define GATHER(name, from, where)                                                  \
	{                                                                          \
		name " gather", PLACE from where FILTERS " LIMIT " LOOK_TEXT, NULL \
	}

struct lead {
	enum argument needs; /* is used where this filter is set */
	bool ordered;        /* its index is in order of enrolment */
	struct db_statement count, gather, walk[2], far[2];
};

#define HOSTS    " FROM hosts h WHERE "
#define TAGS     " FROM host_tags d CROSS JOIN hosts h WHERE h.n = d.host AND "
#define CVES     " FROM cve_sets d CROSS JOIN hosts h WHERE h.cve_set = d.cve_set AND "
#define FINDINGS " FROM finding_sets d CROSS JOIN hosts h WHERE h.finding_set = d.finding_set AND "
#define LEAD(needs, name, where)                                                        \
	{                                                                               \
		needs, true, COUNT(name, HOSTS, where), GATHER(name, HOSTS, where),     \
			WALK(name, HOSTS, where, "h.n"), FAR(name, HOSTS, where, "h.n") \
	}
#define LEAD_UNORDERED(filter, name, from, where)                     \
	{                                                             \
		.needs = (filter), .count = COUNT(name, from, where), \
		.gather = GATHER(name, from, where)                   \
	}

static const struct lead leads[] = {
	LEAD(A_RING, "hosts: of a ring", "h.ring = $1"),
	LEAD(A_BUILD_ID, "hosts: of a kernel", "h.build_id = $3"),
	LEAD(A_RELEASE, "hosts: of a release", "h.release = $4"),
	LEAD(A_STATE, "hosts: of a state", "h.state = $7"),
	LEAD(A_VERDICT, "hosts: of a verdict", "h.verdict = $8"),
	LEAD(A_LEVEL, "hosts: of a level", "h.level = $9"),
	LEAD(A_BEHIND, "hosts: behind", "h.behind = $15"),
	{ A_TAG, true, COUNT("hosts: of a tag", " FROM host_tags d WHERE ", "d.tag = $2"),
	  GATHER("hosts: of a tag", TAGS, "d.tag = $2"),
	  WALK("hosts: of a tag", TAGS, "d.tag = $2", "d.host"),
	  FAR("hosts: of a tag", " FROM host_tags d WHERE ", "d.tag = $2", "d.host") },
	LEAD_UNORDERED(A_OS, "hosts: of a distribution", HOSTS,
		       "h.os_id = $5 AND (CAST($6 AS TEXT) IS NULL OR h.os_version = $6)"),
	LEAD_UNORDERED(A_CVE, "hosts: of a CVE", CVES, "d.cve = $10"),
	LEAD_UNORDERED(A_FINDING, "hosts: of a finding", FINDINGS, "d.finding = $23"),
	/* The index has those alone that want one. */
	LEAD(A_REBOOT, "hosts: that want a reboot", "h.reboot > '-' AND h.reboot = $22"),
	LEAD_UNORDERED(A_REVOKED, "hosts: revoked", HOSTS, "h.revoked_s > 0"),
	LEAD_UNORDERED(A_SILENT, "hosts: silent", HOSTS, "h.seen_s < $12"),
};

static const struct db_statement walk_all[2] = WALK("hosts: all", HOSTS, "1 = 1", "h.n");
static const struct db_statement far_all[2] = FAR("hosts: all", HOSTS, "1 = 1", "h.n");

/*
 * Along the index of an order, in two kinds of pieces: the hosts of one key by their numbers, and those of the
 * keys between two. "(key, n) > ($19, $16)" says the same, but SQLite uses only its first half: it would walk
 * over all hosts of the key, which may be nearly all there are.
 */
/* clang-format off */
#define ONE_KEY(name, key)                                                                      \
	{ { name " of one up", PLACE HOSTS key " = $19 AND h.n > $16 AND h.n <= $17" FILTERS    \
			" ORDER BY h.n LIMIT $18", NULL },                                      \
	  { name " of one down", PLACE HOSTS key " = $19 AND h.n < $16 AND h.n >= $17" FILTERS  \
			" ORDER BY h.n DESC LIMIT $18", NULL } }
#define ONE_KEY_FAR(name, key)                                                                  \
	{ { name " of one bound up", PLACE HOSTS key " = $19 AND h.n > $16"                     \
			" ORDER BY h.n LIMIT 1 OFFSET " LOOK_TEXT, NULL },                      \
	  { name " of one bound down", PLACE HOSTS key " = $19 AND h.n < $16"                   \
			" ORDER BY h.n DESC LIMIT 1 OFFSET " LOOK_TEXT, NULL } }
#define KEYS(name, key)                                                                         \
	{ { name " up", PLACE HOSTS key " > $19 AND " key " < $20" FILTERS                      \
			" ORDER BY " key ", h.n LIMIT $18", NULL },                             \
	  { name " down", PLACE HOSTS key " < $19 AND " key " > $20" FILTERS                    \
			" ORDER BY " key " DESC, h.n DESC LIMIT $18", NULL } }
#define KEYS_FAR(name, key)                                                                     \
	{ { name " bound up", PLACE HOSTS key " > $19"                                          \
			" ORDER BY " key ", h.n LIMIT 1 OFFSET " LOOK_TEXT, NULL },             \
	  { name " bound down", PLACE HOSTS key " < $19"                                        \
			" ORDER BY " key " DESC, h.n DESC LIMIT 1 OFFSET " LOOK_TEXT, NULL } }
/* clang-format on */
#define SORTED(name, key)                                                                        \
	{                                                                                        \
		ONE_KEY(name, key), ONE_KEY_FAR(name, key), KEYS(name, key), KEYS_FAR(name, key) \
	}

static const struct {
	struct db_statement one[2], one_far[2], keys[2], keys_far[2];
} sorted[] = {
	[HOSTS_BY_NAME] = SORTED("hosts: by name", "h.name"),
	[HOSTS_BY_SEEN] = SORTED("hosts: by seen", "h.seen_s"),
	[HOSTS_BY_LEVEL] = SORTED("hosts: by level", "h.level"),
};

/* Everything that a search works with. */
struct search {
	struct db *db;
	const struct hosts_order *o;
	const struct hosts_place *after;
	unsigned limit;
	struct db_value args[ARGUMENTS];
	struct hosts_found *found;
	size_t cap;
};

/* Texts that the arguments point into. */
struct texts {
	char os[2 * REPORT_WORD_MAX], like[2 * REPORT_TEXT_MAX + 8];
};

static int take_place(void *ctx, const struct db_row *row, struct oak_error *err)
{
	struct search *s = ctx;
	struct hosts_place *p;

	if (s->found->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 256;

		p = realloc(s->found->places, cap * sizeof(*p));
		if (!p)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		s->found->places = p;
		s->cap = cap;
	}
	p = &s->found->places[s->found->n++];
	p->n = db_row_int(row, 0);
	rows_copy(p->name, row, 1);
	p->number = s->o->sort == HOSTS_BY_SEEN    ? db_row_int(row, 2)
		    : s->o->sort == HOSTS_BY_LEVEL ? db_row_int(row, 3)
						   : 0;
	return 0;
}

static int compare(const struct hosts_place *a, const struct hosts_place *b, enum hosts_sort sort)
{
	int by_key = sort == HOSTS_BY_NAME ? strcmp(a->name, b->name)
					   : (a->number > b->number) - (a->number < b->number);

	return by_key ? by_key : (a->n > b->n) - (a->n < b->n);
}

static int compare_places(const void *a, const void *b, void *order)
{
	const struct hosts_order *o = order;

	return o->down ? compare(b, a, o->sort) : compare(a, b, o->sort);
}

/* Sorts, and leaves those that the page has, and whether more come. */
static void cut(struct search *s)
{
	struct hosts_found *f = s->found;
	struct hosts_order o = *s->o;
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		if (!s->after || compare_places(s->after, &f->places[i], &o) < 0)
			f->places[n++] = f->places[i];
	f->n = n;
	if (n)
		qsort_r(f->places, n, sizeof(f->places[0]), compare_places, &o);
	if (n > s->limit) {
		f->n = s->limit;
		f->more = true;
		f->next = f->places[s->limit - 1];
	}
}

static int gather(struct search *s, const struct lead *lead, struct oak_error *err)
{
	int64_t r = db_query(s->db, &lead->gather, s->args, ARGUMENTS, take_place, s, err);

	if (r < 0)
		return (int)r;
	cut(s);
	return 0;
}

/* The place from which on a walk goes, or at which it ends at the latest. */
static struct hosts_place end_of(const struct hosts_order *o, bool start)
{
	struct hosts_place p = { .n = start == o->down ? INT64_MAX : INT64_MIN };

	p.number = p.n;
	if (start == o->down) /* after every name: sixty-three times the last character */
		for (size_t i = 0; i + 4 < sizeof(p.name); i += 4)
			memcpy(p.name + i, "\xf4\x8f\xbf\xbf", 5);
	return p;
}

static void set_place(struct search *s, enum argument n, enum argument key,
		      const struct hosts_place *p)
{
	s->args[n] = db_int(p->n);
	s->args[key] = s->o->sort == HOSTS_BY_NAME ? db_text(p->name) : db_int(p->number);
}

/* Up to which place to look. Return: 1: *ret; 0: to the end, which *ret is then. */
static int far_place(struct search *s, const struct db_statement *far, struct hosts_place *ret,
		     struct oak_error *err)
{
	struct hosts_found found = { .n = 0 };
	_cleanup_(freep) struct hosts_place *places = NULL;
	struct search alone = *s;
	int64_t r;

	alone.found = &found;
	alone.cap = 0;
	r = db_query(s->db, far, s->args, ARGUMENTS, take_place, &alone, err);
	places = found.places;
	*ret = r > 0 ? places[0] : end_of(s->o, false);
	return (int)r;
}

/* More of the page; it is full where there is one too many. */
static int add_places(struct search *s, const struct db_statement *along, struct oak_error *err)
{
	int64_t r;

	if (s->found->n > s->limit)
		return 0;
	s->args[A_LIMIT] = db_int(s->limit + 1 - s->found->n);
	r = db_query(s->db, along, s->args, ARGUMENTS, take_place, s, err);
	return r < 0 ? (int)r : 0;
}

/* @bounded: @last is not the end of the list. */
static void finish(struct search *s, bool bounded, const struct hosts_place *last)
{
	struct hosts_found *f = s->found;

	f->more = bounded;
	if (bounded)
		f->next = *last;
	if (f->n <= s->limit)
		return;
	f->n = s->limit;
	f->more = true;
	f->next = f->places[s->limit - 1];
}

static int walk(struct search *s, const struct db_statement *along, const struct db_statement *far,
		struct oak_error *err)
{
	struct hosts_place first = end_of(s->o, true), last;
	int bounded, r;

	set_place(s, A_AFTER_N, A_AFTER, s->after ? s->after : &first);
	bounded = far_place(s, far, &last, err);
	if (bounded < 0)
		return bounded;
	set_place(s, A_UPTO_N, A_UPTO, &last);
	r = add_places(s, along, err);
	if (!r)
		finish(s, bounded > 0, &last);
	return r;
}

/* Three pieces: the rest of the key that the page before ended in; the keys after it; the first of the last key. */
static int walk_sorted(struct search *s, struct oak_error *err)
{
	const struct hosts_place first = end_of(s->o, true), *after = s->after ? s->after : &first;
	struct hosts_place last;
	int bounded, r;

	r = walk(s, &sorted[s->o->sort].one[s->o->down], &sorted[s->o->sort].one_far[s->o->down],
		 err);
	if (r < 0 || s->found->more)
		return r;
	/* Again: what walk() set may point into its own frame. */
	set_place(s, A_AFTER_N, A_AFTER, after);
	bounded = far_place(s, &sorted[s->o->sort].keys_far[s->o->down], &last, err);
	if (bounded < 0)
		return bounded;
	set_place(s, A_UPTO_N, A_UPTO, &last);
	r = add_places(s, &sorted[s->o->sort].keys[s->o->down], err);
	s->args[A_AFTER] = s->args[A_UPTO];
	s->args[A_AFTER_N] = db_int(first.n);
	if (!r)
		r = add_places(s, &sorted[s->o->sort].one[s->o->down], err);
	if (!r)
		finish(s, bounded > 0, &last);
	return r;
}

/* The filter with the fewest hosts. *ret stays NULL where none has an index. */
static int choose(struct search *s, const struct lead **ret, int64_t *ret_hosts,
		  struct oak_error *err)
{
	*ret_hosts = INT64_MAX;
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		int64_t n = 0, r;

		if (s->args[leads[i].needs].kind == DB_NULL ||
		    (leads[i].needs == A_REVOKED && !s->args[A_REVOKED].n))
			continue;
		r = db_query(s->db, &leads[i].count, s->args, ARGUMENTS, rows_int, &n, err);
		if (r < 0)
			return (int)r;
		if (n < *ret_hosts) {
			*ret = &leads[i];
			*ret_hosts = n;
		}
	}
	return 0;
}

static int level_of(const char *text, struct db_value *ret, struct oak_error *err)
{
	int64_t n = 0;

	for (const char *s = text; *s; s++) {
		if (*s < '0' || *s > '9' || s - text > 9)
			return oak_fail(err, OAK_E_USAGE, "level: not a number");
		n = 10 * n + (*s - '0');
	}
	*ret = db_int(n);
	return *text ? 0 : oak_fail(err, OAK_E_USAGE, "level: not a number");
}

static int set_filters(struct search *s, const struct hosts_filter *f, struct texts *t,
		       struct oak_error *err)
{
	struct db_value *a = s->args;

	a[A_RING] = db_text(f->ring);
	a[A_TAG] = db_text(f->tag);
	a[A_BUILD_ID] = db_text(f->build_id);
	a[A_RELEASE] = db_text(f->release);
	a[A_STATE] = db_text(f->state);
	a[A_VERDICT] = db_text(f->verdict);
	a[A_CVE] = db_text(f->cve);
	a[A_UPTIME] = db_text(f->uptime);
	a[A_REBOOT] = db_text(f->reboot);
	a[A_FINDING] = db_text(f->finding);
	if (f->os) {
		char *colon;

		(void)snprintf(t->os, sizeof(t->os), "%s", f->os);
		colon = strchr(t->os, ':');
		if (colon)
			*colon++ = '\0';
		a[A_OS] = db_text(t->os);
		a[A_OS_VERSION] = db_text(colon);
	}
	if (f->text && f->text[0]) {
		if (strlen(f->text) >= REPORT_TEXT_MAX)
			return oak_fail(err, OAK_E_USAGE, "text: longer than any name");
		if (rows_like(f->text, t->like, sizeof(t->like), err) < 0)
			return -OAK_E_USAGE;
		a[A_TEXT] = db_text(t->like);
	}
	if (f->silent > 0)
		a[A_SILENT] = db_int(f->silent_before_s);
	if (f->silent < 0)
		a[A_AWAKE] = db_int(f->silent_before_s);
	a[A_REVOKED] = db_int(f->revoked > 0);
	if (f->behind)
		a[A_BEHIND] = db_int(f->behind > 0);
	return f->level ? level_of(f->level, &a[A_LEVEL], err) : 0;
}

/* PostgreSQL refuses what is no UTF-8; SQLite finds nothing. */
static int check_texts(const struct search *s, struct oak_error *err)
{
	for (size_t i = 0; i < ARGUMENTS; i++) {
		_cleanup_(json_decrefp) json_t *text = NULL;

		if (s->args[i].kind != DB_TEXT)
			continue;
		text = json_stringn(s->args[i].data, s->args[i].len);
		if (!text)
			return oak_fail(err, OAK_E_USAGE, "a filter is not UTF-8");
	}
	return 0;
}

int hosts_page(struct db *db, const struct hosts_filter *f, const struct hosts_order *o,
	       const struct hosts_place *after, unsigned limit, struct hosts_found *ret,
	       struct oak_error *err)
{
	struct search s = { .db = db, .o = o, .after = after, .limit = limit, .found = ret };
	const struct lead *lead = NULL;
	struct texts t;
	int64_t hosts = 0;
	int r = set_filters(&s, f, &t, err);

	if (!r)
		r = check_texts(&s, err);
	if (!r)
		r = choose(&s, &lead, &hosts, err);
	if (r < 0)
		return r;
	if (lead && lead->ordered && o->sort == HOSTS_BY_NUMBER)
		return walk(&s, &lead->walk[o->down], &lead->far[o->down], err);
	if (lead && hosts < HOSTS_PAGE_LOOK)
		return gather(&s, lead, err);
	if (o->sort == HOSTS_BY_NUMBER)
		return walk(&s, &walk_all[o->down], &far_all[o->down], err);
	return walk_sorted(&s, err);
}
