/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * worker: the unprivileged process of the agent. It talks to the network and parses what came from
 * there; it can do nothing to the kernel. It answers questions (agent/message.h) until the other end of
 * the socket is gone, and writes the news of each check (agent/news.h).
 */
#ifndef OAK_AGENT_WORKER_H
#define OAK_AGENT_WORKER_H

#include "agent/message.h"
#include "host/settings.h"

struct worker {
	int sock;
	int root;
	const char *root_path;           /* as struct plan_place */
	const struct settings *settings; /* borrowed */
	const char *user;                /* whom a child of ours becomes; NULL: CONFINE_USER */
	int facts; /* what root knows of this host (agent/fleet/facts.h); 0 or -1: nothing */
};

/**
 * worker_connect() - a socket to a worker
 *
 * That of the unit oakum-fetch (/run/oakum/fetch.sock), whose processes have nothing else and end with
 * the connection. Without systemd a child of ours takes its place, confined before it reads a byte.
 *
 * Errors: OAK_E_AGAIN (the socket is there and does not answer), OAK_E_NOTFOUND (no user), OAK_E_IO.
 */
#define WORKER_SOCKET "run/oakum/fetch.sock"
int worker_connect(const struct worker *w, int *ret, struct oak_error *err) _must_check_;

/* Serves until the other end is gone: 0. The caller confined the process (agent/confine.h). */
int worker_run(const struct worker *w, struct oak_error *err) _must_check_;

/**
 * worker_answer() - one question
 * @fds: filled with descriptors, or -1; the caller closes them
 *
 * Never fails: what went wrong is in the answer.
 */
void worker_answer(const struct worker *w, const struct message_ask *ask,
		   struct message_answer *ret, int fds[MESSAGE_FDS]);

#endif
