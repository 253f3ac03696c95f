/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every row about the kernel, on a host where it is as it should be, and on one where it is not. */
#include "audit-fixture.h"

#define RELEASE "6.18.0-1-amd64"
#define CONFIG  "boot/config-" RELEASE

/* @good: NULL where it is a conflict either way. */
struct kernel_case {
	const char *id;
	enum audit_verdict otherwise;
	const char *good, *bad;
};

static int new_host(void)
{
	int root = tree_new_host();

	tree_put(root, "proc/sys/kernel/osrelease", RELEASE "\n");
	return root;
}

/* Words "NAME=VALUE" of a configuration. */
static void put_config(int root, const char *words)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	_cleanup_(freep) char *copy = strdup(words);
	char *rest = copy;

	for (char *word; rest && (word = strsep(&rest, " "));) {
		char *value = strchr(word, '=');

		EXPECT(value);
		*value++ = '\0';
		if (strcmp(value, "n") == 0)
			EXPECT(buf_printf(&b, "# CONFIG_%s is not set\n", word) == 0);
		else if (strlen(value) > 1)
			EXPECT(buf_printf(&b, "CONFIG_%s=\"%s\"\n", word, value) == 0);
		else
			EXPECT(buf_printf(&b, "CONFIG_%s=%s\n", word, value) == 0);
	}
	tree_put(root, CONFIG, buf_str(&b));
}

/* Lines "name.of.setting=VALUE". */
static void put_sysctl(int root, const char *lines)
{
	_cleanup_(freep) char *copy = strdup(lines);
	char *rest = copy;

	for (char *line; rest && (line = strsep(&rest, "\n"));) {
		char path[256], *value = strchr(line, '=');

		EXPECT(value);
		*value++ = '\0';
		for (char *p = line; *p; p++)
			if (*p == '.')
				*p = '/';
		(void)snprintf(path, sizeof(path), "proc/sys/%s", line);
		tree_put(root, path, value);
	}
}

static void put_cmdline(int root, const char *text)
{
	put_config(
		root,
		"MODULES=y SLAB_MERGE_DEFAULT=y DEBUG_FS=y X86_VSYSCALL_EMULATION=y IA32_EMULATION=y");
	tree_put(root, "proc/cmdline", text);
}

static void try_cases(const char *group, const struct kernel_case *cases, size_t n,
		      void (*put)(int root, const char *text))
{
	_cleanup_(freep) const char **ids = calloc(n, sizeof(*ids));

	EXPECT(ids);
	for (size_t i = 0; i < n; i++) {
		const struct kernel_case *c = &cases[i];
		_cleanup_(closep) int bad = -1, good = -1;

		test_case = ids[i] = c->id;
		bad = new_host();
		put(bad, c->bad);
		if (put != put_cmdline)
			tree_put(bad, "proc/cmdline", "quiet\n");
		expect_verdict(bad, c->id, c->otherwise);
		if (!c->good)
			continue;
		good = new_host();
		put(good, c->good);
		expect_verdict(good, c->id, AUDIT_PASS);
	}
	expect_all_of(group, ids, n);
}

#define TRY(group, cases, put) try_cases(group, cases, sizeof(cases) / sizeof((cases)[0]), put)

static const struct kernel_case config_cases[] = {
	{ "config.LIVEPATCH", AUDIT_FAIL, "LIVEPATCH=y", "LIVEPATCH=n" },
	{ "config.HAVE_RELIABLE_STACKTRACE", AUDIT_WARN, "HAVE_RELIABLE_STACKTRACE=y", "X=y" },
	{ "config.MODULES", AUDIT_CONFLICT, NULL, "MODULES=n" },
	{ "config.MODULE_SIG", AUDIT_FAIL, "MODULE_SIG=y", "MODULES=y MODULE_SIG=n" },
	{ "config.MODULE_SIG_FORCE", AUDIT_INFO, "MODULE_SIG_FORCE=y",
	  "MODULES=y MODULE_SIG_FORCE=n" },
	{ "config.MODULE_SIG_HASH", AUDIT_WARN, "MODULE_SIG_SHA512=y",
	  "MODULES=y MODULE_SIG_SHA1=y" },
	{ "config.MODULE_FORCE_LOAD", AUDIT_FAIL, "MODULE_FORCE_LOAD=n", "MODULE_FORCE_LOAD=y" },
	{ "config.MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS", AUDIT_WARN, "X=y",
	  "MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS=y" },
	{ "config.SECURITY_LOCKDOWN_LSM", AUDIT_WARN, "SECURITY_LOCKDOWN_LSM=y",
	  "SECURITY_LOCKDOWN_LSM=n" },
	{ "config.STATIC_USERMODEHELPER", AUDIT_INFO, "STATIC_USERMODEHELPER=y",
	  "STATIC_USERMODEHELPER=n" },
	{ "config.namespaces", AUDIT_FAIL, "NAMESPACES=y NET_NS=y PID_NS=y IPC_NS=y UTS_NS=y",
	  "NAMESPACES=y NET_NS=n PID_NS=y IPC_NS=y UTS_NS=y" },
	{ "config.USER_NS", AUDIT_CONFLICT, NULL, "USER_NS=n" },
	{ "config.cgroups", AUDIT_FAIL, "CGROUPS=y MEMCG=y CGROUP_PIDS=y CGROUP_BPF=y",
	  "CGROUPS=y MEMCG=n CGROUP_PIDS=y CGROUP_BPF=y" },
	{ "config.SECCOMP", AUDIT_FAIL, "SECCOMP=y SECCOMP_FILTER=y", "SECCOMP=y SECCOMP_FILTER=n" },
	{ "config.mandatory-access", AUDIT_FAIL, "SECURITY_APPARMOR=y LSM=landlock,apparmor",
	  "SECURITY_APPARMOR=y LSM=landlock" },
	{ "config.SECURITY_YAMA", AUDIT_WARN, "SECURITY_YAMA=y", "SECURITY_YAMA=n" },
	{ "config.SECURITY_LANDLOCK", AUDIT_WARN, "SECURITY_LANDLOCK=y", "SECURITY_LANDLOCK=n" },
	{ "config.SECURITY_SELINUX_DISABLE", AUDIT_FAIL, "SECURITY_SELINUX_DISABLE=n",
	  "SECURITY_SELINUX_DISABLE=y" },
	{ "config.BPF_UNPRIV_DEFAULT_OFF", AUDIT_INFO, "BPF_UNPRIV_DEFAULT_OFF=y",
	  "BPF_SYSCALL=y BPF_UNPRIV_DEFAULT_OFF=n" },
	{ "config.IO_URING", AUDIT_WARN, "IO_URING=n", "IO_URING=y" },
	{ "config.USERFAULTFD", AUDIT_INFO, "USERFAULTFD=n", "USERFAULTFD=y" },
	{ "config.KEXEC", AUDIT_INFO, "KEXEC=n", "KEXEC=y" },
	{ "config.DEVMEM", AUDIT_WARN, "DEVMEM=y STRICT_DEVMEM=y IO_STRICT_DEVMEM=y",
	  "DEVMEM=y STRICT_DEVMEM=y IO_STRICT_DEVMEM=n" },
	{ "config.PROC_KCORE", AUDIT_WARN, "PROC_KCORE=n", "PROC_KCORE=y" },
	{ "config.LEGACY_TIOCSTI", AUDIT_INFO, "LEGACY_TIOCSTI=n", "LEGACY_TIOCSTI=y" },
	{ "config.LDISC_AUTOLOAD", AUDIT_INFO, "LDISC_AUTOLOAD=n", "LDISC_AUTOLOAD=y" },
	{ "config.N_GSM", AUDIT_WARN, "N_GSM=n", "N_GSM=m" },
	{ "config.CRYPTO_USER_API", AUDIT_WARN, "X=y", "CRYPTO_USER_API_HASH=m" },
	{ "config.IP_DCCP", AUDIT_WARN, "IP_DCCP=n", "IP_DCCP=m" },
	{ "config.IP_SCTP", AUDIT_WARN, "IP_SCTP=m", "IP_SCTP=y" },
	{ "config.rare-sockets", AUDIT_WARN, "TIPC=n", "TIPC=n CAN=m" },
	{ "config.NF_TABLES", AUDIT_WARN, "NF_TABLES=n", "NF_TABLES=m" },
	{ "config.old-schedulers", AUDIT_WARN, "NET_SCH_CBQ=n", "NET_SCH_CBQ=m" },
	{ "config.SMB_SERVER", AUDIT_WARN, "SMB_SERVER=n", "SMB_SERVER=m" },
	{ "config.BINFMT_MISC", AUDIT_INFO, "BINFMT_MISC=n", "BINFMT_MISC=m" },
	{ "config.INET_DIAG", AUDIT_INFO, "INET_DIAG=n", "INET_DIAG=m" },
	{ "config.IA32", AUDIT_WARN, "IA32_EMULATION=n", "IA32_EMULATION=y" },
	{ "config.MODIFY_LDT_SYSCALL", AUDIT_WARN, "MODIFY_LDT_SYSCALL=n", "MODIFY_LDT_SYSCALL=y" },
	{ "config.RANDOMIZE_BASE", AUDIT_FAIL, "RANDOMIZE_BASE=y", "RANDOMIZE_BASE=n" },
	{ "config.STACKPROTECTOR_STRONG", AUDIT_FAIL, "STACKPROTECTOR_STRONG=y",
	  "STACKPROTECTOR_STRONG=n" },
	{ "config.STRICT_RWX", AUDIT_FAIL, "STRICT_KERNEL_RWX=y STRICT_MODULE_RWX=y",
	  "MODULES=y STRICT_KERNEL_RWX=y STRICT_MODULE_RWX=n" },
	{ "config.VMAP_STACK", AUDIT_FAIL, "VMAP_STACK=y", "VMAP_STACK=n" },
	{ "config.HARDENED_USERCOPY", AUDIT_FAIL, "HARDENED_USERCOPY=y", "HARDENED_USERCOPY=n" },
	{ "config.FORTIFY_SOURCE", AUDIT_FAIL, "FORTIFY_SOURCE=y", "FORTIFY_SOURCE=n" },
	{ "config.SLAB_FREELIST", AUDIT_FAIL, "SLAB_FREELIST_RANDOM=y SLAB_FREELIST_HARDENED=y",
	  "SLAB_FREELIST_RANDOM=y SLAB_FREELIST_HARDENED=n" },
	{ "config.SLAB_MERGE_DEFAULT", AUDIT_INFO, "SLAB_MERGE_DEFAULT=n", "SLAB_MERGE_DEFAULT=y" },
	{ "config.RANDOM_KMALLOC_CACHES", AUDIT_WARN, "RANDOM_KMALLOC_CACHES=y",
	  "RANDOM_KMALLOC_CACHES=n" },
	{ "config.SLAB_BUCKETS", AUDIT_WARN, "SLAB_BUCKETS=y", "SLAB_BUCKETS=n" },
	{ "config.INIT_ON_ALLOC_DEFAULT_ON", AUDIT_INFO, "INIT_ON_ALLOC_DEFAULT_ON=y",
	  "INIT_ON_ALLOC_DEFAULT_ON=n" },
	{ "config.LIST_HARDENED", AUDIT_WARN, "DEBUG_LIST=y", "LIST_HARDENED=n DEBUG_LIST=n" },
	{ "config.RANDOMIZE_KSTACK_OFFSET_DEFAULT", AUDIT_INFO, "RANDOMIZE_KSTACK_OFFSET_DEFAULT=y",
	  "RANDOMIZE_KSTACK_OFFSET_DEFAULT=n" },
	{ "config.BUG_ON_DATA_CORRUPTION", AUDIT_WARN, "BUG_ON_DATA_CORRUPTION=y",
	  "BUG_ON_DATA_CORRUPTION=n" },
	{ "config.cpu-mitigations", AUDIT_FAIL, "PAGE_TABLE_ISOLATION=y RETPOLINE=y",
	  "MITIGATION_PAGE_TABLE_ISOLATION=y MITIGATION_RETPOLINE=y MITIGATION_ITS=n" },
};

TEST(audit_judges_the_configuration)
{
	TRY("kernel-config", config_cases, put_config);
}

TEST(audit_judges_the_settings)
{
	static const struct kernel_case cases[] = {
		{ "sysctl.kernel.modules_disabled", AUDIT_CONFLICT, NULL,
		  "kernel.modules_disabled=1" },
		{ "sysctl.kernel.modprobe", AUDIT_WARN,
		  "kernel.modprobe=", "kernel.modprobe=/sbin/modprobe" },
		{ "sysctl.user.max_user_namespaces", AUDIT_CONFLICT, NULL,
		  "user.max_user_namespaces=0" },
		{ "sysctl.kernel.unprivileged_userns_clone", AUDIT_WARN,
		  "kernel.unprivileged_userns_clone=0", "kernel.unprivileged_userns_clone=1" },
		{ "sysctl.kernel.apparmor_restrict_unprivileged_userns", AUDIT_WARN,
		  "kernel.apparmor_restrict_unprivileged_userns=1",
		  "kernel.apparmor_restrict_unprivileged_userns=0" },
		{ "sysctl.kernel.unprivileged_bpf_disabled", AUDIT_FAIL,
		  "kernel.unprivileged_bpf_disabled=2", "kernel.unprivileged_bpf_disabled=0" },
		{ "sysctl.net.core.bpf_jit_harden", AUDIT_WARN, "net.core.bpf_jit_harden=2",
		  "net.core.bpf_jit_harden=1" },
		{ "sysctl.kernel.io_uring_disabled", AUDIT_WARN, "kernel.io_uring_disabled=2",
		  "kernel.io_uring_disabled=0" },
		{ "sysctl.vm.unprivileged_userfaultfd", AUDIT_FAIL, "vm.unprivileged_userfaultfd=0",
		  "vm.unprivileged_userfaultfd=1" },
		{ "sysctl.kernel.kptr_restrict", AUDIT_FAIL, "kernel.kptr_restrict=2",
		  "kernel.kptr_restrict=0" },
		{ "sysctl.kernel.dmesg_restrict", AUDIT_FAIL, "kernel.dmesg_restrict=1",
		  "kernel.dmesg_restrict=0" },
		{ "sysctl.kernel.perf_event_paranoid", AUDIT_FAIL, "kernel.perf_event_paranoid=3",
		  "kernel.perf_event_paranoid=-1" },
		{ "sysctl.kernel.yama.ptrace_scope", AUDIT_FAIL, "kernel.yama.ptrace_scope=1",
		  "kernel.yama.ptrace_scope=0" },
		{ "sysctl.kernel.kexec_load_disabled", AUDIT_WARN, "kernel.kexec_load_disabled=1",
		  "kernel.kexec_load_disabled=0" },
		{ "sysctl.kernel.sysrq", AUDIT_WARN, "kernel.sysrq=176", "kernel.sysrq=1" },
		{ "sysctl.kernel.randomize_va_space", AUDIT_FAIL, "kernel.randomize_va_space=2",
		  "kernel.randomize_va_space=1" },
		{ "sysctl.kernel.oops_limit", AUDIT_WARN, "kernel.oops_limit=100",
		  "kernel.oops_limit=10000" },
		{ "sysctl.kernel.warn_limit", AUDIT_WARN, "kernel.warn_limit=100",
		  "kernel.warn_limit=0" },
		{ "sysctl.kernel.panic_on_oops", AUDIT_CONFLICT, NULL, "kernel.panic_on_oops=1" },
		{ "sysctl.kernel.core_pattern", AUDIT_FAIL,
		  "kernel.core_pattern=|/usr/lib/systemd/systemd-coredump %P",
		  "kernel.core_pattern=|/tmp/x %P" },
		{ "sysctl.dev.tty.ldisc_autoload", AUDIT_FAIL, "dev.tty.ldisc_autoload=0",
		  "dev.tty.ldisc_autoload=1" },
		{ "sysctl.dev.tty.legacy_tiocsti", AUDIT_FAIL, "dev.tty.legacy_tiocsti=0",
		  "dev.tty.legacy_tiocsti=1" },
		{ "sysctl.fs.protected_links", AUDIT_FAIL,
		  "fs.protected_symlinks=1\nfs.protected_hardlinks=1",
		  "fs.protected_symlinks=1\nfs.protected_hardlinks=0" },
		{ "sysctl.fs.protected_files", AUDIT_WARN,
		  "fs.protected_fifos=2\nfs.protected_regular=2",
		  "fs.protected_fifos=1\nfs.protected_regular=2" },
		{ "sysctl.fs.suid_dumpable", AUDIT_WARN, "fs.suid_dumpable=0",
		  "fs.suid_dumpable=2" },
		{ "sysctl.vm.mmap_min_addr", AUDIT_FAIL, "vm.mmap_min_addr=65536",
		  "vm.mmap_min_addr=4096" },
		{ "sysctl.net.ipv4.ip_forward", AUDIT_CONFLICT, NULL, "net.ipv4.ip_forward=0" },
		{ "sysctl.net.bridge.bridge-nf-call-iptables", AUDIT_FAIL,
		  "net.bridge.bridge-nf-call-iptables=1", "net.bridge.bridge-nf-call-iptables=0" },
		{ "sysctl.net.ipv4.conf.all.redirects", AUDIT_WARN,
		  "net.ipv4.conf.all.accept_redirects=0\nnet.ipv4.conf.all.send_redirects=0\nnet.ipv4.conf.all.accept_source_route=0",
		  "net.ipv4.conf.all.accept_redirects=1\nnet.ipv4.conf.all.send_redirects=0\nnet.ipv4.conf.all.accept_source_route=0" },
		{ "sysctl.net.ipv4.conf.all.route_localnet", AUDIT_WARN,
		  "net.ipv4.conf.all.route_localnet=0", "net.ipv4.conf.all.route_localnet=1" },
		{ "sysctl.net.ipv6.conf.all.accept_ra", AUDIT_WARN, "net.ipv6.conf.all.accept_ra=0",
		  "net.ipv6.conf.all.accept_ra=1" },
	};

	TRY("kernel-sysctl", cases, put_sysctl);
}

TEST(audit_judges_the_command_line)
{
	static const struct kernel_case cases[] = {
		{ "cmdline.module.sig_enforce", AUDIT_WARN, "module.sig_enforce=1", "quiet" },
		{ "cmdline.lockdown", AUDIT_WARN, "lockdown=integrity", "quiet" },
		{ "cmdline.slab_nomerge", AUDIT_WARN, "slab_nomerge", "quiet" },
		{ "cmdline.init_on_alloc", AUDIT_FAIL, "init_on_alloc=1", "init_on_alloc=0" },
		{ "cmdline.page_alloc.shuffle", AUDIT_WARN, "page_alloc.shuffle=1", "quiet" },
		{ "cmdline.randomize_kstack_offset", AUDIT_WARN, "randomize_kstack_offset=on",
		  "randomize_kstack_offset=0" },
		{ "cmdline.mitigations", AUDIT_FAIL, "quiet mitigations=auto,nosmt",
		  "mitigations=auto mitigations=off" },
		{ "cmdline.vsyscall", AUDIT_WARN, "vsyscall=none", "vsyscall=xonly" },
		{ "cmdline.ia32_emulation", AUDIT_INFO, "ia32_emulation=0", "quiet" },
		{ "cmdline.nokaslr", AUDIT_FAIL, "quiet -- nokaslr", "nokaslr" },
		{ "cmdline.debugfs", AUDIT_WARN, "debugfs=no-mount", "debugfs=on" },
		{ "cmdline.proc_mem.force_override", AUDIT_WARN, "proc_mem.force_override=never",
		  "proc_mem.force_override=always" },
		{ "cmdline.module_blacklist", AUDIT_INFO, "module_blacklist=sctp,dccp", "quiet" },
		{ "cmdline.mandatory-access", AUDIT_FAIL, "apparmor=1", "apparmor=0" },
		{ "cmdline.cgroup2", AUDIT_WARN, "cgroup_no_v1=all", "quiet" },
	};

	TRY("kernel-cmdline", cases, put_cmdline);
}

TEST(audit_says_what_it_saw)
{
	_cleanup_(closep) int root = new_host();

	put_config(root, "IO_URING=y");
	put_sysctl(root, "kernel.io_uring_disabled=1");
	expect_finding(root, "config.IO_URING",
		       "warn: /boot/config-" RELEASE ": CONFIG_IO_URING=y; "
		       "/proc/sys/kernel/io_uring_disabled: 1");
	put_sysctl(root, "kernel.io_uring_disabled=2");
	expect_finding(root, "config.IO_URING", "pass: /proc/sys/kernel/io_uring_disabled: 2");
	/* Of two names the one that this kernel has. */
	put_config(root, "RETPOLINE=n");
	expect_finding(
		root, "config.cpu-mitigations",
		"fail: /boot/config-" RELEASE
		": CONFIG_MITIGATION_PAGE_TABLE_ISOLATION: no such option; /boot/config-" RELEASE
		": CONFIG_RETPOLINE is not set");
}

TEST(audit_conflicts_are_never_failures)
{
	static const struct {
		const char *id, *path, *value;
	} cases[] = {
		{ "sysctl.kernel.modules_disabled", "proc/sys/kernel/modules_disabled", "1" },
		{ "sysctl.kernel.modules_disabled", "proc/sys/kernel/modules_disabled", "0" },
		{ "sysctl.user.max_user_namespaces", "proc/sys/user/max_user_namespaces", "0" },
		{ "sysctl.user.max_user_namespaces", "proc/sys/user/max_user_namespaces", "9" },
		{ "sysctl.net.ipv4.ip_forward", "proc/sys/net/ipv4/ip_forward", "0" },
		{ "sysctl.net.ipv4.ip_forward", "proc/sys/net/ipv4/ip_forward", "1" },
		{ "config.MODULES", CONFIG, "# CONFIG_MODULES is not set\n" },
		{ "config.USER_NS", CONFIG, "CONFIG_USER_NS=y\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = new_host();

		test_case = cases[i].id;
		tree_put(root, cases[i].path, cases[i].value);
		expect_verdict(root, cases[i].id, AUDIT_CONFLICT);
	}
	test_case = NULL;
}

TEST(audit_does_not_guess)
{
	_cleanup_(closep) int root = tree_new();

	/* No configuration, no command line, a setting that this kernel does not have. */
	expect_finding(root, "config.LIVEPATCH", "unknown: kernel configuration: cannot be read");
	expect_finding(root, "cmdline.nokaslr", "unknown: /proc/cmdline: cannot be read");
	expect_finding(root, "sysctl.kernel.yama.ptrace_scope",
		       "not-applicable: /proc/sys/kernel/yama/ptrace_scope: not in this kernel");
	tree_put(root, "proc/sys/kernel/osrelease", "6.1.0-50-amd64\n");
	expect_finding(root, "config.SLAB_BUCKETS",
		       "not-applicable: /proc/sys/kernel/osrelease: 6.1.0-50-amd64; Linux 6.11 "
		       "brought it");
}

TEST(audit_reads_the_state)
{
	_cleanup_(closep) int root = new_host();

	tree_put(root, "sys/devices/system/cpu/vulnerabilities/mds",
		 "Mitigation: Clear CPU buffers; SMT disabled\n");
	expect_verdict(root, "state.cpu-vulnerabilities", AUDIT_PASS);
	tree_put(root, "sys/devices/system/cpu/vulnerabilities/srso",
		 "Mitigation: Safe RET; SMT vulnerable\n");
	expect_verdict(root, "state.cpu-vulnerabilities", AUDIT_WARN);
	tree_put(root, "sys/devices/system/cpu/vulnerabilities/meltdown", "Vulnerable\n");
	expect_verdict(root, "state.cpu-vulnerabilities", AUDIT_FAIL);

	tree_put(root, "proc/sys/kernel/tainted", "32768\n");
	expect_finding(root, "state.tainted",
		       "pass: /proc/sys/kernel/tainted: 32768; /proc/sys/kernel/tainted: the kernel "
		       "is live patched");
	tree_put(root, "proc/sys/kernel/tainted", "8320\n");
	expect_finding(root, "state.tainted",
		       "warn: /proc/sys/kernel/tainted: 8320; /proc/sys/kernel/tainted: the kernel "
		       "died once: an oops or a BUG; /proc/sys/kernel/tainted: a module without a "
		       "signature was loaded");

	tree_put(root, "proc/cgroups", "#subsys_name\th\nmemory\t0\t9\t1\npids\t0\t9\t1\n");
	expect_verdict(root, "state.cgroup-version", AUDIT_PASS);
	tree_put(root, "proc/cgroups", "#subsys_name\th\nmemory\t4\t9\t1\npids\t0\t9\t1\n");
	expect_verdict(root, "state.cgroup-version", AUDIT_WARN);

	tree_put(root, "sys/kernel/security/lsm", "lockdown,capability\n");
	expect_verdict(root, "state.lsm", AUDIT_WARN);
	tree_put(root, "sys/kernel/security/lsm", "lockdown,capability,apparmor\n");
	expect_verdict(root, "state.lsm", AUDIT_PASS);
	tree_put(root, "sys/fs/selinux/enforce", "0");
	expect_verdict(root, "state.selinux-enforcing", AUDIT_FAIL);
	expect_finding(root, "state.livepatch",
		       "info: /sys/kernel/livepatch: no live patch is in the kernel");
}
