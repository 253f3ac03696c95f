/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kinds: the words in which the security state of a process is told (host/security/security.h).
 *
 * The zero of each enum is "not known", so that what nobody could read is never taken for good.
 */
#ifndef OAK_HOST_SECURITY_KINDS_H
#define OAK_HOST_SECURITY_KINDS_H

enum fact {
	FACT_UNKNOWN,
	FACT_NO,
	FACT_YES,
};

/* In the order in which people are told. */
enum namespace_kind {
	NS_NET,
	NS_PID,
	NS_IPC,
	NS_UTS,
	NS_MNT,
	NS_USER,
	NS_CGROUP,
	NS_TIME,
	NS_KINDS,
};

enum seccomp_mode {
	SECCOMP_UNKNOWN,
	SECCOMP_OFF,    /* every system call is allowed */
	SECCOMP_STRICT, /* read, write, exit alone */
	SECCOMP_FILTER, /* there is a filter; nothing says that it is a good one */
};

/* What happens to mounts of the host that are made later. */
enum propagation {
	PROPAGATION_UNKNOWN,
	PROPAGATION_PRIVATE,
	PROPAGATION_SHARED, /* those of the container reach the host */
	PROPAGATION_SLAVE,  /* those of the host reach the container */
};

/* The part of the host that a mount shows. */
enum place {
	PLACE_NONE,    /* not of the host */
	PLACE_OTHER,   /* of the host, none of those below */
	PLACE_OWN,     /* made by the engine for this container: resolv.conf, hosts, shm ... */
	PLACE_VOLUME,  /* a volume that an engine or the kubelet keeps */
	PLACE_SOCKET,  /* of an engine or systemd: who may write to it is root of the host */
	PLACE_ROOT,    /* "/" */
	PLACE_ETC,     /* "/etc" */
	PLACE_RUN,     /* "/run", "/var/run": sockets and state of everything */
	PLACE_ENGINE,  /* all containers' files: "/var/lib/docker", ... */
	PLACE_KUBELET, /* "/var/lib/kubelet", "/etc/kubernetes" */
	PLACE_HOME,    /* "/root", "/home" */
	PLACE_SYSTEM,  /* "/boot", "/usr", "/lib", "/bin", "/sbin", "/var/log", "/var/spool/cron" */
	PLACE_PROC,    /* the host's "/proc" */
	PLACE_SYS,     /* "/sys" */
	PLACE_DEV,     /* "/dev" */
	PLACE_KINDS,
};

/* What makes a process privileged; bits of struct security.privileged_by. */
enum privileged_sign {
	PRIVILEGED_CAPS = 1 << 0,    /* all that a privileged container has, on the host itself */
	PRIVILEGED_SECCOMP = 1 << 1, /* no filter */
	PRIVILEGED_LSM = 1 << 2,     /* no AppArmor profile or SELinux type confines it */
	PRIVILEGED_SYS = 1 << 3,     /* /sys can be written */
	PRIVILEGED_PROC = 1 << 4,    /* nothing of /proc is hidden or read-only */
	PRIVILEGED_DEVICES = 1 << 5, /* all devices of the host */
};

enum privileged {
	PRIVILEGED_UNKNOWN,
	PRIVILEGED_NO,
	PRIVILEGED_LIKE, /* caps, no seccomp, no LSM: it can take the rest itself */
	PRIVILEGED_YES,  /* all signs that can be seen */
};

/* What could not be read (no privilege, or it vanished); bits of struct security.unread. */
enum security_part {
	SECURITY_NAMESPACES = 1 << 0,
	SECURITY_IDS = 1 << 1, /* uid_map */
	SECURITY_LABEL = 1 << 2,
	SECURITY_MOUNTS = 1 << 3,
	SECURITY_DEVICES =
		1 << 4, /* always with cgroup v2 alone: a BPF program, not a file, says */
	SECURITY_LIMITS = 1 << 5,
	SECURITY_PORTS = 1 << 6,
};

/* "unknown", "no", "yes"; "net"; "off"; "private"; "etc"; "privileged"; never NULL. */
const char *fact_name(enum fact f);
const char *namespace_name(enum namespace_kind k);
const char *seccomp_name(enum seccomp_mode m);
const char *propagation_name(enum propagation p);
const char *place_name(enum place p);
const char *privileged_name(enum privileged p);
/* Of one bit: "caps"; "mounts". */
const char *privileged_sign_name(enum privileged_sign s);
const char *security_part_name(enum security_part p);

#endif
