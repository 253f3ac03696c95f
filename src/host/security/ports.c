/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/security/scan.h"

#define TCP_LISTEN_STATE 0x0a
#define UDP_BOUND_STATE  0x07

static bool is_tcp(enum port_protocol p)
{
	return p == PORT_TCP || p == PORT_TCP6;
}

static bool is_v6(enum port_protocol p)
{
	return p == PORT_TCP6 || p == PORT_UDP6;
}

const char *port_protocol_name(enum port_protocol p)
{
	static const char *const names[] = { "tcp", "tcp6", "udp", "udp6" };

	return p <= PORT_UDP6 ? names[p] : "unknown";
}

/* Words of 8 digits in the byte order of the machine; exactly as many as the protocol has. */
static bool scan_address(const char **p, bool v6, uint32_t ret[4])
{
	*p += strspn(*p, " ");
	for (size_t i = 0; i < (v6 ? 4 : 1); i++) {
		char word[9] = "";
		const char *at = word;

		strncpy(word, *p, 8);
		if (!scan_u32(&at, 16, &ret[i]) || at != word + 8)
			return false;
		*p += 8;
	}
	return true;
}

static void describe(const uint32_t words[4], bool v6, struct security_port *p)
{
	static const uint8_t zero[16], loopback6[16] = { [15] = 1 };
	uint8_t bytes[16];

	memcpy(bytes, words, v6 ? 16 : 4);
	p->any = memcmp(bytes, zero, v6 ? 16 : 4) == 0;
	p->loopback = v6 ? memcmp(bytes, loopback6, 16) == 0 : bytes[0] == 127;
	if (!inet_ntop(v6 ? AF_INET6 : AF_INET, bytes, p->address, sizeof(p->address)))
		p->address[0] = '\0';
}

/* "   0: 0100007F:1F90 00000000:0000 0A ..." */
static bool parse_line(const char *p, enum port_protocol protocol, struct security_port *ret)
{
	uint32_t local[4] = { 0 }, remote[4] = { 0 }, slot, port, remote_port, state;
	bool v6 = is_v6(protocol);

	if (!scan_u32(&p, 10, &slot) || !scan_char(&p, ':') || !scan_address(&p, v6, local) ||
	    !scan_char(&p, ':') || !scan_u32(&p, 16, &port) || port > UINT16_MAX ||
	    !scan_address(&p, v6, remote) || !scan_char(&p, ':') ||
	    !scan_u32(&p, 16, &remote_port) || !scan_u32(&p, 16, &state))
		return false;
	if (!port || state != (is_tcp(protocol) ? TCP_LISTEN_STATE : UDP_BOUND_STATE))
		return false;
	*ret = (struct security_port){ .protocol = protocol, .port = (uint16_t)port };
	describe(local, v6, ret);
	return true;
}

static bool is_known(const struct port_list *l, const struct security_port *p)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->ports[i].protocol == p->protocol && l->ports[i].port == p->port &&
		    strcmp(l->ports[i].address, p->address) == 0)
			return true;
	return false;
}

static int add(struct port_list *l, const struct security_port *p)
{
	/* Doubled whenever the number is a power of two. */
	if (!(l->n & (l->n - 1))) {
		struct security_port *v = reallocarray(l->ports, l->n ? l->n * 2 : 1, sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->ports = v;
	}
	l->ports[l->n++] = *p;
	return 0;
}

int ports_parse(const char *text, enum port_protocol protocol, struct port_list *l)
{
	struct security_port port;

	for (const char *p = text; *p && l->n < SECURITY_PORTS_MAX; scan_next_line(&p))
		if (parse_line(p, protocol, &port) && !is_known(l, &port) && add(l, &port) < 0)
			return -ENOMEM;
	return 0;
}

void ports_free(struct port_list *l)
{
	free(l->ports);
	*l = (struct port_list){ .n = 0 };
}

/* "TCP: inuse 1 orphan 0 ..." */
bool ports_are_any(const char *sockstat, enum port_protocol protocol)
{
	static const char *const keys[] = { "TCP: inuse", "TCP6: inuse", "UDP: inuse",
					    "UDP6: inuse" };
	const char *key = keys[protocol];

	for (const char *p = sockstat; *p; scan_next_line(&p)) {
		uint32_t n;

		if (strncmp(p, key, strlen(key)) != 0)
			continue;
		p += strlen(key);
		return !scan_u32(&p, 10, &n) || n > 0;
	}
	return true;
}

bool sockets_are_none(const char *sockstat)
{
	static const char none[] = "sockets: used 0\n";

	return strncmp(sockstat, none, sizeof(none) - 1) == 0;
}
