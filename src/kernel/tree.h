/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree: a kernel source tree in which one object can be compiled as the distribution did, without
 * building anything of the kernel first. It is the source package plus what the distribution's
 * build generated: .config, include/config, include/generated, arch/x86/include/generated,
 * Module.symvers, and the programs of scripts/ and tools/ (fixdep, objtool, modpost, genksyms...).
 *
 * Left out: what no x86 object includes (other architectures' code, documentation, self-tests).
 */
#ifndef OAK_KERNEL_TREE_H
#define OAK_KERNEL_TREE_H

#include "base/error.h"
#include "base/process.h"

/**
 * tree_unpack_start() - start to unpack a source tarball, xz on all processors
 * @tarball: its single top folder is dropped
 * @dir:     exists and is empty
 * @ret:     give it to tree_unpack_wait(), whatever happens in between
 */
int tree_unpack_start(const char *tarball, const char *dir, struct process *ret,
		      struct oak_error *err) _must_check_;
int tree_unpack_wait(struct process *p, struct oak_error *err) _must_check_;

/**
 * tree_overlay() - add what the distribution's build generated
 * @dir:     the unpacked tree
 * @headers: folder with .config, Module.symvers, include/ and arch/ of the header package
 * @tools:   folder with the built scripts/ and tools/; files the tree has already are kept
 */
int tree_overlay(const char *dir, const char *headers, const char *tools, struct oak_error *err)
	_must_check_;

/**
 * tree_build_tools() - the few programs that makefiles run and no package brings
 * @compiler: builds them too; those whose source the tree has not are skipped
 *
 * Without them the objects that include their output could not be compiled: all of SELinux, and
 * what parses ASN.1. Errors: OAK_E_NOTFOUND (the compiler is not installed), OAK_E_FAILED.
 */
int tree_build_tools(const char *dir, const char *compiler, struct oak_error *err) _must_check_;

/* Names the first file that compiling an object needs and @dir has not: OAK_E_FORMAT. */
int tree_check(const char *dir, struct oak_error *err) _must_check_;

#endif
