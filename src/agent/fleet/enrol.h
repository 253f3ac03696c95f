/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * enrol: a host makes itself known to a fleet's server, once, with a token; docs/formats/fleet.md.
 *
 * The key is made and stored first, /var/lib/oakum/fleet/enrolled.json last: who died in between does the
 * same again with the same key, and the server answers as before.
 */
#ifndef OAK_AGENT_FLEET_ENROL_H
#define OAK_AGENT_FLEET_ENROL_H

#include "agent/fleet/home.h"

struct enrol_options {
	int root;
	const char *root_path;
	const char *server, *token;
	const char *ca;          /* a PEM file, copied; NULL */
	const char *fingerprint; /* SHA-256 of the server's certificate, colons are fine; NULL */
	const char *name;        /* NULL: the host's name */
	const char *const *tags; /* "az=1" */
	size_t n_tags;
	const char *proxy; /* as struct http_client_options */
};

/**
 * enrol_host()
 * @ret: what is on disk now; fleet_home_clear() it
 *
 * Errors: OAK_E_REFUSED (the host is enrolled already; the server says no: the message says why and what to
 * do), OAK_E_TRUST (certificate, fingerprint, signature of the answer), OAK_E_AGAIN, OAK_E_USAGE, OAK_E_IO.
 */
int enrol_host(const struct enrol_options *o, struct fleet_home *ret, struct oak_error *err)
	_must_check_;

/* Forgets key, server and decisions. Errors: OAK_E_NOTHING: it is not enrolled. */
int enrol_forget(int root, struct oak_error *err) _must_check_;

#endif
