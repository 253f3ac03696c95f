/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * published: ports of the host that lead to a container, as its engine's files have them.
 *
 * docker: NetworkSettings.Ports of config.v2.json. Whoever uses CNI plugins (containerd, CRI-O, podman
 * before netavark): portMappings in the cache of libcni, /var/lib/cni/results. Both pure.
 */
#ifndef OAK_HOST_PUBLISHED_H
#define OAK_HOST_PUBLISHED_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

#define PUBLISHED_MAX         10 /* of a container; more are counted only */
#define PUBLISHED_ADDRESS_MAX 46

enum published_protocol {
	PUBLISHED_TCP,
	PUBLISHED_UDP,
	PUBLISHED_SCTP,
};

struct published_port {
	uint8_t protocol; /* enum published_protocol */
	uint8_t family;   /* AF_INET, AF_INET6; 0: every address of both */
	uint16_t host, container;
	uint8_t address[16];
};

struct published {
	struct published_port v[PUBLISHED_MAX];
	size_t n; /* may be more than PUBLISHED_MAX */
};

/* Both add to @ret; what is malformed is left out. */
void published_of_docker(const json_t *config, struct published *ret);
void published_of_cni(const json_t *mappings, struct published *ret);

const char *published_protocol_name(enum published_protocol p);

/* "0.0.0.0", "::1"; "" every address of both families. */
void published_address(const struct published_port *p, char ret[PUBLISHED_ADDRESS_MAX]);

#endif
