/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cwords: words of C and of the kernel that never are the name of what a declaration declares. */
#ifndef OAK_BUILD_CWORDS_H
#define OAK_BUILD_CWORDS_H

#include "build/ctoken.h"

enum cword {
	CWORD_NAME,      /* none of the others */
	CWORD_KEYWORD,   /* of C, that says nothing about a type: static, inline, return */
	CWORD_TYPE,      /* int, u32, bool */
	CWORD_TAG,       /* struct, union, enum: a tag follows */
	CWORD_ATTRIBUTE, /* __must_check, __printf, __init */
};

enum cword cword_of(const struct ctoken *t);

#endif
