/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * survey: all containers of the host with what each may do, the worst first.
 *
 * The state is that of a container's process 1; struct container says what its others may more.
 * Where process 1 ends while it is read, it is left as not read. So it is of a virtual machine, which
 * has a kernel of its own.
 */
#ifndef OAK_HOST_SECURITY_SURVEY_H
#define OAK_HOST_SECURITY_SURVEY_H

#include "host/container.h"
#include "host/security/security.h"

struct surveyed {
	struct container c;
	bool is_read; /* @s is filled */
	struct security s;
	unsigned badness; /* greater is worse; only for comparing */
};

struct survey {
	struct surveyed *v;
	size_t n;
};

/* Errors: those of container_list_read() and security_reader_open(). */
int survey_read(int root, struct survey *ret, struct oak_error *err) _must_check_;
void survey_free(struct survey *s); /* also the guard */

/* How near to root of the host, in one number. Pure. */
unsigned security_badness(const struct security *s);

/* It is root of the host in a way that capabilities of its own namespace are not. Pure. */
bool security_has_caps_on_host(const struct security *s);

/* What processes of it have effective that its process 1 has not. Pure. */
uint64_t surveyed_more_caps(const struct surveyed *v);

/*
 * The container of a name: its name, its id, the beginning of its id (4 characters or more), or
 * "engine:name". Errors: OAK_E_NOTFOUND; OAK_E_USAGE where several fit.
 */
int survey_find(const struct survey *s, const char *name, size_t *ret, struct oak_error *err)
	_must_check_;

#endif
