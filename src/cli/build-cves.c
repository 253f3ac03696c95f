/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/build-cves.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "trust/cve/record.h"
#include "trust/fields.h"

static const char *const witness_words[] = {
	[WITNESS_MAIL] = "its message",
	[WITNESS_RECORD] = "a record",
	[WITNESS_CHANGELOG] = "a changelog",
	[WITNESS_DATABASE] = "the database",
};

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int build_cves_note(struct build_cves *c, struct oak_error *err, const char *fmt, ...)
{
	char **more = reallocarray(c->notes, c->n_notes + 1, sizeof(*more));
	char text[512];
	va_list ap;

	if (!more)
		return out_of_memory(err);
	c->notes = more;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cve_printable(text, sizeof(text), text);
	more[c->n_notes] = strdup(text);
	if (!more[c->n_notes])
		return out_of_memory(err);
	c->n_notes++;
	return 0;
}

void fix_saying_add(struct fix_saying *s, uint64_t id, const char *fmt, ...)
{
	char text[MAKE_CVE_FROM_MAX];
	va_list ap;

	for (size_t i = 0; i < s->n; i++)
		if (s->id[i] == id)
			return;
	if (s->n == FIX_CVES_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cve_printable(s->from[s->n], sizeof(s->from[s->n]), text);
	s->id[s->n++] = id;
}

static int add(struct make_cves *to, const char *id, const char *from, struct oak_error *err)
{
	struct make_cve *more;

	for (size_t i = 0; i < to->n; i++) {
		struct make_cve *c = &to->v[i];
		size_t len = strlen(c->from);

		if (strcmp(c->id, id) != 0)
			continue;
		(void)snprintf(c->from + len, sizeof(c->from) - len, "; %s", from);
		return 0;
	}
	more = reallocarray(to->v, to->n + 1, sizeof(*more));
	if (!more)
		return out_of_memory(err);
	to->v = more;
	more[to->n] = (struct make_cve){ 0 };
	(void)snprintf(more[to->n].id, sizeof(more->id), "%s", id);
	(void)snprintf(more[to->n].from, sizeof(more->from), "%s", from);
	to->n++;
	return 0;
}

/* "CVE-2026-1001,CVE-2026-1002", or "none". */
static int take_given(struct make_cves *to, const char *text, struct oak_error *err)
{
	int r = 0;

	if (strcmp(text, "none") == 0)
		return 0;
	do {
		size_t len = strcspn(text, ",");
		char id[MAKE_CVE_ID_MAX];

		if (len >= sizeof(id))
			return oak_fail(err, OAK_E_USAGE, "--cve %.100s: too long for an id", text);
		memcpy(id, text, len);
		id[len] = '\0';
		if (!text_follows(id, &text_word))
			return oak_fail(err, OAK_E_USAGE,
					"--cve '%.100s': not an id, nor 'none' (several of one fix "
					"have commas between them)",
					id);
		r = add(to, id, "--cve", err);
		text += len + (text[len] == ',');
	} while (r == 0 && *text);
	return r;
}

static bool in_common(const struct fix_saying *a, const struct fix_saying *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (a->id[i] == b->id[k])
				return true;
	return false;
}

static void join(const struct fix_saying *s, struct buf *ret)
{
	for (size_t i = 0; i < s->n; i++) {
		char id[CVE_ID_MAX];

		cve_id_format((uint32_t)(s->id[i] >> 32), (uint32_t)s->id[i], id);
		if (buf_printf(ret, "%s%s", i ? ", " : "", id) < 0)
			return;
	}
}

/* Two that name nothing in common. */
static bool contradict(const struct fix_facts *f, unsigned *ret_a, unsigned *ret_b)
{
	for (unsigned a = 0; a < WITNESSES; a++)
		for (unsigned b = a + 1; b < WITNESSES; b++)
			if (f->by[a].n && f->by[b].n && !in_common(&f->by[a], &f->by[b])) {
				*ret_a = a;
				*ret_b = b;
				return true;
			}
	return false;
}

static int note_contradiction(struct build_cves *c, const struct fix_facts *f, unsigned a,
			      unsigned b, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf one = { 0 }, other = { 0 };

	join(&f->by[a], &one);
	join(&f->by[b], &other);
	return build_cves_note(c, err,
			       "%s: %s says %.100s, but %s says %.100s: none is taken; --cve says "
			       "which",
			       f->fix->name, witness_words[a], buf_str(&one), witness_words[b],
			       buf_str(&other));
}

/* What the message only mentions: one is taken, several are not, and none beside a witness. */
static int weigh_prose(struct build_cves *c, struct fix_facts *f, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf ids = { 0 };
	struct fix_saying prose = { 0 };
	bool others = false;

	if (f->mail.many)
		return build_cves_note(c, err,
				       "%s: its message names more than %u CVEs: none of them is "
				       "taken; --cve says which",
				       f->fix->name, CVE_MAIL_IDS_MAX);
	for (unsigned i = 0; i < WITNESSES; i++)
		others = others || f->by[i].n;
	for (size_t i = 0; i < f->mail.n_ids; i++) {
		const struct cve_mail_id *m = &f->mail.ids[i];

		if (m->place == CVE_MAIL_PROSE)
			fix_saying_add(&prose, (uint64_t)m->year << 32 | m->number,
				       "the text of its message");
	}
	if (others || prose.n == 0)
		return 0;
	if (prose.n == 1) {
		f->by[WITNESS_MAIL] = prose;
		return 0;
	}
	join(&prose, &ids);
	return build_cves_note(
		c, err,
		"%s: the text of its message mentions %.200s: none is taken; --cve says "
		"which",
		f->fix->name, buf_str(&ids));
}

static int decide(struct build_cves *c, struct fix_facts *f, struct make_cves *to,
		  struct oak_error *err)
{
	unsigned a, b;
	int r = weigh_prose(c, f, err);

	if (r == 0 && contradict(f, &a, &b))
		return note_contradiction(c, f, a, b, err);
	for (unsigned w = 0; w < WITNESSES; w++)
		for (size_t i = 0; r == 0 && i < f->by[w].n; i++) {
			const uint64_t id = f->by[w].id[i];
			char text[CVE_ID_MAX];

			cve_id_format((uint32_t)(id >> 32), (uint32_t)id, text);
			r = add(to, text, f->by[w].from[i], err);
		}
	return r;
}

static int read_fix(const char *path, struct fix **ret, struct fix_facts *f, struct oak_error *err)
{
	int r = fix_open(path, ret, err);

	if (r < 0)
		return r;
	f->fix = *ret;
	cve_mail_parse((const char *)f->fix->text.data, f->fix->text.len, &f->mail);
	cve_printable(f->subject, sizeof(f->subject),
		      f->mail.subject[0] ? f->mail.subject : f->fix->title);
	for (size_t i = 0; i < f->mail.n_ids && !f->mail.many; i++) {
		const struct cve_mail_id *m = &f->mail.ids[i];

		if (m->place != CVE_MAIL_PROSE)
			fix_saying_add(&f->by[WITNESS_MAIL], (uint64_t)m->year << 32 | m->number,
				       "the %s of its message",
				       m->place == CVE_MAIL_SUBJECT ? "subject" : "trailers");
	}
	return 0;
}

static int find_all(const struct build_cves_options *opt, struct fix_facts *v, struct build_cves *c,
		    struct oak_error *err)
{
	const size_t given = opt->cves ? opt->cves->n : 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < opt->n_fixes; i++)
		r = read_fix(opt->fixes[i], &c->fixes[i], &v[i], err);
	if (r == 0)
		r = build_cves_ask(opt, v, opt->n_fixes, c, err);
	for (size_t i = 0; r == 0 && i < opt->n_fixes; i++)
		r = i < given ? take_given(&c->v[i], opt->cves->v[i], err)
			      : decide(c, &v[i], &c->v[i], err);
	return r < 0 ? r : build_cves_compare(opt, v, c, err);
}

int build_cves_find(const struct build_cves_options *opt, struct build_cves *ret,
		    struct oak_error *err)
{
	_cleanup_(build_cves_free) struct build_cves c = { 0 };
	_cleanup_(freep) struct fix_facts *v = calloc(opt->n_fixes + 1, sizeof(*v));
	int r;

	c.v = calloc(opt->n_fixes + 1, sizeof(*c.v));
	c.fixes = calloc(opt->n_fixes + 1, sizeof(struct fix *));
	if (!v || !c.v || !c.fixes)
		return out_of_memory(err);
	c.n = opt->n_fixes;
	if (opt->cves && opt->cves->n > opt->n_fixes)
		return oak_fail(err, OAK_E_USAGE,
				"--cve is given %zu times for %zu fix%s (several of one fix have "
				"commas between them)",
				opt->cves->n, opt->n_fixes, opt->n_fixes == 1 ? "" : "es");
	r = find_all(opt, v, &c, err);
	if (r < 0)
		return r;
	*ret = c;
	c = (struct build_cves){ 0 };
	return 0;
}

void build_cves_free(struct build_cves *c)
{
	for (size_t i = 0; c->v && c->fixes && i < c->n; i++) {
		free(c->v[i].v);
		fix_free(c->fixes[i]);
	}
	for (size_t i = 0; i < c->n_notes; i++)
		free(c->notes[i]);
	free(c->v);
	free(c->fixes);
	free(c->notes);
	*c = (struct build_cves){ 0 };
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

void build_cves_json(const struct build_cves *c, const struct build_cves_options *opt, json_t *to)
{
	json_t *cves = json_array(), *notes = json_array();

	for (size_t i = 0; i < c->n; i++) {
		char name[NAME_MAX + 1];

		cve_printable(name, sizeof(name), name_of(opt->fixes[i]));
		for (size_t k = 0; k < c->v[i].n; k++)
			(void)json_array_append_new(cves, json_pack("{s:s, s:s, s:s}", "fix", name,
								    "id", c->v[i].v[k].id, "from",
								    c->v[i].v[k].from));
	}
	for (size_t i = 0; i < c->n_notes; i++)
		(void)json_array_append_new(notes, json_string(c->notes[i]));
	(void)json_object_set_new(to, "cves", cves);
	(void)json_object_set_new(to, "notes", notes);
}

void build_cves_print(const struct cli *cli, const struct build_cves *c,
		      const struct build_cves_options *opt)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->v[i].n; k++)
			printf("%s: %s, by %s\n", name_of(opt->fixes[i]), c->v[i].v[k].id,
			       c->v[i].v[k].from);
	for (size_t i = 0; i < c->n_notes; i++)
		printf("%snote%s: %s\n", cli_color(cli, CLI_YELLOW), cli_color(cli, CLI_RESET),
		       c->notes[i]);
}
