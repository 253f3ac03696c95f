/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command: a tool that must succeed; its last words become the error. */
#ifndef OAK_KERNEL_COMMAND_H
#define OAK_KERNEL_COMMAND_H

#include "base/error.h"
#include "base/process.h"

/* Errors: OAK_E_FAILED with the last line that it wrote to stderr; those of process_run(). */
int command_run(const char *const *argv, const struct process_options *opt, struct oak_error *err)
	_must_check_;

/* The same for a tool that has ended. */
int command_check(const char *name, const struct process_result *result, struct oak_error *err)
	_must_check_;

#endif
