/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy: what this host lets modprobe, and the kernel, load.
 *
 *	modprobe.d: blacklist X		not where X was found by an alias; by its name it is loaded,
 *					and so it is where another module needs it
 *	modprobe.d: install X /bin/false	never by modprobe
 *					... but where X has soft dependencies: there modprobe runs
 *					no command, unless "softdep X pre:" takes them away
 *	modprobe.d: alias A off		A is answered by nobody
 *	command line: module_blacklist=	never, not even by insmod
 *	kernel.modprobe empty		the kernel asks nobody
 *	kernel.modules_disabled		nothing at all, until the next boot
 *
 * Source: modprobe.d(5), kmod 30; each measured on Debian 12.
 */
#ifndef OAK_HOST_MODULES_POLICY_H
#define OAK_HOST_MODULES_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "host/modules/word.h"

#define POLICY_RULES_MAX 65536u
#define POLICY_FILE_MAX  (4u << 20)
#define POLICY_FILES_MAX 1024u

enum policy_kind {
	POLICY_BLACKLIST, /* name */
	POLICY_INSTALL,   /* name, value is the command */
	POLICY_ALIAS,     /* name is a pattern, value a module */
	POLICY_SOFTDEP,   /* name is a pattern, value the words behind it */
	POLICY_REFUSED,   /* name; by the command line's module_blacklist= */
};

struct policy_rule {
	enum policy_kind kind;
	bool nothing; /* of an install: the command does nothing; of a softdep: no module */
	char *name, *value;
	const char *file; /* borrowed: policy.files, or a constant */
};

enum policy_userns {
	USERNS_NONE,       /* nobody but root makes user namespaces */
	USERNS_RESTRICTED, /* some security module has a word in it */
	USERNS_FREE,
};

struct module_policy {
	struct policy_rule *rules; /* in the order in which kmod finds them */
	size_t n, cap;
	char **files;
	size_t n_files;
	bool modules_disabled;
	bool autoload; /* the kernel runs modprobe */
	bool ldisc_autoload;
	enum policy_userns userns;
	char modprobe[256];  /* kernel.modprobe; safe for a terminal */
	char userns_why[64]; /* the setting that decided, "" for USERNS_FREE */
};

/* Pure: adds the rules of one file. Lines that modprobe passes over are passed over. */
int policy_parse(struct module_policy *p, const char *text, const char *file, struct oak_error *err)
	_must_check_;

/* Pure: the words module_blacklist= and modprobe.blacklist= of a kernel command line. */
int policy_parse_cmdline(struct module_policy *p, const char *text, struct oak_error *err)
	_must_check_;

/**
 * policy_read() - all of it, below @root
 * @without: the name of a file of modprobe.d that is not read, or NULL
 *
 * What is missing is as the kernel has it by default.
 */
int policy_read(int root, const char *without, struct module_policy *ret, struct oak_error *err)
	_must_check_;

void policy_free(struct module_policy *p); /* also the guard */

/* The first rule of that kind for a module; NULL where there is none. */
const struct policy_rule *policy_find(const struct module_policy *p, enum policy_kind kind,
				      const char *module);

/* The next alias rule from *@at on that matches; NULL after the last. */
const struct policy_rule *policy_alias_next(const struct module_policy *p, const char *alias,
					    size_t *at);

/* "none", "restricted", "free" */
const char *policy_userns_name(enum policy_userns u);

#endif
