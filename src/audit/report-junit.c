/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JUnit's XML as build servers read it: a suite a group, a case a finding. A warning passes, and
 * says so in the output; what is unknown, accepted or does not apply is skipped.
 */
#include "audit/report.h"

#include "base/cleanup.h"

/* Text for an attribute or an element; what XML 1.0 has no character for is "?". */
static int add_text(struct buf *b, const char *text)
{
	int r = 0;

	for (; r == 0 && *text; text++) {
		switch (*text) {
		case '<':
			r = buf_add_str(b, "&lt;");
			break;
		case '>':
			r = buf_add_str(b, "&gt;");
			break;
		case '&':
			r = buf_add_str(b, "&amp;");
			break;
		case '"':
			r = buf_add_str(b, "&quot;");
			break;
		default:
			r = buf_add(b, (unsigned char)*text < ' ' && *text != '\n' ? "?" : text, 1);
		}
	}
	return r;
}

static int add_seen(struct buf *b, const struct finding *f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->n_seen; i++) {
		r = add_text(b, f->seen[i].file);
		if (r == 0)
			r = buf_add_str(b, ": ");
		if (r == 0)
			r = add_text(b, f->seen[i].value);
		if (r == 0)
			r = buf_add_str(b, "\n");
	}
	return r;
}

static bool is_failure(const struct finding *f)
{
	return f->verdict == AUDIT_FAIL && !f->accepted;
}

static bool is_skipped(const struct finding *f)
{
	return f->accepted || f->verdict == AUDIT_UNKNOWN || f->verdict == AUDIT_INAPPLICABLE;
}

/* <element ...>evidence</element> */
static int add_body(struct buf *b, const struct finding *f)
{
	const char *element = "system-out";
	int r;

	if (is_failure(f))
		element = "failure";
	else if (is_skipped(f))
		element = "skipped";
	r = buf_printf(b, "      <%s", element);
	if (r == 0 && element[0] != 's')
		r = buf_printf(b, " type=\"%s\"", audit_severity_name(f->check->severity));
	if (r == 0 && (is_failure(f) || is_skipped(f))) {
		r = buf_add_str(b, " message=\"");
		if (r == 0)
			r = add_text(b, f->accepted ? f->accepted : f->check->why);
		if (r == 0)
			r = buf_add_str(b, "\"");
	}
	if (r == 0)
		r = buf_printf(b, ">%s: ", audit_verdict_name(f->verdict));
	if (r == 0)
		r = add_seen(b, f);
	return r == 0 ? buf_printf(b, "</%s>\n", element) : r;
}

static int add_case(struct buf *b, const struct finding *f)
{
	int r = buf_printf(b, "    <testcase classname=\"%s\" name=\"", f->table->group);

	if (r == 0)
		r = add_text(b, f->check->id);
	if (r == 0)
		r = buf_add_str(b, " ");
	if (r == 0)
		r = add_text(b, f->check->title);
	if (r == 0)
		r = buf_add_str(b, " (");
	if (r == 0)
		r = add_text(b, f->subject);
	if (r == 0)
		r = buf_add_str(b, ")\">\n");
	if (r == 0)
		r = add_body(b, f);
	return r == 0 ? buf_add_str(b, "    </testcase>\n") : r;
}

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int out_suite(const struct finding *f, size_t n, report_out *out, void *ctx,
		     struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	size_t failures = 0, skipped = 0;
	int r;

	for (size_t i = 0; i < n; i++) {
		failures += is_failure(&f[i]);
		skipped += is_skipped(&f[i]);
	}
	if (buf_printf(&b,
		       "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
		       "skipped=\"%zu\">\n",
		       f->table->group, n, failures, skipped) < 0)
		return out_of_memory(err);
	r = out(ctx, buf_str(&b), err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		b.len = 0;
		r = add_case(&b, &f[i]) < 0 ? out_of_memory(err) : out(ctx, buf_str(&b), err);
	}
	return r == 0 ? out(ctx, "  </testsuite>\n", err) : r;
}

int report_junit(const struct audit *a, report_out *out, void *ctx, struct oak_error *err)
{
	int r = out(ctx,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<testsuites name=\"oakum audit\">\n",
		    err);

	for (size_t i = 0, k; r == 0 && i < a->n; i = k) {
		for (k = i + 1; k < a->n && a->findings[k].table == a->findings[i].table;)
			k++;
		r = out_suite(&a->findings[i], k - i, out, ctx, err);
	}
	return r == 0 ? out(ctx, "</testsuites>\n", err) : r;
}
