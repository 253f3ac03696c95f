/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm-qemu: runs a kernel in QEMU until it ends, or until it has to be ended.
 *
 * Two processors, no disk, no network. The first serial port (the kernel's log) goes to a file, the
 * second comes back as it is said. A panic ends the machine, and so does a restart.
 *
 * One thread emulates both processors: with one thread each, QEMU 7.2 was seen to hang. KVM is
 * used where qemu_kvm_works() says so: /dev/kvm may exist and yet fail, or hang, in a machine that is
 * itself virtual.
 */
#ifndef OAK_BUILD_VM_QEMU_H
#define OAK_BUILD_VM_QEMU_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define QEMU_LOG_MAX (16u << 20) /* a kernel that says more is ended; a good one says 60 kB */

struct qemu {
	const char *kernel; /* bzImage */
	const char *initrd; /* NULL: none */
	const char *append; /* command line, besides console and panic */
	const char *log;    /* file for the kernel's log */
	bool kvm;
	unsigned int memory_mib;
	unsigned int limit_s;
	/* Each piece that the second port says; may be NULL. */
	void (*said)(void *ctx, const void *data, size_t len);
	void *ctx;
};

enum qemu_end {
	QEMU_ENDED,
	QEMU_TIMEOUT,  /* killed after limit_s */
	QEMU_TALKATIVE /* killed for a log above QEMU_LOG_MAX */
};

/**
 * qemu_run() - from power-on to the end
 *
 * Errors: OAK_E_NOTFOUND (QEMU is not installed; says how), OAK_E_FAILED (QEMU did not start; with
 * its last line), OAK_E_IO, OAK_E_NOMEM.
 */
int qemu_run(const struct qemu *q, enum qemu_end *ret, struct oak_error *err) _must_check_;

/**
 * qemu_kvm_works() - whether a guest of this kernel really starts under KVM
 * @cache: existing folder in which the answer is kept for this boot of this machine
 * @work:  folder for a log
 *
 * The kernel is booted without a root file system; it has to reach its own "no root" panic within
 * some seconds. Where anything fails the answer is no.
 */
bool qemu_kvm_works(const char *kernel, const char *cache, const char *work);

#endif
