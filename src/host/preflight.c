/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/module-build.h"
#include "host/self.h"
#include "host/traced.h"

#define DISK_RESERVE (1u << 20) /* metadata, journal, the temporary copy's rounding */

struct subject {
	const struct host *h;
	const struct manifest *m; /* NULL where no level is known */
};

static _printf_(4, 5) void say(struct preflight_row *row, enum preflight_verdict verdict,
			       enum oak_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(row->text, sizeof(row->text), fmt, ap);
	va_end(ap);
	row->verdict = verdict;
	row->code = code;
}

static void check_privilege(const struct subject *s, struct preflight_row *row)
{
	if (self_may_load_modules(s->h->root))
		say(row, PREFLIGHT_PASS, OAK_OK, "may load modules");
	else
		say(row, PREFLIGHT_FAIL, OAK_E_PERMISSION,
		    "not permitted: run as root (CAP_SYS_MODULE is missing)");
}

static void check_livepatch(const struct subject *s, struct preflight_row *row)
{
	if (s->h->id.livepatch)
		say(row, PREFLIGHT_PASS, OAK_OK, "the kernel can be live patched");
	else
		say(row, PREFLIGHT_FAIL, OAK_E_UNSUPPORTED,
		    "this kernel has no livepatch support (CONFIG_LIVEPATCH): boot a kernel of the "
		    "distribution that has it");
}

static void check_kernel(const struct subject *s, struct preflight_row *row)
{
	const struct identity *id = &s->h->id;

	if (!id->build_id[0])
		say(row, PREFLIGHT_FAIL, OAK_E_UNSUPPORTED,
		    "this kernel does not tell its build-id (/sys/kernel/notes)");
	else if (!s->m)
		say(row, PREFLIGHT_PASS, OAK_OK, "kernel %s", id->build_id);
	else if (strcmp(id->build_id, s->m->kernel.build_id) != 0)
		say(row, PREFLIGHT_FAIL, OAK_E_REFUSED,
		    "level %u is for kernel %s (%s), this host runs kernel %s (%s)", s->m->level,
		    s->m->kernel.build_id, s->m->kernel.release, id->build_id, id->release);
	else
		say(row, PREFLIGHT_PASS, OAK_OK, "level %u is for this kernel", s->m->level);
}

static void check_withdrawn(const struct subject *s, struct preflight_row *row)
{
	if (s->m->withdrawn)
		say(row, PREFLIGHT_FAIL, OAK_E_REFUSED, "level %u was withdrawn by its publisher",
		    s->m->level);
	else
		say(row, PREFLIGHT_PASS, OAK_OK, "not withdrawn");
}

static void check_modules(const struct subject *s, struct preflight_row *row)
{
	if (s->h->id.modules_disabled)
		say(row, PREFLIGHT_FAIL, OAK_E_PERMISSION,
		    "kernel.modules_disabled is 1: no module, and so no level, can be loaded before "
		    "the next boot; use kernel.modprobe=\"\" and signed modules instead");
	else
		say(row, PREFLIGHT_PASS, OAK_OK, "modules can be loaded");
}

static void check_signature(const struct subject *s, struct preflight_row *row)
{
	const struct identity *id = &s->h->id;
	const char *why = id->lockdown != LOCKDOWN_NONE ? "the kernel is locked down"
							: "module.sig_enforce is set";

	if (!id->sig_enforce && id->lockdown == LOCKDOWN_NONE)
		say(row, PREFLIGHT_PASS, OAK_OK, "the kernel does not insist on a signature");
	else if (!s->m)
		say(row, PREFLIGHT_WARN, OAK_OK, "only signed levels can be loaded: %s", why);
	else if (s->m->module.signer)
		say(row, PREFLIGHT_WARN, OAK_OK,
		    "signed by '%s'; the kernel takes it only if it knows that key: %s",
		    s->m->module.signer, why);
	else
		say(row, PREFLIGHT_FAIL, OAK_E_PERMISSION,
		    "level %u is not signed, and %s: use levels signed with a key that is enrolled "
		    "on this host (mokutil --import)",
		    s->m->level, why);
}

/* A level replaces every livepatch there is, also those of others. */
static void check_foreign(const struct subject *s, struct preflight_row *row)
{
	const struct livepatch_list *l = &s->h->patches;

	for (size_t i = 0; i < l->n; i++) {
		if (l->patches[i].level)
			continue;
		say(row, PREFLIGHT_FAIL, OAK_E_REFUSED,
		    "livepatch '%s' of another tool is loaded, and a level would replace it: "
		    "remove it with that tool first",
		    l->patches[i].name);
		return;
	}
	say(row, PREFLIGHT_PASS, OAK_OK, "no livepatch of another tool");
}

static void check_transition(const struct subject *s, struct preflight_row *row)
{
	const struct livepatch_list *l = &s->h->patches;

	for (size_t i = 0; i < l->n; i++) {
		const struct livepatch *p = &l->patches[i];

		/* Our own level on its way in is waited for, not applied a second time. */
		if (!p->transition || (p->level && p->enabled && (!s->m || p->level == s->m->level)))
			continue;
		say(row, PREFLIGHT_FAIL, OAK_E_AGAIN,
		    "livepatch '%s' is in transition: try again later", p->name);
		return;
	}
	say(row, PREFLIGHT_PASS, OAK_OK, "no transition is under way");
}

static bool is_livepatched(const struct livepatch_list *l, const char *function)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->patches[i].n_functions; k++)
			if (strcmp(l->patches[i].functions[k].name, function) == 0)
				return true;
	return false;
}

/* The worst of what the tracing lists say about any function of the level. */
static void judge_traced(const struct subject *s, const char *list, struct preflight_row *row)
{
	for (size_t i = 0; i < s->m->n_fixes; i++) {
		for (size_t k = 0; k < s->m->fixes[i].n_functions; k++) {
			const char *f = s->m->fixes[i].functions[k].name;
			struct traced t = traced_find(list, f);

			if (t.ip_modified && !is_livepatched(&s->h->patches, f)) {
				say(row, PREFLIGHT_FAIL, OAK_E_REFUSED,
				    "function %s is redirected by another tool (ftrace IPMODIFY, "
				    "see /sys/kernel/tracing/enabled_functions): stop it first",
				    f);
				return;
			}
			if (t.direct && row->verdict == PREFLIGHT_PASS)
				say(row, PREFLIGHT_WARN, OAK_OK,
				    "function %s is traced by a BPF program", f);
		}
	}
}

static void check_functions(const struct subject *s, struct preflight_row *row)
{
	_cleanup_(buf_free) struct buf list = { 0 };

	say(row, PREFLIGHT_PASS, OAK_OK, "no function belongs to another tool");
	if (traced_read(s->h->root, &list) < 0)
		say(row, PREFLIGHT_UNKNOWN, OAK_OK,
		    "who else redirects functions cannot be read (tracefs is not mounted)");
	else
		judge_traced(s, buf_str(&list), row);
}

/*
 * The proof is of the module that was shipped. One that is loaded must be that one; so must the
 * file that would be loaded, for the level is there when it comes.
 */
static void judge_module(const struct subject *s, const struct manifest_object *o,
			 struct preflight_row *row)
{
	struct module_build b;

	module_build_read(s->h->root, s->h->id.release, o->name, &b);
	if (b.state == MODULE_ABSENT)
		return;
	if (b.state == MODULE_UNKNOWN && row->verdict == PREFLIGHT_PASS)
		say(row, PREFLIGHT_UNKNOWN, OAK_OK,
		    "which build of module %s is on this host cannot be read: %s", o->name, b.why);
	else if (b.state != MODULE_UNKNOWN && strcmp(b.build_id, o->build_id) != 0)
		say(row, PREFLIGHT_FAIL, OAK_E_REFUSED,
		    "module %s %s is build %s, level %u was proven against build %s: put the "
		    "distribution's module back (dkms status, /lib/modules/%s/updates)",
		    o->name, b.state == MODULE_LOADED ? "as it is loaded" : "in /lib/modules",
		    b.build_id, s->m->level, o->build_id, s->h->id.release);
}

static void check_module_builds(const struct subject *s, struct preflight_row *row)
{
	say(row, PREFLIGHT_PASS, OAK_OK, "modules that the level patches are those that it knows");
	for (size_t i = 0; i < s->m->n_modules && row->verdict != PREFLIGHT_FAIL; i++)
		judge_module(s, &s->m->modules[i], row);
}

static void check_disk(const struct subject *s, struct preflight_row *row)
{
	/* The kernel's copy is not on disk; ours is there twice while it is put in place. */
	uint64_t want = DISK_RESERVE + (s->m ? 2 * s->m->module.size : 0);
	_cleanup_(closep) int fd = openat(s->h->root, "var/lib", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statvfs v;
	uint64_t have;

	if (fd < 0 || fstatvfs(fd, &v) < 0) {
		say(row, PREFLIGHT_UNKNOWN, OAK_OK, "/var/lib: %s", strerror(errno));
		return;
	}
	have = (uint64_t)v.f_bavail * v.f_frsize;
	if (have < want)
		say(row, PREFLIGHT_FAIL, OAK_E_REFUSED,
		    "/var/lib has %" PRIu64 " KiB free, level and journal need %" PRIu64 " KiB",
		    have / 1024, want / 1024);
	else
		say(row, PREFLIGHT_PASS, OAK_OK, "/var/lib has room");
}

enum scope {
	HOST = 1,  /* can be said without a level */
	LEVEL = 2, /* of one level */
	REVERT = 4,
};

static const struct {
	const char *id;
	void (*run)(const struct subject *s, struct preflight_row *row);
	unsigned scope;
} checks[] = {
	{ "privilege", check_privilege, HOST | LEVEL | REVERT },
	{ "livepatch", check_livepatch, HOST | LEVEL | REVERT },
	{ "kernel", check_kernel, HOST | LEVEL },
	{ "withdrawn", check_withdrawn, LEVEL },
	{ "modules", check_modules, HOST | LEVEL },
	{ "signature", check_signature, HOST | LEVEL },
	{ "transition", check_transition, HOST | LEVEL },
	{ "foreign", check_foreign, HOST | LEVEL },
	{ "functions", check_functions, LEVEL },
	{ "module-builds", check_module_builds, LEVEL },
	{ "disk", check_disk, HOST | LEVEL },
};

static void run_checks(const struct subject *s, enum scope scope, struct preflight_report *ret)
{
	_Static_assert(sizeof(checks) / sizeof(checks[0]) <= PREFLIGHT_CHECKS_MAX, "grow it");
	*ret = (struct preflight_report){ 0 };
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct preflight_row *row = &ret->rows[ret->n];

		if (!(checks[i].scope & (unsigned)scope))
			continue;
		row->id = checks[i].id;
		checks[i].run(s, row);
		ret->n++;
	}
}

void preflight_run(const struct host *h, const struct manifest *m, struct preflight_report *ret)
{
	run_checks(&(struct subject){ .h = h, .m = m }, m ? LEVEL : HOST, ret);
}

void preflight_run_revert(const struct host *h, struct preflight_report *ret)
{
	run_checks(&(struct subject){ .h = h }, REVERT, ret);
}

int preflight_verdict(const struct preflight_report *report, struct oak_error *err)
{
	for (size_t i = 0; i < report->n; i++)
		if (report->rows[i].verdict == PREFLIGHT_FAIL)
			return oak_fail(err, report->rows[i].code, "%s", report->rows[i].text);
	return 0;
}

const char *preflight_verdict_name(enum preflight_verdict v)
{
	static const char *const names[] = {
		[PREFLIGHT_PASS] = "pass",
		[PREFLIGHT_WARN] = "warn",
		[PREFLIGHT_UNKNOWN] = "unknown",
		[PREFLIGHT_FAIL] = "fail",
	};

	return names[v];
}
