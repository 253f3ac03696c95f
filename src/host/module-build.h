/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * module-build: which build of a module this host runs, or would load.
 *
 * A level that patches a module was proven against the module that the distribution shipped. DKMS,
 * or a hand, can put another under the same name; the level would patch functions that are not
 * there, or are others. The GNU build-id tells the two apart.
 *
 * Loaded: /sys/module/<name>/notes/.note.gnu.build-id. Else the file that modprobe would take, by
 * /lib/modules/<release>/modules.dep. Source: modules.dep(5), depmod.d(5) (updates/ goes first).
 */
#ifndef OAK_HOST_MODULE_BUILD_H
#define OAK_HOST_MODULE_BUILD_H

#include <stddef.h>

#include "host/notes.h"

#define MODULE_WHY_MAX 256

enum module_state {
	MODULE_ABSENT,  /* neither loaded nor to be had */
	MODULE_LOADED,  /* build_id is what runs; "none" where it has none */
	MODULE_ON_DISK, /* build_id is what would be loaded */
	MODULE_UNKNOWN, /* why says what kept us from knowing */
};

struct module_build {
	enum module_state state;
	char build_id[BUILD_ID_HEX_MAX];
	char why[MODULE_WHY_MAX];
};

/* @name: as the kernel spells it, "br_netfilter". Reads only; @root is "/". */
void module_build_read(int root, const char *release, const char *name, struct module_build *ret);

/**
 * module_file_build_id() - the build-id in a module's file
 *
 * Pure. Errors: OAK_E_FORMAT (not an ELF file of 64 bits, damaged), OAK_E_NOTFOUND.
 * Fuzzed by tests/fuzz/fuzz-notes.c.
 */
int module_file_build_id(const void *data, size_t len, char ret[BUILD_ID_HEX_MAX],
			 struct oak_error *err) _must_check_;

/**
 * module_dep_find() - the file of a module in the text of modules.dep
 * @ret_len: of the path, which begins where the return points
 *
 * In names of files "-" and "_" are the same letter. Return: NULL where there is none.
 */
const char *module_dep_find(const char *text, const char *name, size_t *ret_len);

#endif
