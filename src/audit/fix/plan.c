/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/fix/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/fix/plan-priv.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "host/modules/textdiff.h"
#include "host/plain.h"

static fix_try *const tries[] = {
	[FIX_SYSCTL] = fix_try_sysctl, [FIX_FILE] = fix_try_file, [FIX_DOCKER] = fix_try_docker,
	[FIX_WATCH] = fix_try_watch,   [FIX_BOOT] = fix_try_boot,
};

const char *fix_left_why_name(enum fix_left_why w)
{
	static const char *const names[] = {
		[FIX_LEFT_WAITS] = "waits",     [FIX_LEFT_ASKED] = "on request",
		[FIX_LEFT_BY_HAND] = "by hand", [FIX_LEFT_UNKNOWN] = "unknown",
		[FIX_LEFT_NEVER] = "never",
	};

	return names[w];
}

const char *fix_change_kind_name(enum fix_change_kind k)
{
	static const char *const names[] = {
		[FIX_TEXT] = "text", [FIX_ATTR] = "attributes", [FIX_VALUE] = "value"
	};

	return names[k];
}

void tried_why(struct tried *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(t->reason, sizeof(t->reason), fmt, ap);
	va_end(ap);
}

static void change_clear(struct fix_change *c)
{
	free(c->path);
	free(c->before);
	free(c->after);
	buf_free(&c->ids);
	json_decref(c->had);
	json_decref(c->put);
	*c = (struct fix_change){ .path = NULL };
}

struct fix_change *planner_change(struct planner *p, enum fix_change_kind kind, const char *path)
{
	struct fix_plan *plan = &p->plan;
	struct fix_change *more;

	for (size_t i = 0; i < plan->n; i++)
		if (plan->changes[i].kind == kind && strcmp(plan->changes[i].path, path) == 0)
			return &plan->changes[i];
	more = reallocarray(plan->changes, plan->n + 1, sizeof(*more));
	if (more) {
		plan->changes = more;
		more[plan->n] = (struct fix_change){ .kind = kind, .path = strdup(path) };
	}
	if (!more || !more[plan->n].path) {
		p->oom = true;
		return NULL;
	}
	return &more[plan->n++];
}

void planner_for(struct planner *p, struct fix_change *c, const struct finding *f)
{
	size_t len = strlen(f->check->id);
	const char *ids = buf_str(&c->ids);

	/* The last is the only one that can be the same: findings of one check stand together. */
	if (c->ids.len >= len && strcmp(ids + c->ids.len - len, f->check->id) == 0 &&
	    (c->ids.len == len || ids[c->ids.len - len - 1] == ' '))
		return;
	p->oom |= buf_printf(&c->ids, "%s%s", c->ids.len ? " " : "", f->check->id) < 0;
}

struct fix_change *planner_text(struct planner *p, const char *path, struct tried *ret)
{
	_cleanup_(place_close) struct place place = { .dir = -1 };
	struct fix_attr attr = { 0644, geteuid(), getegid() };
	_cleanup_(freep) char *text = NULL;
	char plain[FIX_PLAIN_MAX];
	struct fix_change *c;
	int r;

	for (size_t i = 0; i < p->plan.n; i++)
		if (p->plan.changes[i].kind == FIX_TEXT &&
		    strcmp(p->plan.changes[i].path, path) == 0)
			return &p->plan.changes[i];
	plain_copy(plain, sizeof(plain), path);
	r = place_open(p->a->ctx.root, path, &place);
	if (r == -ENOENT)
		tried_why(ret, "the folder of %s is not here", plain);
	else if (r == 0)
		r = place_read(&place, &text, &attr);
	if (r < 0) {
		if (r != -ENOENT)
			tried_why(ret, "%s: %s", plain, place_error(r));
		return NULL;
	}
	c = planner_change(p, FIX_TEXT, path);
	if (!c)
		return NULL;
	c->was = c->will = attr;
	c->after = strdup(text ? text : "");
	c->before = take_ptr(text);
	p->oom |= !c->after;
	return c->after ? c : NULL;
}

static void add_left(struct planner *p, const struct finding *f, enum fix_left_why why,
		     const char *reason)
{
	struct fix_left *more = reallocarray(p->plan.left, p->plan.n_left + 1, sizeof(*more));
	size_t size = strlen(reason) + 1;
	char *text = malloc(size);

	if (more)
		p->plan.left = more;
	if (!more || !text) {
		free(text);
		p->oom = true;
		return;
	}
	plain_copy(text, size, reason);
	more[p->plan.n_left++] = (struct fix_left){ f, why, text };
}

static bool is_asked(const struct fix_options *opt, const char *id)
{
	for (size_t i = 0; opt->only && opt->only[i]; i++)
		if (strcmp(opt->only[i], id) == 0)
			return true;
	return false;
}

static void plan_finding(struct planner *p, const struct finding *f, const struct fix_options *opt)
{
	const struct fix *fix = fix_of(f->table, f->check);
	struct tried t = { .changed = false };

	if (f->accepted || f->check->severity < opt->least)
		return;
	if (f->verdict == AUDIT_CONFLICT) {
		add_left(p, f, FIX_LEFT_NEVER, finding_fix(f) ? finding_fix(f) : f->check->why);
		return;
	}
	if (f->verdict == AUDIT_UNKNOWN) {
		tried_why(&t, "%.200s: %.200s", f->n_seen ? f->seen[0].file : "",
			  f->n_seen ? f->seen[0].value : "cannot be read");
		add_left(p, f, FIX_LEFT_UNKNOWN, t.reason);
	}
	if (!finding_counts(f))
		return;
	if (fix->kind == FIX_BY_HAND) {
		add_left(p, f, FIX_LEFT_BY_HAND, fix->note);
	} else if (fix->asked && !is_asked(opt, f->check->id)) {
		add_left(p, f, FIX_LEFT_ASKED, fix->note);
	} else {
		tries[fix->kind](p, f, fix, &t);
		p->plan.n_findings += t.changed;
		if (t.reason[0])
			add_left(p, f, t.waits ? FIX_LEFT_WAITS : FIX_LEFT_BY_HAND, t.reason);
	}
}

/* A text in which all stood already is no change. */
static void drop_same(struct fix_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++) {
		struct fix_change *c = &plan->changes[i];

		if (c->kind == FIX_TEXT &&
		    (c->before ? strcmp(c->before, c->after) == 0 : !c->after[0]))
			change_clear(c);
		else
			plan->changes[n++] = *c;
	}
	plan->n = n;
}

static int by_kind(const void *a, const void *b)
{
	const struct fix_change *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->path, y->path);
}

static int make_id(struct fix_plan *plan)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	char hash[SHA256_HEX_MAX];
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->n; i++) {
		const struct fix_change *c = &plan->changes[i];

		/* Lengths part what any byte may stand in. */
		r = buf_printf(&b, "%u %zu %s %zu %s %zu %s %o:%u:%u %o:%u:%u\n", c->kind,
			       strlen(c->path), c->path, c->before ? strlen(c->before) + 1 : 0,
			       c->before ? c->before : "", c->after ? strlen(c->after) + 1 : 0,
			       c->after ? c->after : "", c->was.mode, c->was.uid, c->was.gid,
			       c->will.mode, c->will.uid, c->will.gid);
	}
	sha256_hex(b.data, b.len, hash);
	(void)snprintf(plan->id, sizeof(plan->id), "%.16s", hash);
	return r;
}

int fix_plan_make(const struct audit *a, const struct fix_options *opt, struct fix_plan *ret,
		  struct oak_error *err)
{
	struct planner p = { .a = a };

	for (size_t i = 0; i < a->n; i++)
		plan_finding(&p, &a->findings[i], opt);
	if (!p.oom)
		drop_same(&p.plan);
	if (p.plan.n)
		qsort(p.plan.changes, p.plan.n, sizeof(*p.plan.changes), by_kind);
	if (p.oom || make_id(&p.plan) < 0) {
		fix_plan_clear(&p.plan);
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	*ret = p.plan;
	return 0;
}

void fix_plan_clear(struct fix_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		change_clear(&p->changes[i]);
	free(p->changes);
	for (size_t i = 0; i < p->n_left; i++)
		free(p->left[i].reason);
	free(p->left);
	*p = (struct fix_plan){ .n = 0 };
}

int fix_change_describe(const struct fix_change *c, struct buf *ret)
{
	const struct fix_attr *w = &c->was, *n = &c->will;
	char plain[64];
	int r = 0;

	if (c->kind == FIX_TEXT)
		return buf_add_str(ret, c->before ? "changed" : "new");
	if (c->kind == FIX_VALUE) {
		plain_copy(plain, sizeof(plain), c->before);
		return buf_printf(ret, "%s -> %s", plain, c->after);
	}
	if (w->mode != n->mode)
		r = buf_printf(ret, "mode %04o -> %04o", w->mode, n->mode);
	if (r == 0 && (w->uid != n->uid || w->gid != n->gid))
		r = buf_printf(ret, "%sowner %u:%u -> %u:%u", w->mode != n->mode ? ", " : "",
			       w->uid, w->gid, n->uid, n->gid);
	return r;
}

unsigned fix_change_indent(const struct fix_change *c)
{
	const char *line = c->before ? strchr(c->before, '\n') : NULL;
	size_t n = line ? strspn(line + 1, " ") : 0;

	return n >= 1 && n <= 8 ? (unsigned)n : 4;
}

int fix_plan_diff(const struct fix_plan *p, struct buf *ret, struct oak_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n; i++) {
		const struct fix_change *c = &p->changes[i];
		char plain[FIX_PLAIN_MAX];
		struct textdiff d = { .old_name = plain,
				      .old_text = c->before,
				      .new_name = plain,
				      .new_text = c->after };

		plain_copy(plain, sizeof(plain), c->path[0] == '/' ? c->path + 1 : c->path);
		if (c->kind == FIX_TEXT)
			r = textdiff(&d, ret, err);
	}
	return r;
}
