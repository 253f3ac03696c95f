/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kbuild-priv: shared by the files of kbuild and by nobody else. */
#ifndef OAK_BUILD_KBUILD_PRIV_H
#define OAK_BUILD_KBUILD_PRIV_H

#include "base/buf.h"
#include "build/kbuild.h"

#define KBUILD_ANSWER_MAX_BYTES (1u << 20)

struct kbuild {
	char *source;   /* the kernel's source folder */
	char *dir;      /* where our makefiles lie */
	char *commands; /* folder of answers, one file an object; empty: not compiled */
	struct buf raw; /* "NAME=value\0..." */
	const char **env;
};

/* The makefile that kbuild_ask() runs, to lie in dir. */
extern const char kbuild_object_mk[];

#endif
