/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent-fleet: root's part in the fleet: it notices that something changed, hands the worker what it knows,
 * and takes a level back that the fleet wants back. It parses nothing of the server's.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent-priv.h"
#include "agent/fleet/facts.h"
#include "agent/fleet/home.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "host/journal.h"

#define SOON_S 2 /* while something else is under way */

int agent_fleet_facts(const struct agent *a)
{
	return fleet_is_enrolled(a->root) ? openat(a->root, FACTS_PATH, O_RDONLY | O_CLOEXEC) : -1;
}

/* What a report goes out for at once. */
static void describe(const struct agent *a, char ret[SHA256_HEX_MAX])
{
	struct journal_view v;
	char text[256];
	int len;

	agent_view(a, &v);
	len = snprintf(text, sizeof(text),
		       "%u %u %d %u %" PRId64 " %zu %zu %" PRIu64 " %" PRIu64 " %" PRIu64,
		       agent_level(a), a->soak.level, (int)v.step, v.level, v.at_s, v.n_settled,
		       v.n_quarantined, v.applied, v.reverted, v.failed);
	sha256_hex(text, len > 0 ? (size_t)len : 0, ret);
}

static int on_report(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct agent *a = userdata;

	(void)source;
	(void)usec;
	if (a->sock >= 0 || a->deed)
		agent_arm(a, &a->report_timer, SOON_S, on_report);
	else
		agent_ask(a, PURPOSE_REPORT, 0);
	return 0;
}

/* After a power cut all hosts start at once; their first checks are spread. */
void agent_fleet_begin(struct agent *a)
{
	describe(a, a->reported);
}

void agent_fleet_told(struct agent *a)
{
	char now[SHA256_HEX_MAX];

	if (!fleet_is_enrolled(a->root))
		return;
	describe(a, now);
	if (strcmp(now, a->reported) == 0)
		return;
	memcpy(a->reported, now, sizeof(a->reported));
	agent_arm(a, &a->report_timer, 0, on_report);
}

void agent_fleet_answer(struct agent *a, const struct message_answer *answer)
{
	int64_t left = answer->again_s - (int64_t)time(NULL);

	/* Until then it is sent with the next check; a check that is due earlier stays. */
	if (answer->again_s && a->next_s > answer->again_s)
		agent_schedule(a, left > 0 ? (uint64_t)left : 1);
}

/* The newest below @level that settled here. */
static uint32_t settled_below(const struct journal_view *v, uint32_t level)
{
	for (size_t i = v->n_settled; i-- > 0;)
		if (v->settled[i].level < level && !journal_quarantine(v, v->settled[i].level))
			return v->settled[i].level;
	return 0;
}

void agent_fleet_take_back(struct agent *a, uint32_t level, const char *why)
{
	struct journal_view v;
	uint32_t below;

	/* The worker's word is none to believe: only what is there, and only where the owner allows it. */
	if (a->settings.fleet_take_back == SETTINGS_NO || agent_level(a) != level || a->deed)
		return;
	agent_event(a, MESSAGE_FLEET_TAKES_BACK, level, "%s", why);
	agent_soak_end(a);
	/* Also so that the next boot does not load it. */
	agent_note(a, level, JOURNAL_REVERT, JOURNAL_BY_AGENT, why);
	agent_view(a, &v);
	below = settled_below(&v, level);
	a->deed_level = level;
	a->go_back_tries = 0;
	if (below)
		agent_ask(a, PURPOSE_GO_BACK, below);
	else
		agent_deed_revert(a, level, JOURNAL_BY_AGENT);
}
