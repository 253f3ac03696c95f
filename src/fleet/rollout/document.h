/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * document: a rollout as people send it (JSON): the specification of fleet/rollout/spec.h, whom it is
 * meant for, which level, and when. What is left out has a careful default: one host first.
 *
 * Pure. Source: docs/formats/rollout.md. Fuzzed by tests/fuzz/fuzz-rollout-document.c.
 */
#ifndef OAK_FLEET_ROLLOUT_DOCUMENT_H
#define OAK_FLEET_ROLLOUT_DOCUMENT_H

#include <jansson.h>

#include "base/words.h"
#include "fleet/rollout/spec.h"
#include "fleet/rollout/zone.h"

#define ROLLOUT_WORD_MAX 64  /* with the NUL: tags, rings */
#define ROLLOUT_NAME_MAX 128 /* with the NUL */
#define ROLLOUT_LIST_MAX 64  /* words of one list */

#define ROLLOUT_WINDOWS_MAX   8
#define ROLLOUT_START_BY_HAND 0
#define ROLLOUT_START_AT_ONCE 1

/* Whom it is meant for: arrays of words; one that is empty says nothing. */
enum rollout_list {
	ROLLOUT_RINGS,         /* the host's is one of them */
	ROLLOUT_TAGS,          /* the host has all of them */
	ROLLOUT_KERNELS,       /* build-ids; the host's is one of them */
	ROLLOUT_DISTRIBUTIONS, /* "debian" or "debian:12"; the host's is one of them */
	ROLLOUT_LISTS
};

struct rollout_document {
	struct rollout_spec spec;
	char name[ROLLOUT_NAME_MAX];
	uint32_t level; /* 0: the latest in @channel, of each kernel */
	char channel[ROLLOUT_WORD_MAX];
	char stage_tag[ROLLOUT_STAGES_MAX][ROLLOUT_WORD_MAX];
	char spread[ROLLOUT_WORD_MAX]; /* "az": hosts with the same "az=..." are one failure domain; "" */
	struct time_window windows[ROLLOUT_WINDOWS_MAX];
	size_t n_windows;
	char timezone[ZONE_NAME_MAX];
	int64_t start_s;                    /* or ROLLOUT_START_... */
	const json_t *where[ROLLOUT_LISTS]; /* borrowed from @json */
	json_t *json;                       /* all of it, with the defaults filled in */
};

/* @json: borrowed. Errors: OAK_E_FORMAT, which names the member; OAK_E_NOMEM. */
int rollout_document_read(const json_t *json, struct rollout_document *ret, struct oak_error *err)
	_must_check_;
void rollout_document_clear(struct rollout_document *d); /* zero is fine; also the guard */

/* A host, as the server knows it. Any may be "". */
struct rollout_who {
	const char *ring, *build_id, *os_id, *os_version;
	const char *tags; /* words with blanks between */
};

/* Is it one of those that are meant? */
bool rollout_document_fits(const struct rollout_document *d, const struct rollout_who *w);

/* Is @word one of @tags, words with blanks between? */
bool rollout_has_tag(const char *tags, const char *word);

/* The failure domain of a host with @tags: a hash of the value of its tag; 0: none. */
uint32_t rollout_domain(const struct rollout_document *d, const char *tags);

#endif
