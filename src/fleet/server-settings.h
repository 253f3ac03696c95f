/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server-settings: /etc/oakum-server/oakum-server.conf, read by inih; every key with its default is in
 * packaging/oakum-server.conf.
 */
#ifndef OAK_FLEET_SERVER_SETTINGS_H
#define OAK_FLEET_SERVER_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define SERVER_SETTINGS_PATH "/etc/oakum-server/oakum-server.conf"
#define SERVER_KEY_FILE      "decision.pem" /* below "data"; trust/key-file.h, without passphrase */

/* Who signs people in beside passwords: an OpenID provider. */
struct oidc_settings {
	char *issuer;      /* "https://id.example.org/realm"; NULL: none */
	char *client;      /* our name there */
	char *secret_file; /* NULL: a public client, PKCE alone */
	char *scopes;      /* "openid profile" */
	char *ca;          /* PEM of who signs its certificate; NULL: those of the system */
	char *name_claim;  /* what a new person is called by */
	char *role_claim;  /* a list of groups, or one */
	char *groups[4];   /* by enum person_role: the group that makes it; NULL: none does */
	char *role;        /* of whom no group makes anything: a role, or "none": refused */
};

struct server_settings {
	char *listen;      /* "[::]:8443" */
	char *certificate; /* PEM with its chain */
	char *key;         /* PEM */
	bool plain;        /* "tls = off": behind a proxy that does it */
	char *database;    /* "sqlite:/var/lib/oakum-server/fleet.db" */
	char *data;        /* "/var/lib/oakum-server": decision key, public files */
	char *repository; /* plain files to serve below /repository/, and to look "latest" up in; NULL: none */
	char *repository_url;      /* where "latest" is looked up, where it is elsewhere; NULL */
	char *proxies;             /* addresses whose X-Forwarded-For is believed; NULL: none */
	uint32_t threads;          /* of connections; 0: one a processor */
	uint32_t workers;          /* with a connection to the database; 0: 4 */
	uint32_t connections;      /* at most; 0: 20000 */
	uint32_t poll_s, report_s; /* what hosts are told */
	uint32_t silence_s;        /* no word for so long: silent */
	uint32_t decision_s;       /* a decision is good for so long */
	uint32_t history_days;     /* of reports */
	bool unmanaged_free;       /* levels without a rollout: free; else held */
	bool metrics_open;         /* /metrics without a token */
	char *url;          /* where people reach the server: "https://oakum.example.org"; NULL */
	char *require_totp; /* "no", "admin" or "all": who must have a second factor */
	struct oidc_settings oidc;
	uint32_t log; /* enum log_level: the most that is told */
};

int server_settings_init(struct server_settings *ret, struct oak_error *err) _must_check_;
/* Pure; fuzzed. */
int server_settings_parse(const char *name, const void *data, size_t len, struct server_settings *s,
			  struct oak_error *err) _must_check_;
int server_settings_read(const char *path, struct server_settings *ret, struct oak_error *err)
	_must_check_;
void server_settings_free(struct server_settings *s); /* also the guard */

#endif
