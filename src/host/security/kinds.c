/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/kinds.h"

#include <stddef.h>

#define COUNT(words) (sizeof(words) / sizeof((words)[0]))

static const char *word(const char *const *words, size_t n, size_t i)
{
	return i < n && words[i] ? words[i] : "unknown";
}

/* @bit is one bit. */
static const char *word_of_bit(const char *const *words, size_t n, unsigned bit)
{
	return bit ? word(words, n, (size_t)__builtin_ctz(bit)) : "unknown";
}

const char *fact_name(enum fact f)
{
	static const char *const words[] = { "unknown", "no", "yes" };

	return word(words, COUNT(words), f);
}

const char *namespace_name(enum namespace_kind k)
{
	static const char *const words[] = { "net", "pid",  "ipc",    "uts",
					     "mnt", "user", "cgroup", "time" };

	return word(words, COUNT(words), k);
}

const char *seccomp_name(enum seccomp_mode m)
{
	static const char *const words[] = { "unknown", "off", "strict", "filter" };

	return word(words, COUNT(words), m);
}

const char *propagation_name(enum propagation p)
{
	static const char *const words[] = { "unknown", "private", "shared", "slave" };

	return word(words, COUNT(words), p);
}

const char *place_name(enum place p)
{
	static const char *const words[] = {
		[PLACE_NONE] = "none",       [PLACE_OTHER] = "other",   [PLACE_OWN] = "own",
		[PLACE_VOLUME] = "volume",   [PLACE_SOCKET] = "socket", [PLACE_ROOT] = "root",
		[PLACE_ETC] = "etc",         [PLACE_RUN] = "run",       [PLACE_ENGINE] = "engine",
		[PLACE_KUBELET] = "kubelet", [PLACE_HOME] = "home",     [PLACE_SYSTEM] = "system",
		[PLACE_PROC] = "proc",       [PLACE_SYS] = "sys",       [PLACE_DEV] = "dev",
	};

	return word(words, COUNT(words), p);
}

const char *privileged_name(enum privileged p)
{
	static const char *const words[] = { "unknown", "no", "like", "yes" };

	return word(words, COUNT(words), p);
}

const char *privileged_sign_name(enum privileged_sign s)
{
	static const char *const words[] = { "caps", "seccomp", "lsm", "sys", "proc", "devices" };

	return word_of_bit(words, COUNT(words), s);
}

const char *security_part_name(enum security_part p)
{
	static const char *const words[] = { "namespaces", "ids",    "label", "mounts",
					     "devices",    "limits", "ports" };

	return word_of_bit(words, COUNT(words), p);
}
