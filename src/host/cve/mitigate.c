/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cve/mitigate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "host/number.h"
#include "trust/cve/record.h"
#include "trust/date.h"

#define LIST_BYTES_MAX (1u << 20)
#define FILE_BYTES_MAX (64u << 10)
#define MODULES_MAX    16u
#define PATH_BYTES     128

/*
 * Switches that narrow the way to code in these files, for those without rights: the value is set where
 * the present one is below it. All can be set back at run time.
 *
 * Source: Documentation/admin-guide/sysctl/{kernel,vm}.rst; kernel.perf_event_paranoid = 3 is Debian's.
 */
static const struct {
	const char *below; /* files */
	const char *name;
	uint32_t value;
} switches[] = {
	{ "kernel/bpf/", "kernel.unprivileged_bpf_disabled", 2 },
	{ "kernel/events/", "kernel.perf_event_paranoid", 3 },
	{ "io_uring/", "kernel.io_uring_disabled", 1 },
	{ "fs/io_uring", "kernel.io_uring_disabled", 1 },
};

#define N_SWITCHES (sizeof(switches) / sizeof(switches[0]))

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int mitigate_read(int root, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	_cleanup_(buf_free) struct buf text = { 0 };
	json_t *list, *entry;
	size_t i;
	int r = file_read(root, MITIGATE_PATH, LIST_BYTES_MAX, &text, err);

	if (r == -OAK_E_NOTFOUND) {
		*ret = json_array();
		return *ret ? 0 : out_of_memory(err);
	}
	if (r == 0)
		r = json_parse(text.data, text.len, LIST_BYTES_MAX, "/" MITIGATE_PATH, &doc, err);
	if (r < 0)
		return r;
	list = json_object_get(doc, "mitigations");
	json_array_foreach(list, i, entry)
	{
		uint32_t year, number;
		const char *cve = json_get_str(entry, "cve");

		/* It becomes a part of file names. */
		if (!cve || cve_id_parse(cve, &year, &number) < 0)
			list = NULL;
	}
	if (!json_is_array(list))
		return oak_fail(err, OAK_E_FORMAT,
				"/" MITIGATE_PATH ": not as oakum writes it; look at it, and take "
				"it away");
	*ret = json_incref(list);
	return 0;
}

static int write_list(int root, json_t *list, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *doc = NULL;
	_cleanup_(freep) char *text = NULL;

	if (!json_array_size(list))
		return tree_remove(root, MITIGATE_PATH, err);
	doc = json_pack("{s:i, s:O}", "schema", 1, "mitigations", list);
	text = doc ? json_text(doc) : NULL;
	if (!text)
		return out_of_memory(err);
	return file_write(root, MITIGATE_PATH, text, strlen(text), 0644, err);
}

static size_t index_of(const json_t *list, const char *cve)
{
	size_t i = 0;

	while (i < json_array_size(list) &&
	       strcmp(json_get_str(json_array_get(list, i), "cve"), cve) != 0)
		i++;
	return i;
}

/* --- files and switches */

static void file_of(const char *dir, const char *cve, char ret[PATH_BYTES])
{
	(void)snprintf(ret, PATH_BYTES, "%s/50-oakum-%s.conf", dir, cve);
}

/* "kernel.perf_event_paranoid" is proc/sys/kernel/perf_event_paranoid. */
static void switch_path(const char *name, char ret[PATH_BYTES])
{
	(void)snprintf(ret, PATH_BYTES, "proc/sys/%s", name);
	for (char *c = ret; *c; c++)
		if (*c == '.')
			*c = '/';
}

static int write_switch(int root, const char *name, const char *value, struct oak_error *err)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_BYTES];
	size_t len = strlen(value);

	switch_path(name, path);
	fd = openat(root, path, O_WRONLY | O_CLOEXEC | O_TRUNC);
	if (fd < 0 || write(fd, value, len) != (ssize_t)len)
		return oak_fail_errno(err, errno, "/%s", path);
	return 0;
}

static int modules_text(const json_t *entry, struct buf *ret)
{
	const json_t *modules = json_object_get(entry, "modules");
	int r = buf_printf(
		ret,
		"# Written by \"oakum cves mitigate %s\". It goes away by itself when a\n"
		"# level that fixes it is live, and by \"oakum cves mitigate --undo %s\".\n",
		json_get_str(entry, "cve"), json_get_str(entry, "cve"));

	for (size_t i = 0; r == 0 && i < json_array_size(modules); i++) {
		const char *name = json_string_value(json_array_get(modules, i));

		/* Where a module has soft dependencies modprobe heeds no install line. */
		r = buf_printf(ret, "blacklist %s\nsoftdep %s pre:\ninstall %s /bin/false\n", name,
			       name, name);
	}
	return r;
}

static int sysctls_text(const json_t *entry, struct buf *ret)
{
	const json_t *sysctls = json_object_get(entry, "sysctls");
	int r = buf_printf(ret, "# Written by \"oakum cves mitigate %s\"; see modprobe.d beside.\n",
			   json_get_str(entry, "cve"));

	for (size_t i = 0; r == 0 && i < json_array_size(sysctls); i++) {
		const json_t *s = json_array_get(sysctls, i);

		r = buf_printf(ret, "%s = %s\n", json_get_str(s, "name"), json_get_str(s, "after"));
	}
	return r;
}

/* The two files: where, which member of an entry they are of, and what stands in them. */
static const struct {
	const char *dir, *member;
	int (*text)(const json_t *entry, struct buf *ret);
} files[] = {
	{ MITIGATE_MODULES_DIR, "modules", modules_text },
	{ MITIGATE_SYSCTLS_DIR, "sysctls", sysctls_text },
};

static int write_files(int root, const json_t *entry, struct oak_error *err)
{
	const json_t *sysctls = json_object_get(entry, "sysctls");
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(files) / sizeof(files[0]); i++) {
		_cleanup_(buf_free) struct buf text = { 0 };
		char path[PATH_BYTES];

		if (!json_array_size(json_object_get(entry, files[i].member)))
			continue;
		if (files[i].text(entry, &text) < 0)
			return out_of_memory(err);
		file_of(files[i].dir, json_get_str(entry, "cve"), path);
		r = dir_make(root, files[i].dir, err);
		if (r == 0)
			r = file_write(root, path, text.data, text.len, 0644, err);
	}
	for (size_t i = 0; r == 0 && i < json_array_size(sysctls); i++) {
		const json_t *s = json_array_get(sysctls, i);

		r = write_switch(root, json_get_str(s, "name"), json_get_str(s, "after"), err);
	}
	return r;
}

/* --- what there is to do */

static int add_module(json_t *modules, const struct built_why *why)
{
	char name[128];

	built_module_name(why->module, name, sizeof(name));
	for (size_t i = 0; i < json_array_size(modules); i++)
		if (strcmp(json_string_value(json_array_get(modules, i)), name) == 0)
			return 0;
	return json_array_append_new(modules, json_string(name));
}

/* A switch that is there and stands below what helps. */
static int add_switch(int root, json_t *sysctls, size_t i)
{
	_cleanup_(freep) char *now = NULL;
	char path[PATH_BYTES], after[16];
	uint32_t n;

	switch_path(switches[i].name, path);
	if (file_read_line(root, path, &now, NULL) < 0)
		return 0;
	/* "-1": no limit at all. */
	if (strcmp(now, "-1") != 0 && (number_parse_u32(now, &n) < 0 || n >= switches[i].value))
		return 0;
	for (size_t k = 0; k < json_array_size(sysctls); k++)
		if (strcmp(json_get_str(json_array_get(sysctls, k), "name"), switches[i].name) == 0)
			return 0;
	(void)snprintf(after, sizeof(after), "%u", switches[i].value);
	return json_array_append_new(sysctls, json_pack("{s:s, s:s, s:s}", "name", switches[i].name,
							"before", now, "after", after));
}

static int look_at_files(int root, const struct cve_host *h, const struct cve_db *db,
			 const struct cve_file_record *r, json_t *entry)
{
	json_t *modules = json_object_get(entry, "modules");
	json_t *sysctls = json_object_get(entry, "sysctls");
	int failed = 0;

	for (uint32_t i = 0; i < r->n_files; i++) {
		const struct cve_file_path *path = cve_db_path(db, r, i);
		const char *name = cve_db_text(db, path->name);
		const struct built_why why = built_file(&h->built, db, path);

		if (why.state == BUILT_UNLOADED && json_array_size(modules) < MODULES_MAX)
			failed |= add_module(modules, &why);
		for (size_t k = 0; k < N_SWITCHES; k++)
			if (strncmp(name, switches[k].below, strlen(switches[k].below)) == 0)
				failed |= add_switch(root, sysctls, k);
	}
	return failed;
}

static bool is_over(enum cve_verdict v)
{
	return v == CVE_VERDICT_PATCHED || v == CVE_VERDICT_FIXED ||
	       v == CVE_VERDICT_NOT_AFFECTED || v == CVE_VERDICT_NONE;
}

static int make_entry(int root, const struct cve_host *h, const struct cve_db *db,
		      const struct cve_file_record *r, json_t **ret, struct oak_error *err)
{
	const struct cve_judgement j = cve_judge(h, db, r);
	_cleanup_(json_decrefp) json_t *entry = NULL;
	char cve[CVE_ID_MAX], since[DATE_TEXT_MAX];

	cve_id_format(r->year, r->number, cve);
	if (is_over(j.verdict) || j.verdict == CVE_VERDICT_NOT_BUILT ||
	    j.verdict == CVE_VERDICT_BLOCKED)
		return oak_fail(err, OAK_E_NOTHING, "%s is %s: there is nothing to close", cve,
				cve_verdict_name(j.verdict));
	date_format((int64_t)time(NULL), since);
	entry = json_pack("{s:s, s:s, s:[], s:[]}", "cve", cve, "since", since, "modules",
			  "sysctls");
	if (!entry || look_at_files(root, h, db, r, entry) < 0)
		return out_of_memory(err);
	if (!json_array_size(json_object_get(entry, "modules")) &&
	    !json_array_size(json_object_get(entry, "sysctls")))
		return oak_fail(err, OAK_E_REFUSED,
				"%s: its code is part of the kernel or in modules that are loaded, "
				"and no switch keeps others away from it: 'oakum cves %s' says what "
				"ends it",
				cve, cve);
	*ret = take_ptr(entry);
	return 0;
}

int mitigate_apply(int root, const struct cve_host *h, const struct cve_db *db,
		   const struct cve_file_record *r, json_t **ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = NULL, *entry = NULL;
	char cve[CVE_ID_MAX];
	int failed = mitigate_read(root, &list, err);

	if (failed < 0)
		return failed;
	cve_id_format(r->year, r->number, cve);
	if (index_of(list, cve) < json_array_size(list))
		return oak_fail(err, OAK_E_NOTHING, "%s is mitigated already", cve);
	if (json_array_size(list) >= MITIGATE_MAX)
		return oak_fail(err, OAK_E_REFUSED, "%u CVEs are mitigated, and no more can be",
				MITIGATE_MAX);
	failed = make_entry(root, h, db, r, &entry, err);
	if (failed < 0)
		return failed;
	/* Written first: what a crash leaves can be undone. */
	if (json_array_append(list, entry) < 0)
		return out_of_memory(err);
	failed = write_list(root, list, err);
	if (failed == 0)
		failed = write_files(root, entry, err);
	if (failed < 0)
		return failed;
	*ret = take_ptr(entry);
	return 0;
}

/* --- and back */

/* Is the file as it was written? One that is gone is. */
static int check_file(int root, const json_t *entry, size_t i, bool *ret_there,
		      struct oak_error *err)
{
	_cleanup_(buf_free) struct buf now = { 0 }, want = { 0 };
	char path[PATH_BYTES];
	int r;

	file_of(files[i].dir, json_get_str(entry, "cve"), path);
	r = file_read(root, path, FILE_BYTES_MAX, &now, err);
	*ret_there = r == 0;
	if (r == -OAK_E_NOTFOUND)
		return 0;
	if (r == 0 && files[i].text(entry, &want) < 0)
		return out_of_memory(err);
	if (r == 0 && strcmp(buf_str(&now), buf_str(&want)) != 0)
		return oak_fail(err, OAK_E_REFUSED,
				"/%s was changed by another hand: look at it, and take it away",
				path);
	return r;
}

static int remove_files(int root, const json_t *entry, struct oak_error *err)
{
	bool there[2] = { false };
	int r = 0;

	for (size_t i = 0; r == 0 && i < 2; i++)
		r = check_file(root, entry, i, &there[i], err);
	for (size_t i = 0; r == 0 && i < 2; i++) {
		char path[PATH_BYTES];

		file_of(files[i].dir, json_get_str(entry, "cve"), path);
		if (!there[i])
			continue;
		if (unlinkat(root, path, 0) < 0 && errno != ENOENT)
			return oak_fail_errno(err, errno, "/%s", path);
		r = file_sync_entry(root, path, err);
	}
	return r;
}

/* The first of the others that set the same switch. */
static json_t *other_of(const json_t *list, const json_t *entry, const char *name)
{
	size_t i, k;
	json_t *other, *s;

	json_array_foreach((json_t *)(uintptr_t)list, i, other)
	{
		if (other == entry)
			continue;
		json_array_foreach(json_object_get(other, "sysctls"), k, s)
		{
			const char *theirs = json_get_str(s, "name");

			if (theirs && strcmp(theirs, name) == 0)
				return s;
		}
	}
	return NULL;
}

static bool is_known(const char *name)
{
	for (size_t i = 0; name && i < N_SWITCHES; i++)
		if (strcmp(switches[i].name, name) == 0)
			return true;
	return false;
}

/* A switch that somebody else turned since is theirs. */
static int put_back(int root, const json_t *list, const json_t *entry, const json_t *s,
		    struct oak_error *err)
{
	const char *name = json_get_str(s, "name"), *before = json_get_str(s, "before");
	const char *after = json_get_str(s, "after");
	_cleanup_(freep) char *now = NULL;
	char path[PATH_BYTES];
	json_t *other;

	if (!is_known(name) || !before || !after)
		return oak_fail(err, OAK_E_FORMAT, "/" MITIGATE_PATH ": no switch of ours");
	other = other_of(list, entry, name);
	if (other)
		return json_object_set_new(other, "before", json_string(before)) < 0
			       ? out_of_memory(err)
			       : 0;
	switch_path(name, path);
	if (file_read_line(root, path, &now, NULL) < 0 || strcmp(now, after) != 0)
		return 0;
	return write_switch(root, name, before, err);
}

static int take_back(int root, json_t *list, size_t at, struct oak_error *err)
{
	json_t *entry = json_array_get(list, at), *s;
	int r = remove_files(root, entry, err);
	size_t i;

	json_array_foreach(json_object_get(entry, "sysctls"), i, s)
	{
		if (r == 0)
			r = put_back(root, list, entry, s, err);
	}
	if (r < 0)
		return r;
	(void)json_array_remove(list, at);
	return write_list(root, list, err);
}

int mitigate_undo(int root, const char *cve, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = NULL;
	size_t at;
	int r = mitigate_read(root, &list, err);

	if (r < 0)
		return r;
	at = index_of(list, cve);
	if (at == json_array_size(list))
		return oak_fail(err, OAK_E_NOTFOUND, "%.32s is not mitigated here", cve);
	return take_back(root, list, at, err);
}

/* One that the database does not know stays: nobody says that it is over. */
static bool has_ended(const struct cve_host *h, const struct cve_db *db, const json_t *entry,
		      const char **ret_verdict)
{
	const struct cve_file_record *r;
	uint32_t year, number;
	enum cve_verdict v;

	if (cve_id_parse(json_get_str(entry, "cve"), &year, &number) < 0)
		return false;
	r = cve_db_find(db, year, number);
	if (!r)
		return false;
	v = cve_judge(h, db, r).verdict;
	*ret_verdict = cve_verdict_name(v);
	return is_over(v);
}

int mitigate_lift(int root, const struct cve_host *h, const struct cve_db *db,
		  const struct mitigate_told *told, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *list = NULL;
	int n = 0, r = mitigate_read(root, &list, err);

	if (r < 0)
		return r;
	for (size_t i = json_array_size(list); i-- > 0;) {
		char cve[CVE_ID_MAX], text[256];
		const char *verdict = "";
		struct oak_error why;

		if (!has_ended(h, db, json_array_get(list, i), &verdict))
			continue;
		(void)snprintf(cve, sizeof(cve), "%s", json_get_str(json_array_get(list, i), "cve"));
		r = take_back(root, list, i, &why);
		n += r == 0;
		(void)snprintf(text, sizeof(text), "%s is %s: its mitigation %s%.160s", cve,
			       verdict,
			       r == 0 ? "was lifted" : "is not lifted: ", r == 0 ? "" : why.msg);
		if (told)
			told->line(told->ctx, cve, text);
	}
	return n;
}
