/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of a host that the audit reads: rules of auditd, groups, arguments of a process, lists and
 * changelogs of packages, steps of an image, versions. The first byte says which.
 */
#include "fuzz.h"

#include <string.h>

#include "audit/audit-rules.h"
#include "audit/dpkg.h"
#include "audit/flags.h"
#include "audit/history.h"
#include "audit/images.h"
#include "audit/users.h"
#include "audit/version.h"
#include "base/cleanup.h"

/* What is found lies within the text. */
static void try_rules(const char *text)
{
	const char *line = text;
	size_t len = 0;

	if (audit_rules_watch(text, "/etc/docker", &line, &len))
		FUZZ_CHECK(line >= text && line + len <= text + strlen(text));
}

static void try_users(const char *text)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	uint32_t gid;

	if (users_group_id(text, "docker", &gid) == 0)
		FUZZ_CHECK(users_of_group(text, text, "docker", &b) == 0);
	FUZZ_CHECK(b.len <= 2 * strlen(text) + 1);
}

/* As many values as there are words, at most; each within the text. */
static void try_flags(const char *text, size_t len)
{
	static const struct flag flag = { "host", 'H', false }, toggle = { "icc", 'i', true };
	const struct flag_words argv = { text, len };
	size_t i = 0;

	for (const char *v; (v = flag_value(&argv, &flag, i)); i++)
		FUZZ_CHECK(!*v || (v >= text && v < text + len));
	FUZZ_CHECK(i <= len + 1);
	(void)flag_is_true(flag_value(&argv, &toggle, 0), true);
}

static void try_packages(const char *text)
{
	char version[DPKG_VERSION_MAX] = "";

	if (dpkg_version(text, "runc", version))
		FUZZ_CHECK(version[0] && strlen(version) < sizeof(version));
	(void)dpkg_list_has(text, "/usr/bin/runc");
	if (dpkg_changelog_names(text, "CVE-2024-21626", version, sizeof(version)))
		FUZZ_CHECK(strlen(version) < sizeof(version));
}

/* An order: what is before something is not after it. */
static void try_versions(const char *text)
{
	const char *other = strchr(text, '\n');
	_cleanup_(freep) char *first = strndup(text, other ? (size_t)(other - text) : strlen(text));
	char upstream[VERSION_MAX];
	int d, e;

	FUZZ_CHECK(first);
	other = other ? other + 1 : "1.2.3";
	d = version_compare(first, other);
	e = version_compare(other, first);
	FUZZ_CHECK((d > 0) == (e < 0) && (d < 0) == (e > 0));
	FUZZ_CHECK(version_compare(first, first) == 0);
	version_upstream(first, upstream, sizeof(upstream));
	FUZZ_CHECK(strlen(upstream) < sizeof(upstream));
	(void)image_age_days(first, 1795000000);
}

/* Who fetches adds; nothing does both. */
static void try_history(const char *text)
{
	bool fetches = false, adds = history_adds(text, &fetches);

	FUZZ_CHECK(adds || !fetches);
	(void)history_only_updates(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = NULL;

	if (!size)
		return 0;
	text = malloc(size);
	FUZZ_CHECK(text);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0]) {
	case 'r':
		try_rules(text);
		break;
	case 'u':
		try_users(text);
		break;
	case 'f':
		try_flags(text, size - 1);
		break;
	case 'p':
		try_packages(text);
		break;
	case 'h':
		try_history(text);
		break;
	default:
		try_versions(text);
		break;
	}
	return 0;
}
