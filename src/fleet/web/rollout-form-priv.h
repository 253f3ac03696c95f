/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rollout-form-priv: the fields of the form of a rollout, for those two that read and show them. */
#ifndef OAK_FLEET_WEB_ROLLOUT_FORM_PRIV_H
#define OAK_FLEET_WEB_ROLLOUT_FORM_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

enum rollout_form_kind {
	FIELD_TEXT,
	FIELD_NUMBER,
	FIELD_LEVEL, /* a number or a word */
	FIELD_WORDS,
	FIELD_CHOICES, /* boxes to tick, of what there is in the fleet */
	FIELD_SELECT,
	FIELD_CHECK,
	FIELD_TIME, /* of another field: it has no member of its own */
};

#define FIELD_OPTIONS 3

struct rollout_form_field {
	const char *name; /* of the member; NULL: the last one */
	const char *at;   /* the object it is in; NULL: the specification itself */
	const char *in;   /* section of the form */
	const char *label, *hint;
	enum rollout_form_kind kind;
	bool wanted;    /* goes to the API where it is empty too: it says so */
	const char *by; /* FIELD_CHOICES: which counts */
	const char *options[FIELD_OPTIONS][2]; /* FIELD_SELECT: value, text */
};

extern const struct rollout_form_field rollout_form_fields[];
/* Of a row of stages: kind, amount, soak, success, least, next. */
#define STAGE_FIELDS 6
extern const char *const rollout_form_stage_names[STAGE_FIELDS];

const char *rollout_form_nth(const json_t *form, const char *name, size_t i);
size_t rollout_form_count(const json_t *form, const char *name);
json_t *rollout_form_words(const json_t *form, const char *name);

#endif
