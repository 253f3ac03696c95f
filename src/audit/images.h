/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * images: what the stores of docker and podman have, from their files; nothing is asked of a
 * registry. Containerd keeps its images in a database that is not read.
 *
 * docker: <data root>/image/<driver>/imagedb/content/sha256/<id>, names in repositories.json;
 * podman and CRI-O: /var/lib/containers/storage/<driver>-images/images.json.
 */
#ifndef OAK_AUDIT_IMAGES_H
#define OAK_AUDIT_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define IMAGES_MAX     4096u
#define IMAGE_STEP_MAX 128

enum image_store {
	IMAGE_STORE_DOCKER,
	IMAGE_STORE_CONTAINERS, /* of podman, CRI-O, buildah */
};

struct image {
	enum image_store store;
	char name[200];   /* "nginx:1.25", or the beginning of its id */
	char file[400];   /* what tells */
	char digest[65];  /* of its manifest, without "sha256:"; "" where none is told */
	char created[11]; /* "2024-05-01"; "" where it does not say, or says year 1 */
	/* Docker's only. */
	bool has_health;
	bool has_history;
	char updates[IMAGE_STEP_MAX]; /* the step that only updates lists of packages; "" */
	char adds[IMAGE_STEP_MAX];    /* the step that ADDs more than its root file system; "" */
};

struct images {
	struct image *v;
	size_t n;
	bool docker_read; /* docker's store is there, and was read */
};

/* "quay.io/x/y:sha256-<digest>.sig": what cosign put beside another image; else NULL. Pure. */
const char *image_signs(const char *name);

/* Errors: OAK_E_NOMEM. What is malformed is left out. */
int images_read(int root, const char *docker_root, struct images *ret, struct oak_error *err)
	_must_check_;
void images_clear(struct images *i); /* zero is fine */

/*
 * The days from the date at the beginning of @from ("2024-05-01T...") to @now; -1 where it is none.
 * Pure.
 */
long image_age_days(const char *from, int64_t now);

#endif
