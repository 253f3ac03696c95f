/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes: read, cut and diffed against themselves, an object is unchanged and closes on nothing. */
#include "fuzz.h"

#include "build/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(object_freep) struct obj *o = NULL;
	_cleanup_(model_freep) struct model *m = NULL;
	_cleanup_(diff_free) struct diff d = { 0 };
	struct oak_error err = { .code = OAK_OK };

	if (object_read(data, size, "input", &o, &err) < 0) {
		FUZZ_CHECK(!o && err.msg[0]);
		return 0;
	}
	if (model_build(o, &m, &err) < 0) {
		FUZZ_CHECK(!m && err.msg[0]);
		return 0;
	}
	for (uint32_t i = 0; i < m->n_refs; i++)
		FUZZ_CHECK(m->refs[i].from && m->refs[i].from < m->n_atoms &&
			   m->refs[i].to < m->n_atoms &&
			   m->refs[i].off < m->atoms[m->refs[i].from].size);
	FUZZ_CHECK(diff_run(m, m, &d, &err) == 0);
	/* Two symbols of one name have no twins; whoever uses them is refused, not guessed. */
	for (atom_id i = 1; i < m->n_atoms; i++)
		if (d.pairing.doubtful[i])
			return 0;
	FUZZ_CHECK(d.verdicts.n_changed == 0);
	return 0;
}
