/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gates: what makes the kernel load a module by itself, and who may do that.
 *
 * The kernel asks modprobe for an alias ("net-pf-5") or for a name ("sch_htb"); a row of the table
 * is the beginning of either. The check that stands before the request is the row's gate; some
 * requests come before any check. What the default seccomp profile of docker says to the way there
 * is a column: the content of a filter cannot be read.
 *
 * To add one: a row, with the function of the kernel that asks in its comment.
 * Source: request_module() in 6.1, and measured: unprivileged loads on Debian 12's 6.1.0-50.
 */
#ifndef OAK_HOST_MODULES_GATES_H
#define OAK_HOST_MODULES_GATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gate {
	GATE_ANY,          /* no check: socket(2), bind(2) of AF_ALG, a netlink message */
	GATE_LDISC,        /* none while dev.tty.ldisc_autoload is 1 */
	GATE_NODE,         /* whoever may open the device's node */
	GATE_USERNS_NET,   /* CAP_NET_ADMIN, in a user namespace of one's own too */
	GATE_USERNS_ADMIN, /* CAP_SYS_ADMIN, the same */
	GATE_INIT_NET,     /* CAP_NET_ADMIN of the host */
	GATE_INIT_ADMIN,   /* CAP_SYS_ADMIN of the host, or a device node of root */
};

struct gate_row {
	const char *class;  /* for people and documents: "socket family" */
	const char *prefix; /* of the alias, or of the module's name */
	enum gate gate;
	bool by_name;        /* the kernel asks for the module's name: "blacklist" does not hold */
	bool default_denies; /* docker's default seccomp profile stands before it */
	bool exact;          /* the prefix is the whole name */
	bool registered;     /* asked for only once what the module depends on is in the kernel */
	const char *needs;   /* the alias of what must be there first, or NULL */
	const char *node;    /* of GATE_NODE: below /dev */
};

#define GATES_MAX 64u /* a set of rows is a 64 bit mask */

/* The table and its size. */
const struct gate_row *gate_rows(size_t *ret_n);

/*
 * The rows of an alias, or of a module's own name, as a mask: one, or several where the same
 * request is made in several ways; 0 where the kernel does not ask for it.
 */
uint64_t gates_of_alias(const char *alias);
uint64_t gates_of_name(const char *module);

/* "any", "ldisc", "node", "userns-net", "userns-admin", "init-net", "init-admin" */
const char *gate_name(enum gate g);

#endif
