/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "host/impact.h"

#define PSI_TEXT(avg10, total) \
	"some avg10=" avg10 " avg60=0.00 avg300=0.00 total=" total "\nfull avg10=0.00 total=0\n"

static void nap_ms(unsigned ms)
{
	(void)nanosleep(&(struct timespec){ .tv_sec = ms / 1000,
					    .tv_nsec = (long)(ms % 1000) * 1000000 },
			NULL);
}

static bool near(double a, double b)
{
	return a - b < 0.001 && b - a < 0.001;
}

TEST(impact_measures_the_host)
{
	_cleanup_(closep) int root = tree_new();
	struct impact_run *run;
	struct impact i;

	tree_put(root, "proc/pressure/cpu", PSI_TEXT("1.50", "1000"));
	tree_put(root, "proc/pressure/io", PSI_TEXT("2.00", "5"));
	run = impact_begin(root);
	EXPECT(run);
	impact_transition(run, true);
	nap_ms(50);
	tree_put(root, "proc/pressure/cpu", PSI_TEXT("7.25", "2000"));
	nap_ms(300);
	tree_put(root, "proc/pressure/cpu", PSI_TEXT("3.00", "4500"));
	impact_end(run, &i);
	EXPECT(i.measured);
	EXPECT(i.total_ms >= 350);
	EXPECT(i.probes >= 1 && i.probes <= IMPACT_PROBES_MAX && i.probes <= i.cpus);
	EXPECT(i.gap_cpu >= 0 && i.gap_ms > 0);
	EXPECT(i.pending_1s == -1 && i.signalled == -1);
	EXPECT(i.psi[PSI_CPU].known && near(i.psi[PSI_CPU].before, 1.5));
	EXPECT(near(i.psi[PSI_CPU].during_max, 7.25) && near(i.psi[PSI_CPU].after, 3));
	EXPECT(i.psi[PSI_CPU].waited_us == 3500);
	EXPECT(i.psi[PSI_IO].known && i.psi[PSI_IO].waited_us == 0);
	EXPECT(!i.psi[PSI_MEMORY].known);
}

TEST(impact_ends_at_once)
{
	_cleanup_(closep) int root = tree_new();
	uint64_t start = clock_now_ns();
	struct impact i;

	for (size_t n = 0; n < 20; n++)
		impact_end(impact_begin(root), &i);
	/* Nobody waits for the sampler's 100 ms. */
	EXPECT(clock_seconds_since(start) < 1.5);
}

TEST(impact_counts_who_is_left_after_a_second)
{
	_cleanup_(closep) int root = tree_new();
	struct impact_run *run;
	struct impact i;

	tree_put(root, "proc/7/task/7/patch_state", "0\n");
	tree_put(root, "proc/7/task/8/patch_state", "0\n");
	tree_put(root, "proc/9/task/9/patch_state", "1\n");
	tree_put(root, "proc/10/task/10/patch_state", "-1\n");
	run = impact_begin(root);
	impact_transition(run, true);
	nap_ms(1400);
	impact_end(run, &i);
	EXPECT(i.pending_1s == 2);
	EXPECT(i.signalled == -1);
}

TEST(impact_that_could_not_begin)
{
	struct impact i = { .measured = true };

	impact_transition(NULL, true);
	impact_end(NULL, &i);
	EXPECT(!i.measured && i.gap_cpu == -1 && i.pending_1s == -1);
}

static void expect_json(const struct impact *i, const char *want)
{
	_cleanup_(json_decrefp) json_t *doc = impact_json(i), *parsed = NULL;
	struct oak_error err;

	EXPECT(json_parse(want, strlen(want), 4096, "want", &parsed, &err) == 0);
	if (!json_equal(doc, parsed)) {
		_cleanup_(freep) char *text = json_text(doc);

		EXPECT_STR(text, want);
	}
}

TEST(impact_as_json)
{
	struct impact i = {
		.measured = true,
		.load_ms = 1.5,
		.transition_ms = 2.5,
		.total_ms = 4.5,
		.gap_ms = 0.25,
		.gap_cpu = 3,
		.cpus = 8,
		.probes = 4,
		.pending_1s = 12,
		.signalled = -1,
		.psi[PSI_IO] = { .known = true,
				 .before = 1.5,
				 .during_max = 2.5,
				 .after = 0.5,
				 .waited_us = 1500 },
	};

	expect_json(&i, "{\"load_ms\": 1.5, \"transition_ms\": 2.5, \"total_ms\": 4.5,"
			"\"gap_ms\": 0.25, \"gap_cpu\": 3, \"cpus\": 8, \"probed\": 4,"
			"\"pending_1s\": 12, \"signalled\": null, \"psi\": {\"cpu\": null,"
			"\"memory\": null, \"io\": {\"before\": 1.5, \"during_max\": 2.5,"
			"\"after\": 0.5, \"waited_ms\": 1.5}}}");
	i.gap_cpu = -1;
	i.pending_1s = -1;
	i.psi[PSI_IO].known = false;
	expect_json(&i, "{\"load_ms\": 1.5, \"transition_ms\": 2.5, \"total_ms\": 4.5,"
			"\"gap_ms\": null, \"gap_cpu\": null, \"cpus\": 8, \"probed\": 4,"
			"\"pending_1s\": null, \"signalled\": null, \"psi\": {\"cpu\": null,"
			"\"memory\": null, \"io\": null}}");
}
