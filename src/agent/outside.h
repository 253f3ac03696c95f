/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outside: programs of the administrator (hooks, the health command) run outside of the agent's
 * sandbox, where they have network and can do what root can: as a unit of their own, through
 * systemd-run(1). The unit of the agent asks for that by OAKUM_OUTSIDE; without it they are plain children.
 */
#ifndef OAK_AGENT_OUTSIDE_H
#define OAK_AGENT_OUTSIDE_H

#include <stdint.h>

#include "base/buf.h"

#define OUTSIDE_VARIABLE "OAKUM_OUTSIDE"
#define OUTSIDE_ARGS_MAX 32

struct outside {
	const char *argv[OUTSIDE_ARGS_MAX + 1]; /* NULL-terminated; borrows @program and @text */
	struct buf text;
};

/**
 * outside_make() - the command line for @program
 * @env:       "NAME=value", NULL-terminated, at most 16
 * @timeout_s: after which systemd ends it, should we not be there any more to do so
 *
 * Return: 0 or -ENOMEM. outside_clear() it.
 */
int outside_make(struct outside *o, const char *program, const char *const *env, uint32_t timeout_s)
	_must_check_;

void outside_clear(struct outside *o); /* also the guard */

#endif
