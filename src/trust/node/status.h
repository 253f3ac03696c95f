/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status: what a host's agent tells the node client beside it (oakum-node), which has no privilege and sees
 * nothing else of the host: /run/oakum/node.json. docs/formats/node.md has the members.
 *
 * The agent writes it with each change; the client believes its numbers and words no further than these
 * rules go. Times are seconds since the epoch; 0: not known, or never.
 */
#ifndef OAK_TRUST_NODE_STATUS_H
#define OAK_TRUST_NODE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define NODE_STATUS_PATH      "run/oakum/node.json"
#define NODE_SENTINEL_PATH    "run/oakum/reboot-required" /* kured's, see docs/kubernetes.md */
#define NODE_STATUS_BYTES_MAX 65536
#define NODE_TEXT_MAX         512
#define NODE_WORD_MAX         65
#define NODE_FINDINGS_MAX     24
#define NODE_DEEDS_MAX        16

/* Worst last. */
enum node_verdict {
	NODE_OK,
	NODE_UNKNOWN,
	NODE_WARNING,
	NODE_CRITICAL,
	NODE_VERDICTS
};

struct node_finding {
	char id[NODE_WORD_MAX];
	enum node_verdict verdict;
	char text[NODE_TEXT_MAX];
};

/* A step of the journal that ended, the oldest first. */
struct node_deed {
	int64_t at_s;
	uint32_t level;
	char step[NODE_WORD_MAX], by[NODE_WORD_MAX]; /* host/journal.h's words */
	char why[NODE_TEXT_MAX];
};

struct node_status {
	char boot[NODE_WORD_MAX], build_id[NODE_WORD_MAX], release[NODE_WORD_MAX];
	char effective[NODE_WORD_MAX];
	char state[NODE_WORD_MAX]; /* "applied", ...: level_state_name() */
	uint32_t agent;            /* pid of the daemon, on the host; 0: none runs */
	uint32_t level;            /* in the kernel; 0: none */
	uint32_t newest;           /* published for it; 0: none, or not known */
	bool no_level;             /* the repository has none for this kernel */
	int64_t checked_s;         /* the last check that was answered */
	bool settled, switched_off, withdrawn;
	uint32_t withheld;    /* published levels that wait */
	uint32_t quarantined; /* levels that this host never takes again */
	uint32_t cves;        /* closed by the level */
	bool reboot;          /* something waits for a reboot that no level can do */
	char reboot_why[NODE_TEXT_MAX];
	enum node_verdict verdict;
	char good[NODE_TEXT_MAX]; /* what holds */
	struct node_finding findings[NODE_FINDINGS_MAX];
	size_t n_findings;
	struct node_deed deeds[NODE_DEEDS_MAX];
	size_t n_deeds;
};

/* Appends the text. Pure. Errors: OAK_E_NOMEM. */
int node_status_write(const struct node_status *s, struct buf *ret, struct oak_error *err)
	_must_check_;

/*
 * Pure, bounded; control characters in texts become '?'. Fuzzed by tests/fuzz/fuzz-node-status.c. Errors:
 * OAK_E_FORMAT, OAK_E_TOOLARGE.
 */
int node_status_parse(const void *data, size_t len, struct node_status *ret, struct oak_error *err)
	_must_check_;

/* "ok", "unknown", "warning", "critical" */
const char *node_verdict_name(enum node_verdict v);

#endif
