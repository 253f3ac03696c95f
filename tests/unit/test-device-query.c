/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real programs on real cgroups of version 2, where the kernel has them and the test is root. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "device-insns.h"
#include "host/security/device-program.h"
#include "test.h"

static int bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int attach(const char *cgroup, const struct bpf_insn *p, size_t n)
{
	_cleanup_(closep) int dir = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closep) int program = -1;
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)p;
	attr.insn_cnt = (uint32_t)n;
	attr.license = (uint64_t)(uintptr_t) "GPL";
	program = bpf(BPF_PROG_LOAD, &attr);
	if (dir < 0 || program < 0)
		return -errno;
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)dir;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	return bpf(BPF_PROG_ATTACH, &attr) < 0 ? -errno : 0;
}

static const char *hierarchy(void)
{
	static const char *const at[] = { "/sys/fs/cgroup/unified", "/sys/fs/cgroup" };

	for (size_t i = 0; i < 2; i++) {
		char file[64];

		(void)snprintf(file, sizeof(file), "%s/cgroup.procs", at[i]);
		if (access(file, W_OK) == 0)
			return at[i];
	}
	return NULL;
}

TEST(programs_of_a_cgroup_and_of_those_above)
{
	_cleanup_(closep) int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *top = hierarchy();
	char outer[128], inner[160];
	bool can;

	if (!top || geteuid() != 0) {
		print_message("no cgroups of version 2 here, or not root\n");
		skip();
	}
	(void)snprintf(outer, sizeof(outer), "%s/oakum-test-%d", top, (int)getpid());
	(void)snprintf(inner, sizeof(inner), "%s/inner", outer);
	EXPECT(mkdir(outer, 0755) == 0 && mkdir(inner, 0755) == 0);
	EXPECT(device_programs_of(root, inner + 1) == FACT_YES);
	can = attach(inner, allow_all, sizeof(allow_all) / sizeof(allow_all[0])) == 0;
	if (can) {
		EXPECT(device_programs_of(root, inner + 1) == FACT_YES);
		EXPECT(attach(outer, allow_list, sizeof(allow_list) / sizeof(allow_list[0])) == 0);
		EXPECT(device_programs_of(root, outer + 1) == FACT_NO);
		EXPECT(device_programs_of(root, inner + 1) == FACT_NO);
	}
	EXPECT(rmdir(inner) == 0 && rmdir(outer) == 0);
	if (!can) {
		print_message("this kernel takes no program for devices\n");
		skip();
	}
}

TEST(no_cgroup_is_not_judged)
{
	_cleanup_(closep) int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	EXPECT(device_programs_of(root, "proc") == FACT_UNKNOWN);
	EXPECT(device_programs_of(root, "does/not/exist") == FACT_UNKNOWN);
}
