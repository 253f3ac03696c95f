/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/diff.h"

#include <stdlib.h>

int diff_run(const struct model *orig, const struct model *patched, struct diff *ret,
	     struct oak_error *err)
{
	const struct check_input in = { orig, patched, &ret->pairing, &ret->verdicts,
					&ret->closure };
	int r = pass_pair(orig, patched, &ret->pairing, err);

	if (r == 0)
		r = pass_compare(orig, patched, &ret->pairing, &ret->verdicts, err);
	if (r == 0)
		r = pass_close(patched, &ret->verdicts, &ret->closure, err);
	if (r == 0)
		r = pass_check(&in, &ret->findings, err);
	return r;
}

bool diff_replaces(const struct diff *d, const struct model *patched, atom_id id)
{
	return patched->atoms[id].kind == ATOM_CODE && d->verdicts.of[id] == VERDICT_CHANGED;
}

void diff_free(struct diff *d)
{
	free(d->pairing.to_orig);
	free(d->pairing.to_patched);
	free(d->pairing.doubtful);
	free(d->verdicts.of);
	free(d->closure.included);
	free(d->closure.because);
	free(d->findings.v);
	*d = (struct diff){ 0 };
}
