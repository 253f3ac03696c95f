/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-apply: preflight and apply of one level, shared by the verbs update and apply. */
#ifndef OAK_CLI_OAKUM_APPLY_H
#define OAK_CLI_OAKUM_APPLY_H

#include "cli/oakum-steps.h"
#include "cli/oakum.h"

struct deed {
	const struct manifest *m;
	const void *module; /* NULL: it is in the kernel, only wait for its transition */
	size_t len;
	unsigned timeout_ms;
};

/**
 * oakum_carry_out() - check once more, apply, tell
 * @o:   opened by oakum_begin_change()
 * @doc: gets level, fixes, preflight, steps, and stall where the transition did not end
 *
 * Errors: those of the preflight and of level_apply().
 */
int oakum_carry_out(const struct cli *cli, const struct oakum *o, const struct deed *deed,
		    struct steps *steps, json_t *doc, struct oak_error *err) _must_check_;

#endif
