/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/outside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define ENV_MAX 16

void outside_clear(struct outside *o)
{
	buf_free(&o->text);
	*o = (struct outside){ 0 };
}

/* Appends one argument to @text; its place is kept, for the text may still move. */
static int add(struct outside *o, size_t *at, size_t *n, const char *a, const char *b)
{
	at[(*n)++] = o->text.len;
	return buf_printf(&o->text, "%s%s", a, b) < 0 || buf_add_zero(&o->text, 1) < 0 ? -ENOMEM
										       : 0;
}

int outside_make(struct outside *o, const char *program, const char *const *env, uint32_t timeout_s)
{
	static const char *const fixed[] = { "systemd-run", "--quiet",   "--pipe",
					     "--wait",      "--collect", "--service-type=exec" };
	size_t at[OUTSIDE_ARGS_MAX], n = 0, n_fixed = sizeof(fixed) / sizeof(fixed[0]);
	char limit[48];
	int r = 0;

	*o = (struct outside){ .argv = { program, NULL } };
	if (!getenv(OUTSIDE_VARIABLE))
		return 0;
	(void)snprintf(limit, sizeof(limit), "--property=RuntimeMaxSec=%us", timeout_s);
	for (size_t i = 0; r == 0 && i < n_fixed; i++)
		r = add(o, at, &n, fixed[i], "");
	if (r == 0)
		r = add(o, at, &n, limit, "");
	for (size_t i = 0; r == 0 && env[i] && i < ENV_MAX; i++)
		r = add(o, at, &n, "--setenv=", env[i]);
	for (size_t i = 0; r == 0 && i < n; i++)
		o->argv[i] = (const char *)o->text.data + at[i];
	if (r == 0) {
		o->argv[n] = program;
		o->argv[n + 1] = NULL;
	}
	return r;
}
