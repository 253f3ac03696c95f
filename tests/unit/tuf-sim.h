/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tuf-sim: a repository in memory, of any roles, keys and faults, and a host that follows it.
 *
 *	sim_new(&s);
 *	sim_delegate(&s, "targets", "kernels", &(struct sim_delegation){ .keys = "5" });
 *	sim_target(&s, "kernels", "a/b", "text");
 *	sim_publish(&s);
 *	r = sim_refresh(&s, &err);
 *
 * Every published version stays, as on a real server. Keys are one letter each, of a pool that
 * all tests share: "0" to "9", "a" to "z". The four roles of root start with one key each, "0" to
 * "3". In a list of signatures '!' spoils that of the next key, and a key given twice signs twice.
 */
#ifndef OAK_TUF_SIM_H
#define OAK_TUF_SIM_H

#include "test.h"

#include <jansson.h>

#include "trust/client.h"
#include "trust/key.h"

#define SIM_NOW  1800000000 /* 2027-01-15T08:00:00Z */
#define SIM_PAST "2027-01-15T07:59:59Z"

struct sim_file {
	char *path; /* as it is asked for */
	struct buf bytes;
};

struct sim {
	json_t *roles;  /* name: "signed", for the next sim_sign() to publish */
	json_t *sigs;   /* name: the keys that sign it */
	bool bare;      /* links carry the version alone: no length, no hashes */
	bool opaque;    /* keyids are "key-<letter>" */
	int64_t now_s;  /* of the host */
	char state[64]; /* the host's trust directory */
	struct sim_file *files;
	size_t n_files;
	struct buf log; /* what was asked for: "timestamp.json 1.snapshot.json ..." */
	struct fetcher fetcher;
};

void sim_new(struct sim *s); /* version 1 of all is published, and the host trusts its root */
void sim_free(struct sim *s);

struct tuf_key *sim_key(char letter);
json_t *sim_role(const struct sim *s, const char *name); /* "signed", borrowed, to change */
void sim_set(struct sim *s, const char *role, const char *member, json_t *value); /* taken */
json_int_t sim_version(const struct sim *s, const char *role);

/* Who may sign @role (one of the four), and who does. */
void sim_signers(struct sim *s, const char *role, const char *keys, int threshold);
void sim_sigs(struct sim *s, const char *role, const char *sigs);

struct sim_delegation {
	const char *keys; /* NULL: "9" */
	int threshold;    /* 0: 1 */
	bool terminating;
	const char *paths; /* a JSON list; NULL: ["*"] */
	const char *prefixes;
};

/* Appends a delegation; a new role starts as version 1 and is signed by the same keys. */
void sim_delegate(struct sim *s, const char *parent, const char *role,
		  const struct sim_delegation *d);
void sim_target(struct sim *s, const char *role, const char *path, const char *content);

/* Signs the role as it is, and serves it under its name. */
void sim_sign(struct sim *s, const char *role);
void sim_bump(struct sim *s, const char *role); /* one version on, signed, served */

/* Everything one version on: targets of all sorts, snapshot that lists them, timestamp. */
void sim_publish(struct sim *s);
/* The same without the targets' files: what they are now is what snapshot lists. */
void sim_publish_links(struct sim *s);
/* Sets the link of @file in "meta" of @role to what @target is now. */
void sim_link(struct sim *s, const char *role, const char *file, const char *target);

void sim_serve(struct sim *s, const char *path, const void *data, size_t len);
void sim_lose(struct sim *s, const char *path);
const struct buf *sim_served(const struct sim *s, const char *path); /* NULL: not there */
/* The path under which the present version of a role is asked for; static. */
const char *sim_path(const struct sim *s, const char *role);

/* What a server does with a request; the fetch of s->fetcher. */
int sim_fetch(void *ctx, const char *path, size_t max, struct buf *ret, struct oak_error *err);

/* A new process of the host each. The log is emptied first. */
struct tuf_client *sim_open(const struct sim *s);
int sim_refresh(struct sim *s, struct oak_error *err);
/* Refresh, find, and download to compare with @content (NULL: do not). */
int sim_get(struct sim *s, const char *path, const char *content, struct oak_error *err);

/* The version stored of a role; 0: no such file. */
uint64_t sim_stored(const struct sim *s, const char *file);
/* The part of the log after the top-level metadata and root: the delegated roles in order. */
const char *sim_log_delegated(const struct sim *s);

#endif
