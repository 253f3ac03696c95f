/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * built: which files of the kernel's source are in the running kernel, in a module, or nowhere.
 *
 * Known for sure: what belongs to another architecture, and what is no part of a kernel at all
 * (Documentation/, tools/). Then the database's rules (trust/cve/kbuild-map.h), where they are of
 * the running kernel's own branch and its configuration can be read. Else a module that is called
 * like the file. All else is unknown, which is taken as "in the kernel". docs/formats/cves.md has
 * the whole rule.
 */
#ifndef OAK_HOST_CVE_BUILT_H
#define OAK_HOST_CVE_BUILT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "host/cve/db.h"

#define BUILT_FILE_MAX (8u << 20) /* of the configuration and of each list of modules */

/* Words in one block, sorted; what is looked up is the text up to a '\0'. */
struct words {
	struct buf text;
	const char **v;
	size_t n;
};

struct built {
	bool config_known;
	struct words config;  /* "CONFIG_A=y" as "CONFIG_A" "\0" "y" */
	struct words on_disk; /* "net/netfilter/nf_tables": modules that can be loaded */
	struct words builtin; /* the same of what could be a module and is not */
	bool loaded_known;
	struct words loaded;  /* "nf_tables" */
	struct words blocked; /* "nf_tables": modprobe does something else, or nothing */
	bool all_blocked;     /* kernel.modules_disabled */
	uint64_t upstream;    /* of the running kernel */
};

/* What is missing is not known. Errors: OAK_E_NOMEM, OAK_E_TOOLARGE. */
int built_read(int root, const char *release, uint64_t upstream, struct built *ret,
	       struct oak_error *err) _must_check_;

/* The same of a folder of the author's store: "config", "modules/"; nothing is known of loading. */
int built_read_store(int dir, uint64_t upstream, struct built *ret, struct oak_error *err)
	_must_check_;
void built_free(struct built *b); /* also the guard */

enum built_state {
	BUILT_NO,         /* not in this kernel, nor in a module of it */
	BUILT_UNLOADABLE, /* in modules that are not loaded and cannot be */
	BUILT_UNLOADED,   /* in modules that are not loaded */
	BUILT_YES,        /* part of the kernel, or in a module that is loaded */
	BUILT_UNKNOWN,
};

struct built_why {
	enum built_state state;
	const char *file;   /* that decided, borrowed from the database; NULL: none did */
	const char *module; /* "net/netfilter/nf_tables", likewise */
	const char *symbol; /* "CONFIG_NF_TABLES", which is not set */
};

/* One file, and all files of a record. */
struct built_why built_file(const struct built *b, const struct cve_db *db,
			    const struct cve_file_path *path);
struct built_why built_record(const struct built *b, const struct cve_db *db,
			      const struct cve_file_record *r);

/* The name of a module as the kernel spells it: "nf_tables" of "net/netfilter/nf_tables". */
void built_module_name(const char *module, char *ret, size_t size);

#endif
