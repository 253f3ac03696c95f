/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/recover.h"

#include <string.h>

static const struct livepatch *find_level(const struct host *h, uint32_t level)
{
	char name[LIVEPATCH_NAME_MAX];

	livepatch_name_of(level, name);
	return livepatch_find(&h->patches, name);
}

/* A load, or a transition to the level, that nobody saw the end of. */
static struct recover coming(const struct journal_view *v, const struct livepatch *p)
{
	enum level_state state = host_level_state(p);
	struct recover r = { .level = v->level, .by = v->by };

	if (state == LEVEL_NONE)
		r.action = RECOVER_NOTE_FAILED;
	else if (state == LEVEL_APPLIED)
		r.action = RECOVER_NOTE_APPLIED;
	else if (state == LEVEL_APPLYING)
		r.action = RECOVER_WAIT;
	else
		r.action = RECOVER_REVERT;
	return r;
}

static struct recover going(const struct journal_view *v, const struct livepatch *p)
{
	return (struct recover){ .action = p ? RECOVER_REVERT : RECOVER_NOTE_REVERTED,
				 .level = v->level,
				 .by = v->by };
}

struct recover recover_plan(const struct journal_view *v, const struct host *h)
{
	const struct livepatch *now = host_level(h), *p;
	struct recover r = { .action = RECOVER_NOTHING };

	r.level = journal_crashed(v, h->id.boot_id, &r.at);
	if (r.level) {
		r.action = RECOVER_QUARANTINE;
		return r;
	}
	/* Quarantined, and its guard died before it could take it out. */
	if (now && journal_quarantine(v, now->level))
		return (struct recover){ RECOVER_REVERT, now->level, JOURNAL_BY_GUARD, NULL };
	if (!v->level || strcmp(v->boot_id, h->id.boot_id) != 0)
		return r;
	p = find_level(h, v->level);
	if (v->step == JOURNAL_LOAD || v->step == JOURNAL_TRANSITION)
		return coming(v, p);
	if (v->step == JOURNAL_REVERT)
		return going(v, p);
	if (v->step == JOURNAL_APPLIED && p && !journal_is_settled(v, v->level))
		return (struct recover){ RECOVER_SOAK, v->level, v->by, NULL };
	return r;
}
