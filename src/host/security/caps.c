/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/caps.h"

#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const names[CAPS_KNOWN] = {
	"CHOWN",
	"DAC_OVERRIDE",
	"DAC_READ_SEARCH",
	"FOWNER",
	"FSETID",
	"KILL",
	"SETGID",
	"SETUID",
	"SETPCAP",
	"LINUX_IMMUTABLE",
	"NET_BIND_SERVICE",
	"NET_BROADCAST",
	"NET_ADMIN",
	"NET_RAW",
	"IPC_LOCK",
	"IPC_OWNER",
	"SYS_MODULE",
	"SYS_RAWIO",
	"SYS_CHROOT",
	"SYS_PTRACE",
	"SYS_PACCT",
	"SYS_ADMIN",
	"SYS_BOOT",
	"SYS_NICE",
	"SYS_RESOURCE",
	"SYS_TIME",
	"SYS_TTY_CONFIG",
	"MKNOD",
	"LEASE",
	"AUDIT_WRITE",
	"AUDIT_CONTROL",
	"SETFCAP",
	"MAC_OVERRIDE",
	"MAC_ADMIN",
	"SYSLOG",
	"WAKE_ALARM",
	"BLOCK_SUSPEND",
	"AUDIT_READ",
	"PERFMON",
	"BPF",
	"CHECKPOINT_RESTORE",
};

const uint64_t caps_dangerous =
	CAP_BIT(CAP_DAC_READ_SEARCH) | CAP_BIT(CAP_NET_ADMIN) | CAP_BIT(CAP_SYS_MODULE) |
	CAP_BIT(CAP_SYS_RAWIO) | CAP_BIT(CAP_SYS_PTRACE) | CAP_BIT(CAP_SYS_ADMIN) |
	CAP_BIT(CAP_SYS_BOOT) | CAP_BIT(CAP_SYS_TIME) | CAP_BIT(CAP_MAC_OVERRIDE) |
	CAP_BIT(CAP_MAC_ADMIN) | CAP_BIT(CAP_SYSLOG) | CAP_BIT(CAP_PERFMON) | CAP_BIT(CAP_BPF) |
	CAP_BIT(CAP_CHECKPOINT_RESTORE);

/* Those that docker 20.10 gave with --privileged, but for what a host's root may lack itself. */
#define CAPS_OF_PRIVILEGED                                                                 \
	(CAP_BIT(CAP_DAC_READ_SEARCH) | CAP_BIT(CAP_NET_ADMIN) | CAP_BIT(CAP_SYS_MODULE) | \
	 CAP_BIT(CAP_SYS_RAWIO) | CAP_BIT(CAP_SYS_PTRACE) | CAP_BIT(CAP_SYS_ADMIN) |       \
	 CAP_BIT(CAP_SYS_BOOT) | CAP_BIT(CAP_SYSLOG) | CAP_BIT(CAP_MKNOD) |                \
	 CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_SETUID))

#define ALL (CAP_BIT(CAPS_KNOWN) - 1)

const char *cap_name(unsigned number)
{
	return number < CAPS_KNOWN ? names[number] : NULL;
}

int cap_number(const char *name)
{
	if (strncasecmp(name, "CAP_", 4) == 0)
		name += 4;
	for (unsigned i = 0; i < CAPS_KNOWN; i++)
		if (strcasecmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

bool caps_are_privileged(uint64_t set)
{
	return (set & CAPS_OF_PRIVILEGED) == CAPS_OF_PRIVILEGED;
}

struct text {
	char *at;
	size_t size, len;
	bool cut;
};

#define ELLIPSIS " ..."

static void add(struct text *t, const char *before, const char *word)
{
	size_t more = strlen(before) + strlen(word);

	/* Room is kept for the ellipsis. */
	if (t->cut || t->len + more + sizeof(ELLIPSIS) > t->size) {
		if (!t->cut && t->len + sizeof(ELLIPSIS) <= t->size)
			memcpy(t->at + t->len, ELLIPSIS, sizeof(ELLIPSIS));
		t->cut = true;
		return;
	}
	memcpy(t->at + t->len, before, strlen(before));
	memcpy(t->at + t->len + strlen(before), word, strlen(word) + 1);
	t->len += more;
}

static void add_names(struct text *t, uint64_t set, const char *before)
{
	for (unsigned i = 0; i < 64; i++) {
		char number[8];

		if (!(set & CAP_BIT(i)))
			continue;
		(void)snprintf(number, sizeof(number), "%u", i);
		add(t, t->len ? before : "", cap_name(i) ? cap_name(i) : number);
	}
}

/* podman's and runc's defaults are parts of docker's. */
static const char *base_text(uint64_t base)
{
	bool whole = base == CAPS_DOCKER || base == CAPS_PODMAN || base == CAPS_RUNC;

	return whole ? "default" : "less than default";
}

void caps_text(uint64_t set, char *ret, size_t size)
{
	struct text t = { .at = ret, .size = size };
	uint64_t base = set & CAPS_DOCKER;

	ret[0] = '\0';
	if (!set)
		add(&t, "", "none");
	else if ((set & ALL) == ALL)
		add(&t, "", "all");
	else if (caps_are_privileged(set))
		add(&t, "", "privileged");
	else if (base)
		add(&t, "", base_text(base));
	if (t.len && (!base || caps_are_privileged(set)))
		return;
	add_names(&t, set & ~CAPS_DOCKER, base ? " +" : " ");
}
