/* SPDX-License-Identifier: GPL-2.0-or-later */
/* picture-take: where each part of a picture comes from. */
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "agent/control.h"
#include "agent/cves.h"
#include "agent/fleet/home.h"
#include "agent/news.h"
#include "agent/picture.h"
#include "agent/state.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "host/cache.h"
#include "host/container.h"
#include "host/cve/mitigate.h"
#include "host/journal.h"
#include "host/plain.h"
#include "host/process-age.h"
#include "host/reboot.h"
#include "host/switches.h"

#define REPORT_PATH "var/lib/oakum/report.json"
#define REPORT_MAX  (4u << 20)

/* Texts of others: a letter that is cut would be no UTF-8, and no JSON. */
#define COPY(field, text) plain_copy(field, sizeof(field), text)

static void take_level(int root, struct picture *p)
{
	p->level = host_level(&p->host);
	p->state = host_level_state(p->level);
	if (p->level &&
	    cache_manifest(root, p->host.id.build_id, p->level->level, &p->manifest, NULL) < 0)
		p->manifest = NULL;
	p->complete = p->manifest && host_functions_redirected(p->level, p->manifest) ==
					     host_functions_wanted(p->manifest);
}

static void take_journal(int root, struct picture *p)
{
	struct journal_view v;

	if (journal_read(root, p->host.id.build_id, &v, NULL) < 0)
		return;
	p->applies = v.applied;
	p->failures = v.failed;
	p->reverts = v.reverted;
	p->reverted_by_hand = v.reverted_by_hand;
	for (size_t i = 0; i < v.n_quarantined && i < PICTURE_QUARANTINE_MAX; i++) {
		struct picture_quarantine *q = &p->quarantine[p->n_quarantine++];

		q->level = v.quarantined[i].level;
		q->at = v.quarantined[i].at_s;
		COPY(q->why, v.quarantined[i].why);
	}
	if (!p->level)
		return;
	p->settled = journal_is_settled(&v, p->level->level);
	/* The journal's last word is of another level where somebody else loaded this one. */
	if (v.level == p->level->level && strcmp(v.boot_id, p->host.id.boot_id) == 0)
		p->since = v.applied_at_s;
}

/* The strings of the CVEs change hands. */
static void take_withheld(struct picture *p, struct news *n)
{
	if (n->n_withheld)
		p->withheld = calloc(n->n_withheld, sizeof(*p->withheld));
	for (size_t i = 0; p->withheld && i < n->n_withheld; i++) {
		struct news_withheld *from = &n->withheld[i];
		struct picture_withheld *to = &p->withheld[p->n_withheld++];

		to->level = from->level;
		to->until = from->until_s;
		COPY(to->why, from->why);
		to->cves = take_ptr(from->cves);
		to->n_cves = from->n_cves;
		from->n_cves = 0;
	}
}

static void take_news(int root, struct picture *p)
{
	_cleanup_(news_clear) struct news n = { 0 };
	struct oak_error err;

	if (news_read(root, &n, &err) < 0) {
		COPY(p->check_error, err.msg);
		return;
	}
	p->checked = n.checked_s;
	p->tried = n.tried_s;
	p->trust_expires = n.expires_s;
	p->newest = n.newest;
	p->no_level = n.no_level;
	p->cve_checked = n.cves_checked_s;
	COPY(p->check_error, n.error);
	COPY(p->cve_error, n.cves_error);
	take_withheld(p, &n);
}

static void take_cves(int root, struct picture *p)
{
	struct cves_head head;

	cves_head_read(root, &head);
	p->cve_records = head.records;
	p->cve_as_of = head.as_of_s;
	if (mitigate_read(root, &p->mitigations, NULL) < 0 || !json_array_size(p->mitigations)) {
		json_decref(p->mitigations);
		p->mitigations = NULL;
	}
}

static void take_containers(int root, struct picture *p)
{
	_cleanup_(container_list_free) struct container_list list = { 0 };

	if (container_list_read(root, &list, NULL) < 0)
		return;
	for (size_t i = 0; i < list.n; i++) {
		int64_t started;

		/* A virtual machine has a kernel of its own. */
		if (list.containers[i].vm[0])
			continue;
		p->containers++;
		if (!p->since)
			continue;
		started = process_started_s(root, list.containers[i].init);
		/* Both are rounded down to a second. */
		p->containers_unbroken += started && started <= p->since;
	}
}

static void take_report(int root, struct picture *p)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	json_int_t level, from;
	const json_t *error;

	if (file_read(root, REPORT_PATH, REPORT_MAX, &text, NULL) < 0 ||
	    json_parse(text.data, text.len, REPORT_MAX, "report.json", &doc, NULL) < 0)
		return;
	error = json_object_get(doc, "error");
	level = json_integer_value(json_object_get(doc, "level"));
	from = json_integer_value(json_object_get(doc, "from"));
	p->last_failed = error != NULL;
	if (error)
		COPY(p->last_result,
		     json_get_str(error, "message") ? json_get_str(error, "message") : "failed");
	else if (level > 0 || from > 0)
		(void)snprintf(p->last_result, sizeof(p->last_result), "level %lld was %s",
			       (long long)(level > 0 ? level : from),
			       level > 0 ? "applied" : "reverted");
}

static void take_agent(int root, const char *root_path, struct picture *p)
{
	struct switches s;
	struct state state;

	switches_read(root, &s);
	p->switched_off = s.state != SWITCH_NONE;
	COPY(p->switched, s.why);
	p->agent_runs = control_is_there(root_path);
	if (!p->agent_runs)
		return;
	state_read(root, &state);
	COPY(p->next, state.next);
	p->next_at = state.next_at_s;
	/* A full disk keeps the worker from writing its news. */
	if (state.error[0] && state.tried_s >= p->tried) {
		p->tried = state.tried_s;
		COPY(p->check_error, state.error);
	}
	if (p->level && state.soak_level == p->level->level)
		p->soak_until = state.soak_until_s;
}

static void take_fleet(int root, struct picture *p)
{
	struct picture_fleet *f = &p->fleet;
	struct fleet_home h = { .server = "" };
	struct fleet_memory m;
	struct oak_error err;

	if (!fleet_is_enrolled(root))
		return;
	if (fleet_home_read(root, &h, &err) < 0) {
		f->broken = true;
		COPY(f->error, err.msg);
		return;
	}
	fleet_memory_read(root, &m);
	COPY(f->server, h.server);
	COPY(f->host, h.host);
	COPY(f->ring, h.ring);
	fleet_home_clear(&h);
	f->heard = m.heard_s;
	f->issued = m.issued_s;
	f->expires = m.expires_s;
	f->reported = m.reported_s;
	f->held_level = m.held_level;
	f->held_since = m.held_s;
	f->alone = m.alone;
	COPY(f->held_why, m.held_why);
	COPY(f->code, m.code);
	COPY(f->error, m.error);
}

static void take_reboot(int root, struct picture *p)
{
	struct reboot r;

	reboot_read(root, p->host.id.release, &r);
	reboot_text(&r, p->reboot, sizeof(p->reboot));
}

int picture_take(int root, const char *root_path, struct picture *ret, struct oak_error *err)
{
	struct picture p = { 0 };
	struct oak_error bad;
	int r = host_read(root, &p.host, err);

	if (r < 0)
		return r;
	if (settings_read(root, &p.settings, &bad) < 0)
		COPY(p.settings_error, bad.msg);
	take_level(root, &p);
	take_journal(root, &p);
	take_news(root, &p);
	take_cves(root, &p);
	take_containers(root, &p);
	take_report(root, &p);
	take_reboot(root, &p);
	take_fleet(root, &p);
	take_agent(root, root_path, &p);
	*ret = p;
	return 0;
}
