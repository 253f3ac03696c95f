/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/security-priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"

#define SOCKSTAT_MAX 4096

static bool is_any(int proc, enum port_protocol p)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	const char *file = p == PORT_TCP6 || p == PORT_UDP6 ? "net/sockstat6" : "net/sockstat";

	return file_read(proc, file, SOCKSTAT_MAX, &text, NULL) < 0 ||
	       ports_are_any(buf_str(&text), p);
}

static int read_all(int proc, struct port_list *l, bool *ret_unread)
{
	int r = 0;

	for (enum port_protocol p = PORT_TCP; r == 0 && p <= PORT_UDP6; p++) {
		_cleanup_(buf_free) struct buf text = { 0 };
		struct oak_error err;
		char path[16];

		if (!is_any(proc, p))
			continue;
		(void)snprintf(path, sizeof(path), "net/%s", port_protocol_name(p));
		r = file_read(proc, path, PORTS_TEXT_MAX, &text, &err);
		/* A kernel without IPv6 has no such file. */
		*ret_unread = *ret_unread ||
			      (r < 0 && (r != -OAK_E_NOTFOUND || p == PORT_TCP || p == PORT_UDP));
		r = r < 0 ? 0 : ports_parse(buf_str(&text), p, l);
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
	res = read_all(proc, &l, &unread);
	if (res == 0)
		res = copy(&l, s);
	if (unread)
		s->unread |= SECURITY_PORTS;
	/* What a dying process did not tell another may. */
	return res < 0 || unread || !ns ? res : remember(r, ns, &l);
}
