/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include "host/psi.h"

static bool near(double a, double b)
{
	return a - b < 0.001 && b - a < 0.001;
}

TEST(psi_parse_some)
{
	struct psi p = psi_parse("some avg10=12.34 avg60=1.00 avg300=0.50 total=987654321\n"
				 "full avg10=99.00 avg60=0.00 avg300=0.00 total=1\n");

	EXPECT(p.known && near(p.avg10, 12.34) && p.total_us == 987654321);
	p = psi_parse("some avg10=100.00 avg60=0.00 avg300=0.00 total=0");
	EXPECT(p.known && near(p.avg10, 100) && p.total_us == 0);
}

TEST(psi_parse_refuses)
{
	static const char *const cases[] = {
		"",
		"full avg10=1.00 avg60=0.00 avg300=0.00 total=1\n",
		"some avg10=1.00 avg60=0.00 avg300=0.00\nfull total=1\n",
		"some avg10=101.00 total=1\n",
		"some avg10=1.0 total=1\n",
		"some avg10=1.000 total=1\n",
		"some avg10=1 total=1\n",
		"some avg10=-1.00 total=1\n",
		"some avg10=.10 total=1\n",
		"some avg10=nan total=1\n",
		"some avg10=1.00 total=x\n",
		"some avg10=1.00 total=18446744073709551616\n",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i];
		EXPECT(!psi_parse(cases[i]).known);
	}
	test_case = NULL;
}

TEST(psi_read_by_name)
{
	_cleanup_(closep) int root = tree_new();

	EXPECT(!psi_read(root, PSI_IO).known);
	tree_put(root, "proc/pressure/memory", "some avg10=0.07 avg60=0.00 avg300=0.00 total=7\n");
	EXPECT(psi_read(root, PSI_MEMORY).known && psi_read(root, PSI_MEMORY).total_us == 7);
	EXPECT(!psi_read(root, PSI_CPU).known);
	EXPECT_STR(psi_name(PSI_CPU), "cpu");
	EXPECT_STR(psi_name(PSI_MEMORY), "memory");
	EXPECT_STR(psi_name(PSI_IO), "io");
}
