/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/make-files.h"

#include <stddef.h>
#include <string.h>

/* First match wins. */
static const struct file_rule file_rules[] = {
	{ "Documentation/", NULL, FILE_IGNORED },
	/* Compiled into the kernel, from there: kernel/bpf/Makefile. */
	{ "tools/lib/bpf/relo_core.", ".c", FILE_OBJECT },
	{ "tools/", NULL, FILE_IGNORED },
	{ "samples/", NULL, FILE_IGNORED },
	{ "MAINTAINERS", NULL, FILE_IGNORED },
	{ NULL, ".rst", FILE_IGNORED },
	{ NULL, ".txt", FILE_IGNORED },
	{ "scripts/", NULL, FILE_REFUSED, RULE_BUILD_SYSTEM,
	  "the fix changes how the kernel is built" },
	{ "arch/x86/boot/", NULL, FILE_REFUSED, RULE_EARLY_BOOT,
	  "this code runs before the kernel and never again" },
	{ "arch/x86/entry/vdso/", NULL, FILE_REFUSED, RULE_VDSO,
	  "this code runs in user space, from pages that are already mapped" },
	{ NULL, ".c", FILE_OBJECT },
	{ NULL, ".h", FILE_HEADER },
	{ NULL, ".inc", FILE_HEADER },
	{ NULL, ".def", FILE_HEADER },
	{ NULL, ".S", FILE_REFUSED, RULE_ASSEMBLY, "assembly has no ftrace sites" },
	{ NULL, NULL, FILE_REFUSED, RULE_BUILD_SYSTEM, "the fix changes a file that is not code" },
};

const struct file_rule *file_rule_of(const char *path)
{
	for (size_t i = 0;; i++) {
		const struct file_rule *r = &file_rules[i];
		size_t len = strlen(path), n = r->suffix ? strlen(r->suffix) : 0;

		if (r->prefix && strncmp(path, r->prefix, strlen(r->prefix)) != 0)
			continue;
		if (r->suffix && (len < n || strcmp(path + len - n, r->suffix) != 0))
			continue;
		return r; /* the last row matches anything */
	}
}
