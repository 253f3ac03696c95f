/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * security: what one process may effectively do to this host, from /proc alone.
 *
 * Not what an engine was asked for, but what the kernel holds it to: no file of an engine is read,
 * nothing is executed, no process is touched. Numbers of users are the host's. Texts are safe for a
 * terminal and cut where they are long. What cannot be read is unknown, never good.
 *
 * A pid that vanishes or is given to another process while it is read is OAK_E_AGAIN: the start
 * time of the process is the same before and after, or the result is thrown away.
 *
 * Source: proc(5), proc_pid_status(5), proc_pid_mountinfo(5), user_namespaces(7), cgroups(7);
 * measured with docker, containerd, podman, runc and crun. docs/formats/containers.md shows all.
 */
#ifndef OAK_HOST_SECURITY_SECURITY_H
#define OAK_HOST_SECURITY_SECURITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "host/security/caps.h"
#include "host/security/kinds.h"

#define SECURITY_TEXT_MAX   256
#define SECURITY_LABEL_MAX  128
#define SECURITY_MOUNTS_MAX 4096u /* of the host, in one process; more are counted only */
#define SECURITY_PORTS_MAX  4096u
#define SECURITY_GROUPS_MAX 256u

#define ID_NONE         UINT32_MAX
#define LIMIT_NONE      UINT64_MAX /* there is none */
#define LIMIT_UNKNOWN   (UINT64_MAX - 1)
#define LIMIT_IS_SET(v) ((v) < LIMIT_UNKNOWN)

/* A part of the host that is mounted. */
struct security_mount {
	enum place place;
	bool whole; /* all of that place (or more: "/var" for PLACE_ENGINE), not a part of it */
	bool read_only;
	bool renamed; /* a socket that device and inode tell, not its name */
	char *host;   /* where it lies on the host: "/etc"; of a renamed socket the true name */
	char *inside; /* where the container has it */
	char *socket; /* a control socket that is at @host or below; NULL: none */
};

enum port_protocol {
	PORT_TCP,
	PORT_TCP6,
	PORT_UDP,
	PORT_UDP6,
};

/* Somebody of the network namespace listens (TCP), or has bound it and is not connected (UDP). */
struct security_port {
	enum port_protocol protocol;
	uint16_t port;
	bool any; /* on every address: "0.0.0.0" or "::" */
	bool loopback;
	char address[46]; /* as inet_ntop() writes it */
};

struct security {
	pid_t pid;
	uint64_t start_ticks;
	char command[17];

	uint32_t uid[4], gid[4]; /* real, effective, saved, file system */
	uint32_t *groups;        /* supplementary */
	size_t n_groups;
	enum fact real_root; /* one of uid[] is 0: root of the host, whatever its namespace */
	uint32_t root_uid;   /* the host's number of its namespace's root; ID_NONE: not mapped */
	bool identity_map;   /* all users are the host's: no namespace, or one that maps 0-max */

	struct cap_sets caps; /* count on the host only where ns_host[NS_USER] is not FACT_NO */
	enum seccomp_mode seccomp;
	uint32_t seccomp_filters; /* 0 also where the kernel does not tell (before 5.9) */
	enum fact no_new_privs;
	char lsm[16]; /* "apparmor", "selinux", "smack"; "" none is active, or unread */
	char label[SECURITY_LABEL_MAX]; /* "docker-default (enforce)", "unconfined" */
	enum fact confined; /* by that label; FACT_NO also where no such LSM is active */

	uint64_t ns[NS_KINDS];       /* inode; 0: not read, or the kernel has no such namespaces */
	enum fact ns_host[NS_KINDS]; /* it is that of process 1 */

	enum fact root_read_only;
	enum propagation root_propagation;
	char root_type[32];            /* "overlay" */
	enum fact root_is_hosts;       /* its "/" is that of process 1 */
	enum fact sys_writable;        /* a sysfs that is mounted for writing */
	enum fact proc_masked;         /* /proc/kcore is hidden */
	enum fact proc_sys_read_only;  /* /proc/sys and /proc/sysrq-trigger */
	struct security_mount *mounts; /* those of the host, the worst first */
	size_t n_mounts;
	enum fact devices_all; /* "a *:* rwm" of cgroup v1, or what v2's programs say */

	uint64_t memory_max_bytes, pids_max; /* of the tightest cgroup above it */
	uint64_t cpu_quota_us, cpu_period_us;
	struct security_port *ports; /* of its network namespace: the host's where it shares that */
	size_t n_ports;

	unsigned privileged_by; /* enum privileged_sign */
	enum privileged privileged;
	unsigned unread; /* enum security_part */
};

void security_free(struct security *s); /* also the guard; zero is fine */

/**
 * security_read() - the state of one process
 *
 * Errors: OAK_E_NOTFOUND (no such process), OAK_E_AGAIN (it ended, or another took its number,
 * meanwhile), OAK_E_IO (no /proc), OAK_E_NOMEM. @ret is untouched on failure.
 */
int security_read(int root, pid_t pid, struct security *ret, struct oak_error *err) _must_check_;

/* For many processes: what is of the host is read once, ports once for each network namespace. */
struct security_reader;

int security_reader_open(int root, struct security_reader **ret, struct oak_error *err)
	_must_check_;
void security_reader_close(struct security_reader *r);
void security_reader_closep(struct security_reader **r); /* the guard */
int security_reader_read(struct security_reader *r, pid_t pid, struct security *ret,
			 struct oak_error *err) _must_check_;

#endif
