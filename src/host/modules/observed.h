/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observed: which modules were in use over some time, one look after the other.
 *
 * /var/lib/oakum/modules.json: "first", "last" and "samples" of the looks; for each module that was
 * loaded in one of them "first" and "last" seen, and "used", the last time that it was in use, or
 * null. A module that was not seen for OBSERVED_FORGET_DAYS is forgotten.
 */
#ifndef OAK_HOST_MODULES_OBSERVED_H
#define OAK_HOST_MODULES_OBSERVED_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "host/modules/usage.h"

#define OBSERVED_PATH        "var/lib/oakum/modules.json"
#define OBSERVED_TEXT_MAX    (8u << 20)
#define OBSERVED_FORGET_DAYS 400

struct observed_module {
	char name[MODULE_NAME_MAX];
	int64_t first_s, last_s;
	int64_t used_s; /* 0: never */
};

struct observed {
	int64_t first_s, last_s; /* 0: no look yet */
	uint32_t samples;
	struct observed_module *modules; /* by name */
	size_t n;
};

/* Pure. Errors: OAK_E_FORMAT, OAK_E_TOOLARGE, OAK_E_NOMEM. */
int observed_parse(const void *data, size_t len, struct observed *ret, struct oak_error *err)
	_must_check_;

/* A missing file is no look at all. Errors: as above. */
int observed_read(int root, struct observed *ret, struct oak_error *err) _must_check_;

/* One look more. What is USED_UNKNOWN counts as in use. */
int observed_add(struct observed *o, const struct usage *u, int64_t now_s, struct oak_error *err)
	_must_check_;

/* Replaces the file; makes its directory. */
int observed_write(int root, const struct observed *o, struct oak_error *err) _must_check_;

void observed_free(struct observed *o); /* also the guard */

/* NULL where it was never seen. */
const struct observed_module *observed_find(const struct observed *o, const char *name);

/* Whole days between the first look and the last. */
unsigned observed_days(const struct observed *o);

#endif
