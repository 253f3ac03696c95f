/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * preflight-functions: who else has a hand on a function of the level.
 *
 *	ftrace with IPMODIFY	the kernel allows one a function: refused
 *	BPF trampoline		since Linux 6.0 they share (BPF makes way); before, the kernel refuses
 *	other direct caller	the kernel refuses
 *	kprobe			it would sit in code that nobody runs any more, or (with a post-handler)
 *				take the function from the level: refused, it has to go first
 *	ftrace otherwise	goes on as before
 *
 * Source: kernel/trace/ftrace.c (__ftrace_hash_update_ipmodify,
 * prepare_direct_functions_for_ipmodify), kernel/kprobes.c of 6.1.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "host/number.h"
#include "host/preflight-priv.h"
#include "host/probes.h"
#include "host/traced.h"

#define SHARING_SINCE 6 /* Linux 6.0: BPF trampolines make way for IPMODIFY */

static bool is_livepatched(const struct livepatch_list *l, const struct manifest_function *f)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->patches[i].n_functions; k++)
			if (strcmp(l->patches[i].functions[k].name, f->name) == 0)
				return true;
	return false;
}

static bool may_share(const char *release)
{
	char major[8];
	uint32_t n;

	(void)snprintf(major, sizeof(major), "%.*s", (int)strcspn(release, "."), release);
	return number_parse_u32(major, &n) == 0 && n >= SHARING_SINCE;
}

/* Return: whether the level can have it; where not, the row says why. */
typedef bool judge_function(const struct preflight_subject *s, const struct manifest_function *f,
			    const char *list, struct preflight_row *row);

/* Until the first that the level cannot have. */
static void each_function(const struct preflight_subject *s, judge_function *judge,
			  const char *list, struct preflight_row *row)
{
	for (size_t i = 0; i < s->m->n_fixes; i++)
		for (size_t k = 0; k < s->m->fixes[i].n_functions; k++)
			if (!judge(s, &s->m->fixes[i].functions[k], list, row))
				return;
}

static bool judge_ftrace(const struct preflight_subject *s, const struct manifest_function *f,
			 const char *list, struct preflight_row *row)
{
	struct traced t = traced_find(list, f->name);

	/* Our own earlier level shows so, too. */
	if (!t.ip_modified || is_livepatched(&s->h->patches, f))
		return true;
	preflight_say(row, PREFLIGHT_FAIL, OAK_E_REFUSED,
		      "function %s is redirected by another tool (ftrace IPMODIFY, "
		      "see /sys/kernel/tracing/enabled_functions): stop it first",
		      f->name);
	return false;
}

static bool judge_direct(const struct preflight_subject *s, const struct manifest_function *f,
			 const char *list, struct preflight_row *row)
{
	struct traced t = traced_find(list, f->name);
	bool bpf = !t.direct_to[0] || strncmp(t.direct_to, "bpf_", 4) == 0;

	if (!t.direct)
		return true;
	if (bpf && may_share(s->h->id.release)) {
		preflight_say(row, PREFLIGHT_WARN, OAK_OK,
			      "function %s is traced by a BPF program, which will see calls of the "
			      "new code",
			      f->name);
		return true;
	}
	preflight_say(row, PREFLIGHT_FAIL, OAK_E_AGAIN,
		      "function %s is traced by %s%s, and this kernel does not let both have it: "
		      "detach that first%s",
		      f->name, bpf ? "a BPF program" : "the direct caller ", bpf ? "" : t.direct_to,
		      bpf ? " (bpftool link detach)" : "");
	return false;
}

static void judge_list(const struct preflight_subject *s, judge_function *judge,
		       struct preflight_row *row)
{
	_cleanup_(buf_free) struct buf list = { 0 };

	if (traced_read(s->h->root, &list) < 0)
		preflight_say(row, PREFLIGHT_UNKNOWN, OAK_OK,
			      "who else redirects functions cannot be read (tracefs is not mounted)");
	else
		each_function(s, judge, buf_str(&list), row);
}

void preflight_functions(const struct preflight_subject *s, struct preflight_row *row)
{
	preflight_say(row, PREFLIGHT_PASS, OAK_OK, "no function belongs to another tool");
	judge_list(s, judge_ftrace, row);
}

void preflight_bpf(const struct preflight_subject *s, struct preflight_row *row)
{
	preflight_say(row, PREFLIGHT_PASS, OAK_OK, "no BPF program on a function of the level");
	judge_list(s, judge_direct, row);
}

static bool judge_probe(const struct preflight_subject *s, const struct manifest_function *f,
			const char *list, struct preflight_row *row)
{
	struct probe p;

	(void)s;
	if (!probe_find(list, f->object, f->name, &p))
		return true;
	if (p.disabled) {
		preflight_say(row, PREFLIGHT_WARN, OAK_OK,
			      "a disabled %s is on %s+0x%s: once enabled it would never fire",
			      p.kind, f->name, p.offset);
		return true;
	}
	preflight_say(row, PREFLIGHT_FAIL, OAK_E_AGAIN,
		      "a %s is on %s+0x%s, and it and the level cannot both have the function: "
		      "remove it first (perf probe -d, bpftrace, "
		      "/sys/kernel/tracing/kprobe_events)",
		      p.kind, f->name, p.offset);
	return false;
}

void preflight_probes(const struct preflight_subject *s, struct preflight_row *row)
{
	_cleanup_(buf_free) struct buf list = { 0 };

	preflight_say(row, PREFLIGHT_PASS, OAK_OK, "no kprobe on a function of the level");
	if (probes_read(s->h->root, &list) < 0)
		preflight_say(row, PREFLIGHT_UNKNOWN, OAK_OK,
			      "which kprobes there are cannot be read (debugfs is not mounted)");
	else
		each_function(s, judge_probe, buf_str(&list), row);
}
