/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * access: for each actor of this host, which parts of the kernel it reaches: a process of an
 * unprivileged user, and each running container.
 *
 * Of a record those files count that are, or may be, in the running kernel; where all of them give
 * one answer that is the record's, otherwise it is unknown. Headers count only where the record has
 * no code. Everything is asked once for each ability (host/access/ability.h), not for each container.
 */
#ifndef OAK_HOST_ACCESS_ACCESS_H
#define OAK_HOST_ACCESS_ACCESS_H

#include "base/error.h"
#include "host/access/need.h"
#include "host/container.h"
#include "host/cve/built.h"
#include "host/cve/db.h"

#define ACCESS_NAME_MAX CONTAINER_TEXT_MAX

struct access_actor {
	char name[ACCESS_NAME_MAX]; /* "web", or a short id; of the user: "any user" */
	char engine[CONTAINER_ENGINE_MAX];
	char id[CONTAINER_ID_MAX];
	pid_t pid;
	size_t ability;
};

struct access_map; /* what was read, and what was asked already */

/* @built: borrowed as long as the map is. Errors: those of survey_read(), OAK_E_NOMEM. */
int access_read(int root, const struct built *built, struct access_map **ret, struct oak_error *err)
	_must_check_;
void access_close(struct access_map *m);
void access_closep(struct access_map **m); /* the guard */

/* The user, then the containers by name. */
const struct access_actor *access_actors(const struct access_map *m, size_t *ret_n);
size_t access_abilities(const struct access_map *m);

/* The index of a container: its name, id, the beginning of its id, or "engine:name". */
int access_find_actor(const struct access_map *m, const char *name, size_t *ret,
		      struct oak_error *err) _must_check_;

/* @ret: access_abilities() of them. */
void access_of_record(struct access_map *m, const struct cve_db *db,
		      const struct cve_file_record *r, struct access *ret);

/* Of one ability. */
struct access access_by(struct access_map *m, const struct cve_db *db,
			const struct cve_file_record *r, size_t ability);

struct access_sum {
	struct access user;
	size_t yes, unknown, no; /* containers */
};
struct access_sum access_sum(struct access_map *m, const struct cve_db *db,
			     const struct cve_file_record *r);

/* "any", "unknown", "none": of the user and all containers together. */
enum access_answer access_widest(const struct access_sum *s);
const char *access_widest_name(enum access_answer a);

/* The graver, the greater: known to be exploited, severity, reach, score, how likely, how new. */
uint64_t access_rank(const struct cve_file_record *r, enum access_answer widest);

/* "any user (likely), 3 of 12 containers: web, db, app". 0 or -ENOMEM. */
int access_text(struct access_map *m, const struct cve_db *db, const struct cve_file_record *r,
		struct buf *ret) _must_check_;

/* Why, for one actor: a line for each file that counts. 0 or -ENOMEM. */
struct access_because {
	const char *file;
	const char *what; /* of the row; "" where no row fits */
	struct access got;
	struct buf why;
};
#define ACCESS_BECAUSE_MAX 16u
size_t access_explain(struct access_map *m, const struct cve_db *db,
		      const struct cve_file_record *r, size_t actor, struct access_because *ret);

#endif
