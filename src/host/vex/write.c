/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/vex/write.h"

#include <string.h>

#include "trust/date.h"

static const struct {
	const char *name, *file;
	void (*put)(struct vex_writer *w);
	bool may_be_empty;
} formats[VEX_FORMATS] = {
	[VEX_OPENVEX] = { "openvex", "vex.openvex.json", vex_put_openvex, false },
	[VEX_CSAF] = { "csaf", "vex.csaf.json", vex_put_csaf, false },
	[VEX_CYCLONEDX] = { "cyclonedx", "vex.cdx.json", vex_put_cyclonedx, true },
	[VEX_OVAL] = { "oval", "vex.oval.xml", vex_put_oval, false },
};

const char *vex_format_name(enum vex_format f)
{
	return formats[f].name;
}

enum vex_format vex_format_parse(const char *name)
{
	unsigned i = 0;

	while (i < VEX_FORMATS && strcmp(formats[i].name, name) != 0)
		i++;
	return (enum vex_format)i;
}

const char *vex_format_file(enum vex_format f)
{
	return formats[f].file;
}

void vex_put(struct vex_writer *w, const char *text)
{
	w->failed = w->failed || buf_add_str(w->out, text) < 0;
}

static int add(const char *text, size_t len, void *out)
{
	return buf_add(out, text, len) < 0 ? -1 : 0;
}

void vex_put_json(struct vex_writer *w, json_t *j)
{
	w->failed = w->failed || !j ||
		    json_dump_callback(j, add, w->out, JSON_COMPACT | JSON_ENCODE_ANY) < 0;
	json_decref(j);
}

void vex_put_row(struct vex_writer *w, json_t *j)
{
	if (!w->first)
		vex_put(w, ",\n");
	w->first = false;
	vex_put_json(w, j);
}

void vex_times(const struct vex *v, char first[21], char current[21])
{
	const struct vex_issue *i = &v->issue;

	date_format(i->version ? i->revisions[0].at_s : 0, first);
	date_format(i->version ? i->revisions[i->version - 1].at_s : 0, current);
}

int vex_write(const struct vex *v, enum vex_format f, struct buf *ret, struct oak_error *err)
{
	struct vex_writer w = { .vex = v, .out = ret, .first = true };

	if (!v->n && !formats[f].may_be_empty)
		return oak_fail(err, OAK_E_NOTHING,
				"nothing to state: no CVE database, and no level on this host "
				"that closes a CVE");
	formats[f].put(&w);
	return w.failed ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}
