/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/vm-report.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 1000000000000000u

int vm_report_init(size_t n_steps, struct vm_report *ret, struct oak_error *err)
{
	*ret = (struct vm_report){ .n = n_steps };
	ret->v = calloc(n_steps + 1, sizeof(*ret->v));
	return ret->v ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

void vm_report_free(struct vm_report *r)
{
	free(r->v);
	*r = (struct vm_report){ 0 };
}

/* A decimal number and the space after it, if any. */
static bool take_number(const char **at, uint64_t *ret)
{
	const char *p = *at;
	uint64_t v = 0;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		v = v * 10 + (uint64_t)(*p - '0');
		if (v > NUMBER_MAX)
			return false;
	}
	if (*p != '\0' && *p != ' ')
		return false;
	*at = p + (*p == ' ');
	*ret = v;
	return true;
}

/* Printable characters only: it ends on a person's terminal. */
static void copy_text(const char *text, char ret[VM_TEXT_MAX])
{
	size_t n = 0;

	for (; text[n] && n + 1 < VM_TEXT_MAX; n++)
		ret[n] = (char)(text[n] >= ' ' && text[n] <= '~' ? text[n] : '?');
	ret[n] = '\0';
}

static bool started(struct vm_report *r, struct vm_outcome *o, const char *rest)
{
	(void)r;
	if (o->state != VM_NOT_RUN || *rest)
		return false;
	o->state = VM_RUNNING;
	return true;
}

static bool skipped(struct vm_report *r, struct vm_outcome *o, const char *rest)
{
	if (o->state != VM_NOT_RUN || *rest)
		return false;
	o->state = VM_SKIPPED;
	r->at++;
	return true;
}

static bool done(struct vm_report *r, struct vm_outcome *o, const char *rest)
{
	struct vm_outcome got = *o;

	if (o->state != VM_RUNNING || !take_number(&rest, &got.ms) ||
	    !take_number(&rest, &got.taint))
		return false;
	for (; *rest; got.n_values++)
		if (got.n_values >= VM_VALUES_MAX || !take_number(&rest, &got.value[got.n_values]))
			return false;
	got.state = VM_DONE;
	*o = got;
	r->at++;
	return true;
}

static bool failed(struct vm_report *r, struct vm_outcome *o, const char *rest)
{
	struct vm_outcome got = *o;

	if (o->state != VM_RUNNING || !take_number(&rest, &got.ms) ||
	    !take_number(&rest, &got.taint))
		return false;
	got.state = VM_FAILED;
	copy_text(rest, got.text);
	*o = got;
	r->at++;
	return true;
}

static const struct {
	const char *word;
	bool (*take)(struct vm_report *r, struct vm_outcome *o, const char *rest);
} answers[] = {
	{ "@start ", started },
	{ "@done ", done },
	{ "@fail ", failed },
	{ "@skip ", skipped },
};

/* Each answer is about the one step whose turn it is. */
static bool take_answer(struct vm_report *r, const char *line)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		size_t n = strlen(answers[i].word);
		const char *rest = line + n;
		uint64_t step;

		if (strncmp(line, answers[i].word, n) != 0)
			continue;
		return take_number(&rest, &step) && r->at < r->n && step == r->at &&
		       answers[i].take(r, &r->v[r->at], rest);
	}
	return false;
}

static void take_line(struct vm_report *r)
{
	const char *line = r->line;

	r->line[r->line_len] = '\0';
	if (r->ended)
		r->strange++;
	else if (strcmp(line, "@end") == 0)
		r->ended = true;
	else if (strncmp(line, "| ", 2) == 0 && r->at < r->n && r->v[r->at].state == VM_RUNNING)
		copy_text(line + 2, r->v[r->at].text);
	else
		r->strange += !take_answer(r, line);
	r->line_len = 0;
}

void vm_report_feed(struct vm_report *r, const void *data, size_t len)
{
	const char *p = data;

	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\n')
			take_line(r);
		else if (p[i] != '\r' && r->line_len + 1 < VM_LINE_MAX)
			r->line[r->line_len++] = p[i];
	}
}
