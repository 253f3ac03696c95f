/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ports: /proc/<pid>/net/{tcp,tcp6,udp,udp6}: what listens in a network namespace.
 *
 * Pure. Source: Documentation/networking/proc_net_tcp.rst; net/ipv4/tcp_ipv4.c, tcp4_seq_show().
 */
#ifndef OAK_HOST_SECURITY_PORTS_H
#define OAK_HOST_SECURITY_PORTS_H

#include "host/security/security.h"

#define PORTS_TEXT_MAX (16u << 20) /* a busy host has 100,000 connections, of 150 bytes a line */

struct port_list {
	struct security_port *ports;
	size_t n;
};

void ports_free(struct port_list *l); /* also the guard */

/* Adds what listens, once; the list holds SECURITY_PORTS_MAX at most. Return: 0 or -ENOMEM. */
int ports_parse(const char *text, enum port_protocol protocol, struct port_list *l) _must_check_;

/*
 * /proc/<pid>/net/sockstat or sockstat6: is any socket of the protocol in use? Reading the ports
 * makes the kernel walk a table of all namespaces, which is worth it only then. True if not told.
 */
bool ports_are_any(const char *sockstat, enum port_protocol protocol);

/* "sockets: used 0": of no protocol at all. */
bool sockets_are_none(const char *sockstat);

const char *port_protocol_name(enum port_protocol p); /* "tcp6"; also the name of the file */

#endif
