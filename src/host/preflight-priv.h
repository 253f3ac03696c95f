/* SPDX-License-Identifier: GPL-2.0-or-later */
/* preflight-priv: the checks, one a row of the table in preflight.c, by subject. */
#ifndef OAK_HOST_PREFLIGHT_PRIV_H
#define OAK_HOST_PREFLIGHT_PRIV_H

#include "host/preflight.h"

struct preflight_subject {
	const struct host *h;
	const struct manifest *m; /* NULL where no level is known */
	struct preflight_options opt;
};

typedef void preflight_check(const struct preflight_subject *s, struct preflight_row *row);

void preflight_say(struct preflight_row *row, enum preflight_verdict verdict, enum oak_code code,
		   const char *fmt, ...) _printf_(4, 5);

/* preflight-kernel.c: the kernel itself, and the livepatches in it */
preflight_check preflight_privilege, preflight_livepatch, preflight_kernel, preflight_transition,
	preflight_foreign, preflight_taint;

/* preflight-functions.c: who else has a hand on a function of the level */
preflight_check preflight_functions, preflight_bpf, preflight_probes;

/* preflight-module.c: whether the kernel takes the module */
preflight_check preflight_withdrawn, preflight_modules, preflight_signature,
	preflight_module_builds;

/* preflight-room.c: what the host has left */
preflight_check preflight_disk, preflight_memory, preflight_pressure;

#endif
