/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/oakum.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "host/journal.h"
#include "host/lock.h"
#include "host/number.h"

#define TIMEOUT_MAX_S 86400u

static bool is_real_root(int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat("/", &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

int oakum_open_root(const struct cli_args *args, int *ret, const char **ret_path,
		    struct oak_error *err)
{
	const char *path = cli_value(args, OAKUM_ROOT, "/");
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return oak_fail_errno(err, errno, "--root %s", path);
	if (ret_path)
		*ret_path = strcmp(path, "/") == 0 ? "" : path;
	*ret = fd;
	return 0;
}

int oakum_open(const struct cli_args *args, struct oakum *ret, struct oak_error *err)
{
	struct oakum o = { .root = -1, .lock = -1 };
	int r = oakum_open_root(args, &o.root, &o.root_path, err);

	if (r < 0)
		return r;
	o.real = is_real_root(o.root);
	r = host_read(o.root, &o.host, err);
	if (r < 0) {
		(void)close(o.root);
		return r;
	}
	*ret = o;
	return 0;
}

void oakum_close(struct oakum *o)
{
	host_clear(&o->host);
	closep(&o->root);
	closep(&o->lock);
}

int oakum_begin_change(struct oakum *o, enum oakum_change change, struct oak_error *err)
{
	struct preflight_report report;
	struct oak_error late;
	int r;

	if (!o->real)
		return oak_fail(err, OAK_E_REFUSED,
				"--root %s: only this machine's own kernel can be changed",
				o->root_path);
	if (change == OAKUM_REVERT)
		preflight_run_revert(&o->host, &report);
	else
		preflight_run(&o->host, NULL, &report);
	r = preflight_verdict(&report, err);
	if (r == 0)
		r = lock_wait(o->root, &o->lock, err);
	if (r < 0)
		return r;
	/* A long one harms nobody; on a full disk a level still has to be taken out. */
	(void)!journal_compact(o->root, JOURNAL_BYTES_KEPT, &late);
	host_clear(&o->host);
	return host_read(o->root, &o->host, err);
}

int oakum_timeout(const char *text, unsigned *ret_ms, struct oak_error *err)
{
	uint32_t s;

	if (number_parse_u32(text, &s) < 0 || s > TIMEOUT_MAX_S)
		return oak_fail(err, OAK_E_USAGE, "--timeout '%s': must be seconds, 0 to %u", text,
				TIMEOUT_MAX_S);
	*ret_ms = s * 1000;
	return 0;
}

struct apply_options oakum_apply_options(const struct cli *cli, unsigned timeout_ms)
{
	return (struct apply_options){
		.ops = &module_ops_kernel,
		.timeout_ms = timeout_ms,
		.back_ms = timeout_ms > OAKUM_BACK_MS_MIN ? timeout_ms : OAKUM_BACK_MS_MIN,
		.progress = cli->progress,
	};
}

json_t *oakum_json_kernel(const struct host *h)
{
	const struct identity *id = &h->id;

	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:b, s:b}", "release", id->release, "build_id",
			 id->build_id, "arch", identity_arch(), "livepatch", id->livepatch,
			 "lockdown", lockdown_name(id->lockdown), "sig_enforce", id->sig_enforce,
			 "modules_disabled", id->modules_disabled);
}

json_t *oakum_json_cves(const struct manifest *m)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < m->n_fixes; i++)
		for (size_t k = 0; k < m->fixes[i].n_cve; k++)
			(void)json_array_append_new(list, json_string(m->fixes[i].cve[k]));
	return list;
}

static json_t *fix_json(const struct manifest_fix *fix)
{
	json_t *cve = json_array(), *functions = json_array();

	for (size_t i = 0; i < fix->n_cve; i++)
		(void)json_array_append_new(cve, json_string(fix->cve[i]));
	for (size_t i = 0; i < fix->n_functions; i++) {
		const struct manifest_function *f = &fix->functions[i];

		(void)json_array_append_new(functions,
					    json_pack("{s:s, s:s, s:i}", "object", f->object,
						      "name", f->name, "sympos", (int)f->sympos));
	}
	return json_pack("{s:s, s:s, s:o, s:o, s:s?}", "id", fix->id, "title", fix->title, "cve",
			 cve, "functions", functions, "severity", fix->severity);
}

json_t *oakum_json_fixes(const struct manifest *m)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < m->n_fixes; i++)
		(void)json_array_append_new(list, fix_json(&m->fixes[i]));
	return list;
}

char *oakum_fixes_text(const struct manifest *m)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	for (size_t i = 0; i < m->n_fixes; i++) {
		const struct manifest_fix *f = &m->fixes[i];

		for (size_t k = 0; k < f->n_cve; k++)
			if (buf_printf(&b, "%s%s", b.len ? ", " : "", f->cve[k]) < 0)
				return NULL;
		if (!f->n_cve && buf_printf(&b, "%s%s", b.len ? ", " : "", f->id) < 0)
			return NULL;
	}
	return strdup(buf_str(&b));
}

static void print_stall(const struct stall *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct stall_task *t = &s->tasks[i];
		char text[STALL_TEXT_MAX];

		stall_task_text(s, t, text, sizeof(text));
		(void)fprintf(stderr, "%s%s\n", text, t->stack[0] ? ":" : "");
		for (const char *line = t->stack; *line;) {
			int len = (int)strcspn(line, "\n");

			(void)fprintf(stderr, "    %.*s\n", len, line);
			line += len + (line[len] == '\n');
		}
	}
	if (s->n < s->n_total)
		(void)fprintf(stderr, "... and %zu more\n", s->n_total - s->n);
}

/* Where each task is told, this would say nothing new. */
static void print_stalled_containers(const struct stall *s)
{
	for (size_t i = 0; i < s->n_containers && i < STALL_NAMED_MAX && s->n < s->n_total; i++) {
		char text[STALL_TEXT_MAX];

		container_text(&s->containers[i].c, text, sizeof(text));
		(void)fprintf(stderr, "%zu of them in %s\n", s->containers[i].blocked, text);
	}
	if (s->n < s->n_total && s->n_containers > STALL_NAMED_MAX)
		(void)fprintf(stderr, "... and others in %zu more containers\n",
			      s->n_containers - STALL_NAMED_MAX);
}

void oakum_tell_stall(const struct cli *cli, json_t *doc, const struct stall *s)
{
	if (!s->n)
		return;
	(void)json_object_set_new(doc, "stall", stall_json(s));
	if (!cli->json) {
		print_stall(s);
		print_stalled_containers(s);
	}
}

int oakum_finish(const struct cli *cli, json_t *document, const char *result, int r,
		 struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = document;
	struct oak_error print = { .code = OAK_OK };
	int printed;

	if (!cli->json)
		return r;
	if (!doc)
		doc = json_object();
	/* Without a message it is an answer ("newer"), whatever the exit status. */
	if (r < 0 && err->msg[0])
		result = oak_code_name((enum oak_code) - r);
	(void)json_object_set_new(doc, "result", json_string(result));
	if (r < 0 && err->msg[0])
		(void)json_object_set_new(doc, "error", json_string(err->msg));
	printed = cli_print_json(take_ptr(doc), &print);
	if (printed < 0 && r >= 0) {
		*err = print;
		return printed;
	}
	return r;
}
