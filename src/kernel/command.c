/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/command.h"

#include <string.h>

#include "base/cleanup.h"

int command_check(const char *name, const struct process_result *result, struct oak_error *err)
{
	const char *text = buf_str(&result->err), *line;
	size_t len = strlen(text);

	if (result->status == 0)
		return 0;
	while (len && text[len - 1] == '\n')
		len--;
	line = memrchr(text, '\n', len);
	line = line ? line + 1 : text;
	if (len == 0)
		return oak_fail(err, OAK_E_FAILED, "%s failed with status %d", name, result->status);
	return oak_fail(err, OAK_E_FAILED, "%s failed with status %d: %.*s", name, result->status,
			(int)(text + len - line), line);
}

int command_run(const char *const *argv, const struct process_options *opt, struct oak_error *err)
{
	_cleanup_(process_result_free) struct process_result out = { 0 };
	int r = process_run(argv, opt, &out, err);

	return r < 0 ? r : command_check(argv[0], &out, err);
}
