/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/doctor.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "agent/picture.h"
#include "agent/verdict.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "base/process.h"
#include "cli/redact.h"
#include "cli/status.h"

#define UNIT_FACTS \
	"--property=Id,LoadState,ActiveState,SubState,Result,NRestarts,ExecMainStatus,MemoryCurrent"
#define FILE_BYTES_MAX (64u << 20) /* of one that is cut to DOCTOR_ENTRY_MAX then */

static int add_json(json_t *document, struct buf *ret)
{
	_cleanup_(json_decrefp) json_t *j = document;
	_cleanup_(freep) char *text = j ? json_text(j) : NULL;

	return buf_add_str(ret, text ? text : "out of memory\n");
}

static int make_status(const struct doctor *d, struct buf *ret)
{
	static const struct verdict_limits limits = VERDICT_LIMITS_OTHERWISE;
	static const struct cli plain = { .program = "oakum" };
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(freep) struct verdict_report *verdict = calloc(1, sizeof(*verdict));
	struct status_view v = { &plain, &p, verdict, time(NULL), true };
	struct oak_error err = { .code = OAK_OK };

	if (!verdict)
		return buf_add_str(ret, "out of memory\n");
	if (picture_take(d->root, "", &p, &err) < 0)
		return buf_printf(ret, "%s\n", err.msg);
	verdict_of(&p, &limits, v.now_s, verdict);
	return add_json(status_json(&v), ret);
}

static int make_settings(const struct doctor *d, struct buf *ret)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	struct oak_error err = { .code = OAK_OK };

	if (settings_read(d->root, &s, &err) < 0)
		return buf_printf(ret, "%s\n", err.msg);
	return add_json(settings_json(&s), ret);
}

/* The attributes of every livepatch; functions by name only. */
static int make_livepatch(const struct doctor *d, struct buf *ret)
{
	_cleanup_(livepatch_list_free) struct livepatch_list l = { 0 };
	struct oak_error err = { .code = OAK_OK };
	int r = 0;

	if (livepatch_read(d->root, &l, &err) < 0)
		return buf_printf(ret, "%s\n", err.msg);
	for (size_t i = 0; i < l.n && r == 0; i++) {
		const struct livepatch *p = &l.patches[i];

		r = buf_printf(ret, "%s: enabled %d, transition %d, level %u\n", p->name,
			       p->enabled, p->transition, p->level);
		for (size_t k = 0; k < p->n_functions && r == 0; k++)
			r = buf_printf(ret, "  %s: %s,%u\n", p->functions[k].object,
				       p->functions[k].name, p->functions[k].sympos);
	}
	return r;
}

static int make_levels(const struct doctor *d, struct buf *ret)
{
	_cleanup_(closep) int fd =
		openat(d->root, "var/lib/oakum", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int r = 0;

	if (!dir)
		return buf_add_str(ret, "no readable /var/lib/oakum\n");
	(void)take_fd(fd);
	for (const struct dirent *e; r == 0 && (e = readdir(dir));)
		if (e->d_name[0] != '.')
			r = buf_printf(ret, "%s%s\n", e->d_name, e->d_type == DT_DIR ? "/" : "");
	return r;
}

/* Lines of the kernel's log that concern us, or tell that it was hurt. */
static int filter_log(const struct buf *log, struct buf *ret)
{
	static const char *const words[] = {
		"livepatch",
		"oakum",
		"klp",
		"Oops",
		"BUG:",
		"WARNING:",
		"RIP:",
		"Call Trace",
		"lockup",
		"stall",
		"general protection",
		"taint",
		"panic",
		"module verification",
	};
	int r = 0;

	for (const char *line = buf_str(log); *line && r == 0;) {
		size_t len = strcspn(line, "\n");
		bool wanted = false;

		for (size_t i = 0; !wanted && i < sizeof(words) / sizeof(words[0]); i++)
			wanted = memmem(line, len, words[i], strlen(words[i])) != NULL;
		if (wanted)
			r = buf_add(ret, line, len);
		if (wanted && r == 0)
			r = buf_add(ret, "\n", 1);
		line += len + (line[len] == '\n');
	}
	return r;
}

/* A program that hangs is ended by timeout(1). */
static int ask(const char *const *words, struct buf *ret)
{
	_cleanup_(process_result_free) struct process_result out = { 0 };
	const char *argv[16] = { "timeout", "10" };
	struct oak_error err = { .code = OAK_OK };
	int r = 0;

	for (size_t i = 0; words[i] && i + 3 < sizeof(argv) / sizeof(argv[0]); i++)
		argv[i + 2] = words[i];
	if (process_run(argv, NULL, &out, &err) < 0)
		return buf_printf(ret, "%s\n", err.msg);
	if (strcmp(words[0], "dmesg") == 0)
		r = filter_log(&out.out, ret);
	else
		r = buf_add(ret, out.out.data, out.out.len);
	if (r == 0 && out.status)
		r = buf_printf(ret, "\n(exit status %d) %s", out.status, buf_str(&out.err));
	return r;
}

static int read_file(const struct doctor *d, const char *path, struct buf *ret)
{
	struct oak_error err = { .code = OAK_OK };

	if (file_read(d->root, path, FILE_BYTES_MAX, ret, &err) < 0)
		return buf_printf(ret, "%s\n", err.msg);
	return 0;
}

/* Each entry has one of: a function, a file, a program. */
static const struct entry {
	const char *name;
	int (*make)(const struct doctor *d, struct buf *ret);
	const char *path;
	const char *argv[12];
} entries[] = {
	{ "status.json", make_status, NULL, { NULL } },
	{ "settings.json", make_settings, NULL, { NULL } },
	{ "files", make_levels, NULL, { NULL } },
	{ "trust", doctor_trust, NULL, { NULL } },
	{ "livepatch", make_livepatch, NULL, { NULL } },
	{ "journal", NULL, "var/lib/oakum/journal", { NULL } },
	{ "report.json", NULL, "var/lib/oakum/report.json", { NULL } },
	{ "enabled_functions", NULL, "sys/kernel/tracing/enabled_functions", { NULL } },
	{ "kprobes", NULL, "sys/kernel/debug/kprobes/list", { NULL } },
	{ "version", NULL, "proc/version", { NULL } },
	{ "cmdline", NULL, "proc/cmdline", { NULL } },
	{ "modules", NULL, "proc/modules", { NULL } },
	{ "tainted", NULL, "proc/sys/kernel/tainted", { NULL } },
	{ "pressure-cpu", NULL, "proc/pressure/cpu", { NULL } },
	{ "pressure-io", NULL, "proc/pressure/io", { NULL } },
	{ "pressure-memory", NULL, "proc/pressure/memory", { NULL } },
	{ "os-release", NULL, "etc/os-release", { NULL } },
	{ "kernel-log", NULL, NULL, { "dmesg" } },
	{ "units",
	  NULL,
	  NULL,
	  { "systemctl", "show", "--no-pager", "oakum-agent", "oakum-boot", UNIT_FACTS } },
	{ "unit-log",
	  NULL,
	  NULL,
	  { "journalctl", "--no-pager", "-n", "500", "-o", "short-iso", "-u", "oakum-agent", "-u",
	    "oakum-boot" } },
};

static int gather_one(const struct doctor *d, const struct entry *e, struct buf *ret)
{
	if (e->make)
		return e->make(d, ret);
	if (e->path)
		return read_file(d, e->path, ret);
	return d->real ? ask(e->argv, ret) : buf_add_str(ret, "not asked: another root\n");
}

/* The end is what counts, of logs above all. */
static int cut(const struct buf *text, struct buf *ret)
{
	size_t drop = text->len > DOCTOR_ENTRY_MAX ? text->len - DOCTOR_ENTRY_MAX : 0;
	const char *from = buf_str(text) + drop;
	int r = 0;

	if (drop) {
		/* From a whole line on, or a secret could lose the name that gives it away. */
		const char *line = memchr(from, '\n', DOCTOR_ENTRY_MAX);

		from = line ? line + 1 : buf_str(text) + text->len;
		r = buf_printf(ret, "(the first %zu bytes are left out)\n",
			       (size_t)(from - buf_str(text)));
	}
	return r == 0 ? buf_add(ret, from, text->len - (size_t)(from - buf_str(text))) : r;
}

int doctor_gather(const struct doctor *d, doctor_take take, void *ctx)
{
	int r = 0;

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]) && r == 0; i++) {
		_cleanup_(buf_free) struct buf raw = { 0 };
		_cleanup_(buf_free) struct buf clean = { 0 };
		_cleanup_(buf_free) struct buf text = { 0 };

		r = gather_one(d, &entries[i], &raw);
		if (r == 0)
			r = redact(buf_str(&raw), raw.len, &clean);
		if (r == 0)
			r = cut(&clean, &text);
		if (r == 0)
			r = take(ctx, entries[i].name, &text);
	}
	return r;
}
