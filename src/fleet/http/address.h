/* SPDX-License-Identifier: GPL-2.0-or-later */
/* address: "[::]:8443", "127.0.0.1:0", "*:8443" as a socket address; and socket addresses as text. */
#ifndef OAK_FLEET_HTTP_ADDRESS_H
#define OAK_FLEET_HTTP_ADDRESS_H

#include <netinet/in.h>
#include <stdint.h>

#include "base/error.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Numbers only. Errors: OAK_E_USAGE. Pure. */
int address_parse(const char *text, union address *ret, struct oak_error *err) _must_check_;

/* "192.0.2.1" (also for ::ffff:192.0.2.1), "2001:db8::1"; "" for another family. */
void address_text(const struct sockaddr *a, char ret[48]);

/* A listening socket. @ret_port: what a port 0 became. Errors: OAK_E_IO. */
int address_listen(const union address *a, int *ret_fd, uint16_t *ret_port, struct oak_error *err)
	_must_check_;

#endif
