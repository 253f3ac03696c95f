/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-proc.h"

#include "host/container.h"

/* Ports of the host, as "protocol address host container". */
static void expect_published(int root, const char *cgroup, const char *want)
{
	_cleanup_(container_list_free) struct container_list l = { 0 };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	tree_drop(root, "proc");
	proc_new_host(root);
	proc_new(root, 50, cgroup, "\t1");
	EXPECT(container_list_read(root, &l, &err) == 0);
	EXPECT(l.n == 1);
	for (size_t i = 0; i < l.containers[0].published.n; i++) {
		const struct published_port *p = &l.containers[0].published.v[i];
		char address[PUBLISHED_ADDRESS_MAX];

		published_address(p, address);
		EXPECT(buf_printf(&b, "%s%s %s %u %u", i ? ", " : "",
				  published_protocol_name(p->protocol), address, p->host,
				  p->container) == 0);
	}
	EXPECT_STR(buf_str(&b), want);
}

TEST(container_of_docker_has_published_ports)
{
	_cleanup_(closep) int root = tree_new();

	tree_put(root, "var/lib/docker/containers/" ID_A "/config.v2.json",
		 "{\"NetworkSettings\": {\"Ports\": {\"443/tcp\": null, \"x\": [], \"0/tcp\": [{}], "
		 "\"80/tcp\": [{\"HostIp\": \"0.0.0.0\", \"HostPort\": \"8080\"}, "
		 "{\"HostIp\": \"::\", \"HostPort\": \"8080\"}, {\"HostPort\": \"70000\"}, "
		 "{\"HostIp\": \"here\", \"HostPort\": \"1\"}], "
		 "\"53/udp\": [{\"HostIp\": \"\", \"HostPort\": \"5353\"}]}}}");
	expect_published(root, "0::/system.slice/docker-" ID_A ".scope\n",
			 "tcp 0.0.0.0 8080 80, tcp :: 8080 80, udp  5353 53");
}

TEST(container_with_cni_has_published_ports)
{
	_cleanup_(closep) int root = tree_new();

	tree_put(root, "var/lib/cni/results/podman-" ID_A "-eth0",
		 "{\"kind\": \"cniCacheV1\", \"containerId\": \"" ID_A "\", \"capabilityArgs\": {"
		 "\"portMappings\": [{\"hostPort\": 8443, \"containerPort\": 443, \"protocol\": "
		 "\"tcp\", \"hostIP\": \"127.0.0.1\"}, {\"hostPort\": -1, \"containerPort\": 1, "
		 "\"protocol\": \"tcp\"}, 7]}}");
	tree_put(root, "var/lib/cni/results/damaged", "{");
	expect_published(root, "0::/machine.slice/libpod-" ID_A ".scope\n",
			 "tcp 127.0.0.1 8443 443");
	expect_published(root, "0::/machine.slice/libpod-" ID_B ".scope\n", "");
}
