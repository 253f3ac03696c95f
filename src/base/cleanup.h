/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cleanup: every owning local is guarded where it is declared; take_ptr() hands it out.
 *
 *	_cleanup_(freep) char *name = strdup(s);
 *	...
 *	*ret = take_ptr(name);
 */
#ifndef OAK_BASE_CLEANUP_H
#define OAK_BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(fn) __attribute__((cleanup(fn)))
#define _unused_      __attribute__((unused))

/* For "void x_free(type x)" defines x_freep(), the guard of a local of that type. */
#define DEFINE_CLEANUP(type, fn)                   \
	static inline _unused_ void fn##p(type *p) \
	{                                          \
		if (*p)                            \
			fn(*p);                    \
	}

#define take_ptr(p)                         \
	({                                  \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                 \
		taken_;                     \
	})

#define take_fd(fd)                \
	({                         \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

static inline _unused_ void freep(void *p)
{
	free(*(void **)p);
}

static inline _unused_ void closep(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline _unused_ void fclosep(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

static inline _unused_ void closedirp(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

#endif
