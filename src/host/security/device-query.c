/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/security/device-program.h"

#define PROGRAMS_MAX 64u /* BPF_CGROUP_MAX_PROGS */

/* All of it is zero but what is set: the kernel refuses what it does not know. */
static int bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* How many programs, or -1. */
static int list_programs(int cgroup, uint32_t ids[PROGRAMS_MAX])
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.query_flags = BPF_F_QUERY_EFFECTIVE;
	attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
	attr.query.prog_cnt = PROGRAMS_MAX;
	return bpf(BPF_PROG_QUERY, &attr) < 0 ? -1 : (int)attr.query.prog_cnt;
}

static int program_of_id(uint32_t id)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	return bpf(BPF_PROG_GET_FD_BY_ID, &attr);
}

static enum fact judge(uint32_t id, struct bpf_insn *code)
{
	_cleanup_(closep) int fd = program_of_id(id); /* the kernel closes it on exec */
	struct bpf_prog_info info = { .xlated_prog_len = DEVICE_PROGRAM_MAX * sizeof(*code),
				      .xlated_prog_insns = (uint64_t)(uintptr_t)code };
	union bpf_attr attr;

	if (fd < 0)
		return FACT_UNKNOWN;
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uint64_t)(uintptr_t)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0 || !info.xlated_prog_insns ||
	    !info.xlated_prog_len || info.xlated_prog_len > DEVICE_PROGRAM_MAX * sizeof(*code))
		return FACT_UNKNOWN;
	return device_program_allows_all(code, info.xlated_prog_len / sizeof(*code));
}

/* Every program has to allow it: the first that does not decides. */
enum fact device_programs_of(int root, const char *cgroup)
{
	_cleanup_(closep) int fd = openat(root, cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(freep) struct bpf_insn *code = NULL;
	enum fact all = FACT_YES;
	uint32_t ids[PROGRAMS_MAX];
	int n = fd < 0 ? -1 : list_programs(fd, ids);

	if (n < 0)
		return FACT_UNKNOWN;
	if (n == 0)
		return FACT_YES;
	code = calloc(DEVICE_PROGRAM_MAX, sizeof(*code));
	if (!code)
		return FACT_UNKNOWN;
	for (int i = 0; i < n && (size_t)i < PROGRAMS_MAX; i++) {
		enum fact f = judge(ids[i], code);

		if (f == FACT_NO)
			return FACT_NO;
		if (f == FACT_UNKNOWN)
			all = FACT_UNKNOWN;
	}
	return all;
}
