/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * choose: the policy: which level this host should be at, and why not at a newer one.
 *
 * Of the levels in the host's channel the newest that nothing stands against is wanted:
 *
 *	withdrawn, held    by the publisher
 *	quarantined        it did harm on this host
 *	skip               the level, or a fix or CVE in it, is listed
 *	pin                it is not the level, or was published after the day
 *	reverted           somebody took this or a newer level back by hand      *
 *	severity           it adds no fix that is grave enough                    *
 *	delay              it is in the channel for too short a time              *
 *	fleet              the fleet's server does not let this host have it yet
 *
 * Then the change as a whole may have to wait: apply = report *, windows *. What is marked * does
 * not hold a user who asks now (by_hand).
 *
 * A level below the present one is wanted only where a pin says so, or where the present one was
 * withdrawn: that one is left at once (windows do not hold it), for the newest level that nothing
 * stands against, else for none. "apply = report" only reports it.
 *
 * A pinned level was named expressly: delay and severity do not hold it. Where a list does not
 * say when a level came into the channel (lists of before), delay does not hold it, and a pin to a
 * day does.
 *
 * Pure, except that windows are in the process's time zone (agent/window.h).
 */
#ifndef OAK_AGENT_CHOOSE_H
#define OAK_AGENT_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/settings.h"
#include "trust/levels.h"

#define POLICY_TEXT_MAX     320
#define FLEET_HELD          "held back by the fleet: " /* a text of POLICY_FLEET begins so */
#define POLICY_WITHHELD_MAX 16                         /* the newest; the rest is only counted */

enum policy_action {
	POLICY_STAY,   /* wanted is the present level's entry, or NULL */
	POLICY_APPLY,  /* wanted replaces what is there, newer or older */
	POLICY_REVERT, /* the present level goes, nothing comes: wanted is NULL */
};

enum policy_reason {
	POLICY_TAKEN, /* nothing stands against it */
	POLICY_WITHDRAWN,
	POLICY_HELD,
	POLICY_QUARANTINED,
	POLICY_SKIP,
	POLICY_PIN,
	POLICY_REVERTED,
	POLICY_SEVERITY,
	POLICY_DELAY,
	POLICY_FLEET,
	POLICY_REPORT,
	POLICY_WINDOW,
};

/* The stable word of a reason for --json: "delay", "windows", ... */
const char *policy_reason_name(enum policy_reason reason);

/* What the fleet's server says: it can only hold a level back. */
struct policy_fleet {
	/* Does it hold @level? Then @why says so, one line. */
	bool (*holds)(const void *ctx, uint32_t level, char why[POLICY_TEXT_MAX]);
	const void *ctx;
};

struct policy_now {
	int64_t now_s;
	uint32_t present; /* the level that is applied; 0: none */
	const uint32_t *quarantined;
	size_t n_quarantined;
	uint32_t reverted_by_hand; /* 0: none; this level and those below are not taken again */
	bool by_hand;              /* the user asked now */
	const struct policy_fleet *fleet; /* NULL: no fleet has a say */
};

struct policy_withheld {
	uint32_t level; /* 0: the revert of the present level waits */
	enum policy_reason reason;
	int64_t until_s; /* when that may change by itself; 0: unknown */
	char text[POLICY_TEXT_MAX];
};

struct policy_choice {
	enum policy_action action;
	const struct levels_entry *wanted; /* borrowed from the list */
	char why[POLICY_TEXT_MAX]; /* one line: the reason of the action; "" for plain news */
	struct policy_withheld withheld[POLICY_WITHHELD_MAX]; /* newest first */
	size_t n_withheld;
	size_t n_more;  /* withheld too, without room here */
	int64_t next_s; /* the earliest until_s; 0: none */
};

/* @list NULL: the repository has none of this kernel; then nothing is wanted. */
void policy_choose(const struct settings *s, const struct levels *list,
		   const struct policy_now *now, struct policy_choice *ret);

#endif
