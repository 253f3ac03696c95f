/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check-kernel-cmdline: what is given to the kernel at boot. */
#include "audit/tables.h"

#define BOOT "boot with "

static const struct audit_check rows[] = {
	{ .id = "cmdline.module.sig_enforce",
	  .title = "only signed modules are loaded",
	  .why = "root in a container that may load modules, or a stolen root, brings any code into "
		 "the kernel; live patches are signed as well",
	  .fix = BOOT "module.sig_enforce=1, once the key that signs live patches is trusted",
	  .severity = AUDIT_MEDIUM,
	  .rule = "cmdline:module.sig_enforce=1,,Y,y | config:MODULE_SIG_FORCE=y | config:MODULES=n | "
		  "file:/sys/module/module/parameters/sig_enforce=Y",
	  .otherwise = AUDIT_WARN },
	{ .id = "cmdline.lockdown",
	  .title = "the kernel is locked against root",
	  .why = "no unsigned module, no /dev/mem, no kexec of an unsigned kernel; confidentiality "
		 "also breaks perf and BPF tools",
	  .fix = BOOT "lockdown=integrity, once the key that signs live patches is trusted",
	  .severity = AUDIT_MEDIUM,
	  .rule = "file:/sys/kernel/security/lockdown~[integrity] | "
		  "file:/sys/kernel/security/lockdown~[confidentiality] | "
		  "cmdline:lockdown=integrity,confidentiality",
	  .otherwise = AUDIT_WARN },
	{ .id = "cmdline.slab_nomerge",
	  .title = "heaps of different objects are kept apart",
	  .why = "merged caches let one kind of object overlay another",
	  .fix = BOOT "slab_nomerge",
	  .severity = AUDIT_LOW,
	  .rule = "cmdline:slab_nomerge | cmdline:slub_nomerge | config:SLAB_MERGE_DEFAULT=n",
	  .otherwise = AUDIT_WARN },
	{ .id = "cmdline.init_on_alloc",
	  .title = "memory is cleared when it is handed out",
	  .why = "what one container left cannot leak to the next",
	  .fix = BOOT "init_on_alloc=1",
	  .severity = AUDIT_MEDIUM,
	  .rule = "cmdline:init_on_alloc=1,y,on,true | "
		  "config:INIT_ON_ALLOC_DEFAULT_ON=y cmdline:init_on_alloc=absent" },
	{ .id = "cmdline.page_alloc.shuffle",
	  .title = "free pages are shuffled",
	  .why = "which page comes next is otherwise easy to tell",
	  .fix = BOOT "page_alloc.shuffle=1",
	  .severity = AUDIT_LOW,
	  .rule = "cmdline:page_alloc.shuffle=1,y,Y | file:/sys/module/page_alloc/parameters/"
		  "shuffle=Y",
	  .otherwise = AUDIT_WARN },
	{ .id = "cmdline.randomize_kstack_offset",
	  .title = "system calls begin at random depths of the stack",
	  .why = "exploits that rely on the stack's layout fail",
	  .fix = BOOT "randomize_kstack_offset=1",
	  .severity = AUDIT_LOW,
	  .since = "5.13",
	  .rule = "cmdline:randomize_kstack_offset=1,y,on,true | "
		  "config:RANDOMIZE_KSTACK_OFFSET_DEFAULT=y cmdline:randomize_kstack_offset=absent",
	  .otherwise = AUDIT_WARN },
	{ .id = "cmdline.mitigations",
	  .title = "mitigations of processor flaws are not switched off",
	  .why = "without them one container reads another's memory",
	  .fix = "boot without mitigations=off; mitigations=auto,nosmt for the strictest",
	  .severity = AUDIT_HIGH,
	  .rule = "cmdline:mitigations!=off cmdline:nopti=absent cmdline:nospectre_v2=absent" },
	{ .id = "cmdline.vsyscall",
	  .title = "the old vsyscall page is gone",
	  .why = "code at a fixed address; only programs from before 2012 need it",
	  .fix = BOOT "vsyscall=none",
	  .severity = AUDIT_LOW,
	  .rule = "cmdline:vsyscall=none | config:LEGACY_VSYSCALL_NONE=y cmdline:vsyscall=absent | "
		  "config:X86_VSYSCALL_EMULATION=n",
	  .otherwise = AUDIT_WARN },
	{ .id = "cmdline.ia32_emulation",
	  .title = "32-bit programs are not run",
	  .why = "a second set of system calls, which seccomp profiles get wrong",
	  .fix = BOOT "ia32_emulation=0, unless 32-bit images are used",
	  .severity = AUDIT_LOW,
	  .since = "6.7",
	  .rule = "cmdline:ia32_emulation=0,false,off,n,no | config:IA32_EMULATION=n | "
		  "config:IA32_EMULATION_DEFAULT_DISABLED=y cmdline:ia32_emulation=absent",
	  .otherwise = AUDIT_INFO },
	{ .id = "cmdline.nokaslr",
	  .title = "the kernel's address stays random",
	  .why = "an exploit must find the kernel first",
	  .fix = "boot without nokaslr",
	  .severity = AUDIT_MEDIUM,
	  .rule = "cmdline:nokaslr=absent" },
	{ .id = "cmdline.debugfs",
	  .title = "debugfs is off",
	  .why = "internals of every driver, for whoever mounts it; live patching uses sysfs alone",
	  .fix = BOOT "debugfs=off, or debugfs=no-mount where tools of root need it",
	  .severity = AUDIT_LOW,
	  .rule = "cmdline:debugfs=off,no-mount | config:DEBUG_FS=n | "
		  "config:DEBUG_FS_ALLOW_NONE=y | config:DEBUG_FS_DISALLOW_MOUNT=y",
	  .otherwise = AUDIT_WARN },
	{ .id = "cmdline.proc_mem.force_override",
	  .title = "read-only memory of programs stays so",
	  .why = "writes through /proc/PID/mem are how CVE-2019-5736 and its like get out",
	  .fix = BOOT "proc_mem.force_override=never, or ptrace where debuggers are used",
	  .severity = AUDIT_LOW,
	  .since = "6.12",
	  .rule = "cmdline:proc_mem.force_override=never,ptrace | config:PROC_MEM_NO_FORCE=y | "
		  "config:PROC_MEM_FORCE_PTRACE=y",
	  .otherwise = AUDIT_WARN },
	{ .id = "cmdline.module_blacklist",
	  .title = "modules are blocked in the kernel's own loader",
	  .why = "module_blacklist= holds for insmod and for dependencies as well, where the blacklist "
		 "of modprobe.d does not",
	  .fix = "optional: module_blacklist= with what this host never needs; oakum modules plan "
		 "writes files that need no boot",
	  .source = "Oakum, measured on Linux 6.1",
	  .severity = AUDIT_LOW,
	  .rule = "cmdline:module_blacklist | cmdline:modprobe.blacklist | cmdline:nomodule | "
		  "config:MODULES=n",
	  .otherwise = AUDIT_INFO },
	{ .id = "cmdline.mandatory-access",
	  .title = "AppArmor and SELinux are not switched off",
	  .why = "they confine a container that got out of its mounts",
	  .fix = "boot without apparmor=0 and selinux=0",
	  .severity = AUDIT_HIGH,
	  .rule = "cmdline:apparmor!=0 cmdline:selinux!=0 cmdline:security!=none" },
	{ .id = "cmdline.cgroup2",
	  .title = "control groups are of version 2",
	  .why = "the release_agent of version 1 runs a program as root of the host (CVE-2022-0492); "
		 "version 1 is on its way out of engines and systemd",
	  .fix = BOOT "systemd.unified_cgroup_hierarchy=1, or cgroup_no_v1=all",
	  .severity = AUDIT_MEDIUM,
	  .rule = "cmdline:cgroup_no_v1=all | "
		  "file:/sys/fs/cgroup/cgroup.controllers!=absent cmdline:systemd."
		  "unified_cgroup_hierarchy!=0,false,no",
	  .otherwise = AUDIT_WARN },
};

const struct audit_table audit_kernel_cmdline = {
	.group = "kernel-cmdline",
	.title = "Kernel command line",
	.source = "KSPP recommended settings, kernel-hardening-checker",
	AUDIT_ROWS(rows),
};
