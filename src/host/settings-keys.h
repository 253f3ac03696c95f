/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings-keys: the table of keys, for the files settings*.c alone. */
#ifndef OAK_HOST_SETTINGS_KEYS_H
#define OAK_HOST_SETTINGS_KEYS_H

#include "host/settings.h"

enum key_kind {
	KEY_TEXT,
	KEY_DURATION,
	KEY_NUMBER,
	KEY_WORD,
	KEY_PIN,
	KEY_WINDOWS
};

struct settings_key {
	const char *name;
	enum key_kind kind;
	size_t offset;            /* of the member; texts are char *, the rest of them uint32_t */
	const char *fallback;     /* the default, as a file would say it; NULL: not set */
	const char *unset;        /* KEY_TEXT: this value means not set; NULL: no value does */
	uint32_t min, max;        /* KEY_DURATION (seconds), KEY_NUMBER */
	const char *const *words; /* KEY_WORD: the names of 0, 1, ..., NULL at the end */
	const char *(*check)(const char *value); /* KEY_TEXT: what it should be, NULL: it is fine */
};

extern const struct settings_key settings_keys[];
extern const size_t n_settings_keys;

/* The index in settings_keys; n_settings_keys: unknown. */
size_t settings_key(const char *name);

void *settings_slot(const struct settings_key *key, struct settings *s);

#define KEY_WANT_MAX 256

/**
 * settings_take() - put a value into its member, in the place of another
 * @want: where the value is bad: what it must be
 *
 * Return: 0, or -OAK_E_USAGE with @want, -OAK_E_NOMEM.
 */
int settings_take(const struct settings_key *key, struct settings *s, const char *value,
		  char want[KEY_WANT_MAX]) _must_check_;

#endif
