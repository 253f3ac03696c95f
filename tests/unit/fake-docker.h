/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fake-docker: a host with docker's daemon, in a fake tree. */
#ifndef OAK_FAKE_DOCKER_H
#define OAK_FAKE_DOCKER_H

#include "fake-proc.h"

#define DAEMON_JSON "etc/docker/daemon.json"

/* A process of the host that executes @exe; @argv: words parted by "\n". */
static inline _unused_ void docker_put_process(int root, int pid, const char *exe, const char *argv)
{
	_cleanup_(freep) char *words = strdup(argv);
	char path[64];

	EXPECT(words);
	for (char *p = words; *p; p++)
		if (*p == '\n')
			*p = '\0';
	(void)snprintf(path, sizeof(path), "proc/%d/cmdline", pid);
	tree_put_bytes(root, path, words, strlen(argv) + 1);
	(void)snprintf(path, sizeof(path), "proc/%d/status", pid);
	tree_put(root, path, "Name:\tx\nUid:\t0\t0\t0\t0\n");
	(void)snprintf(path, sizeof(path), "proc/%d/exe", pid);
	(void)unlinkat(root, path, 0);
	EXPECT(symlinkat(exe, root, path) == 0);
}

/* @argv: what follows "dockerd", parted by "\n", or "". */
static inline _unused_ int docker_new(const char *argv, const char *settings)
{
	_cleanup_(freep) char *words = NULL;
	int root = tree_new_host();

	EXPECT(asprintf(&words, "/usr/bin/dockerd%s%s", *argv ? "\n" : "", argv) > 0);
	tree_put(root, "usr/bin/dockerd", "x");
	docker_put_process(root, 100, "/usr/bin/dockerd", words);
	if (settings)
		tree_put(root, DAEMON_JSON, settings);
	return root;
}

#endif
