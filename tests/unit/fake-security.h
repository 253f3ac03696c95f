/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fake-security: a host, and a container as docker makes one, of which each test spoils a part. */
#ifndef OAK_FAKE_SECURITY_H
#define OAK_FAKE_SECURITY_H

#include "fake-proc.h"

#define FAKE_CAPS_DOCKER "00000000a80425fb"

#define FAKE_HOST_MOUNTS                                            \
	"22 27 0:21 / /proc rw - proc proc rw\n"                    \
	"23 27 0:22 / /sys rw - sysfs sysfs rw\n"                   \
	"27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n" \
	"28 27 0:40 / /run rw shared:5 - tmpfs tmpfs rw\n"          \
	"29 27 0:5 / /dev rw - devtmpfs udev rw\n"                  \
	"30 27 0:90 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw\n"

#define FAKE_ROOT_MOUNT "90 27 0:90 / / rw,relatime master:7 - overlay overlay rw\n"
#define FAKE_PROC_MOUNTS                                                    \
	"91 90 0:91 / /proc rw - proc proc rw\n"                            \
	"92 90 0:91 /sys /proc/sys ro - proc proc rw\n"                     \
	"93 90 0:91 /sysrq-trigger /proc/sysrq-trigger ro - proc proc rw\n" \
	"94 90 0:92 /null /proc/kcore rw - tmpfs tmpfs rw\n"                \
	"95 90 0:92 /null /proc/keys rw - tmpfs tmpfs rw\n"
#define FAKE_SYS_MOUNTS                           \
	"96 90 0:93 / /sys ro - sysfs sysfs ro\n" \
	"97 96 0:94 / /sys/fs/cgroup ro - tmpfs tmpfs rw\n"
#define FAKE_OWN_MOUNTS                                \
	"98 90 0:92 / /dev rw - tmpfs tmpfs rw\n"      \
	"99 90 254:1 /var/lib/docker/containers/" ID_A \
	"/hosts /etc/hosts rw - ext4 /dev/vda1 rw\n"
#define FAKE_MOUNTS FAKE_ROOT_MOUNT FAKE_PROC_MOUNTS FAKE_SYS_MOUNTS FAKE_OWN_MOUNTS

/* Fields of status that tests change. */
struct fake_status {
	const char *uid, *gid, *groups, *effective, *bounding, *seccomp, *no_new_privs, *nspid;
};

#define FAKE_STATUS                                                                          \
	{                                                                                    \
		.uid = "0\t0\t0\t0", .gid = "0\t0\t0\t0", .groups = "0 27",                  \
		.effective = FAKE_CAPS_DOCKER, .bounding = FAKE_CAPS_DOCKER, .seccomp = "2", \
		.no_new_privs = "0", .nspid = "\t1"                                          \
	}

static inline _unused_ void fake_status(int root, int pid, const struct fake_status *s)
{
	char text[2048];

	(void)snprintf(text, sizeof(text),
		       "Name:\tsleep\nPPid:\t0\nUid:\t%s\nGid:\t%s\nGroups:\t%s \nNSpid:\t%d%s\n"
		       "CapInh:\t0000000000000000\nCapPrm:\t%s\nCapEff:\t%s\nCapBnd:\t%s\n"
		       "CapAmb:\t0000000000000000\nNoNewPrivs:\t%s\nSeccomp:\t%s\n"
		       "Seccomp_filters:\t1\n",
		       s->uid, s->gid, s->groups, pid, s->nspid, s->effective, s->effective,
		       s->bounding, s->no_new_privs, s->seccomp);
	proc_put(root, pid, "status", text);
}

static inline _unused_ void fake_namespaces(int root, int pid, int first)
{
	static const char *const kinds[] = { "net", "pid",  "ipc",    "uts",
					     "mnt", "user", "cgroup", "time" };
	char path[64], target[64];

	(void)snprintf(path, sizeof(path), "proc/%d/ns", pid);
	tree_drop(root, path);
	for (int i = 0; i < 8; i++) {
		(void)snprintf(target, sizeof(target), "%s:[%d]", kinds[i], first + i);
		proc_put_ns(root, pid, kinds[i], target);
	}
}

/* One namespace becomes the host's, or another. */
static inline _unused_ void fake_namespace(int root, int pid, const char *kind, int inode)
{
	char path[64], target[64];

	(void)snprintf(path, sizeof(path), "proc/%d/ns/%s", pid, kind);
	tree_drop(root, path);
	(void)snprintf(target, sizeof(target), "%s:[%d]", kind, inode);
	proc_put_ns(root, pid, kind, target);
}

#define FAKE_STAT "50 (a) b) S 1 50 50 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 0 0\n"

/* Process 1 has namespaces 1 to 8, process 50 has 101 to 108 but for user, cgroup and time. */
static inline _unused_ int fake_security(void)
{
	static const struct fake_status status = FAKE_STATUS;
	int root = tree_new();

	proc_new(root, 1, "0::/init.scope\n", "");
	fake_namespaces(root, 1, 1);
	proc_put(root, 1, "mountinfo", FAKE_HOST_MOUNTS);
	tree_put(root, "proc/kcore", "");
	tree_put(root, "proc/keys", "");
	tree_put(root, "proc/sys/x", "");
	tree_put(root, "proc/sysrq-trigger", "");
	proc_put(root, 50, "cgroup", "0::/system.slice/docker-" ID_A ".scope\n");
	fake_status(root, 50, &status);
	fake_namespaces(root, 50, 101);
	fake_namespace(root, 50, "user", 6);
	fake_namespace(root, 50, "cgroup", 7);
	fake_namespace(root, 50, "time", 8);
	proc_put(root, 50, "mountinfo", FAKE_MOUNTS);
	proc_put(root, 50, "uid_map", "         0          0 4294967295\n");
	proc_put(root, 50, "stat", FAKE_STAT);
	proc_put(root, 50, "comm", "sleep\n");
	proc_put(root, 50, "net/sockstat", "TCP: inuse 0 orphan 0\nUDP: inuse 0 mem 0\n");
	proc_put(root, 50, "net/sockstat6", "TCP6: inuse 0\nUDP6: inuse 0\n");
	proc_put(root, 50, "attr/apparmor/current", "docker-default (enforce)\n");
	tree_put(root, "sys/kernel/security/lsm", "lockdown,capability,yama,apparmor");
	tree_put(root, "sys/fs/cgroup/system.slice/docker-" ID_A ".scope/memory.max", "max\n");
	return root;
}

#endif
