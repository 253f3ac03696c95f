/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * csaf: CSAF 2.0, profile 5 (VEX). One product, the kernel's package, and where it has one its
 * source package. Source: CSAF 2.0 sections 3.2 and 4.5, and its tests of section 6.1.
 */
#include "host/vex/write.h"
#include "trust/cve/record.h"
#include "trust/date.h"

#define KERNEL "kernel"
#define SOURCE "source"

static const char *const product_status[] = {
	[VEX_AFFECTED] = "known_affected",
	[VEX_FIXED] = "fixed",
	[VEX_NOT_AFFECTED] = "known_not_affected",
};

static const char *const remedies[] = {
	[VEX_REMEDY_NONE] = "none_available",
	[VEX_REMEDY_MITIGATION] = "mitigation",
	[VEX_REMEDY_FIX] = "vendor_fix",
};

static json_t *revisions(const struct vex_issue *issue)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < issue->version; i++) {
		char at[DATE_TEXT_MAX], number[16];

		date_format(issue->revisions[i].at_s, at);
		(void)snprintf(number, sizeof(number), "%u", i + 1);
		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "date", at, "number",
							    number, "summary",
							    i ? "What this host says has changed."
							      : "First version."));
	}
	return list;
}

static json_t *tracking(const struct vex *v)
{
	char first[DATE_TEXT_MAX], current[DATE_TEXT_MAX], version[16], id[64];

	vex_times(v, first, current);
	(void)snprintf(version, sizeof(version), "%u", v->issue.version);
	(void)snprintf(id, sizeof(id), "oakum-%s", v->issue.id);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:{s:s, s:s}}, s:o}", "id", id,
			 "status", "final", "version", version, "initial_release_date", first,
			 "current_release_date", current, "generator", "date", current, "engine",
			 "name", "oakum", "version", OAK_VERSION, "revision_history",
			 revisions(&v->issue));
}

static json_t *document(const struct vex *v)
{
	char title[256], namespace[64], owner[VEX_UUID_MAX];

	(void)snprintf(title, sizeof(title), "CVEs of the kernel %s, as it runs", v->kernel.release);
	/* CSAF wants something under its publisher's control: this host has its key. */
	history_uuid(v->owner, owner);
	(void)snprintf(namespace, sizeof(namespace), "urn:uuid:%s", owner);
	return json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s}, s:[{s:s, s:s}], s:o}", "category",
			 "csaf_vex", "csaf_version", "2.0", "lang", "en", "title", title,
			 "publisher", "category", "user", "name", v->author, "namespace", namespace,
			 "notes", "category", "summary", "text",
			 "Holds for the host that wrote it, for the kernel in its memory.",
			 "tracking", tracking(v));
}

static json_t *branch(const char *name, const char *id, const char *purl)
{
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}}", "category", "product_version", "name",
			 name, "product", "name", purl, "product_id", id,
			 "product_identification_helper", "purl", purl);
}

static json_t *product_tree(const struct vex *v)
{
	json_t *versions = json_pack("[o]", branch(v->kernel.release, KERNEL, v->product));

	if (v->source[0])
		(void)json_array_append_new(versions, branch(v->kernel.package, SOURCE, v->source));
	return json_pack("{s:[{s:s, s:s, s:[{s:s, s:s, s:o}]}]}", "branches", "category", "vendor",
			 "name",
			 v->kernel.distribution == CVE_DISTRIBUTION_DEBIAN   ? "Debian"
			 : v->kernel.distribution == CVE_DISTRIBUTION_UBUNTU ? "Ubuntu"
									     : "kernel.org",
			 "branches", "category", "product_name", "name", "Linux", "branches",
			 versions);
}

static json_t *products(const struct vex *v)
{
	return v->source[0] ? json_pack("[s, s]", KERNEL, SOURCE) : json_pack("[s]", KERNEL);
}

static json_t *vulnerability(const struct vex *v, const struct vex_statement *s)
{
	const char *label = vex_justification_name(s->justification);
	char id[CVE_ID_MAX];
	json_t *j;

	cve_id_format(s->year, s->number, id);
	j = json_pack("{s:s, s:[{s:s, s:s, s:s}], s:{s:o}}", "cve", id, "notes", "category",
		      "details", "title", "Verdict", "text", vex_text(v, s->notes),
		      "product_status", product_status[s->status], products(v));
	if (s->title)
		(void)json_object_set_new(j, "title", json_string(vex_text(v, s->title)));
	if (label)
		(void)json_object_set_new(j, "flags",
					  json_pack("[{s:s, s:o}]", "label", label, "product_ids",
						    products(v)));
	if (s->status == VEX_AFFECTED)
		(void)json_object_set_new(j, "remediations",
					  json_pack("[{s:s, s:s, s:o}]", "category",
						    remedies[s->remedy], "details",
						    vex_text(v, s->action), "product_ids",
						    products(v)));
	return j;
}

void vex_put_csaf(struct vex_writer *w)
{
	const struct vex *v = w->vex;

	vex_put(w, "{\"document\":");
	vex_put_json(w, document(v));
	vex_put(w, ",\n\"product_tree\":");
	vex_put_json(w, product_tree(v));
	vex_put(w, ",\n\"vulnerabilities\":[\n");
	for (size_t i = 0; i < v->n && !w->failed; i++)
		vex_put_row(w, vulnerability(v, &v->v[i]));
	vex_put(w, "\n]}\n");
}
