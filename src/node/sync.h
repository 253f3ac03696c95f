/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sync: brings what the cluster says of a node to what its agent says: reads the node, changes what differs,
 * tells events that were not told. Each try begins with what the server has, so that it does not matter
 * how long it was away, or who else changed the node.
 */
#ifndef OAK_NODE_SYNC_H
#define OAK_NODE_SYNC_H

#include "node/api.h"
#include "node/object.h"
#include "node/view.h"

#define NODE_TOLD_MAX       256
#define NODE_EVENT_AGE_S    3600 /* older deeds are history: the server keeps events for an hour */
#define NODE_DEAD_S         30   /* so long an agent may be away: it is being replaced */
#define NODE_HEARTBEAT_S    300  /* as often as the kubelet's own full report */
#define NODE_BACKOFF_MAX_S  300
#define NODE_CONFLICT_TRIES 3

struct node_sync {
	struct node_api api;
	const char *node; /* node_name_is() */
	int root;         /* where the status lies below */
	bool taint;       /* only where it was asked for */

	char told[NODE_TOLD_MAX][NODE_NAME_MAX]; /* names of events, a ring */
	size_t n_told;
	int64_t dead_since_s; /* 0: it runs */
};

/* What the agent says, and whether it runs: within NODE_DEAD_S that is believed of one that is gone. */
void node_sync_look(struct node_sync *s, int64_t now_s, struct node_view *ret);

/* One try. Errors: those of node_api_call(), OAK_E_FORMAT. */
int node_sync_once(struct node_sync *s, int64_t now_s, struct oak_error *err) _must_check_;

/* Takes labels, condition and taint of a node away. */
int node_sync_remove(struct node_api *api, const char *node, struct oak_error *err) _must_check_;

/* Pure: seconds until the next try, after @failures in a row; @asked: what the server asks for; 0: nothing. */
unsigned node_backoff_s(unsigned failures, unsigned asked);

/* Pure: 0 to 59, another one for each node, so that a cluster's nodes do not come at once. */
unsigned node_offset_s(const char *node);

#endif
