/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/security-priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/security/proc-file.h"

#define SOCKSTAT_MAX 4096

/* One of the two protocols of a file of counts. */
static int read_one(int proc, enum port_protocol p, struct port_list *l, bool *ret_unread)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;
	char path[16];
	int r;

	(void)snprintf(path, sizeof(path), "net/%s", port_protocol_name(p));
	r = file_read(proc, path, PORTS_TEXT_MAX, &text, &err);
	if (r == 0)
		return ports_parse(buf_str(&text), p, l);
	/* A kernel without IPv6 has no such file. */
	*ret_unread = *ret_unread || r != -OAK_E_NOTFOUND || p == PORT_TCP || p == PORT_UDP;
	return 0;
}

static int read_all(struct security_reader *reader, int proc, struct port_list *l, bool *ret_unread)
{
	static const struct {
		const char *counts;
		enum port_protocol protocols[2];
	} files[] = {
		{ "net/sockstat", { PORT_TCP, PORT_UDP } },
		{ "net/sockstat6", { PORT_TCP6, PORT_UDP6 } },
	};
	int r = 0;

	for (size_t i = 0; i < 2; i++) {
		bool counted = proc_file_read(proc, files[i].counts, SOCKSTAT_MAX, &reader->text);

		/* The first tells of all sockets of the namespace. */
		if (counted && sockets_are_none(buf_str(&reader->text)))
			break;
		for (size_t k = 0; r == 0 && k < 2; k++)
			if (!counted || ports_are_any(buf_str(&reader->text), files[i].protocols[k]))
				r = read_one(proc, files[i].protocols[k], l, ret_unread);
	}
	return r;
}

static int copy(const struct port_list *l, struct security *s)
{
	if (!l->n)
		return 0;
	s->ports = reallocarray(NULL, l->n, sizeof(*s->ports));
	if (!s->ports)
		return -ENOMEM;
	memcpy(s->ports, l->ports, l->n * sizeof(*s->ports));
	s->n_ports = l->n;
	return 0;
}

/* Takes the list over, unless it fails. */
static int remember(struct security_reader *r, uint64_t ns, struct port_list *l)
{
	if (!(r->n_ports & (r->n_ports - 1))) {
		struct namespace_ports *v =
			reallocarray(r->ports, r->n_ports ? r->n_ports * 2 : 1, sizeof(*v));

		if (!v)
			return -ENOMEM;
		r->ports = v;
	}
	r->ports[r->n_ports++] = (struct namespace_ports){ .ns = ns, .list = *l };
	*l = (struct port_list){ .n = 0 };
	return 0;
}

int security_read_ports(struct security_reader *r, int proc, struct security *s)
{
	_cleanup_(ports_free) struct port_list l = { .n = 0 };
	uint64_t ns = s->ns[NS_NET];
	bool unread = false;
	int res;

	for (size_t i = 0; ns && i < r->n_ports; i++)
		if (r->ports[i].ns == ns)
			return copy(&r->ports[i].list, s);
	res = read_all(r, proc, &l, &unread);
	if (res == 0)
		res = copy(&l, s);
	if (unread)
		s->unread |= SECURITY_PORTS;
	/* What a dying process did not tell another may. */
	return res < 0 || unread || !ns ? res : remember(r, ns, &l);
}
