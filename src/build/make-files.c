/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/make-files.h"

#include <stddef.h>
#include <string.h>

/* First match wins. */
static const struct file_rule file_rules[] = {
	{ "Documentation/", NULL, FILE_IGNORED, NULL, NULL, NULL },
	/* Compiled into the kernel, from there: kernel/bpf/Makefile. */
	{ "tools/lib/bpf/relo_core.", ".c", FILE_OBJECT, NULL, NULL, NULL },
	{ "tools/", NULL, FILE_IGNORED, NULL, NULL, NULL },
	{ "samples/", NULL, FILE_IGNORED, NULL, NULL, NULL },
	{ "MAINTAINERS", NULL, FILE_IGNORED, NULL, NULL, NULL },
	{ NULL, ".rst", FILE_IGNORED, NULL, NULL, NULL },
	{ NULL, ".txt", FILE_IGNORED, NULL, NULL, NULL },
	{ "scripts/", NULL, FILE_REFUSED, "build-system", "the fix changes how the kernel is built",
	  "leave build files out of the fix" },
	{ "arch/x86/boot/", NULL, FILE_REFUSED, "early-boot",
	  "this code runs before the kernel and never again", "no live patch can help here" },
	{ "arch/x86/entry/vdso/", NULL, FILE_REFUSED, "vdso",
	  "this code runs in user space, from pages that are already mapped",
	  "no live patch can help here" },
	{ NULL, ".c", FILE_OBJECT, NULL, NULL, NULL },
	{ NULL, ".h", FILE_HEADER, NULL, NULL, NULL },
	{ NULL, ".inc", FILE_HEADER, NULL, NULL, NULL },
	{ NULL, ".def", FILE_HEADER, NULL, NULL, NULL },
	{ NULL, ".S", FILE_REFUSED, "assembly", "assembly has no ftrace sites",
	  "patch the C code around it" },
	{ NULL, NULL, FILE_REFUSED, "build-system", "the fix changes a file that is not code",
	  "leave build files out of the fix" },
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
