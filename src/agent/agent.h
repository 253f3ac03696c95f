/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent: the daemon's root side. It waits in one loop for the time of the next check, for the worker's
 * answer, for a deed to end, for the kernel's log, for its users.
 *
 * It parses nothing from the network (agent/message.h), and never blocks: a deed is done by a child of
 * the same program, agent/errand.h. Whatever is killed, the journal and the kernel together say how
 * to go on, agent/recover.h.
 */
#ifndef OAK_AGENT_AGENT_H
#define OAK_AGENT_AGENT_H

#include "base/error.h"

/* Until SIGTERM. Errors: OAK_E_AGAIN (an agent runs already), OAK_E_FORMAT (settings), OAK_E_IO. */
int agent_run(int root, const char *root_path, struct oak_error *err) _must_check_;

/**
 * agent_boot() - once, early in the boot: load the last settled level from the local cache
 *
 * First it looks whether the machine died with an unsettled level, and quarantines that. Errors:
 * OAK_E_NOTHING (there is none, or a switch or setting says no), those of the deed.
 */
int agent_boot(int root, const char *root_path, struct oak_error *err) _must_check_;

/* At an orderly shutdown: the next boot knows that this one did not crash. */
int agent_stopping(int root, struct oak_error *err) _must_check_;

#endif
