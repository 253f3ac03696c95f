/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reach: which modules the kernel would load for somebody who has no business to load any.
 *
 * A module is reached where the kernel asks for an alias or name of it (host/modules/gates.h) and
 * modprobe would answer (host/modules/policy.h), or where another needs it that is reached so. The
 * aliases are those of this kernel: nothing is known beforehand of any distribution.
 */
#ifndef OAK_HOST_MODULES_REACH_H
#define OAK_HOST_MODULES_REACH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "host/modules/actor.h"
#include "host/modules/gates.h"
#include "host/modules/policy.h"
#include "host/modules/tree.h"

#define REACH_WHY_MAX 128

struct reach {
	uint64_t ways;           /* rows of the table by which it is loaded; 0: not reached */
	uint64_t blocked;        /* rows by which it would be, if the policy did not say no */
	uint64_t late;           /* rows that wait for what the module depends on */
	const char *asked;       /* the first alias, or the name; borrowed from tree or policy */
	uint32_t because;        /* the module that needs it, or TREE_NONE */
	char why[REACH_WHY_MAX]; /* where blocked: "blacklist in etc/modprobe.d/x.conf" */
};

/* Modules that are reached in the same ways: there are few, and an actor gets all or none. */
struct reach_group {
	uint64_t ways;
	size_t n;
};

struct reach_map {
	struct reach *of; /* parallel to tree.modules */
	size_t n;
	struct reach_group *groups;
	size_t n_groups;
};

/* @loaded: one flag a module of the tree; a dependency that is loaded cannot be blocked. */
int reach_read(const struct module_tree *t, const struct module_policy *p, const bool *loaded,
	       struct reach_map *ret, struct oak_error *err) _must_check_;
void reach_free(struct reach_map *m); /* also the guard */

/* What an actor gets of each row: computed once, for reach_sure_of(). */
struct reach_rows {
	enum reach_sure row[GATES_MAX];
};
void reach_rows_of(const struct actor *a, const struct module_policy *p, struct reach_rows *ret);

/* The surest of the ways in a mask. */
enum reach_sure reach_sure_of(const struct reach_rows *rows, uint64_t ways);

/* The easiest gate of a mask that is not 0. */
enum gate reach_gate_of(uint64_t ways);

#endif
