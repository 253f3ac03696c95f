/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server: threads, sockets, TLS: what "oakum-server run" is, and what tests start in their own process.
 */
#ifndef OAK_FLEET_SERVER_H
#define OAK_FLEET_SERVER_H

#include "fleet/server-settings.h"

struct server;

/* Opens the database (whose schema must be the newest), the keys, the socket; all threads run. */
int server_start(const struct server_settings *s, struct server **ret, struct oak_error *err)
	_must_check_;
/* What "listen" became, where its port was 0. */
uint16_t server_port(const struct server *s);
/* No new connections; what was begun is answered, then all threads end. */
void server_stop(struct server *s);

#endif
