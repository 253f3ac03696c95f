/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control: what verbs say to a running agent, over /run/oakum/agent.sock (root's alone, 0600): one
 * word a connection, answered by "ok".
 *
 *	check     somebody waits: ask the repository now
 *	changed   a verb changed the kernel: look, and watch the level that is there
 *	ping      nothing
 */
#ifndef OAK_AGENT_CONTROL_H
#define OAK_AGENT_CONTROL_H

#include <stdbool.h>

#define CONTROL_SOCKET "run/oakum/agent.sock"

/* Does an agent listen? Connects, and says nothing; who may not connect is told as well. */
bool control_is_there(const char *root_path);

/* False where no agent answers. */
bool control_say(const char *root_path, const char *word);

#endif
