/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan-files: a plan as files of modprobe.d and modules-load.d, put in place and taken back.
 *
 * Each blocked module has two lines: "blacklist" keeps aliases from it, "install" its name and
 * those that depend on it. The texts say nothing of the time, so that the same plan is the same
 * text. Nothing is ever unloaded.
 *
 * What stood there before is kept in /var/lib/oakum/modules-undo.json, the last apply last:
 * {"applied": [{"time", "files": [{"path", "before" (null: no file), "after" (SHA-256)}]}]}. It is
 * written first: whatever a crash leaves, undoing puts back what was.
 */
#ifndef OAK_HOST_MODULES_PLAN_FILES_H
#define OAK_HOST_MODULES_PLAN_FILES_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "host/modules/plan.h"

/* Sorted before "modules.softdep", which modprobe reads as one more file of modprobe.d. */
#define PLAN_BLOCK_FILE "50-oakum-block.conf"
#define PLAN_UNDO_PATH  "var/lib/oakum/modules-undo.json"
#define PLAN_UNDO_STEPS 16u
#define PLAN_FILES      2u
#define PLAN_FILE_MAX   (1u << 20)

/* Paths below the root of a host: "etc/modprobe.d/50-oakum-block.conf", ... */
const char *plan_file_path(unsigned i);

struct plan_files {
	struct buf text[PLAN_FILES];
};

int plan_files_make(const struct module_plan *p, const struct module_tree *t,
		    const struct reach_map *reach, struct plan_files *ret, struct oak_error *err)
	_must_check_;
void plan_files_free(struct plan_files *f); /* also the guard */

/* A unified diff of what is there and what the plan says; nothing where they are the same. */
int plan_files_diff(int root, const struct plan_files *f, struct buf *ret, struct oak_error *err)
	_must_check_;

/* Writes both below a directory, as "modprobe.d/..." and "modules-load.d/...". */
int plan_files_write(int dir, const struct plan_files *f, struct oak_error *err) _must_check_;

/* Errors: OAK_E_NOTHING (they are the same), OAK_E_PERMISSION, OAK_E_AGAIN, OAK_E_IO. */
int plan_files_apply(int root, const struct plan_files *f, int64_t now_s, struct oak_error *err)
	_must_check_;

/* Errors: as above; OAK_E_REFUSED where a file was changed since by another hand. */
int plan_files_undo(int root, struct oak_error *err) _must_check_;

#endif
