/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Success means complete: every string is there and fit for a path, a terminal, a report. */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "trust/manifest.h"

static void check_line(const char *text)
{
	FUZZ_CHECK(text);
	for (; *text; text++)
		FUZZ_CHECK((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void check_fix(const struct manifest_fix *fix)
{
	check_line(fix->id);
	check_line(fix->title);
	FUZZ_CHECK(strlen(fix->patch_sha256) == 64);
	for (size_t i = 0; i < fix->n_cve; i++)
		check_line(fix->cve[i]);
	for (size_t i = 0; i < fix->n_functions; i++) {
		check_line(fix->functions[i].object);
		check_line(fix->functions[i].name);
		check_line(fix->functions[i].proof);
	}
}

static void check_findings(const struct manifest_finding *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check_line(v[i].rule);
		check_line(v[i].symbol);
		check_line(v[i].why);
		check_line(v[i].text);
		FUZZ_CHECK(v[i].symbol[0] && strlen(v[i].text) <= 512);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	struct oak_error err = { .code = OAK_OK };
	char path[MANIFEST_PATH_MAX];
	int r = manifest_parse(data, size, "input", &m, &err);

	FUZZ_CHECK((r == 0) == (m != NULL));
	if (!m) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TOOLARGE);
		FUZZ_CHECK(strncmp(err.msg, "input: ", 7) == 0);
		return 0;
	}
	FUZZ_CHECK(strlen(m->kernel.build_id) == 40 && strlen(m->module.sha256) == 64);
	FUZZ_CHECK(m->level >= 1 && m->n_fixes >= 1);
	check_line(m->kernel.release);
	check_line(m->kernel.package_version);
	check_line(m->channel);
	check_line(m->module.vermagic);
	for (size_t i = 0; i < m->n_fixes; i++)
		check_fix(&m->fixes[i]);
	check_findings(m->accepted, m->n_accepted);
	check_findings(m->warnings, m->n_warnings);
	manifest_level_path(m, path);
	FUZZ_CHECK(strlen(path) < MANIFEST_PATH_MAX - 1 && !strstr(path, "/.."));
	return 0;
}
