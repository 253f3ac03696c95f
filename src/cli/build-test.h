/* SPDX-License-Identifier: GPL-2.0-or-later */
/* build-test: the result of "oakum-build test" for people and for programs. */
#ifndef OAK_CLI_BUILD_TEST_H
#define OAK_CLI_BUILD_TEST_H

#include "build/vm.h"
#include "cli/cli.h"

/* One row a level: passed or not, times, and the probe's verdicts; then each problem. */
void build_test_print(const struct cli *cli, const struct vm_options *opt,
		      const struct vm_result *res);

/* {"verdict","kernel","seconds",...,"levels":[{...,"steps":[...]}],"problems":[...]} */
json_t *build_test_json(const struct kernel *k, const struct vm_options *opt,
			const struct vm_result *res);

/* Levels with no problem of their own, and none that belongs to no step. */
size_t build_test_passed(const struct vm_options *opt, const struct vm_result *res);

#endif
