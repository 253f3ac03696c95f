/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/check.h"

#include <errno.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/tables.h"

static const struct audit_table end = { .n = 0 };

const struct audit_table *const audit_tables[] = {
	&audit_kernel_config, &audit_kernel_sysctl, &audit_kernel_cmdline,
	&audit_kernel_state,  &audit_host,          &audit_daemon,
	&audit_files,         &audit_settings,      &audit_swarm,
	&audit_images,        &audit_platform,      &audit_container_state,
	&audit_declared,      &audit_differs,       &end,
};

static const char *const verdict_names[AUDIT_VERDICTS] = {
	[AUDIT_FAIL] = "fail",       [AUDIT_WARN] = "warn", [AUDIT_CONFLICT] = "conflict",
	[AUDIT_UNKNOWN] = "unknown", [AUDIT_INFO] = "info", [AUDIT_INAPPLICABLE] = "not-applicable",
	[AUDIT_PASS] = "pass",
};

static const char *const severity_names[AUDIT_SEVERITIES] = {
	[AUDIT_LOW] = "low",
	[AUDIT_MEDIUM] = "medium",
	[AUDIT_HIGH] = "high",
	[AUDIT_CRITICAL] = "critical",
};

const char *audit_verdict_name(enum audit_verdict v)
{
	return verdict_names[v];
}

const char *audit_severity_name(enum audit_severity s)
{
	return severity_names[s];
}

int audit_severity_parse(const char *name, enum audit_severity *ret)
{
	for (unsigned i = 0; i < AUDIT_SEVERITIES; i++) {
		if (strcmp(name, severity_names[i]) == 0) {
			*ret = (enum audit_severity)i;
			return 0;
		}
	}
	return -EINVAL;
}

const struct audit_check *audit_check_by_id(const char *id, const struct audit_table **ret_table)
{
	for (size_t i = 0; audit_tables[i]->n; i++) {
		const struct audit_table *t = audit_tables[i];

		for (size_t k = 0; k < t->n; k++) {
			if (strcmp(t->rows[k].id, id) != 0)
				continue;
			if (ret_table)
				*ret_table = t;
			return &t->rows[k];
		}
	}
	return NULL;
}
