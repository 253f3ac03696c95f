/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/tell-prometheus.h"

#include <inttypes.h>

#include "agent/closed.h"
#include "base/cleanup.h"

#define NOT_KNOWN INT64_C(-1)

static int64_t level(const struct picture *p)
{
	return p->level ? p->level->level : 0;
}

static int64_t newest(const struct picture *p)
{
	return p->newest || p->no_level ? p->newest : NOT_KNOWN;
}

static int64_t transition(const struct picture *p)
{
	return p->state == LEVEL_APPLYING || p->state == LEVEL_REVERTING;
}

static int64_t soaking(const struct picture *p)
{
	return p->soak_until != 0;
}

static int64_t applied_at(const struct picture *p)
{
	return p->since ? p->since : NOT_KNOWN;
}

static int64_t checked(const struct picture *p)
{
	return p->checked ? p->checked : NOT_KNOWN;
}

static int64_t check_ok(const struct picture *p)
{
	return p->tried ? !p->check_error[0] : NOT_KNOWN;
}

static int64_t expires(const struct picture *p)
{
	return p->trust_expires ? p->trust_expires : NOT_KNOWN;
}

static int64_t withheld(const struct picture *p)
{
	return (int64_t)p->n_withheld;
}

static int64_t quarantined(const struct picture *p)
{
	return (int64_t)p->n_quarantine;
}

static int64_t containers(const struct picture *p)
{
	return (int64_t)p->containers;
}

static int64_t unbroken(const struct picture *p)
{
	return p->level ? (int64_t)p->containers_unbroken : NOT_KNOWN;
}

static int64_t switched_off(const struct picture *p)
{
	return p->switched_off;
}

static int64_t settings_ok(const struct picture *p)
{
	return !p->settings_error[0];
}

static int64_t agent_up(const struct picture *p)
{
	return p->agent_runs;
}

static int64_t cves(const struct picture *p)
{
	_cleanup_(closed_free) struct closed c = { 0 };

	if (p->level && p->state == LEVEL_APPLIED && !p->manifest)
		return NOT_KNOWN;
	return closed_of(p, &c, NULL) == 0 ? (int64_t)c.n : NOT_KNOWN;
}

static int64_t fleet_enrolled(const struct picture *p)
{
	return p->fleet.server[0] || p->fleet.broken ? 1 : NOT_KNOWN;
}

static int64_t fleet_heard(const struct picture *p)
{
	return p->fleet.server[0] ? p->fleet.heard : NOT_KNOWN;
}

static int64_t fleet_reported(const struct picture *p)
{
	return p->fleet.server[0] && p->fleet.reported ? p->fleet.reported : NOT_KNOWN;
}

static int64_t fleet_held(const struct picture *p)
{
	return p->fleet.server[0] ? p->fleet.held_level : NOT_KNOWN;
}

static int64_t fleet_held_since(const struct picture *p)
{
	return p->fleet.held_level ? p->fleet.held_since : NOT_KNOWN;
}

static int64_t fleet_refused(const struct picture *p)
{
	return p->fleet.server[0] ? p->fleet.code[0] != '\0' : NOT_KNOWN;
}

static const struct {
	const char *name, *help;
	int64_t (*value)(const struct picture *p);
} gauges[] = {
	{ "oakum_level", "Level in the running kernel; 0: none.", level },
	{ "oakum_newest_level", "Newest published level of this kernel; 0: none.", newest },
	{ "oakum_transition_in_progress", "1 while tasks switch to or from a level.", transition },
	{ "oakum_soaking", "1 while the level is watched before it counts as settled.", soaking },
	{ "oakum_applied_timestamp_seconds", "When the level was applied.", applied_at },
	{ "oakum_closed_cves", "CVEs that the level closes in the running kernel.", cves },
	{ "oakum_last_check_timestamp_seconds", "Last check that the repository answered.",
	  checked },
	{ "oakum_last_check_success", "1 where the last check was answered.", check_ok },
	{ "oakum_trust_expiry_timestamp_seconds", "When the trusted metadata expires.", expires },
	{ "oakum_withheld_levels", "Published levels that this host does not take yet.", withheld },
	{ "oakum_quarantined_levels", "Levels that this host never takes again.", quarantined },
	{ "oakum_containers", "Containers that run on this kernel.", containers },
	{ "oakum_containers_unbroken", "Containers that ran when the level was applied.", unbroken },
	{ "oakum_switched_off", "1 where a switch keeps oakum from applying.", switched_off },
	{ "oakum_settings_valid", "1 where the settings have no error.", settings_ok },
	{ "oakum_agent_running", "1 while the agent runs.", agent_up },
	{ "oakum_fleet_registered", "1 where a fleet's server knows this host.", fleet_enrolled },
	{ "oakum_fleet_decision_timestamp_seconds",
	  "When a decision was last known to be the newest.", fleet_heard },
	{ "oakum_fleet_report_timestamp_seconds", "Last report that was acknowledged.",
	  fleet_reported },
	{ "oakum_fleet_held_level", "Level that the fleet holds back; 0: none.", fleet_held },
	{ "oakum_fleet_held_timestamp_seconds", "Since when.", fleet_held_since },
	{ "oakum_fleet_refused", "1 where the server refuses this host's reports.", fleet_refused },
};

static int add_gauges(const struct picture *p, struct buf *b)
{
	for (size_t i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++) {
		int64_t v = gauges[i].value(p);
		int r;

		if (v == NOT_KNOWN)
			continue;
		r = buf_printf(b, "# HELP %s %s\n# TYPE %s gauge\n%s %" PRId64 "\n", gauges[i].name,
			       gauges[i].help, gauges[i].name, gauges[i].name, v);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A label's value: '\\', '"' and newline are escaped. The text is UTF-8 already. */
static int add_label(struct buf *b, const char *name, const char *value, bool last)
{
	int r = buf_printf(b, "%s=\"", name);

	for (; *value && r == 0; value++) {
		if (*value == '\n')
			r = buf_add_str(b, "\\n");
		else if (*value == '\\' || *value == '"')
			r = buf_printf(b, "\\%c", *value);
		else
			r = buf_add(b, value, 1);
	}
	return r == 0 ? buf_add_str(b, last ? "\"" : "\",") : r;
}

static int add_info(const struct picture *p, struct buf *b)
{
	char number[16];
	int r = buf_add_str(b, "# HELP oakum_level_info The running kernel and its level.\n"
			       "# TYPE oakum_level_info gauge\noakum_level_info{");

	(void)snprintf(number, sizeof(number), "%" PRId64, level(p));
	if (r == 0)
		r = add_label(b, "level", number, false);
	if (r == 0)
		r = add_label(b, "state", level_state_name(p->state), false);
	if (r == 0)
		r = add_label(b, "build_id", p->host.id.build_id, false);
	if (r == 0)
		r = add_label(b, "release", p->host.id.release, false);
	if (r == 0)
		r = add_label(b, "channel", p->manifest ? p->manifest->channel : "", false);
	if (r == 0)
		r = add_label(b, "effective_version", picture_effective_version(p), true);
	return r == 0 ? buf_add_str(b, "} 1\n") : r;
}

static int add_counters(const struct picture *p, struct buf *b)
{
	return buf_printf(b,
			  "# HELP oakum_applies_total Levels applied to this kernel, by result.\n"
			  "# TYPE oakum_applies_total counter\n"
			  "oakum_applies_total{result=\"applied\"} %" PRIu64 "\n"
			  "oakum_applies_total{result=\"failed\"} %" PRIu64 "\n"
			  "# HELP oakum_reverts_total Levels reverted from this kernel.\n"
			  "# TYPE oakum_reverts_total counter\n"
			  "oakum_reverts_total %" PRIu64 "\n",
			  p->applies, p->failures, p->reverts);
}

int tell_prometheus(const struct picture *p, struct buf *ret, struct oak_error *err)
{
	int r = add_gauges(p, ret);

	if (r == 0)
		r = add_info(p, ret);
	if (r == 0)
		r = add_counters(p, ret);
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
