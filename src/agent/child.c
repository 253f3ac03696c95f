/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/child.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

pid_t child_start(int (*body)(void *ctx), void *ctx)
{
	pid_t pid = fork();
	sigset_t none;

	if (pid != 0)
		return pid < 0 ? -errno : pid;
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(body(ctx));
}
