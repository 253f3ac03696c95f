/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/store/rollout-say.h"

#include "fleet/store/audit.h"
#include "fleet/store/event.h"

static const char *const phase_events[ROLLOUT_PHASES] = {
	[ROLLOUT_DRAFT] = "rollout.created",
	[ROLLOUT_PENDING_APPROVAL] = "rollout.pending-approval",
	[ROLLOUT_SCHEDULED] = "rollout.scheduled",
	[ROLLOUT_RUNNING] = "rollout.running",
	[ROLLOUT_PAUSED] = "rollout.paused",
	[ROLLOUT_HALTED] = "rollout.halted",
	[ROLLOUT_COMPLETED] = "rollout.completed",
	[ROLLOUT_CANCELLED] = "rollout.cancelled",
};

const char *rollout_phase_event(enum rollout_phase p)
{
	return phase_events[p];
}

int rollout_say(struct db *db, const struct rollout_row *row, const struct rollout_deed *deed,
		struct oak_error *err)
{
	_cleanup_(json_decrefp)
		json_t *data = json_pack("{s:s, s:s, s:I, s:s, s:b}", "name", row->doc.name,
					 "phase", rollout_phase_name(row->state.phase), "stage",
					 (json_int_t)row->state.stage + 1, "why", row->state.why,
					 "take_back", (int)row->state.take_back);
	const struct audit_entry entry = { .who = deed->who,
					   .action = deed->action,
					   .subject = row->id,
					   .detail = data,
					   .at_s = deed->at_s };
	const struct event event = {
		.type = deed->event, .subject = row->id, .data = data, .at_s = deed->at_s
	};
	int r = 0;

	if (!data)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (deed->action)
		r = audit_add(db, &entry, err);
	if (r == 0 && deed->event)
		r = event_add(db, &event, err);
	return r;
}
