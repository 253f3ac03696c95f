/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fake-proc: processes of a fake tree, in containers of all kinds. */
#ifndef OAK_FAKE_PROC_H
#define OAK_FAKE_PROC_H

#include "fake-tree.h"

#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ID_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

#define STORE "var/lib/containers/storage/overlay-containers/containers.json"

static inline _unused_ void proc_put(int root, int pid, const char *file, const char *text)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "proc/%d/%s", pid, file);
	tree_put(root, path, text);
}

static inline _unused_ void proc_put_ns(int root, int pid, const char *ns, const char *target)
{
	char path[128];
	struct oak_error err;

	(void)snprintf(path, sizeof(path), "proc/%d/ns", pid);
	EXPECT(dir_make(root, path, &err) == 0);
	(void)snprintf(path, sizeof(path), "proc/%d/ns/%s", pid, ns);
	EXPECT(symlinkat(target, root, path) == 0);
}

#define HOST_MOUNTS                                                 \
	"22 27 0:21 / /proc rw - proc proc rw\n"                    \
	"27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n" \
	"28 27 0:40 / /tmp rw - tmpfs tmpfs rw\n"
#define OWN_MOUNTS                                          \
	"90 27 254:1 / / rw - ext4 /dev/vda1 rw\n"          \
	"91 90 0:77 / / rw,relatime - overlay overlay rw\n" \
	"92 91 0:78 / /proc rw - proc proc rw\n"

/* A process of one thread; @nspid: "\t1" for process 1 of a container. */
static inline _unused_ void proc_new(int root, int pid, const char *cgroup, const char *nspid)
{
	char text[1024], file[64];

	proc_put(root, pid, "cgroup", cgroup);
	(void)snprintf(text, sizeof(text),
		       "Name:\tx\nPid:\t%d\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n"
		       "Groups:\t \nNSpid:\t%d%s\nNSpgid:\t1\nCapInh:\t0\nCapPrm:\ta80425fb\n"
		       "CapEff:\ta80425fb\nCapBnd:\ta80425fb\nCapAmb:\t0\nNoNewPrivs:\t0\n"
		       "Seccomp:\t2\nSeccomp_filters:\t1\n",
		       pid, pid, nspid);
	proc_put(root, pid, "status", text);
	(void)snprintf(file, sizeof(file), "task/%d/comm", pid);
	proc_put(root, pid, file, "x\n");
}

static inline _unused_ void proc_new_ns(int root, int pid, const char *mnt, const char *pid_ns,
					const char *mounts)
{
	proc_put_ns(root, pid, "mnt", mnt);
	proc_put_ns(root, pid, "pid", pid_ns);
	proc_put(root, pid, "mountinfo", mounts);
}

/* Process 1. */
static inline _unused_ void proc_new_host(int root)
{
	proc_new(root, 1, "0::/init.scope\n", "");
	proc_new_ns(root, 1, "mnt:[1]", "pid:[1]", HOST_MOUNTS);
}

#endif
