/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/published.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "host/security/scan.h"

static const char *const protocols[] = {
	[PUBLISHED_TCP] = "tcp",
	[PUBLISHED_UDP] = "udp",
	[PUBLISHED_SCTP] = "sctp",
};
#define PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

const char *published_protocol_name(enum published_protocol p)
{
	return protocols[p];
}

static bool parse_protocol(const char *name, uint8_t *ret)
{
	for (size_t i = 0; name && i < PROTOCOLS; i++)
		if (strcmp(name, protocols[i]) == 0) {
			*ret = (uint8_t)i;
			return true;
		}
	return false;
}

/* "" is every address. */
static bool parse_address(const char *text, struct published_port *ret)
{
	if (!text || !*text)
		return true;
	ret->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return inet_pton(ret->family, text, ret->address) == 1;
}

static bool take_port(uint64_t n, uint16_t *ret)
{
	*ret = (uint16_t)n;
	return n > 0 && n <= UINT16_MAX;
}

static void add(struct published *to, const struct published_port *p)
{
	if (to->n < PUBLISHED_MAX)
		to->v[to->n] = *p;
	to->n++;
}

/* "80/tcp" */
static bool parse_key(const char *key, struct published_port *ret)
{
	uint32_t port;

	return scan_u32(&key, 10, &port) && scan_char(&key, '/') &&
	       take_port(port, &ret->container) && parse_protocol(key, &ret->protocol);
}

void published_of_docker(const json_t *config, struct published *ret)
{
	json_t *ports = json_object_get(json_object_get(config, "NetworkSettings"), "Ports");
	json_t *bindings;
	const char *key;

	json_object_foreach(ports, key, bindings)
	{
		struct published_port p = { .family = 0 };
		const json_t *binding;
		size_t i;

		if (!parse_key(key, &p))
			continue;
		json_array_foreach(bindings, i, binding)
		{
			const char *text = json_get_str(binding, "HostPort");
			struct published_port one = p;
			uint32_t port;

			if (text && scan_u32(&text, 10, &port) && !*text &&
			    take_port(port, &one.host) &&
			    parse_address(json_get_str(binding, "HostIp"), &one))
				add(ret, &one);
		}
	}
}

static uint64_t number_of(const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n < 0 ? 0 : (uint64_t)n;
}

void published_of_cni(const json_t *mappings, struct published *ret)
{
	const json_t *m;
	size_t i;

	json_array_foreach(mappings, i, m)
	{
		struct published_port p = { .family = 0 };

		if (take_port(number_of(m, "hostPort"), &p.host) &&
		    take_port(number_of(m, "containerPort"), &p.container) &&
		    parse_protocol(json_get_str(m, "protocol"), &p.protocol) &&
		    parse_address(json_get_str(m, "hostIP"), &p))
			add(ret, &p);
	}
}

void published_address(const struct published_port *p, char ret[PUBLISHED_ADDRESS_MAX])
{
	ret[0] = '\0';
	if (p->family && !inet_ntop(p->family, p->address, ret, PUBLISHED_ADDRESS_MAX))
		ret[0] = '\0';
}
