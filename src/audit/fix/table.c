/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table: the fix of each check. */
#include <string.h>

#include "audit/fix/fix.h"

#define UNTIL_AGAIN "an engine that makes the file again gives it its own mode: look once more then"
#define SOCKET      "what uses it by the rights that it has now is cut off, in containers as well"
#define BREAKS_OLD  "a restart of the daemon may leave containers without what they need: "
#define FLOOD       "every write of every container would be logged"

static const struct fix rows[] = {
	/* Settings of the kernel. */
	{ "sysctl.kernel.modprobe", FIX_BY_HAND, false, NULL,
	  "what this host needs must be known first: oakum modules plan" },
	{ "sysctl.kernel.unprivileged_userns_clone", FIX_SYSCTL, true,
	  "kernel.unprivileged_userns_clone=0",
	  "rootless engines and sandboxes of browsers start no more" },
	{ "sysctl.kernel.apparmor_restrict_unprivileged_userns", FIX_SYSCTL, true,
	  "kernel.apparmor_restrict_unprivileged_userns=1",
	  "rootless engines without a profile of AppArmor start no more" },
	/* Not 1, which is for good until the next boot. */
	{ "sysctl.kernel.unprivileged_bpf_disabled", FIX_SYSCTL, false,
	  "kernel.unprivileged_bpf_disabled=2", NULL },
	{ "sysctl.net.core.bpf_jit_harden", FIX_SYSCTL, false, "net.core.bpf_jit_harden=2",
	  "networks made of BPF programs become somewhat slower" },
	{ "sysctl.kernel.io_uring_disabled", FIX_SYSCTL, true, "kernel.io_uring_disabled=2",
	  "programs in containers may need io_uring: databases, QEMU" },
	{ "sysctl.vm.unprivileged_userfaultfd", FIX_SYSCTL, false, "vm.unprivileged_userfaultfd=0",
	  NULL },
	{ "sysctl.kernel.kptr_restrict", FIX_SYSCTL, false, "kernel.kptr_restrict=1", NULL },
	{ "sysctl.kernel.dmesg_restrict", FIX_SYSCTL, false, "kernel.dmesg_restrict=1", NULL },
	{ "sysctl.kernel.perf_event_paranoid", FIX_SYSCTL, false, "kernel.perf_event_paranoid=2",
	  NULL },
	{ "sysctl.kernel.yama.ptrace_scope", FIX_SYSCTL, false, "kernel.yama.ptrace_scope=1",
	  "debuggers of users trace only what they started" },
	{ "sysctl.kernel.kexec_load_disabled", FIX_BY_HAND, false, NULL,
	  "it is for good until the next boot, and keeps kdump from loading its kernel" },
	{ "sysctl.kernel.sysrq", FIX_SYSCTL, false, "kernel.sysrq=176", NULL },
	{ "sysctl.kernel.randomize_va_space", FIX_SYSCTL, false, "kernel.randomize_va_space=2",
	  NULL },
	{ "sysctl.kernel.oops_limit", FIX_SYSCTL, true, "kernel.oops_limit=100",
	  "the host, with all containers, stops at the hundredth oops" },
	{ "sysctl.kernel.warn_limit", FIX_SYSCTL, true, "kernel.warn_limit=100",
	  "the host, with all containers, stops at the hundredth warning" },
	{ "sysctl.kernel.core_pattern", FIX_BY_HAND, false, NULL,
	  "where dumps are to go is a decision" },
	{ "sysctl.dev.tty.ldisc_autoload", FIX_SYSCTL, false, "dev.tty.ldisc_autoload=0", NULL },
	{ "sysctl.dev.tty.legacy_tiocsti", FIX_SYSCTL, false, "dev.tty.legacy_tiocsti=0", NULL },
	{ "sysctl.fs.protected_links", FIX_SYSCTL, false,
	  "fs.protected_symlinks=1 fs.protected_hardlinks=1", NULL },
	{ "sysctl.fs.protected_files", FIX_SYSCTL, false,
	  "fs.protected_fifos=2 fs.protected_regular=2", NULL },
	{ "sysctl.fs.suid_dumpable", FIX_SYSCTL, false, "fs.suid_dumpable=0", NULL },
	{ "sysctl.vm.mmap_min_addr", FIX_SYSCTL, false, "vm.mmap_min_addr=65536", NULL },
	{ "sysctl.net.bridge.bridge-nf-call-iptables", FIX_SYSCTL, true,
	  "net.bridge.bridge-nf-call-iptables=1",
	  "what containers of one bridge say to each other stops where no rule allows it" },
	{ "sysctl.net.ipv4.conf.all.redirects", FIX_SYSCTL, false,
	  "net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.all.send_redirects=0 "
	  "net.ipv4.conf.all.accept_source_route=0",
	  NULL },
	{ "sysctl.net.ipv4.conf.all.route_localnet", FIX_SYSCTL, true,
	  "net.ipv4.conf.all.route_localnet=0", "kube-proxy needs it for node ports" },
	{ "sysctl.net.ipv6.conf.all.accept_ra", FIX_BY_HAND, false, NULL,
	  "the host's own address or route may come so, and with it your way in" },

	/* The command line: at the next boot. */
	{ "cmdline.module.sig_enforce", FIX_BY_HAND, false, NULL,
	  "live patches load no more unless the kernel trusts the key that signs them" },
	{ "cmdline.lockdown", FIX_BY_HAND, false, NULL,
	  "live patches load no more unless the kernel trusts the key that signs them" },
	{ "cmdline.slab_nomerge", FIX_BOOT, false, "slab_nomerge", NULL },
	{ "cmdline.init_on_alloc", FIX_BOOT, false, "init_on_alloc=1", NULL },
	{ "cmdline.page_alloc.shuffle", FIX_BOOT, false, "page_alloc.shuffle=1", NULL },
	{ "cmdline.randomize_kstack_offset", FIX_BOOT, false, "randomize_kstack_offset=1", NULL },
	{ "cmdline.vsyscall", FIX_BOOT, true, "vsyscall=none",
	  "programs of images from before 2013 die" },
	{ "cmdline.debugfs", FIX_BOOT, true, "debugfs=off", "tools that trace the kernel need it" },
	{ "cmdline.proc_mem.force_override", FIX_BOOT, true, "proc_mem.force_override=ptrace",
	  "programs that write to their own code through /proc stop" },
	{ "cmdline.cgroup2", FIX_BY_HAND, false, NULL,
	  "old engines and images know version 1 alone" },
	{ "kernel-cmdline", FIX_BY_HAND, false, NULL,
	  "what was put on the command line for a reason is taken off by hand: see "
	  "/etc/default/grub" },

	/* Section 1. */
	{ "1.1.1", FIX_BY_HAND, false, NULL, "data has to be moved while docker is down" },
	{ "1.1.2", FIX_BY_HAND, false, NULL, "who may use docker is a decision" },
	{ "1.1.3", FIX_WATCH, false, NULL, NULL },
	{ "1.1.4", FIX_WATCH, true, NULL, FLOOD },
	{ "1.1.5", FIX_WATCH, true, NULL, FLOOD },
	{ "1.1.6", FIX_WATCH, false, NULL, NULL },
	{ "1.1.7", FIX_WATCH, false, NULL, NULL },
	{ "1.1.8", FIX_WATCH, false, NULL, NULL },
	{ "1.1.9", FIX_WATCH, false, NULL, NULL },
	{ "1.1.10", FIX_WATCH, false, NULL, NULL },
	{ "1.1.11", FIX_WATCH, false, NULL, NULL },
	{ "1.1.12", FIX_WATCH, false, NULL, NULL },
	{ "1.1.13", FIX_WATCH, false, NULL, NULL },
	{ "1.1.14", FIX_WATCH, false, NULL, NULL },
	{ "1.1.15", FIX_WATCH, false, NULL, NULL },
	{ "1.1.16", FIX_WATCH, false, NULL, NULL },
	{ "1.1.17", FIX_WATCH, false, NULL, NULL },
	{ "1.1.18", FIX_WATCH, false, NULL, NULL },

	/* Section 2. */
	{ "2.1", FIX_BY_HAND, false, NULL, "rootless mode is another installation" },
	{ "2.2", FIX_DOCKER, true, "icc=false",
	  "containers of the default bridge reach each other no more" },
	{ "2.3", FIX_DOCKER, false, "log-level=\"info\"", NULL },
	{ "2.4", FIX_DOCKER, true,
	  "iptables=", "docker changes the firewall from its next start on" },
	{ "2.5", FIX_BY_HAND, false, NULL, "the registry needs a certificate first" },
	{ "2.6", FIX_BY_HAND, false, NULL,
	  "another driver sees none of the images and containers that are here" },
	{ "2.7", FIX_BY_HAND, false, NULL,
	  "clients need certificates first, or another way to docker" },
	{ "2.9", FIX_BY_HAND, false, NULL,
	  "docker then sees none of the images and containers that are here" },
	{ "2.10", FIX_BY_HAND, false, NULL, "whether the group has limits is not known" },
	{ "2.11", FIX_BY_HAND, false, NULL, "disks that have grown do not shrink" },
	{ "2.12", FIX_BY_HAND, false, NULL, "a plugin has to be chosen and to run first" },
	{ "2.13", FIX_BY_HAND, false, NULL, "where logs go, and who reads them, is a decision" },
	{ "2.14", FIX_DOCKER, true, "no-new-privileges=true",
	  BREAKS_OLD "sudo, su and ping gain no privilege" },
	{ "2.15", FIX_DOCKER, false, "live-restore=true", NULL },
	{ "2.16", FIX_DOCKER, true, "userland-proxy=false",
	  BREAKS_OLD "ports are then published by the kernel alone" },
	{ "2.17", FIX_DOCKER, true,
	  "seccomp-profile=", BREAKS_OLD "the default profile forbids some calls" },
	{ "2.18", FIX_DOCKER, true,
	  "experimental=", BREAKS_OLD "experimental features may be in use" },
	{ "C.2", FIX_DOCKER, false, "disable-legacy-registry=", NULL },

	/* Section 3. */
	{ "3.15", FIX_FILE, true, NULL, SOCKET },
	{ "3.16", FIX_FILE, true, NULL, SOCKET },
	{ "3.23", FIX_FILE, true, NULL, SOCKET },
	{ "3.24", FIX_FILE, true, NULL, SOCKET },
	{ "containerd.state-mode", FIX_FILE, false, NULL, UNTIL_AGAIN },
	{ "crio.socket-owner", FIX_FILE, true, NULL, SOCKET },
	{ "crio.socket-mode", FIX_FILE, true, NULL, SOCKET },
	{ "podman.socket-owner", FIX_FILE, true, NULL, SOCKET },
	{ "podman.socket-mode", FIX_FILE, true, NULL, SOCKET },
	{ "engine-files", FIX_FILE, false, NULL, NULL },

	/* Groups where nothing is mechanical. */
	{ "kernel-config", FIX_BY_HAND, false, NULL, "it takes a kernel that was built otherwise" },
	{ "kernel-sysctl", FIX_BY_HAND, false, NULL, "it is a decision" },
	{ "kernel-state", FIX_BY_HAND, false, NULL,
	  "the cause has to be found first, or the host to be booted otherwise" },
	{ "host", FIX_BY_HAND, false, NULL, "it is a decision" },
	{ "docker-daemon", FIX_BY_HAND, false, NULL, "it is a decision" },
	{ "engine-settings", FIX_BY_HAND, false, NULL,
	  "TOML cannot be written again without losing comments and order" },
	{ "docker-swarm", FIX_BY_HAND, false, NULL, "a swarm is changed on its managers" },
	{ "images", FIX_BY_HAND, false, NULL, "images are changed where they are made, or chosen" },
	{ "platform-cves", FIX_BY_HAND, false, NULL,
	  "the package has to be updated, and what runs of it started anew" },
	{ "containers", FIX_BY_HAND, false, NULL,
	  "a container is as it was started: whoever starts it has to ask for less" },
	{ "containers-declared", FIX_BY_HAND, false, NULL,
	  "a container is as it was started: whoever starts it has to ask for less" },
	{ "containers-differ", FIX_BY_HAND, false, NULL,
	  "why the two differ has to be found out first" },
};

static const struct fix by_hand = { "", FIX_BY_HAND, false, NULL, "no safe way is known" };

static const struct fix *find(const char *id)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].id, id) == 0)
			return &rows[i];
	return NULL;
}

const struct fix *fix_of(const struct audit_table *t, const struct audit_check *c)
{
	const struct fix *f = find(c->id);

	if (!f)
		f = find(t->group);
	return f ? f : &by_hand;
}

const char *fix_word(const struct audit_table *t, const struct audit_check *c)
{
	const struct fix *f = fix_of(t, c);

	if (c->otherwise == AUDIT_CONFLICT)
		return "never";
	if (f->kind == FIX_BY_HAND)
		return "by hand";
	return f->asked ? "on request" : "mechanical";
}

const struct fix *fix_row(unsigned i)
{
	return i < sizeof(rows) / sizeof(rows[0]) ? &rows[i] : NULL;
}
