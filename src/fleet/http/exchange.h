/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exchange: one request with its answer on the way through the server: from the thread of its connection
 * to a worker and back. One thread has it at a time.
 */
#ifndef OAK_FLEET_HTTP_EXCHANGE_H
#define OAK_FLEET_HTTP_EXCHANGE_H

#include <stdatomic.h>

#include "fleet/http/route.h"
#include "fleet/http/target.h"
#include "fleet/store/sessions.h"
#include "fleet/store/tokens.h"

#define EXCHANGE_HEADERS_MAX 48
#define EXCHANGE_NAMES_MAX   1024 /* bytes of names of headers */

struct listener;
struct link;
struct MHD_Connection;

enum exchange_state {
	EXCHANGE_NEW,      /* headers are not read yet */
	EXCHANGE_BODY,     /* its body comes */
	EXCHANGE_AWAY,     /* with a worker; the connection is suspended */
	EXCHANGE_ANSWERED, /* @res is to be sent */
	EXCHANGE_SENT,
};

struct exchange {
	struct http_request req;
	struct http_response res;
	struct http_target target;
	struct http_pair headers[EXCHANGE_HEADERS_MAX];
	char names[EXCHANGE_NAMES_MAX];
	size_t names_len;
	struct buf body;
	size_t body_max, refused_bytes;
	struct api_token token;
	char who[sizeof("token:") + sizeof(((struct api_token *)0)->name)];
	const char *secret; /* of the token; NULL: none is asked for, or there is a session */
	char cookie[SESSION_SECRET];
	bool by_cookie; /* @cookie is the session's */
	struct session session;
	const struct route *route;
	enum exchange_state state;
	struct stream *stream; /* owned; NULL */
	struct exchange *next; /* in a queue */
	struct listener *listener;
	struct link *link;
	struct MHD_Connection *connection;
	uint64_t begun_ns;
	char *room;  /* for params */
	char text[]; /* the target, then @room */
};

#endif
