/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cyclonedx: CycloneDX 1.5, a BOM of the kernel alone with what is to be said of its vulnerabilities.
 * The serial number stays while the version counts up. Source: CycloneDX 1.5, "vulnerabilities".
 */
#include "host/vex/write.h"
#include "trust/cve/record.h"
#include "trust/date.h"

static const char *const states[] = {
	[VEX_AFFECTED] = "exploitable",
	[VEX_FIXED] = "resolved",
	[VEX_NOT_AFFECTED] = "not_affected",
};

static const char *const justifications[] = {
	[VEX_JUSTIFICATION_NONE] = NULL,
	[VEX_CODE_NOT_PRESENT] = "code_not_present",
	[VEX_CODE_NOT_EXECUTED] = "code_not_reachable",
};

static const char *const responses[] = {
	[VEX_REMEDY_NONE] = NULL,
	[VEX_REMEDY_MITIGATION] = "workaround_available",
	[VEX_REMEDY_FIX] = "update",
};

static json_t *component(const char *purl, const char *type, const char *name, const char *version)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", type, "bom-ref", purl, "name", name,
			 "version", version, "purl", purl);
}

static json_t *metadata(const struct vex *v)
{
	char first[DATE_TEXT_MAX], current[DATE_TEXT_MAX];

	vex_times(v, first, current);
	return json_pack("{s:s, s:{s:[{s:s, s:s, s:s}]}, s:[{s:s}], s:o, s:[{s:s, s:s}]}",
			 "timestamp", current, "tools", "components", "type", "application", "name",
			 "oakum", "version", OAK_VERSION, "authors", "name", v->author, "component",
			 component(v->product, "operating-system", "linux", v->kernel.release),
			 "properties", "name", "oakum:kernel-build-id", "value", v->build_id);
}

static json_t *affects(const struct vex *v)
{
	json_t *list = json_pack("[{s:s}]", "ref", v->product);

	if (v->source[0])
		(void)json_array_append_new(list, json_pack("{s:s}", "ref", v->source));
	return list;
}

static json_t *analysis(const struct vex *v, const struct vex_statement *s)
{
	const char *justification = justifications[s->justification];
	const char *response = s->status == VEX_AFFECTED ? responses[s->remedy] : NULL;
	json_t *j = json_pack("{s:s, s:s}", "state", states[s->status], "detail",
			      vex_text(v, s->notes));

	if (justification)
		(void)json_object_set_new(j, "justification", json_string(justification));
	if (response)
		(void)json_object_set_new(j, "response", json_pack("[s]", response));
	return j;
}

static json_t *vulnerability(const struct vex *v, const struct vex_statement *s)
{
	char id[CVE_ID_MAX], url[96];
	json_t *j;

	cve_id_format(s->year, s->number, id);
	(void)snprintf(url, sizeof(url), "https://www.cve.org/CVERecord?id=%s", id);
	j = json_pack("{s:s, s:s, s:{s:s, s:s}}", "bom-ref", id, "id", id, "source", "name",
		      "CVE Program", "url", url);
	if (s->title)
		(void)json_object_set_new(j, "description", json_string(vex_text(v, s->title)));
	if (s->status == VEX_AFFECTED)
		(void)json_object_set_new(j, "recommendation", json_string(vex_text(v, s->action)));
	(void)json_object_set_new(j, "analysis", analysis(v, s));
	(void)json_object_set_new(j, "affects", affects(v));
	return j;
}

void vex_put_cyclonedx(struct vex_writer *w)
{
	const struct vex *v = w->vex;
	char serial[64];

	(void)snprintf(serial, sizeof(serial), "urn:uuid:%s", v->issue.id);
	vex_put(w, "{\"bomFormat\":\"CycloneDX\",\n\"specVersion\":\"1.5\",\n\"serialNumber\":");
	vex_put_json(w, json_string(serial));
	vex_put(w, ",\n\"version\":");
	vex_put_json(w, json_integer(v->issue.version));
	vex_put(w, ",\n\"metadata\":");
	vex_put_json(w, metadata(v));
	vex_put(w, ",\n\"components\":[");
	if (v->source[0])
		vex_put_json(w, component(v->source, "library", "linux", v->kernel.package));
	vex_put(w, "],\n\"vulnerabilities\":[\n");
	for (size_t i = 0; i < v->n && !w->failed; i++)
		vex_put_row(w, vulnerability(v, &v->v[i]));
	vex_put(w, "\n]}\n");
}
