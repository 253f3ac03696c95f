/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "agent/closed.h"
#include "agent/plain-text.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "host/host.h"
#include "trust/date.h"

#define SHOW_CVES     5u
#define SHOW_WITHHELD 3u
#define LABEL         "%-10s "

/* What is being written; after a failure nothing more is. */
struct screen {
	const struct status_view *v;
	struct buf *b;
	int r;
};

static void add(struct screen *s, const char *fmt, ...) _printf_(2, 3);

static void add(struct screen *s, const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;
		s->r = -OAK_E_NOMEM;
	}
	va_end(ap);
	if (text && s->r == 0)
		s->r = buf_add_str(s->b, text);
}

/* What others wrote. */
static void add_plain(struct screen *s, const char *text)
{
	if (s->r == 0)
		s->r = plain_line(s->b, text);
}

static void add_when(struct screen *s, int64_t at)
{
	if (s->r == 0)
		s->r = plain_when(s->b, at, s->v->now_s);
}

static void add_list(struct screen *s, char *const *list, size_t n)
{
	if (s->r == 0)
		s->r = plain_list(s->b, list, n, s->v->verbose ? n : SHOW_CVES);
}

static const char *color(const struct screen *s, enum cli_color c)
{
	return cli_color(s->v->cli, c);
}

static void row_verdict(struct screen *s)
{
	static const struct {
		enum cli_color color;
		const char *word;
	} heads[] = {
		[VERDICT_OK] = { CLI_GREEN, "OK" },
		[VERDICT_WARNING] = { CLI_YELLOW, "WARNING" },
		[VERDICT_CRITICAL] = { CLI_RED, "CRITICAL" },
		[VERDICT_UNKNOWN] = { CLI_YELLOW, "UNKNOWN" },
	};
	const struct verdict_report *v = s->v->verdict;

	add(s, "%s%s%s%s  %s%s%s\n", color(s, CLI_BOLD), color(s, heads[v->worst].color),
	    heads[v->worst].word, color(s, CLI_RESET), color(s, CLI_BOLD), v->good,
	    color(s, CLI_RESET));
	for (size_t i = 0; i < v->n; i++)
		add(s, "  %s-%s %s\n", color(s, heads[v->findings[i].verdict].color),
		    color(s, CLI_RESET), v->findings[i].text);
	add(s, "\n");
}

static void row_kernel(struct screen *s)
{
	const struct picture *p = s->v->p;
	const char *effective = picture_effective_version(p);

	add(s, LABEL "%s", "kernel", p->host.id.release);
	if (strcmp(effective, p->host.id.release) != 0) {
		add(s, ", as good as ");
		add_plain(s, effective);
	}
	add(s, "\n" LABEL "%s\n", "build-id",
	    p->host.id.build_id[0] ? p->host.id.build_id : "not told by this kernel");
}

static void row_level(struct screen *s)
{
	const struct picture *p = s->v->p;
	enum cli_color c = p->state == LEVEL_APPLIED ? CLI_GREEN : CLI_YELLOW;

	if (!p->level) {
		if (p->host.id.livepatch)
			add(s, LABEL "none\n", "level");
		return;
	}
	add(s, LABEL "%u, %s%s%s", "level", p->level->level, color(s, c),
	    level_state_name(p->state), color(s, CLI_RESET));
	if (p->state == LEVEL_APPLIED && (p->settled || p->soak_until))
		add(s, ", %s", p->settled ? "settled" : "soaking");
	if (p->manifest)
		add(s, ", channel %s", p->manifest->channel);
	add(s, "\n");
	if (p->since) {
		add(s, LABEL, "since");
		add_when(s, p->since);
		add(s, "\n");
	}
}

/* The ids of fixes that have no CVE stand beside the CVEs. */
static void row_fixes(struct screen *s)
{
	const struct manifest *m = s->v->p->manifest;
	_cleanup_(closed_free) struct closed c = { 0 };
	size_t other = 0;

	if (!s->v->p->level)
		return;
	if (!m) {
		add(s, LABEL "not known: the level's manifest is not on this host\n", "fixes");
		return;
	}
	if (closed_by(m, &c, NULL) < 0) {
		s->r = -OAK_E_NOMEM;
		return;
	}
	for (size_t i = 0; i < m->n_fixes; i++)
		other += !m->fixes[i].n_cve;
	add(s, LABEL, "fixes");
	if (c.n > SHOW_CVES)
		add(s, "%zu CVEs: ", c.n);
	add_list(s, c.cves, c.n);
	if (other)
		add(s, "%s%zu without a CVE", c.n ? ", and " : "", other);
	add(s, "\n");
}

static void row_functions(struct screen *s)
{
	const struct livepatch *l = s->v->p->level;

	for (size_t i = 0; s->v->verbose && l && i < l->n_functions; i++)
		add(s, LABEL "%s: %s\n", i ? "" : "functions", l->functions[i].object,
		    l->functions[i].name);
}

static void row_containers(struct screen *s)
{
	const struct picture *p = s->v->p;

	if (!p->containers)
		return;
	add(s, LABEL "%zu", "containers", p->containers);
	if (p->level && p->state == LEVEL_APPLIED)
		add(s, " protected, %zu of them with no restart since before the level",
		    p->containers_unbroken);
	add(s, "\n");
}

static void row_withheld(struct screen *s)
{
	const struct picture *p = s->v->p;
	size_t show = s->v->verbose ? p->n_withheld : SHOW_WITHHELD, shown = 0;

	/* Newest first: it closes what the others do. */
	for (size_t i = p->n_withheld; i-- > 0 && shown < show; shown++) {
		const struct picture_withheld *w = &p->withheld[i];

		add(s, LABEL "%slevel %u%s: ", shown ? "" : "withheld", color(s, CLI_YELLOW),
		    w->level, color(s, CLI_RESET));
		add_plain(s, w->why);
		if (w->until) {
			add(s, ", until ");
			add_when(s, w->until);
		}
		if (w->n_cves) {
			add(s, "\n" LABEL "would close ", "");
			add_list(s, w->cves, w->n_cves);
		}
		add(s, "\n");
	}
	if (p->n_withheld > shown)
		add(s, LABEL "and %zu more\n", "", p->n_withheld - shown);
}

static void row_quarantine(struct screen *s)
{
	const struct picture *p = s->v->p;
	size_t show = s->v->verbose ? p->n_quarantine : SHOW_WITHHELD;

	for (size_t i = 0; i < p->n_quarantine && i < show; i++) {
		add(s, LABEL "%slevel %u%s since ", i ? "" : "quarantine", color(s, CLI_RED),
		    p->quarantine[i].level, color(s, CLI_RESET));
		add_when(s, p->quarantine[i].at);
		add(s, ": ");
		add_plain(s, p->quarantine[i].why);
		add(s, "\n");
	}
	if (p->n_quarantine > show)
		add(s, LABEL "and %zu more\n", "", p->n_quarantine - show);
}

static void row_check(struct screen *s)
{
	const struct picture *p = s->v->p;

	add(s, LABEL, "checked");
	if (p->checked)
		add_when(s, p->checked);
	else
		add(s, "never");
	if (p->newest)
		add(s, ", newest level %u", p->newest);
	else if (p->no_level)
		add(s, ", no level for this kernel");
	add(s, "\n");
	if (p->check_error[0]) {
		add(s, LABEL "%slast try failed%s: ", "", color(s, CLI_YELLOW), color(s, CLI_RESET));
		add_plain(s, p->check_error);
		add(s, "\n");
	}
	if (p->trust_expires) {
		add(s, LABEL "expires ", "trust");
		add_when(s, p->trust_expires);
		add(s, "\n");
	}
}

static void row_cves(struct screen *s)
{
	const struct picture *p = s->v->p;
	char as_of[DATE_TEXT_MAX];

	if (!p->cve_records && !p->cve_error[0])
		return;
	add(s, LABEL, "cves");
	if (p->cve_records) {
		date_format(p->cve_as_of, as_of);
		add(s, "database of %.10s, %u records", as_of, p->cve_records);
	} else {
		add(s, "no database");
	}
	if (p->cve_checked) {
		add(s, ", checked ");
		add_when(s, p->cve_checked);
	}
	add(s, "\n");
	if (p->cve_error[0]) {
		add(s, LABEL "last try failed: ", "");
		add_plain(s, p->cve_error);
		add(s, "\n");
	}
}

static void row_mitigations(struct screen *s)
{
	const json_t *list = s->v->p->mitigations;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *m = json_array_get(list, i);
		const json_t *modules = json_object_get(m, "modules");
		const json_t *sysctls = json_object_get(m, "sysctls");

		add(s, LABEL, i ? "" : "mitigated");
		add_plain(s, json_get_str(m, "cve"));
		add(s, ", until it is fixed:");
		for (size_t k = 0; k < json_array_size(modules); k++) {
			add(s, " ");
			add_plain(s, json_string_value(json_array_get(modules, k)));
			add(s, " is blocked");
		}
		for (size_t k = 0; k < json_array_size(sysctls); k++) {
			const json_t *one = json_array_get(sysctls, k);

			add(s, " ");
			add_plain(s, json_get_str(one, "name"));
			add(s, " is ");
			add_plain(s, json_get_str(one, "after"));
		}
		add(s, "\n");
	}
}

static void row_switches(struct screen *s)
{
	const struct picture *p = s->v->p;

	if (p->switched[0]) {
		add(s, LABEL, "switch");
		add_plain(s, p->switched);
		add(s, "\n");
	}
	if (p->soak_until) {
		add(s, LABEL "until ", "soak");
		add_when(s, p->soak_until);
		add(s, "\n");
	}
}

static void row_text(struct screen *s, const char *label, const char *text)
{
	if (!text[0])
		return;
	add(s, LABEL, label);
	add_plain(s, text);
	add(s, "\n");
}

static void row_foreign(struct screen *s)
{
	const struct livepatch_list *l = &s->v->p->host.patches;

	for (size_t i = 0; i < l->n; i++)
		if (!l->patches[i].level)
			add(s, LABEL "livepatch '%s' of another tool\n", "foreign",
			    l->patches[i].name);
}

static void row_last(struct screen *s)
{
	row_text(s, "last", s->v->p->last_result);
}

static void row_reboot(struct screen *s)
{
	row_text(s, "reboot", s->v->p->reboot);
}

static void row_agent(struct screen *s)
{
	const struct picture *p = s->v->p;

	add(s, LABEL "%s", "agent", p->agent_runs ? "runs" : "does not run");
	if (s->v->verbose)
		add(s, "; %" PRIu64 " applied, %" PRIu64 " failed, %" PRIu64 " reverted",
		    p->applies, p->failures, p->reverts);
	add(s, "\n");
	if (!p->next[0])
		return;
	add(s, LABEL, "next");
	add_plain(s, p->next);
	if (p->next_at) {
		add(s, ", ");
		add_when(s, p->next_at);
	}
	add(s, "\n");
}

static void row_fleet(struct screen *s)
{
	const struct picture_fleet *f = &s->v->p->fleet;

	if (f->broken)
		row_text(s, "fleet", f->error);
	if (!f->server[0])
		return;
	add(s, LABEL "ring %s of ", "fleet", f->ring);
	add_plain(s, f->server);
	add(s, f->alone ? ", which is silent for too long: this host decides alone\n" : "\n");
	add(s, LABEL "decision ", "");
	if (f->heard && f->issued)
		add_when(s, f->heard);
	else
		add(s, "none yet");
	add(s, ", report ");
	if (f->reported)
		add_when(s, f->reported);
	else
		add(s, "none yet");
	add(s, "\n");
	if (f->held_level) {
		add(s, LABEL "%slevel %u%s since ", "", color(s, CLI_YELLOW), f->held_level,
		    color(s, CLI_RESET));
		add_when(s, f->held_since);
		add(s, ": ");
		add_plain(s, f->held_why);
		add(s, "\n");
	}
	row_text(s, "", f->error);
}

int status_screen(const struct status_view *v, struct buf *ret, struct oak_error *err)
{
	static void (*const rows[])(struct screen *) = {
		row_verdict,    row_kernel,      row_level,    row_fixes,      row_functions,
		row_containers, row_foreign,     row_withheld, row_quarantine, row_check,
		row_cves,       row_mitigations, row_switches, row_reboot,     row_last,
		row_fleet,      row_agent,
	};
	struct screen s = { .v = v, .b = ret };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		rows[i](&s);
	return s.r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
