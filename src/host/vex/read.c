/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/vex/read.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "trust/cve/record.h"

struct word {
	const char *text;
	int value;
};

static const struct word openvex_status[] = {
	{ "affected", VEX_AFFECTED },
	{ "fixed", VEX_FIXED },
	{ "not_affected", VEX_NOT_AFFECTED },
	{ NULL, 0 },
};
static const struct word csaf_status[] = {
	{ "known_affected", VEX_AFFECTED },
	{ "fixed", VEX_FIXED },
	{ "known_not_affected", VEX_NOT_AFFECTED },
	{ NULL, 0 },
};
static const struct word cyclonedx_status[] = {
	{ "exploitable", VEX_AFFECTED },
	{ "resolved", VEX_FIXED },
	{ "not_affected", VEX_NOT_AFFECTED },
	{ NULL, 0 },
};
static const struct word justifications[] = {
	{ "vulnerable_code_not_present", VEX_CODE_NOT_PRESENT },
	{ "code_not_present", VEX_CODE_NOT_PRESENT },
	{ "vulnerable_code_not_in_execute_path", VEX_CODE_NOT_EXECUTED },
	{ "code_not_reachable", VEX_CODE_NOT_EXECUTED },
	{ NULL, 0 },
};

static bool look_up(const struct word *words, const char *text, int *ret)
{
	for (; text && words->text; words++)
		if (strcmp(words->text, text) == 0) {
			*ret = words->value;
			return true;
		}
	return false;
}

static const json_t *first(const json_t *object, const char *list)
{
	return json_array_get(json_object_get(object, list), 0);
}

/* One statement in the words of its format. */
struct row {
	const char *id, *status, *justification;
};

static struct row openvex_row(const json_t *s)
{
	return (struct row){ json_get_str(json_object_get(s, "vulnerability"), "name"),
			     json_get_str(s, "status"), json_get_str(s, "justification") };
}

static struct row csaf_row(const json_t *s)
{
	const json_t *status = json_object_get(s, "product_status");
	void *only = json_object_iter((json_t *)(uintptr_t)status);

	return (struct row){ json_get_str(s, "cve"),
			     json_object_size(status) == 1 ? json_object_iter_key(only) : NULL,
			     json_get_str(first(s, "flags"), "label") };
}

static struct row cyclonedx_row(const json_t *s)
{
	const json_t *analysis = json_object_get(s, "analysis");

	return (struct row){ json_get_str(s, "id"), json_get_str(analysis, "state"),
			     json_get_str(analysis, "justification") };
}

static const char *openvex_product(const json_t *doc)
{
	return json_get_str(first(first(doc, "statements"), "products"), "@id");
}

static const char *csaf_product(const json_t *doc)
{
	const json_t *vendor = first(json_object_get(doc, "product_tree"), "branches");
	const json_t *version = first(first(vendor, "branches"), "branches");

	return json_get_str(json_object_get(json_object_get(version, "product"),
					    "product_identification_helper"),
			    "purl");
}

static const char *cyclonedx_product(const json_t *doc)
{
	return json_get_str(json_object_get(json_object_get(doc, "metadata"), "component"), "purl");
}

static json_int_t plain_version(const json_t *doc)
{
	return json_integer_value(json_object_get(doc, "version"));
}

/* As many as it has revisions: CSAF's version is a text. */
static json_int_t csaf_version(const json_t *doc)
{
	const json_t *tracking = json_object_get(json_object_get(doc, "document"), "tracking");

	return (json_int_t)json_array_size(json_object_get(tracking, "revision_history"));
}

static const struct reader {
	enum vex_format format;
	const char *mark, *value, *list; /* a member that only this format has, and what it says */
	const struct word *status;
	struct row (*row)(const json_t *statement);
	const char *(*product)(const json_t *doc);
	json_int_t (*version)(const json_t *doc);
} readers[] = {
	{ VEX_OPENVEX, "@context", "https://openvex.dev/ns/v0.2.0", "statements", openvex_status,
	  openvex_row, openvex_product, plain_version },
	{ VEX_CSAF, "document", NULL, "vulnerabilities", csaf_status, csaf_row, csaf_product,
	  csaf_version },
	{ VEX_CYCLONEDX, "bomFormat", "CycloneDX", "vulnerabilities", cyclonedx_status,
	  cyclonedx_row, cyclonedx_product, plain_version },
};

static const struct reader *find_reader(const json_t *doc)
{
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		const char *value = json_get_str(doc, readers[i].mark);

		if (readers[i].value ? value && strcmp(value, readers[i].value) == 0
				     : json_is_object(json_object_get(doc, readers[i].mark)))
			return &readers[i];
	}
	return NULL;
}

static int take_row(const struct reader *reader, const json_t *statement, struct vex_said *ret)
{
	const struct row row = reader->row(statement);
	int status, justification = VEX_JUSTIFICATION_NONE;

	if (!row.id || cve_id_parse(row.id, &ret->year, &ret->number) < 0 ||
	    !look_up(reader->status, row.status, &status) ||
	    (row.justification && !look_up(justifications, row.justification, &justification)) ||
	    (status == VEX_NOT_AFFECTED) != (justification != VEX_JUSTIFICATION_NONE))
		return -1;
	ret->status = (enum vex_status)status;
	ret->justification = (enum vex_justification)justification;
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct vex_said *x = a, *y = b;

	if (x->year != y->year)
		return x->year < y->year ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static int take_all(const struct reader *reader, const json_t *list, const char *what,
		    struct vex_document *d, struct oak_error *err)
{
	size_t n = json_array_size(list);

	if (n > VEX_STATEMENTS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: %zu statements", what, n);
	d->v = calloc(n + 1, sizeof(*d->v));
	if (!d->v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		if (take_row(reader, json_array_get(list, i), &d->v[i]) < 0)
			return oak_fail(err, OAK_E_FORMAT,
					"%s: statement %zu is none that oakum writes", what, i + 1);
	d->n = n;
	if (n)
		qsort(d->v, n, sizeof(*d->v), by_id);
	for (size_t i = 1; i < n; i++)
		if (by_id(&d->v[i - 1], &d->v[i]) == 0)
			return oak_fail(err, OAK_E_FORMAT, "%s: CVE-%u-%04u has two statements",
					what, d->v[i].year, d->v[i].number);
	return 0;
}

int vex_document_parse(const void *data, size_t len, const char *what, struct vex_document *ret,
		       struct oak_error *err)
{
	_cleanup_(vex_document_free) struct vex_document d = { .n = 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	const struct reader *reader;
	const char *product;
	json_int_t version;
	int r = json_parse(data, len, VEX_DOCUMENT_MAX, what, &doc, err);

	if (r < 0)
		return r;
	reader = find_reader(doc);
	if (!reader)
		return oak_fail(err, OAK_E_FORMAT, "%s: neither OpenVEX, CSAF nor CycloneDX", what);
	product = reader->product(doc);
	version = reader->version(doc);
	if (!product || strlen(product) >= sizeof(d.product) || version < 1 || version > UINT32_MAX)
		return oak_fail(err, OAK_E_FORMAT, "%s: without a product, or a version", what);
	d.format = reader->format;
	d.version = (uint32_t)version;
	memcpy(d.product, product, strlen(product) + 1);
	r = take_all(reader, json_object_get(doc, reader->list), what, &d, err);
	if (r < 0)
		return r;
	*ret = d;
	d.v = NULL;
	return 0;
}

const struct vex_said *vex_document_find(const struct vex_document *d, uint32_t year,
					 uint32_t number)
{
	const struct vex_said key = { .year = year, .number = number };

	return d->n ? bsearch(&key, d->v, d->n, sizeof(key), by_id) : NULL;
}

void vex_document_free(struct vex_document *d)
{
	free(d->v);
	*d = (struct vex_document){ .n = 0 };
}
