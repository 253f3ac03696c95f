/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oval: a definition for each CVE that this kernel has, or has only because no level is in it. Its
 * answer is not in the document: the scanner finds it on the host, when it looks. It is "true"
 * (vulnerable) while the kernel of the document runs and not both
 *
 *	/sys/kernel/livepatch/oakum_N/{enabled,transition} say that a level is in the kernel, wholly
 *	/run/oakum/cvelist names the CVE
 *
 * so that a level turns the result, and taking it back turns it again, with the same file. What a
 * kernel does not have at all has no definition. Only text files are looked at, which scanners also
 * do below another root.
 *
 * Source: OVAL 5.11.1, oval-definitions and independent-definitions schemas.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/vex/write.h"
#include "trust/cve/record.h"
#include "trust/date.h"

#define XSI "http://www.w3.org/2001/XMLSchema-instance"
#define NS  "http://oval.mitre.org/XMLSchema/oval-definitions-5"
#define OVC "http://oval.mitre.org/XMLSchema/oval-common-5"

/* Tests and objects that all definitions share; those of a CVE have its number. */
enum {
	KERNEL_RUNS = 1,
	LEVEL_ENABLED = 2,
	LEVEL_SETTLED = 3,
};

static void put_escaped(struct vex_writer *w, const char *text)
{
	static const struct {
		char c;
		const char *xml;
	} marks[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" } };

	for (; *text; text++) {
		char plain[2] = { *text, '\0' };
		const char *out = plain;

		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
			if (marks[i].c == *text)
				out = marks[i].xml;
		vex_put(w, out);
	}
}

/* A text that a regular expression matches as it stands. */
static void put_literal(struct vex_writer *w, const char *text)
{
	for (; *text; text++) {
		char plain[2] = { *text, '\0' };

		if (strchr("\\^$.|?*+()[]{}", *text))
			vex_put(w, "\\");
		put_escaped(w, plain);
	}
}

_printf_(2, 3) static void put(struct vex_writer *w, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		w->failed = true;
		return;
	}
	vex_put(w, text);
	free(text);
}

static bool has_definition(const struct vex_statement *s)
{
	return s->status == VEX_AFFECTED || s->verdict == CVE_VERDICT_PATCHED;
}

/* Of CVE-2026-89603: 20260089603. */
static unsigned long long number_of(const struct vex_statement *s)
{
	return (unsigned long long)s->year * 10000000u + s->number;
}

static void put_definition(struct vex_writer *w, const struct vex_statement *s)
{
	const struct vex *v = w->vex;
	const unsigned long long n = number_of(s);
	char id[CVE_ID_MAX];

	cve_id_format(s->year, s->number, id);
	put(w,
	    "<definition id=\"oval:oakum:def:%llu\" version=\"1\" class=\"vulnerability\">"
	    "<metadata><title>%s",
	    n, id);
	if (s->title) {
		vex_put(w, ": ");
		put_escaped(w, vex_text(v, s->title));
	}
	put(w,
	    "</title><affected family=\"unix\"><product>linux</product></affected>"
	    "<reference source=\"CVE\" ref_id=\"%s\" "
	    "ref_url=\"https://www.cve.org/CVERecord?id=%s\"/><description>",
	    id, id);
	put_escaped(w, s->status == VEX_AFFECTED ? vex_text(v, s->action) : vex_text(v, s->notes));
	put(w,
	    "</description></metadata><criteria operator=\"AND\">"
	    "<criterion test_ref=\"oval:oakum:tst:%d\" comment=\"the kernel of this document "
	    "runs\"/><criteria operator=\"AND\" negate=\"true\" comment=\"closed by a level\">"
	    "<criterion test_ref=\"oval:oakum:tst:%d\" comment=\"a level is in the kernel\"/>"
	    "<criterion test_ref=\"oval:oakum:tst:%d\" comment=\"every task runs it\"/>"
	    "<criterion test_ref=\"oval:oakum:tst:%llu\" comment=\"it closes %s\"/></criteria>"
	    "</criteria></definition>\n",
	    KERNEL_RUNS, LEVEL_ENABLED, LEVEL_SETTLED, n, id);
}

static void put_test(struct vex_writer *w, unsigned long long n, const char *comment)
{
	put(w,
	    "<ind:textfilecontent54_test id=\"oval:oakum:tst:%llu\" version=\"1\" check=\"all\" "
	    "check_existence=\"at_least_one_exists\" comment=\"%s\"><ind:object "
	    "object_ref=\"oval:oakum:obj:%llu\"/></ind:textfilecontent54_test>\n",
	    n, comment, n);
}

/* @path: elements that say where. The pattern follows, and end_object(). */
static void begin_object(struct vex_writer *w, unsigned long long n, const char *path)
{
	put(w,
	    "<ind:textfilecontent54_object id=\"oval:oakum:obj:%llu\" version=\"1\">%s"
	    "<ind:pattern operation=\"pattern match\">",
	    n, path);
}

static void end_object(struct vex_writer *w)
{
	vex_put(w, "</ind:pattern><ind:instance datatype=\"int\">1</ind:instance>"
		   "</ind:textfilecontent54_object>\n");
}

#define LEVELS(file)                                                                            \
	"<ind:path operation=\"pattern match\">^/sys/kernel/livepatch/oakum_[0-9]+$</ind:path>" \
	"<ind:filename>" file "</ind:filename>"

/* The whole line of /proc/version names the build; what is known of it is release and package. */
static void put_shared_objects(struct vex_writer *w)
{
	const struct vex *v = w->vex;

	begin_object(w, KERNEL_RUNS, "<ind:filepath>/proc/version</ind:filepath>");
	vex_put(w, "^Linux version ");
	put_literal(w, v->kernel.release);
	vex_put(w, " .*");
	if (v->kernel.distribution == CVE_DISTRIBUTION_DEBIAN) {
		vex_put(w, " Debian ");
		put_literal(w, v->kernel.package);
		vex_put(w, "( |$)");
	}
	end_object(w);
	begin_object(w, LEVEL_ENABLED, LEVELS("enabled"));
	vex_put(w, "^1$");
	end_object(w);
	begin_object(w, LEVEL_SETTLED, LEVELS("transition"));
	vex_put(w, "^0$");
	end_object(w);
}

static void put_objects(struct vex_writer *w)
{
	const struct vex *v = w->vex;

	vex_put(w, "<objects>\n");
	put_shared_objects(w);
	for (size_t i = 0; i < v->n && !w->failed; i++) {
		char id[CVE_ID_MAX];

		if (!has_definition(&v->v[i]))
			continue;
		cve_id_format(v->v[i].year, v->v[i].number, id);
		begin_object(w, number_of(&v->v[i]),
			     "<ind:filepath>/run/oakum/cvelist</ind:filepath>");
		put(w, "^%s$", id);
		end_object(w);
	}
	vex_put(w, "</objects>\n");
}

static void put_tests(struct vex_writer *w)
{
	const struct vex *v = w->vex;

	vex_put(w, "<tests>\n");
	put_test(w, KERNEL_RUNS, "the kernel of this document runs");
	put_test(w, LEVEL_ENABLED, "a level is in the kernel");
	put_test(w, LEVEL_SETTLED, "every task runs it");
	for (size_t i = 0; i < v->n && !w->failed; i++)
		if (has_definition(&v->v[i]))
			put_test(w, number_of(&v->v[i]), "the level closes it");
	vex_put(w, "</tests>\n");
}

void vex_put_oval(struct vex_writer *w)
{
	const struct vex *v = w->vex;
	char first[DATE_TEXT_MAX], current[DATE_TEXT_MAX];
	bool any = false;

	vex_times(v, first, current);
	current[DATE_TEXT_MAX - 2] = '\0'; /* xsd:dateTime without a zone, as others write it */
	put(w,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<oval_definitions xmlns=\"" NS "\" xmlns:oval=\"" OVC "\" xmlns:ind=\"" NS
	    "#independent\" xmlns:xsi=\"" XSI "\" xsi:schemaLocation=\"" NS
	    " oval-definitions-schema.xsd " NS
	    "#independent independent-definitions-schema.xsd " OVC
	    " oval-common-schema.xsd\">\n<generator><oval:product_name>oakum"
	    "</oval:product_name><oval:product_version>" OAK_VERSION
	    "</oval:product_version><oval:schema_version>5.11.1</oval:schema_version>"
	    "<oval:timestamp>%s</oval:timestamp></generator>\n",
	    current);
	for (size_t i = 0; i < v->n; i++)
		any = any || has_definition(&v->v[i]);
	if (any) {
		vex_put(w, "<definitions>\n");
		for (size_t i = 0; i < v->n && !w->failed; i++)
			if (has_definition(&v->v[i]))
				put_definition(w, &v->v[i]);
		vex_put(w, "</definitions>\n");
		put_tests(w);
		put_objects(w);
	}
	vex_put(w, "</oval_definitions>\n");
}
