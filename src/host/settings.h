/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings: /etc/oakum/oakum.conf, then /etc/oakum/conf.d/NAME.conf in the order of their bytes.
 *
 *	# where levels come from
 *	repository = https://patches.example.org/oakum/
 *	channel = stable
 *	delay = 24h
 *	windows = Mon-Fri 22:00-04:00; Sat,Sun 00:00-24:00
 *
 * Every key with its default: packaging/oakum.conf. Read by inih: lines "key = value" of at most
 * 198 bytes, comments begin with '#' or ';'. A later file overrides an earlier one. An unknown
 * key, a bad value, a key given twice in a file is one error with file and line, and nothing is
 * used of any file.
 *
 * To add a key: a member of struct settings, a row in the table in settings.c, two lines in
 * packaging/oakum.conf.
 */
#ifndef OAK_HOST_SETTINGS_H
#define OAK_HOST_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"
#include "base/words.h"
#include "host/settings-words.h"
#include "trust/severity.h"

#define SETTINGS_PATH        "etc/oakum/oakum.conf"
#define SETTINGS_DIR         "etc/oakum/conf.d"
#define SETTINGS_BYTES_MAX   65536
#define SETTINGS_FILES_MAX   64 /* in SETTINGS_DIR */
#define SETTINGS_WINDOWS_MAX 16

/* A level or a day, never both. */
struct settings_pin {
	uint32_t level;  /* 0: not to a level */
	int64_t until_s; /* the last second (UTC) of the day; 0: not to a date */
};

/* What is "s" is in seconds. After settings_init() or settings_read() defaults stand here. */
struct settings {
	char *repository; /* NULL: not set */
	char *mirrors;    /* NULL: none; URLs as above, with blanks between */
	char *channel;    /* NULL: any */
	char *ca;         /* NULL: certificates as the system trusts them */
	char *proxy;      /* NULL: by the environment */
	char *tags;       /* NULL: none; words with blanks between */
	uint32_t cves;    /* enum settings_cves: is the CVE database fetched? */

	uint32_t poll_s;
	uint32_t jitter_s; /* settings_read(): at most poll_s */

	/* Which levels, and when. */
	uint32_t apply; /* enum settings_apply */
	uint32_t delay_s;
	struct settings_pin pin;
	struct time_window windows[SETTINGS_WINDOWS_MAX];
	size_t n_windows;  /* 0: at any time */
	char *timezone;    /* NULL: the system's */
	uint32_t severity; /* enum severity; SEVERITY_LOW takes every level */
	char *skip;        /* NULL: nothing; levels, fixes and CVEs with blanks between */
	uint32_t boot;     /* enum settings_boot */
	uint32_t pressure; /* percent, PSI "some avg10"; 0: no limit */

	/* How a level is applied. */
	uint32_t deadline_s; /* of a transition */
	uint32_t retry_s;    /* after a stalled one */
	uint32_t soak_s;     /* 0: settled at once */
	char *health;        /* NULL: none; an absolute path */
	uint32_t health_interval_s;
	char *hooks; /* a directory */
	uint32_t hook_timeout_s;

	/* Who is told. */
	char *textfile;  /* NULL: nobody; the directory of node_exporter */
	char *vex;       /* NULL: nobody; formats of host/vex/write.h with blanks between */
	uint32_t reboot; /* enum settings_reboot */

	/* Of a host that a fleet's server knows: see oakum register. enum settings_yes but where it is said. */
	uint32_t fleet_patience_s; /* 0: for ever */
	uint32_t fleet_take_back;
	uint32_t report_name, report_cves, report_stalls, report_audit;
	uint32_t report_containers; /* enum settings_containers */
};

/* The defaults, as if no file were there. Errors: OAK_E_NOMEM. */
int settings_init(struct settings *ret, struct oak_error *err) _must_check_;

/**
 * settings_parse() - add the settings of one file to @settings
 * @name: of the file, for messages: "<name>:<line>: ..."
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-settings.c. On failure @settings holds some of the file.
 * Errors: OAK_E_FORMAT, OAK_E_NOMEM.
 */
int settings_parse(const char *name, const void *data, size_t len, struct settings *settings,
		   struct oak_error *err) _must_check_;

/**
 * settings_read() - defaults, SETTINGS_PATH, the files of SETTINGS_DIR below @root
 *
 * Missing files are fine. Errors: OAK_E_FORMAT, OAK_E_TOOLARGE (files), OAK_E_IO, OAK_E_NOMEM.
 */
int settings_read(int root, struct settings *ret, struct oak_error *err) _must_check_;

/* Checks one value as the file would, for the command line. Errors: OAK_E_USAGE. */
int settings_check(const char *key, const char *value, struct oak_error *err) _must_check_;

/*
 * Every key with its value as the file would have it, null where it is not set. Without secrets:
 * of URLs, user, password and query are gone. NULL: out of memory.
 */
json_t *settings_json(const struct settings *s);

/* Is @word among the words of @list (NULL: empty)? */
bool settings_lists(const char *list, const char *word);

void settings_free(struct settings *s); /* also the guard */

#endif
