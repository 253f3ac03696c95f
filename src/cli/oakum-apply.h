/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-apply: changes of the kernel as the verbs update, apply and revert have them in common. */
#ifndef OAK_CLI_OAKUM_APPLY_H
#define OAK_CLI_OAKUM_APPLY_H

#include "agent/choose.h"
#include "agent/fleet/client.h"
#include "cli/oakum-steps.h"
#include "cli/oakum.h"
#include "host/journal.h"

struct deed {
	const struct manifest *m;
	const void *module; /* NULL: it is in the kernel, only wait for its transition */
	size_t len;
	unsigned timeout_ms;
	const struct settings *settings; /* hooks and limits; NULL: none */
};

/**
 * oakum_carry_out() - check once more, apply, tell
 * @o:   opened by oakum_begin_change()
 * @doc: gets level, fixes, preflight, steps, and stall where the transition did not end
 *
 * A quarantine of the level is lifted: somebody wants it. A running agent watches it from now on;
 * where none runs it counts as settled.
 *
 * Errors: those of the preflight, the hooks and of level_apply().
 */
int oakum_carry_out(const struct cli *cli, const struct oakum *o, const struct deed *deed,
		    struct steps *steps, json_t *doc, struct oak_error *err) _must_check_;

/* The same for taking every level back; @level is only told. */
int oakum_take_back(const struct cli *cli, const struct oakum *o, const struct deed *deed,
		    struct steps *steps, json_t *doc, struct oak_error *err) _must_check_;

/* What the policy has to know of a host whose user asks now. @view is borrowed by @ret. */
struct oakum_asker {
	struct journal_view view;
	uint32_t quarantined[JOURNAL_KEPT_MAX];
	struct policy_now now;
	struct settings settings; /* for .fleet */
	struct fleet_client fleet;
};
int oakum_asker_read(const struct oakum *o, struct oakum_asker *ret, struct oak_error *err)
	_must_check_;

/*
 * What the fleet's server said last holds who asks by hand too; only the agent can ask it for a level. Do
 * not move @a after this. Nothing where the host is not registered.
 */
int oakum_asker_obey_fleet(const struct oakum *o, struct oakum_asker *a, struct oak_error *err)
	_must_check_;
void oakum_asker_clear(struct oakum_asker *a); /* also the guard */

#endif
