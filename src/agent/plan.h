/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan: from settings and repository to the level that this host should have.
 *
 * Everything that came over the network is verified here; nothing is changed but the trusted
 * metadata and, by plan_get_module(), the levels on disk.
 */
#ifndef OAK_AGENT_PLAN_H
#define OAK_AGENT_PLAN_H

#include <stdbool.h>

#include "agent/choose.h"
#include "agent/steps.h"
#include "base/buf.h"
#include "base/progress.h"
#include "host/host.h"
#include "host/settings.h"
#include "trust/client.h"
#include "trust/fetch.h"
#include "trust/level.h"

/* Counts the time that another fetcher takes. */
struct timed_fetch {
	struct fetcher inner;
	double ms;
};

/* Where the host's files are, and what it is. */
struct plan_place {
	const char *root_path; /* without a trailing slash: "" for the real one */
	int root;
	const struct host *host;
};

enum plan_action {
	PLAN_APPLY,   /* the level is newer than what is in the kernel */
	PLAN_WAIT,    /* it is in the kernel, its transition has not ended */
	PLAN_REVERT,  /* what is in the kernel was withdrawn, and nothing takes its place */
	PLAN_NOTHING, /* it is applied, or a newer one is */
	PLAN_NONE,    /* the repository has no level for this kernel */
};

struct plan {
	struct settings settings;
	struct tuf_client *client;
	struct timed_fetch timed;
	struct fetcher fetcher; /* counts into timed */
	struct levels *list;    /* of the running kernel; NULL: PLAN_NONE */
	struct level *level;    /* with its manifest; NULL: PLAN_NONE, PLAN_REVERT */
	struct buf module;      /* of the level */
	bool on_disk;           /* it came from there */
	enum plan_action action;
	bool settings_borrowed;
	struct policy_choice choice;          /* also what is withheld */
	int64_t expires_s;                    /* the first role of the trusted metadata to expire */
	const struct levels_entry *withdrawn; /* what is in the kernel, where it was withdrawn */
	char why[POLICY_TEXT_MAX + 64];       /* of PLAN_NOTHING, PLAN_NONE and PLAN_REVERT */
};

/* How a level that its turn has come for is asked for, once the policy wants it now. */
struct plan_ask {
	/* Granted, or nothing to ask? Where not, policy_now.fleet holds that level from now on. */
	bool (*granted)(void *ctx, uint32_t level);
	void *ctx;
};

struct plan_options {
	const char *repository, *channel; /* --repository, --channel; NULL where not given */
	const struct settings *settings;  /* borrowed; NULL: those of the files */
	const struct policy_now *now;     /* its now_s and present are filled in here */
	const struct plan_ask *ask;       /* NULL: nobody is asked */
	/* In the place of the search for a level: each source is shown until this returns 0. */
	int (*visit)(void *ctx, struct plan *p, const struct tuf_lookup *how, struct oak_error *err);
	void *ctx;
};

/**
 * plan_make() - refresh the trust, find the level, compare it with the kernel
 * @ret: plan_clear() it, also on failure; do not move it
 *
 * Errors: those of trust/, OAK_E_FORMAT (settings), OAK_E_NOTFOUND (no repository or no trusted
 * root is configured), OAK_E_REFUSED (the kernel holds another module under the level's name).
 */
int plan_make(const struct plan_place *o, const struct plan_options *opt, struct steps *steps,
	      const struct progress *progress, struct plan *ret, struct oak_error *err)
	_must_check_;

/* The module: from disk where it lies there verified, else downloaded, verified and stored. */
int plan_get_module(const struct plan_place *o, struct plan *p, struct buf *ret,
		    struct oak_error *err) _must_check_;

void plan_clear(struct plan *p); /* also the guard */

#endif
