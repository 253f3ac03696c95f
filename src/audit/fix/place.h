/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place: a file that is to be changed: its folder, with links taken inside the root, and its name
 * in it, which is never followed.
 */
#ifndef OAK_AUDIT_FIX_PLACE_H
#define OAK_AUDIT_FIX_PLACE_H

#include "audit/fix/plan.h"

#define PLACE_NAME_MAX 256

struct place {
	int dir; /* or -1 */
	char name[PLACE_NAME_MAX];
};

/* 0 or -errno; -EXDEV: not from the root, or with "..", -EILSEQ: not UTF-8. */
int place_open(int root, const char *path, struct place *ret) _must_check_;
void place_close(struct place *p); /* also the guard */

/**
 * place_read() - text and attributes of a regular file
 * @ret_text: NULL where there is no such file; the caller frees
 *
 * 0, or -errno: -ELOOP a link, -EMLINK it has several names, -EINVAL not a regular file, -EFBIG,
 * -EILSEQ not text.
 */
int place_read(const struct place *p, char **ret_text, struct fix_attr *ret) _must_check_;

/* In words, what such an errno means for a file that was to be changed. */
const char *place_error(int r);

/* Of anything but a link (-ELOOP). */
int place_stat(const struct place *p, struct stat *ret) _must_check_;

/* Replaces the text, keeps no temporary. */
int place_write(const struct place *p, const char *text, const struct fix_attr *a,
		struct oak_error *err) _must_check_;

/* Sets both; 0 or -errno. */
int place_chattr(const struct place *p, const struct fix_attr *a) _must_check_;

/* Removes the file, and a temporary that a crash left; missing is fine. */
int place_remove(const struct place *p, struct oak_error *err) _must_check_;

#endif
