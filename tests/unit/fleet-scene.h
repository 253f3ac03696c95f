/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fleet-scene: an enrolled host, a real repository with level 1, and a fleet's server that may misbehave. */
#ifndef OAK_FLEET_SCENE_H
#define OAK_FLEET_SCENE_H

#include "agent/fleet/home.h"
#include "agent/worker.h"
#include "fleet-server.h"
#include "trust-fixture.h"

#define ROLLOUT "0123456789abcdef"
#define BOOT    "b8a7a2a4-0000-4000-8000-1234567890ab"

struct scene {
	struct fixture f;
	struct fleet_server server;
	int root;
	char root_path[300];
	struct settings settings;
	struct worker worker;
	struct message_ask ask;
	struct message_answer answer;
	int fds[MESSAGE_FDS];
	char *decisions[16]; /* served one after the other */
	size_t n_decisions;
	char etag[32];
};

/* One decision; members of @rollout are replaced by those of its text, of the whole by @body. */
struct decided {
	unsigned version;
	const char *ring;           /* NULL: "default" */
	int64_t expires_s;          /* from now; 0: an hour */
	const char *body, *rollout; /* JSON objects, or NULL */
	const struct tuf_key *key;  /* NULL: the server's */
	const struct tuf_key *next; /* the only one in "keys"; NULL: the server's */
};

void scene_new(struct scene *s);
void scene_free(struct scene *s); /* also the guard */

/* What the daemon's root side does before it asks. */
void scene_tell(struct scene *s);
void scene_use_settings(struct scene *s, const char *more);
void scene_enrol(struct scene *s);
void scene_decide(struct scene *s, const struct decided *d);

/* One question to the worker; the answer is in @s. */
void scene_check(struct scene *s);
void scene_expect_held(struct scene *s, const char *why);
void scene_remember(const struct scene *s, struct fleet_memory *m);
void scene_wait_over(const struct scene *s); /* as if the pause after a failure were */
const char *scene_report(const struct scene *s, unsigned i);

#endif
