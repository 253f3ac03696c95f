/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * caps: sets of capabilities as masks, and their names.
 *
 * Source: capabilities(7), linux/capability.h; defaults measured with docker 20.10, podman 4.3,
 * containerd 1.6 and runc 1.1.
 */
#ifndef OAK_HOST_SECURITY_CAPS_H
#define OAK_HOST_SECURITY_CAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPS_KNOWN      41u /* CHECKPOINT_RESTORE is the last */
#define CAP_BIT(number) (UINT64_C(1) << (number))

#define CAPS_DOCKER \
	UINT64_C(0xa80425fb) /* what engines give where nobody asks: docker, containerd */
#define CAPS_PODMAN UINT64_C(0x800405fb)
#define CAPS_RUNC   UINT64_C(0x20000420)

/*
 * With one of these on the host itself, root of a container is not far from root of the host.
 * NET_RAW, MKNOD and others of the engines' defaults are not among them.
 */
extern const uint64_t caps_dangerous;

struct cap_sets {
	uint64_t inheritable, permitted, effective, bounding, ambient;
};

/* "SYS_ADMIN", or NULL for a number that we know no name of. */
const char *cap_name(unsigned number);

/* The number of "SYS_ADMIN", "CAP_SYS_ADMIN" or "cap_sys_admin"; -1: no such capability. */
int cap_number(const char *name);

/*
 * Everything a privileged container has. Such a set is not always full: docker 20.10 leaves out
 * those that are younger than it (PERFMON, BPF, CHECKPOINT_RESTORE), and nobody gives what the
 * host's own root lacks. So this asks for those that take the host.
 */
bool caps_are_privileged(uint64_t set);

/*
 * In words, beside what engines give: "none", "default", "default +NET_ADMIN",
 * "less than default", "privileged", "all"; "SYS_TIME" where it holds nothing of the default.
 * Cut with " ..." where @size does not hold it; 64 or more.
 */
void caps_text(uint64_t set, char *ret, size_t size);

#endif
