/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A template, and a document, cut at the first NUL. What the document says never becomes markup: all that is "<" in
 * the page was in the template.
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "fleet/web/template.h"

static bool has(const char *text, char c)
{
	return strchr(text, c) != NULL;
}

static void check(const char *template, const json_t *document)
{
	const struct template_text texts[] = { { "a", template }, { "b", "{{x}}" }, { NULL, NULL } };
	_cleanup_(buf_free) struct buf out = { 0 };
	struct oak_error err = { 0 };
	int r = template_render(texts, "a", document, &out, &err);

	FUZZ_CHECK(out.len <= TEMPLATE_OUT_MAX);
	FUZZ_CHECK(r == 0 || err.msg[0]);
	if (r < 0)
		return;
	for (const char *c = "<>\"'"; *c; c++)
		FUZZ_CHECK(has(template, *c) || !has(buf_str(&out), *c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size && size < 65536 ? memchr(data, 0, size) : NULL;
	_cleanup_(json_decrefp) json_t *document = NULL;
	size_t rest = nul ? size - (size_t)(nul + 1 - data) : 0;

	if (!nul)
		return 0;
	document = json_loadb((const char *)nul + 1, rest, 0, NULL);
	if (document)
		check((const char *)data, document);
	return 0;
}
