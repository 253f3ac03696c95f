/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/tell-node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/closed.h"
#include "agent/tell-file.h"
#include "agent/tell-reboot.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/journal.h"
#include "host/plain.h"

#define COPY(field, text) plain_copy(field, sizeof(field), text)

bool tell_node_reboot(const struct picture *p, const struct reboot *r, char *ret_why, size_t size)
{
	bool by_kernel = r->by_kernel || r->newer_installed;
	const char *why = NULL;

	ret_why[0] = '\0';
	if (r->by_other) {
		(void)snprintf(ret_why, size, "%.300s: no level can do it",
			       r->packages[0] ? r->packages : "a package wants a boot");
		return true;
	}
	if (!by_kernel || tell_reboot_as_good(p))
		return false;
	if (p->switched_off)
		why = "a newer kernel is installed, and oakum is switched off";
	else if (p->no_level)
		why = "a newer kernel is installed, and the repository has no level for this one";
	else if (!p->checked)
		why = "a newer kernel is installed, and the repository was never reached";
	if (why)
		(void)snprintf(ret_why, size, "%s", why);
	return why != NULL;
}

static enum node_verdict verdict_for_node(enum verdict v)
{
	static const enum node_verdict verdicts[] = {
		[VERDICT_OK] = NODE_OK,
		[VERDICT_WARNING] = NODE_WARNING,
		[VERDICT_CRITICAL] = NODE_CRITICAL,
		[VERDICT_UNKNOWN] = NODE_UNKNOWN,
	};

	return verdicts[v];
}

static void add_findings(const struct verdict_report *v, struct node_status *s)
{
	for (size_t i = 0; i < v->n && i < NODE_FINDINGS_MAX; i++) {
		struct node_finding *f = &s->findings[s->n_findings++];

		COPY(f->id, v->findings[i].id);
		f->verdict = verdict_for_node(v->findings[i].verdict);
		COPY(f->text, v->findings[i].text);
	}
}

void tell_node_status(const struct picture *p, const struct verdict_report *v,
		      const struct reboot *r, struct node_status *ret)
{
	_cleanup_(closed_free) struct closed closed = { 0 };

	*ret = (struct node_status){ .level = p->level ? p->level->level : 0,
				     .newest = p->newest,
				     .no_level = p->no_level,
				     .checked_s = p->checked,
				     .settled = p->settled,
				     .switched_off = p->switched_off,
				     .withdrawn = p->manifest && p->manifest->withdrawn,
				     .withheld = (uint32_t)p->n_withheld,
				     .quarantined = (uint32_t)p->n_quarantine,
				     .verdict = verdict_for_node(v->worst) };
	COPY(ret->boot, p->host.id.boot_id);
	COPY(ret->build_id, p->host.id.build_id);
	COPY(ret->release, p->host.id.release);
	COPY(ret->effective, picture_effective_version(p));
	COPY(ret->state, level_state_name(p->state));
	COPY(ret->good, v->good);
	if (closed_of(p, &closed, NULL) == 0)
		ret->cves = (uint32_t)closed.n;
	ret->reboot = tell_node_reboot(p, r, ret->reboot_why, sizeof(ret->reboot_why));
	add_findings(v, ret);
}

static void add_deeds(int root, const char *build_id, struct node_status *s)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct journal_deed deeds[NODE_DEEDS_MAX];
	size_t n;

	if (file_read(root, JOURNAL_PATH, JOURNAL_BYTES_MAX, &text, NULL) < 0)
		return;
	n = journal_last_deeds(buf_str(&text), text.len, build_id, deeds, NODE_DEEDS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct node_deed *d = &s->deeds[s->n_deeds++];

		d->at_s = deeds[i].at_s;
		d->level = deeds[i].level;
		COPY(d->step, journal_step_name(deeds[i].step));
		COPY(d->by, journal_by_name(deeds[i].by));
		COPY(d->why, deeds[i].why);
	}
}

static void read_reboot(int root, const char *release, struct reboot *ret)
{
	_cleanup_(closep) int host = openat(root, "proc/1/root", O_PATH | O_DIRECTORY | O_CLOEXEC);

	reboot_read(host < 0 ? root : host, release, ret);
}

static int put_sentinel(int root, const struct node_status *s, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (!s->reboot) {
		if (unlinkat(root, NODE_SENTINEL_PATH, 0) < 0 && errno != ENOENT)
			return oak_fail_errno(err, errno, "/" NODE_SENTINEL_PATH);
		return 0;
	}
	if (buf_printf(&text, "%s\n", s->reboot_why) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return tell_file(root, NODE_SENTINEL_PATH, &text, err);
}

int tell_node(int root, const struct picture *p, int64_t now_s, struct oak_error *err)
{
	static const struct verdict_limits limits = VERDICT_LIMITS_OTHERWISE;
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(freep) struct verdict_report *v = calloc(1, sizeof(*v));
	_cleanup_(freep) struct node_status *s = calloc(1, sizeof(*s));
	struct reboot reboot;
	int r;

	if (!v || !s)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	verdict_of(p, &limits, now_s, v);
	read_reboot(root, p->host.id.release, &reboot);
	tell_node_status(p, v, &reboot, s);
	s->agent = p->agent_runs ? (uint32_t)getppid() : 0;
	add_deeds(root, p->host.id.build_id, s);
	r = node_status_write(s, &text, err);
	if (r == 0)
		r = tell_file(root, NODE_STATUS_PATH, &text, err);
	return r == 0 ? put_sentinel(root, s, err) : r;
}
