/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/diff.h"

#include <stdlib.h>

int diff_run(const struct model *orig, const struct model *patched, struct diff *ret,
	     struct oak_error *err)
{
	const struct check_input in = { orig,           patched,     &ret->pairing,
					&ret->verdicts, &ret->climb, &ret->closure };
	int r = pass_pair(orig, patched, &ret->pairing, err);

	if (r == 0)
		r = pass_compare(orig, patched, &ret->pairing, &ret->verdicts, err);
	if (r == 0)
		r = pass_author(orig, patched, &ret->pairing, &ret->verdicts, &ret->author,
				&ret->findings, err);
	if (r == 0)
		r = pass_climb(orig, patched, &ret->pairing, &ret->verdicts, ret->boot_is_over,
			       &ret->climb, err);
	if (r == 0)
		r = pass_close(patched, &ret->verdicts, &ret->climb, &ret->closure, err);
	if (r == 0)
		r = pass_check(&in, &ret->findings, err);
	if (r == 0)
		r = lost_check(&in, &ret->findings, err);
	if (r == 0)
		r = author_check(&in, &ret->author, &ret->findings, err);
	if (r == 0)
		r = pass_warn(&in, &ret->warnings, err);
	return r;
}

bool diff_replaces(const struct diff *d, atom_id id)
{
	return d->climb.replaced[id];
}

bool diff_acts(const struct diff *d, const struct model *patched)
{
	for (size_t i = 0; i < HOOKS; i++)
		if (d->author.hooks[i])
			return true;
	for (atom_id i = 1; i < patched->n_atoms; i++)
		if (d->climb.replaced[i])
			return true;
	return false;
}

void diff_free(struct diff *d)
{
	free(d->pairing.to_orig);
	free(d->pairing.to_patched);
	free(d->pairing.doubtful);
	free(d->verdicts.of);
	free(d->author.ignored);
	free(d->climb.replaced);
	free(d->climb.callee);
	free(d->climb.blocked);
	free(d->climb.blocker);
	free(d->closure.included);
	free(d->closure.because);
	free(d->findings.v);
	free(d->warnings.v);
	*d = (struct diff){ 0 };
}
