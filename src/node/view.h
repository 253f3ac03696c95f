/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view: what a cluster is told of a node: labels to select by, a condition, events. Pure: made of what the agent
 * says (trust/node/status.h) and of whether it runs.
 *
 * The names are the interface of operators, docs/kubernetes.md; NODE_PREFIX is the only place of the domain.
 * Source of the forms: Kubernetes "Labels and Selectors" (a value: 63 of [A-Za-z0-9._-], a letter or digit at
 * both ends), "Node Status" (conditions).
 */
#ifndef OAK_NODE_VIEW_H
#define OAK_NODE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trust/node/status.h"

#define NODE_PREFIX    "oakum.dev/"
#define NODE_CONDITION "KernelLivePatched"
#define NODE_TAINT     NODE_PREFIX "kernel-critical" /* NoSchedule, and only with --taint */

#define NODE_LABELS     7
#define NODE_LABEL_MAX  64
#define NODE_EVENTS_MAX (NODE_DEEDS_MAX + NODE_FINDINGS_MAX)
#define NODE_NAME_MAX   254 /* of a Kubernetes object, with the NUL */

struct node_label {
	const char *key; /* without the prefix; static */
	char value[NODE_LABEL_MAX];
};

struct node_condition {
	const char *status; /* "True", "False", "Unknown" */
	const char *reason; /* CamelCase, static */
	char message[NODE_TEXT_MAX];
};

struct node_event {
	char name[NODE_NAME_MAX]; /* the same for the same thing: another try is no second event */
	const char *type;         /* "Normal", "Warning" */
	const char *reason;       /* static */
	char message[NODE_TEXT_MAX * 2];
	int64_t at_s;
};

struct node_view {
	struct node_label labels[NODE_LABELS];
	struct node_condition condition;
	bool critical; /* what a taint would be for */
	struct node_event events[NODE_EVENTS_MAX];
	size_t n_events;
};

/* @s: NULL where nothing was ever said. @alive: its daemon runs. */
void node_view_of(const struct node_status *s, const char *node, bool alive, int64_t now_s,
		  struct node_view *ret);

/* A label's value of any text: other characters become '_', cut; "" where nothing is left. */
void node_label_value(const char *text, char ret[NODE_LABEL_MAX]);

/* All keys, without the prefix; for taking them away. */
extern const char *const node_label_keys[NODE_LABELS];

#endif
