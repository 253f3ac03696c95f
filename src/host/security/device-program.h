/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device-program: what a program of a version 2 cgroup allows of devices.
 *
 * There is no list as in version 1: engines give a cgroup a BPF program, which the kernel asks for each
 * device that is opened or made. The program is fetched and run here, over devices that tell a
 * container that may have all from one that may have a list. Few instructions are needed for it; a
 * program with any other (a map, a helper) is not judged.
 *
 * Source: uapi/linux/bpf.h (struct bpf_cgroup_dev_ctx), Documentation/bpf/instruction-set.rst, and the
 * programs that runc, crun and systemd write.
 */
#ifndef OAK_HOST_SECURITY_DEVICE_PROGRAM_H
#define OAK_HOST_SECURITY_DEVICE_PROGRAM_H

#include <linux/bpf.h>
#include <stddef.h>

#include "host/security/kinds.h"

#define DEVICE_PROGRAM_MAX 4096 /* instructions */

/* Does it allow what is asked? FACT_UNKNOWN where it does what is not known here. Pure. */
enum fact device_program_run(const struct bpf_insn *program, size_t n,
			     const struct bpf_cgroup_dev_ctx *ask);

/* Does it allow all devices: disks, the memory, what no list has? Pure. */
enum fact device_program_allows_all(const struct bpf_insn *program, size_t n);

/**
 * device_programs_of() - those of a cgroup and of all above it
 * @cgroup: relative to @root: "sys/fs/cgroup/system.slice/docker-x.scope"
 *
 * Return: FACT_YES also where there is none at all. FACT_UNKNOWN without CAP_SYS_ADMIN, and where the
 * kernel cannot be asked.
 */
enum fact device_programs_of(int root, const char *cgroup);

#endif
