/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/outside.h"
#include "base/cleanup.h"
#include "base/process.h"

#define PATH_TEXT_MAX 4096
#define LINE_SHOWN    200

static const struct {
	const char *name;
	bool before; /* its failure holds the change */
} hooks[] = {
	[HOOK_PRE_APPLY] = { "pre-apply", true },
	[HOOK_PRE_REVERT] = { "pre-revert", true },
	[HOOK_POST_APPLY] = { "post-apply", false },
	[HOOK_POST_REVERT] = { "post-revert", false },
};

const char *hook_name(enum hook hook)
{
	return hooks[hook].name;
}

/* One run of one event. */
struct run {
	const struct hooks_options *opt;
	const struct hook_event *event;
	struct hooks_result *ret;
	const char *const *env;
	char dir[PATH_TEXT_MAX];
};

static int is_hook_name(const struct dirent *e)
{
	static const char chars[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	return strspn(e->d_name, chars) == strlen(e->d_name);
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* NULL: it may run as us; else why not. Links are followed: what they lead to is what runs. */
static const char *why_not(const struct stat *st, uint32_t owner)
{
	if (!S_ISREG(st->st_mode))
		return "not a regular file";
	if (!(st->st_mode & 0111))
		return "not executable";
	if (st->st_uid != owner)
		return "not owned by root";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "others than its owner may write it";
	return NULL;
}

/* Printable ASCII and newlines: the text goes into logs and onto terminals. */
static void make_printable(struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if (b->data[i] != '\n' && (b->data[i] < ' ' || b->data[i] > '~'))
			b->data[i] = b->data[i] == '\t' ? ' ' : '?';
}

/* The first line that is not empty, "" where there is none. */
static void first_line(const struct process_result *res, char ret[LINE_SHOWN])
{
	const struct buf *outputs[] = { &res->err, &res->out };

	ret[0] = '\0';
	for (size_t i = 0; i < 2 && !ret[0]; i++) {
		const char *text = buf_str(outputs[i]);

		text += strspn(text, " \n");
		(void)snprintf(ret, LINE_SHOWN, "%.*s", (int)strcspn(text, "\n"), text);
	}
}

/* Each line with the name of its hook before it. */
static int keep_output(struct hooks_result *ret, const char *name, const struct buf *output)
{
	const char *text = buf_str(output);
	int r = 0;

	while (r == 0 && *text) {
		size_t len = strcspn(text, "\n");

		if (len)
			r = buf_printf(&ret->output, "%s: %.*s\n", name, (int)len, text);
		text += len + (text[len] ? 1 : 0);
	}
	return r;
}

static int judge(struct run *run, const char *name, const struct process_result *res,
		 struct oak_error *err)
{
	const char *event = hooks[run->event->hook].name;
	char line[LINE_SHOWN], how[64];

	if (res->status == 0 && !res->timed_out)
		return 0;
	first_line(res, line);
	if (res->timed_out)
		(void)snprintf(how, sizeof(how), "took longer than %u s", run->opt->timeout_s);
	else if (res->status > 128)
		(void)snprintf(how, sizeof(how), "was ended by signal %d", res->status - 128);
	else
		(void)snprintf(how, sizeof(how), "failed (exit status %d)", res->status);
	if (hooks[run->event->hook].before)
		return oak_fail(err, OAK_E_AGAIN, "%s hook %s %s%s%s", event, name, how,
				line[0] ? ": " : "", line);
	return buf_printf(&run->ret->warnings, "%s hook %s %s%s%s\n", event, name, how,
			  line[0] ? ": " : "", line) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

static int run_program(struct run *run, const char *name, const char *path, struct oak_error *err)
{
	_cleanup_(process_result_free) struct process_result res = { 0 };
	_cleanup_(outside_clear) struct outside program = { 0 };
	const struct process_options opt = {
		.cwd = "/",
		.env = run->env,
		.timeout_ms = run->opt->timeout_s * 1000u,
		.output_max = HOOKS_OUTPUT_MAX,
	};
	struct oak_error why = { .code = OAK_OK };
	int r = -OAK_E_NOMEM;

	if (outside_make(&program, path, run->env, run->opt->timeout_s) == 0)
		r = process_run(program.argv, &opt, &res, &why);
	if (r == -OAK_E_NOMEM)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* A script without its interpreter has failed as much as one that ran. */
	if (r < 0) {
		res.status = 127;
		if (buf_printf(&res.err, "%s", why.msg) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	run->ret->ran++;
	make_printable(&res.out);
	make_printable(&res.err);
	if (keep_output(run->ret, name, &res.out) < 0 || keep_output(run->ret, name, &res.err) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return judge(run, name, &res, err);
}

static int run_hook(struct run *run, const char *name, struct oak_error *err)
{
	char path[PATH_TEXT_MAX + 300];
	const char *bad;
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", run->dir, name);
	bad = stat(path, &st) < 0 ? strerror(errno) : why_not(&st, run->opt->owner);
	if (!bad)
		return run_program(run, name, path, err);
	return buf_printf(&run->ret->warnings, "%s: passed over: %s\n", path, bad) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

/* Who may put files there may run them as root. */
static int check_dir(struct run *run, bool *ret_there, struct oak_error *err)
{
	struct stat st;

	*ret_there = false;
	if (stat(run->dir, &st) < 0)
		return errno == ENOENT ? 0 : oak_fail_errno(err, errno, "%s", run->dir);
	*ret_there = S_ISDIR(st.st_mode) && st.st_uid == run->opt->owner &&
		     !(st.st_mode & (S_IWGRP | S_IWOTH));
	if (*ret_there)
		return 0;
	return buf_printf(&run->ret->warnings,
			  "%s: passed over: not a directory that only root may write\n",
			  run->dir) < 0
		       ? oak_fail(err, OAK_E_NOMEM, "out of memory")
		       : 0;
}

static int run_dir(struct run *run, struct oak_error *err)
{
	struct dirent **v = NULL;
	int n = scandir(run->dir, &v, is_hook_name, by_bytes), r = 0;

	if (n < 0)
		return oak_fail_errno(err, errno, "%s", run->dir);
	if (n > HOOKS_MAX)
		r = oak_fail(err, OAK_E_TOOLARGE, "%s: %d hooks, at most %d are run", run->dir, n,
			     HOOKS_MAX);
	for (int i = 0; r == 0 && i < n; i++)
		r = run_hook(run, v[i]->d_name, err);
	for (int i = 0; i < n; i++)
		free(v[i]);
	free(v);
	return r;
}

/* "NAME=value" lines, each with a NUL behind it, and pointers to them. */
#define ENV_ROWS 8

static int make_env(const struct hook_event *e, struct buf *text, const char *ret[ENV_ROWS + 1])
{
	size_t at[ENV_ROWS], n = 0;
	int r = 0;

#define ROW(...)                                    \
	do {                                        \
		at[n++] = text->len;                \
		r |= buf_printf(text, __VA_ARGS__); \
		r |= buf_add_zero(text, 1);         \
	} while (0)
	ROW("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
	ROW("LC_ALL=C.UTF-8");
	ROW("OAKUM_HOOK=%s", hooks[e->hook].name);
	ROW("OAKUM_LEVEL=%u", e->level);
	ROW("OAKUM_FROM_LEVEL=%u", e->from_level);
	ROW("OAKUM_BUILD_ID=%s", e->build_id ? e->build_id : "");
	ROW("OAKUM_CVES=%s", e->cves ? e->cves : "");
	ROW("OAKUM_RESULT=%s", e->result ? e->result : "");
#undef ROW
	for (size_t i = 0; r == 0 && i < n; i++)
		ret[i] = (const char *)text->data + at[i];
	ret[n] = NULL;
	return r;
}

int hooks_run(const struct hooks_options *opt, const struct hook_event *event,
	      struct hooks_result *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	const char *env[ENV_ROWS + 1];
	struct run run = { .opt = opt, .event = event, .ret = ret, .env = env };
	bool there;
	int r;

	if (!opt->dir)
		return 0;
	if (snprintf(run.dir, sizeof(run.dir), "%s/%s.d", opt->dir, hooks[event->hook].name) >=
	    (int)sizeof(run.dir))
		return oak_fail(err, OAK_E_TOOLARGE, "hooks: the path is too long");
	if (make_env(event, &text, env) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = check_dir(&run, &there, err);
	return r < 0 || !there ? r : run_dir(&run, err);
}

void hooks_result_free(struct hooks_result *r)
{
	buf_free(&r->warnings);
	buf_free(&r->output);
}
