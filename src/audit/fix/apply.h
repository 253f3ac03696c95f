/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply: a plan in place, and taken back.
 *
 * What was there before is kept in /var/lib/oakum/audit-undo.json, the last apply last, and is on
 * the disk before the first change: whatever a crash leaves, undoing puts back what was. Undoing
 * looks at everything first, and changes nothing where another hand changed one of them since.
 * Nothing is started, reloaded or run.
 */
#ifndef OAK_AUDIT_FIX_APPLY_H
#define OAK_AUDIT_FIX_APPLY_H

#include <stdint.h>

#include "audit/fix/plan.h"

#define FIX_UNDO_PATH  "var/lib/oakum/audit-undo.json"
#define FIX_UNDO_STEPS 16u

/* Each change once it is done; @path is safe for a terminal. */
typedef void fix_told(void *ctx, const char *path, const char *what);

struct fix_doing {
	int root;
	int64_t now_s;
	fix_told *told; /* or NULL */
	void *ctx;
};

/*
 * Errors: OAK_E_NOTHING, OAK_E_REFUSED (something is not as it was planned for), OAK_E_AGAIN,
 * OAK_E_PERMISSION, OAK_E_IO: what was done until then, undoing takes back.
 */
int fix_apply(const struct fix_doing *d, const struct fix_plan *p, struct oak_error *err)
	_must_check_;

/* Takes the last apply back. Errors: the same. */
int fix_undo(const struct fix_doing *d, struct oak_error *err) _must_check_;

/* A set of what one change is like; @ret 0: another hand was there. */
enum fix_state {
	FIX_AS_BEFORE = 1,
	FIX_AS_AFTER = 2, /* both: there is no difference */
	FIX_GONE = 4,     /* or made anew by an engine: there is nothing to put back */
};
int fix_change_state(int root, const struct fix_change *c, const char *after_hash, unsigned *ret,
		     struct oak_error *err) _must_check_;

/* One change, without a look at what is there. For apply and undo. */
int fix_change_do(int root, const struct fix_change *c, struct oak_error *err) _must_check_;

/* The record: {"schema", "applied": [{"time", "plan", "changes"}]}. */
int fix_record_read(int root, json_t **ret, struct oak_error *err) _must_check_;
int fix_record_write(int root, json_t *record, struct oak_error *err) _must_check_;

/* Borrowed from the record, but for ids and keys. Errors: OAK_E_FORMAT. */
int fix_change_of_record(json_t *j, struct fix_change *ret, const char **ret_hash,
			 struct oak_error *err) _must_check_;

#endif
