/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/compile.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"

#define ERRORS_SHOWN_BYTES 800

static bool is_left_out(const char *word)
{
	return strcmp(word, "-g") == 0 || strncmp(word, "-gdwarf", 7) == 0 ||
	       strncmp(word, "-Wp,-M", 6) == 0;
}

/*
 * Types of DWARF 4, which gcc and clang write alike, also those that the file does not use. What gcc
 * puts aside for the link (since 8) is there before any optimization: 1.3 s instead of 3.0 s for
 * kernel/sched/core.c. Clang puts its own code aside, and no DWARF.
 */
static const char *const code_words[] = { "-ffunction-sections", "-fdata-sections", NULL };
static const char *const gcc_types_words[] = { "-gdwarf-4",
					       "-gz=none",
					       "-fno-eliminate-unused-debug-types",
					       "-flto",
					       "-fno-fat-lto-objects",
					       NULL };
static const char *const types_words[] = { "-gdwarf-4", "-gz=none",
					   "-fno-eliminate-unused-debug-types",
					   "-fstandalone-debug", NULL };
static const char *const text_words[] = { "-E", "-D__GENKSYMS__", NULL };

static const char *const *words_of(enum compile_kind kind, const char *compiler)
{
	switch (kind) {
	case COMPILE_TYPES:
		return strstr(compiler, "clang") ? types_words : gcc_types_words;
	case COMPILE_TEXT:
		return text_words;
	case COMPILE_CODE:
		break;
	}
	return code_words;
}

static int build_argv(const struct compile *c, struct words *ret, struct oak_error *err)
{
	const struct words *cc = &c->command->cc;
	const char *const *ours = words_of(c->kind, cc->n ? cc->v[0] : "");
	int r = 0;

	for (size_t i = 0; r == 0 && i < cc->n; i++) {
		if (is_left_out(cc->v[i]))
			continue;
		/* The last word is the source; ours must come before it to count. */
		for (size_t k = 0; r == 0 && i == cc->n - 1 && ours[k]; k++)
			r = words_add(ret, ours[k], err);
		if (r == 0)
			r = words_add(ret, cc->v[i], err);
		if (r == 0 && strcmp(cc->v[i], "-o") == 0 && i + 2 < cc->n) {
			i++;
			r = words_add(ret, c->out, err);
		}
	}
	return r;
}

/* Errors first: warnings of the kernel's own code would hide them. */
static void first_errors(const struct buf *out, struct buf *ret)
{
	const char *p = buf_str(out), *end = p + out->len;

	while (p < end && ret->len < ERRORS_SHOWN_BYTES) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl ? nl : end) - p);

		if (memmem(p, len, "error:", 6) || memmem(p, len, "Error:", 6)) {
			if ((ret->len && buf_add(ret, "; ", 2) < 0) || buf_add(ret, p, len) < 0)
				return;
		}
		p = nl ? nl + 1 : end;
	}
}

static int fail_compiler(const struct compile *c, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf errors = { 0 };

	first_errors(&c->result.err, &errors);
	return oak_fail(err, OAK_E_FAILED, "%s: does not compile: %s", c->command->source,
			errors.len ? buf_str(&errors) : buf_str(&c->result.err));
}

static int start(struct compile *c, const struct words *argv, struct oak_error *err)
{
	const struct process_options opt = { .cwd = c->tree, .env = c->env };

	process_result_free(&c->result);
	c->result = (struct process_result){ 0 };
	return process_start((const char *const *)argv->v, &opt, &c->process, err);
}

static int start_compiler(struct compile *c, struct oak_error *err)
{
	_cleanup_(words_free) struct words argv = { 0 };
	int r = build_argv(c, &argv, err);

	c->step = COMPILE_COMPILER;
	c->start_ns = clock_now_ns();
	if (r == 0)
		r = start(c, &argv, err);
	if (r == -OAK_E_NOTFOUND)
		return oak_context(err, "the kernel's compiler is not installed");
	return r;
}

static int start_objtool(struct compile *c, struct oak_error *err)
{
	_cleanup_(words_free) struct words argv = { 0 };
	int r = 0;

	c->step = COMPILE_OBJTOOL;
	for (size_t i = 0; r == 0 && i < c->command->objtool.n; i++)
		r = words_add(&argv, c->command->objtool.v[i], err);
	if (r == 0)
		r = words_add(&argv, c->out, err);
	return r < 0 ? r : start(c, &argv, err);
}

/* A program of it has ended. Return: 1 if another of it runs now. */
static int advance(struct compile *c, struct oak_error *err)
{
	if (c->result.status != 0 && c->step == COMPILE_COMPILER)
		return fail_compiler(c, err);
	if (c->result.status != 0)
		return oak_fail(err, OAK_E_FAILED, "%s: objtool fails: %.*s", c->command->object,
				ERRORS_SHOWN_BYTES, buf_str(&c->result.err));
	if (c->kind == COMPILE_CODE && c->step == COMPILE_COMPILER && c->command->objtool.n) {
		int r = start_objtool(c, err);

		return r < 0 ? r : 1;
	}
	c->step = COMPILE_DONE;
	c->seconds = clock_seconds_since(c->start_ns);
	return 0;
}

/* Those under way. */
struct pool {
	struct process *processes[PROCESS_AT_ONCE_MAX];
	struct process_result *results[PROCESS_AT_ONCE_MAX];
	struct compile *of[PROCESS_AT_ONCE_MAX];
	size_t n, max;
};

static void pool_add(struct pool *p, struct compile *c)
{
	p->processes[p->n] = &c->process;
	p->results[p->n] = &c->result;
	p->of[p->n++] = c;
}

static void pool_drop(struct pool *p, size_t i)
{
	p->n--;
	p->processes[i] = p->processes[p->n];
	p->results[i] = p->results[p->n];
	p->of[i] = p->of[p->n];
}

/* Waits for one; after a failure the others' messages are not wanted. */
static int pool_wait(struct pool *p, bool failed, struct oak_error *err)
{
	struct oak_error ignored;
	struct compile *c;
	size_t i;
	int r = process_wait_any(p->processes, p->results, p->n, &i, failed ? &ignored : err);

	c = p->of[i];
	if (r == 0 && !failed)
		r = advance(c, err);
	if (r != 1) {
		pool_drop(p, i);
		process_result_free(&c->result);
		c->result = (struct process_result){ 0 };
	}
	return failed || r == 1 ? 0 : r;
}

int compile_run(struct compile *v, size_t n, const struct progress *progress, struct oak_error *err)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct pool p = { .max = processors < 1 ? 1 : (size_t)processors };
	size_t begun = 0;
	int r = 0;

	if (p.max > PROCESS_AT_ONCE_MAX)
		p.max = PROCESS_AT_ONCE_MAX;
	while (p.n || (r == 0 && begun < n)) {
		if (r == 0 && begun < n && p.n < p.max) {
			if (n > 2 && begun % 10 == 0)
				progress_step(progress, "compiling: %zu of %zu", begun, n);
			r = start_compiler(&v[begun], err);
			if (r == 0)
				pool_add(&p, &v[begun]);
			begun++;
			continue;
		}
		if (p.n) {
			int waited = pool_wait(&p, r < 0, err);

			r = r < 0 ? r : waited;
		}
	}
	return r;
}

int compile_flags_hash(const struct object_command *command, char ret[SHA256_HEX_MAX],
		       struct oak_error *err)
{
	const struct words *both[] = { &command->cc, &command->objtool };
	_cleanup_(buf_free) struct buf all = { 0 };

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < both[k]->n; i++)
			if (buf_add(&all, both[k]->v[i], strlen(both[k]->v[i]) + 1) < 0)
				return oak_fail(err, OAK_E_NOMEM, "out of memory");
	sha256_hex(all.data, all.len, ret);
	return 0;
}
