/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What listens: each once, with an address that is one. */
#include "fuzz.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/security/ports.h"
#include "host/security/sockets.h"

static void check(const struct port_list *l, size_t i, enum port_protocol protocol)
{
	const struct security_port *p = &l->ports[i];
	uint8_t address[16];
	bool v6 = protocol == PORT_TCP6 || protocol == PORT_UDP6;

	FUZZ_CHECK(p->port > 0 && p->protocol == protocol);
	FUZZ_CHECK(memchr(p->address, '\0', sizeof(p->address)));
	FUZZ_CHECK(inet_pton(v6 ? AF_INET6 : AF_INET, p->address, address) == 1);
	FUZZ_CHECK(!p->any || !p->loopback);
	FUZZ_CHECK(p->any == (strcmp(p->address, v6 ? "::" : "0.0.0.0") == 0));
	for (size_t k = 0; k < i; k++)
		FUZZ_CHECK(l->ports[k].port != p->port ||
			   strcmp(l->ports[k].address, p->address) != 0);
}

static void visit(const char *path, void *arg)
{
	(void)arg;
	FUZZ_CHECK(path[0] == '/' && strlen(path) < 128 && socket_is_engines(path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);

	FUZZ_CHECK(text);
	for (enum port_protocol p = PORT_TCP; p <= PORT_UDP6; p++) {
		_cleanup_(ports_free) struct port_list l = { 0 };

		FUZZ_CHECK(ports_parse(text, p, &l) == 0);
		FUZZ_CHECK(l.n <= SECURITY_PORTS_MAX);
		for (size_t i = 0; i < l.n && i < 256; i++)
			check(&l, i, p);
		(void)ports_are_any(text, p);
	}
	sockets_of_net_unix(text, visit, NULL);
	return 0;
}
