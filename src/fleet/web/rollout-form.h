/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rollout-form: the specification of a rollout (docs/formats/rollout.md) as a form, and back. A form is what
 * form_parse() makes: an object of texts, lists where a field came more than once. Pure.
 */
#ifndef OAK_FLEET_WEB_ROLLOUT_FORM_H
#define OAK_FLEET_WEB_ROLLOUT_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/error.h"

/*
 * What the API takes. Fields that are empty are left out, rows of stages without an amount too; what is wrong
 * stays as it was typed, so that the API can say what is wrong with it. NULL: out of memory.
 */
json_t *rollout_form_spec(const json_t *form);

/* The form that makes @spec (all members there, as the API shows them). NULL: out of memory. */
json_t *rollout_form_of(const json_t *spec);

/* Puts the stages of a preset into @form: "canary", "gentle", "urgent". Return: false: there is none. */
bool rollout_form_preset(json_t *form, const char *name);

/*
 * For the template: {"error", "sections": [{"legend", "fields": [...]}], "stages": [...], "after": [...]}.
 * @counts: GET /api/v1/counts, for what there is to choose from. @error: what the API said of it, ""; it is put at
 * the field it names. @rows: at least so many rows of stages. NULL: out of memory.
 */
json_t *rollout_form_view(const json_t *form, const json_t *counts, const char *error, size_t rows);

#endif
