/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * openvex: OpenVEX 0.2.0. A product is a package, not this host: scanners match packages. So the
 * document holds for this host alone, and its author is the host.
 */
#include "host/vex/write.h"
#include "trust/cve/record.h"
#include "trust/date.h"

#define CONTEXT "https://openvex.dev/ns/v0.2.0"

static json_t *product(const char *purl)
{
	return json_pack("{s:s, s:{s:s}}", "@id", purl, "identifiers", "purl", purl);
}

static json_t *statement(const struct vex *v, const struct vex_statement *s)
{
	const char *justification = vex_justification_name(s->justification);
	char id[CVE_ID_MAX];
	json_t *j, *products;

	cve_id_format(s->year, s->number, id);
	products = json_pack("[o]", product(v->product));
	if (v->source[0])
		(void)json_array_append_new(products, product(v->source));
	j = json_pack("{s:{s:s, s:s*}, s:o, s:s, s:s}", "vulnerability", "name", id, "description",
		      s->title ? vex_text(v, s->title) : NULL, "products", products, "status",
		      vex_status_name(s->status), "status_notes", vex_text(v, s->notes));
	if (justification)
		(void)json_object_set_new(j, "justification", json_string(justification));
	if (s->status == VEX_AFFECTED)
		(void)json_object_set_new(j, "action_statement",
					  json_string(vex_text(v, s->action)));
	return j;
}

void vex_put_openvex(struct vex_writer *w)
{
	const struct vex *v = w->vex;
	char first[DATE_TEXT_MAX], current[DATE_TEXT_MAX], id[64];

	vex_times(v, first, current);
	(void)snprintf(id, sizeof(id), "urn:uuid:%s", v->issue.id);
	vex_put(w, "{\"@context\":\"" CONTEXT "\",\n\"@id\":");
	vex_put_json(w, json_string(id));
	vex_put(w, ",\n\"author\":");
	vex_put_json(w, json_string(v->author));
	vex_put(w, ",\n\"role\":\"the host itself\",\n\"timestamp\":");
	vex_put_json(w, json_string(first));
	vex_put(w, ",\n\"last_updated\":");
	vex_put_json(w, json_string(current));
	vex_put(w, ",\n\"version\":");
	vex_put_json(w, json_integer(v->issue.version));
	vex_put(w, ",\n\"tooling\":\"oakum " OAK_VERSION "\",\n\"statements\":[\n");
	for (size_t i = 0; i < v->n && !w->failed; i++)
		vex_put_row(w, statement(v, &v->v[i]));
	vex_put(w, "\n]}\n");
}
