/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/needs.h"

#include <string.h>

#include "base/file.h"
#include "host/modules/word.h"

#define LIST(...)                 \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

/* Netfilter by its modules: any of the engines' rules may come through iptables or nftables. */
static const struct needs_group groups[] = {
	{ "storage", "layers and volumes of images", true, NULL,
	  LIST("overlay", "fuse", "loop", "ext4", "dm_thin_pool") },
	{ "bridge", "networks of containers on one host", true, NULL,
	  LIST("veth", "bridge", "stp", "llc", "br_netfilter", "nf_conntrack", "nf_nat",
	       "nf_defrag_ipv4", "nf_defrag_ipv6", "nf_conntrack_netlink", "nfnetlink", "xfrm_user",
	       "xfrm_algo", "x_tables", "ip_tables", "ip6_tables", "iptable_filter", "iptable_nat",
	       "iptable_mangle", "iptable_raw", "ip6table_filter", "ip6table_nat", "ip6table_mangle",
	       "ip6table_raw", "xt_conntrack", "xt_addrtype", "xt_MASQUERADE", "xt_nat", "xt_mark",
	       "xt_connmark", "xt_comment", "xt_tcpudp", "xt_multiport", "xt_set", "xt_REDIRECT",
	       "xt_LOG", "xt_limit", "xt_state", "ipt_REJECT", "ip6t_REJECT", "nf_reject_*",
	       "nf_tables", "nft_compat", "nft_ct", "nft_nat", "nft_masq", "nft_redir",
	       "nft_reject*", "nft_chain_nat", "nft_fib*", "nft_counter", "nft_limit", "nft_log",
	       "nft_numgen", "nft_hash", "nft_objref", "ip_set", "ip_set_hash_*", "tun", "udp_diag",
	       "tcp_diag", "inet_diag", "unix_diag", "netlink_diag") },
	{ "macvlan", "networks of containers on the host's own links", true, NULL,
	  LIST("macvlan", "macvtap", "ipvlan", "ipvtap", "dummy", "8021q", "garp", "mrp") },
	{ "swarm", "networks over several hosts", false,
	  LIST("var/lib/docker/swarm/docker-state.json", "var/lib/docker/swarm/state.json"),
	  LIST("vxlan", "ip_vs", "ip_vs_rr", "xt_ipvs", "xt_policy", "xt_bpf", "xt_u32", "esp4",
	       "xfrm_user", "xfrm_algo", "udp_tunnel", "ip6_udp_tunnel") },
	{ "kubernetes", "kube-proxy and network plugins", false,
	  LIST("var/lib/kubelet", "etc/kubernetes", "var/lib/rancher", "var/snap/microk8s"),
	  LIST("ip_vs", "ip_vs_*", "ip_set", "ip_set_*", "xt_*", "nft_*", "vxlan", "geneve", "ipip",
	       "tunnel4", "wireguard", "sch_ingress", "sch_fq", "cls_bpf", "act_bpf", "openvswitch",
	       "vport_geneve", "vport_vxlan", "esp4", "esp6", "nfnetlink_*", "tcp_bbr", "ifb") },
	{ "volumes", "storage over the network", false,
	  LIST("var/lib/kubelet", "var/lib/rancher", "etc/iscsi/initiatorname.iscsi", "etc/ceph"),
	  LIST("nfs", "nfsv3", "nfsv4", "ceph", "rbd", "iscsi_tcp", "libiscsi*",
	       "scsi_transport_iscsi", "target_core_*", "dm_multipath", "cifs", "xfs", "9p",
	       "virtiofs") },
	{ "sandbox", "containers in virtual machines", false,
	  LIST("usr/bin/kata-runtime", "opt/kata", "usr/bin/firecracker",
	       "usr/bin/qemu-system-x86_64"),
	  LIST("kvm", "kvm_intel", "kvm_amd", "vhost*", "tun", "vsock", "vmw_vsock_*", "vfio*") },
};

/* Not only of the modules that could be blocked: a name may be given by hand. */
static const struct {
	const char *pattern, *why;
} guarded[] = {
	{ "virtio", "devices of a virtual machine" },
	{ "virtio_*", "devices of a virtual machine" },
	{ "vmw_pvscsi", "devices of a virtual machine" },
	{ "vmxnet3", "devices of a virtual machine" },
	{ "hv_storvsc", "devices of a virtual machine" },
	{ "hv_netvsc", "devices of a virtual machine" },
	{ "hv_vmbus", "devices of a virtual machine" },
	{ "xen_*", "devices of a virtual machine" },
	{ "dm_*", "disks by the device mapper" },
	{ "raid*", "disks of a RAID" },
	{ "md_mod", "disks of a RAID" },
	{ "nvme", "disks" },
	{ "nvme_core", "disks" },
	{ "ahci", "disks" },
	{ "sd_mod", "disks" },
	{ "ext4", "the usual file system of the root" },
	{ "jbd2", "the usual file system of the root" },
	{ "mbcache", "the usual file system of the root" },
	{ "overlay", "the file system of containers" },
	{ "autofs4", "mounts of systemd" },
	{ "efivarfs", "boot entries of the firmware" },
	{ "vfat", "the partition of the firmware" },
	{ "fat", "the partition of the firmware" },
	{ "isofs", "the drive by which a cloud configures its machines" },
	{ "udf", "the drive by which a cloud configures its machines" },
	{ "nls_ascii", "the partition of the firmware" },
	{ "nls_cp437", "the partition of the firmware" },
	{ "nls_utf8", "the partition of the firmware" },
	{ "nls_iso8859_1", "the partition of the firmware" },
	{ "hid", "the console's keyboard" },
	{ "hid_generic", "the console's keyboard" },
	{ "usbhid", "the console's keyboard" },
	{ "serport", "the console" },
	{ "binfmt_misc", "programs of other formats, and systemd's mount of them" },
	{ "configfs", "settings of the kernel that systemd mounts" },
	/* What file systems, disks, random numbers and signatures ask for by alias. */
	{ "*crc32*", "checksums of file systems" },
	{ "crc64*", "checksums of disks" },
	{ "crct10dif*", "checksums of disks" },
	{ "xxhash*", "checksums of file systems" },
	{ "blake2*", "checksums of file systems" },
	{ "aes*", "encrypted disks" },
	{ "cryptd", "encrypted disks" },
	{ "crypto_simd", "encrypted disks" },
	{ "xts", "encrypted disks" },
	{ "essiv", "encrypted disks" },
	{ "cbc", "encrypted disks" },
	{ "ecb", "encrypted disks" },
	{ "ctr", "encrypted disks and random numbers" },
	{ "cts", "encrypted file systems" },
	{ "gcm", "encrypted disks and links" },
	{ "ccm", "encrypted links" },
	{ "cmac", "encrypted links" },
	{ "authenc*", "encrypted disks and links" },
	{ "ghash*", "encrypted disks and links" },
	{ "gf128mul", "encrypted disks" },
	{ "sha*", "encrypted disks and signatures" },
	{ "drbg", "random numbers" },
	{ "jitterentropy*", "random numbers" },
	{ "ecdh*", "keys" },
	{ "ecc", "keys" },
	{ "chacha*", "links of WireGuard" },
	{ "poly1305*", "links of WireGuard" },
	{ "curve25519*", "links of WireGuard" },
	{ "zstd*", "compressed memory and images" },
	{ "lz4*", "compressed memory and images" },
	{ "lzo*", "compressed memory and images" },
	{ "842*", "compressed memory" },
};

#define N_GROUPS  (sizeof(groups) / sizeof(groups[0]))
#define N_GUARDED (sizeof(guarded) / sizeof(guarded[0]))

const struct needs_group *needs_groups(size_t *ret_n)
{
	*ret_n = N_GROUPS;
	return groups;
}

const struct needs_group *needs_group_find(const char *name)
{
	for (size_t i = 0; i < N_GROUPS; i++)
		if (strcmp(groups[i].name, name) == 0)
			return &groups[i];
	return NULL;
}

bool needs_group_wanted(int root, const struct needs_group *g)
{
	for (size_t i = 0; g->paths && g->paths[i]; i++)
		if (file_exists(root, g->paths[i]))
			return true;
	return g->always;
}

bool needs_group_has(const struct needs_group *g, const char *module)
{
	for (size_t i = 0; g->modules[i]; i++)
		if (alias_matches(g->modules[i], module))
			return true;
	return false;
}

const char *needs_guarded(const char *module, bool encrypted)
{
	if (encrypted && (strcmp(module, "af_alg") == 0 || strcmp(module, "algif_skcipher") == 0))
		return "opening encrypted disks";
	for (size_t i = 0; i < N_GUARDED; i++)
		if (alias_matches(guarded[i].pattern, module))
			return guarded[i].why;
	return NULL;
}
