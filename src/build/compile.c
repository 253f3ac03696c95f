/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/compile.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"

#define ERRORS_SHOWN_BYTES 800

static bool is_left_out(const char *word)
{
	return strcmp(word, "-g") == 0 || strncmp(word, "-gdwarf", 7) == 0 ||
	       strncmp(word, "-Wp,-M", 6) == 0;
}

static int build_argv(const struct object_command *command, const char *out, struct words *ret,
		      struct oak_error *err)
{
	const struct words *cc = &command->cc;
	int r = 0;

	for (size_t i = 0; r == 0 && i < cc->n; i++) {
		if (is_left_out(cc->v[i]))
			continue;
		/* The last word is the source; ours must come before it to count. */
		if (i == cc->n - 1) {
			r = words_add(ret, "-ffunction-sections", err);
			if (r == 0)
				r = words_add(ret, "-fdata-sections", err);
		}
		if (r == 0)
			r = words_add(ret, cc->v[i], err);
		if (r == 0 && strcmp(cc->v[i], "-o") == 0 && i + 2 < cc->n) {
			i++;
			r = words_add(ret, out, err);
		}
	}
	return r;
}

int compile_start(struct compile *c, struct oak_error *err)
{
	const struct process_options opt = { .cwd = c->tree, .env = c->env };
	_cleanup_(words_free) struct words argv = { 0 };
	int r = build_argv(c->command, c->out, &argv, err);

	c->start_ns = clock_now_ns();
	if (r == 0)
		r = process_start((const char *const *)argv.v, &opt, &c->process, err);
	if (r == -OAK_E_NOTFOUND)
		return oak_context(err, "the kernel's compiler is not installed");
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

static int run_objtool(const struct compile *c, struct oak_error *err)
{
	const struct process_options opt = { .cwd = c->tree, .env = c->env };
	_cleanup_(process_result_free) struct process_result res = { 0 };
	_cleanup_(words_free) struct words argv = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->command->objtool.n; i++)
		r = words_add(&argv, c->command->objtool.v[i], err);
	if (r == 0 && argv.n)
		r = words_add(&argv, c->out, err);
	if (r < 0 || !argv.n)
		return r;
	r = process_run((const char *const *)argv.v, &opt, &res, err);
	if (r == 0 && res.status != 0)
		return oak_fail(err, OAK_E_FAILED, "%s: objtool fails: %.*s", c->command->object,
				ERRORS_SHOWN_BYTES, buf_str(&res.err));
	return r;
}

int compile_finish(struct compile *c, struct oak_error *err)
{
	_cleanup_(process_result_free) struct process_result res = { 0 };
	_cleanup_(buf_free) struct buf errors = { 0 };
	int r = process_wait(&c->process, &res, err);

	if (r == 0 && res.status != 0) {
		first_errors(&res.err, &errors);
		return oak_fail(err, OAK_E_FAILED, "%s: does not compile: %s", c->command->source,
				errors.len ? buf_str(&errors) : buf_str(&res.err));
	}
	if (r == 0)
		r = run_objtool(c, err);
	c->seconds = clock_seconds_since(c->start_ns);
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
