/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * template: HTML from a JSON document. The language is a part of Mustache (mustache(5)): {{name}},
 * {{a.b}}, {{.}}, {{#x}}...{{/x}}, {{^x}}...{{/x}}, {{>part}}, {{! comment }}. There is no raw form: each value
 * is escaped (& < > " '), for text and for attributes in quotes. So nothing that a host or a person
 * said can become markup; a template never puts a value into a script, a style, an unquoted attribute or the
 * name of one (tests/fleet/templates.test.sh holds web/templates to that).
 *
 * A link (href, src, action) that begins with a value leads nowhere ("#") unless that value is a path, a query or a
 * fragment of ours.
 *
 * A name is looked for in the innermost object, then outwards. False, null, "", 0 and empty lists are no.
 *
 * Pure, bounded (depth 16, TEMPLATE_OUT_MAX bytes), fuzzed.
 */
#ifndef OAK_FLEET_WEB_TEMPLATE_H
#define OAK_FLEET_WEB_TEMPLATE_H

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"

#define TEMPLATE_OUT_MAX (4u << 20)

struct template_text {
	const char *name; /* NULL: the last one */
	const char *text;
};

/* The templates of web/templates, in the program. */
extern const struct template_text web_templates[];

/* Appends to @out. Errors: OAK_E_NOTFOUND (no such template), OAK_E_FORMAT (its text), OAK_E_TOOLARGE. */
int template_render(const struct template_text *texts, const char *name, const json_t *document,
		    struct buf *out, struct oak_error *err) _must_check_;

#endif
