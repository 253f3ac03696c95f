/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * object: what the API server knows of a node, as far as it matters here, and what is to be changed in it. Pure;
 * fuzzed by tests/fuzz/fuzz-node-object.c.
 *
 * Labels and taints go by JSON merge patch, the condition by strategic merge patch on the status, which merges
 * conditions by their type and leaves those of others alone. The list of taints is replaced as a whole, so it
 * carries the resourceVersion that it was made of: 409 says that somebody was faster.
 * Source: Kubernetes API reference 1.20-1.33 (Node v1, Event v1), "Update API Objects in Place Using kubectl
 * patch"; tests/fleet/kube-api.test.sh holds it to a real API server.
 */
#ifndef OAK_NODE_OBJECT_H
#define OAK_NODE_OBJECT_H

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "node/view.h"

#define NODE_OBJECT_BYTES_MAX (4u << 20) /* a node with thousands of images */

struct node_object {
	char version[NODE_WORD_MAX];              /* resourceVersion */
	char labels[NODE_LABELS][NODE_LABEL_MAX]; /* "": it is not there */
	bool has_condition, has_taint;
	char status[16], reason[NODE_WORD_MAX], message[NODE_TEXT_MAX];
	char since[32]; /* lastTransitionTime */
	json_t *taints; /* of all; NULL: none */
};

/* Errors: OAK_E_FORMAT, OAK_E_TOOLARGE. */
int node_object_parse(const void *data, size_t len, struct node_object *ret, struct oak_error *err)
	_must_check_;
void node_object_clear(struct node_object *o); /* also the guard */

/*
 * Documents on the heap; *@ret is NULL where nothing is to be changed. Errors: OAK_E_NOMEM.
 */

/* Merge patch of the labels that differ; @v NULL: takes them all away. */
int node_patch_labels(const struct node_object *o, const struct node_view *v, char **ret,
		      struct oak_error *err) _must_check_;

/* Strategic merge patch of the status; @v NULL: takes the condition away. Never NULL with a @v. */
int node_patch_condition(const struct node_object *o, const struct node_view *v, int64_t now_s,
			 char **ret, struct oak_error *err) _must_check_;

/* Merge patch of the taints: there if @want, else not. */
int node_patch_taint(const struct node_object *o, bool want, char **ret, struct oak_error *err)
	_must_check_;

/* A core/v1 Event about the node. */
int node_event_make(const struct node_event *e, const char *node, char **ret, struct oak_error *err)
	_must_check_;

/* "nodes is forbidden: ..." of a Status, in one line; "" where it is none. */
void node_problem(const void *data, size_t len, char *ret, size_t size);

/* The names in a list of nodes, at most @max; each is one that node_name_is() knows. Errors: as above. */
int node_list_parse(const void *data, size_t len, char (*ret)[NODE_NAME_MAX], size_t max,
		    size_t *ret_n, struct oak_error *err) _must_check_;

/* A name that can stand in a path: lower-case letters, digits, '-' and '.', 1 to 253. */
bool node_name_is(const char *name);

#endif
