/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * picture: all that "oakum status" answers and that is told to others, gathered at one moment.
 *
 * What the kernel holds comes from /sys and /proc at that moment; what was done and what waits
 * comes from the journal (host/journal.h) and from the agent's last check (agent/news.h). Nothing
 * here needs a running agent. Times are seconds since the epoch; 0: not known, or never.
 */
#ifndef OAK_AGENT_PICTURE_H
#define OAK_AGENT_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "host/host.h"
#include "host/settings.h"
#include "trust/manifest.h"

#define PICTURE_TEXT_MAX       512
#define PICTURE_QUARANTINE_MAX 64

/* A level that this host does not have although it is published, and why. */
struct picture_withheld {
	uint32_t level;
	int64_t until; /* 0: until somebody changes something */
	char why[PICTURE_TEXT_MAX];
	char **cves; /* that it would close */
	size_t n_cves;
};

struct picture_quarantine {
	uint32_t level;
	int64_t at;
	char why[PICTURE_TEXT_MAX];
};

struct picture {
	struct host host;
	const struct livepatch *level; /* in the kernel, borrowed from host; NULL: none */
	enum level_state state;
	struct manifest *manifest; /* of that level, from the local cache; NULL: not there */
	int64_t since;             /* when it was applied */
	bool settled;              /* its soak is over */
	int64_t soak_until;        /* while it is soaking */
	bool complete; /* every function of the manifest is redirected; false without one */

	bool agent_runs;
	bool switched_off;               /* by command line or file: */
	char switched[PICTURE_TEXT_MAX]; /* which one; "" where none */

	int64_t checked;                    /* last check that got an answer from the repository */
	int64_t tried;                      /* last check at all */
	char check_error[PICTURE_TEXT_MAX]; /* of the last one; "": it succeeded */
	int64_t trust_expires;              /* the first role of the trusted metadata to expire */
	uint32_t newest; /* level that the repository has for this kernel, channel aside; 0: none */
	bool no_level;   /* it has none for this kernel */
	struct picture_withheld *withheld; /* rising levels */
	size_t n_withheld;
	struct picture_quarantine quarantine[PICTURE_QUARANTINE_MAX];
	size_t n_quarantine;
	uint32_t reverted_by_hand; /* not applied again by itself; 0: none */

	size_t containers;          /* that run on this kernel */
	size_t containers_unbroken; /* of them, that ran already when the level was applied */
	char last_result[PICTURE_TEXT_MAX]; /* of the last deed: "level 3 was applied", "...taken back: ..." */
	bool last_failed;
	char next[PICTURE_TEXT_MAX]; /* "checks again at ...", "settles level 3 at ...", ... */
	int64_t next_at;

	uint32_t cve_records;             /* of the CVE database on this host; 0: there is none */
	int64_t cve_as_of;                /* its newest record */
	int64_t cve_checked;              /* when it was last found to be the newest */
	char cve_error[PICTURE_TEXT_MAX]; /* of the last try to fetch it; "" */
	json_t *mitigations;              /* of CVEs, host/cve/mitigate.h; NULL: none */

	/* Where this host is enrolled, as agent/fleet/home.h has it; server "": nowhere. */
	struct picture_fleet {
		char server[256], host[33], ring[64];
		int64_t heard, issued, expires; /* of the decision */
		int64_t reported;               /* the last report that was acknowledged */
		uint32_t held_level;            /* that the fleet holds back; 0: none */
		int64_t held_since;
		char held_why[PICTURE_TEXT_MAX];
		char code[32];                /* of the server's last refusal; "" */
		char error[PICTURE_TEXT_MAX]; /* of the last try; "": it worked */
		bool alone;                   /* fleet-patience is over */
		bool broken;                  /* enrolled.json cannot be read: error says why */
	} fleet;

	struct settings settings;
	char settings_error[PICTURE_TEXT_MAX]; /* "" where they are fine */
	char reboot[PICTURE_TEXT_MAX];         /* why a reboot is wanted by others; "" */
	uint64_t applies, failures, reverts;   /* counted over the journal, of this kernel */
};

/**
 * picture_take() - gather all of it below @root
 * @root_path: "" for the real one
 *
 * What cannot be read is left empty; only what nothing can be said without is an error (the kernel's
 * notes are malformed). picture_clear() it.
 */
int picture_take(int root, const char *root_path, struct picture *ret, struct oak_error *err)
	_must_check_;

void picture_clear(struct picture *p); /* also the guard */

/*
 * The version that the running kernel is as good as: that of the level's manifest, or the
 * release where no level is applied. Borrowed from @p.
 */
const char *picture_effective_version(const struct picture *p);

#endif
