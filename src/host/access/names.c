/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names: what rows of the table may ask for by name. The index of a name is its bit. */
#include <string.h>

#include "host/access/ability.h"

static const struct access_node nodes[] = {
	{ "kvm", NULL, false },
	{ "fuse", NULL, false },
	{ "cuse", NULL, false },
	{ "net/tun", NULL, false },
	{ "ppp", NULL, false },
	{ "vhost-net", NULL, false },
	{ "vhost-vsock", NULL, false },
	{ "vfio/vfio", NULL, false },
	{ "uinput", NULL, false },
	{ "uhid", NULL, false },
	{ "input/event0", "input/mice", false },
	{ "loop-control", "loop0", false },
	{ "mapper/control", NULL, false },
	{ "nbd0", NULL, true },
	{ "zram0", NULL, true },
	{ "sg0", NULL, false },
	{ "sr0", NULL, true },
	{ "sda", "vda", true },
	{ "nvme0n1", "xvda", true },
	{ "loop0", "loop1", true },
	{ "dm-0", "md0", true },
	{ "nvme0", NULL, false },
	{ "tpm0", "tpmrm0", false },
	{ "ptmx", "pts/ptmx", false },
	{ "tty0", "tty1", false },
	{ "ttyS0", NULL, false },
	{ "rfkill", NULL, false },
	{ "infiniband/uverbs0", NULL, false },
	{ "infiniband/rdma_cm", NULL, false },
	{ "dri/renderD128", "dri/card0", false },
	{ "accel/accel0", NULL, false },
	{ "kfd", NULL, false },
	{ "fb0", NULL, false },
	{ "dma_heap/system", NULL, false },
	{ "udmabuf", NULL, false },
	{ "snd/controlC0", "snd/pcmC0D0p", false },
	{ "snd/seq", NULL, false },
	{ "snd/timer", NULL, false },
	{ "video0", "media0", false },
	{ "dvb/adapter0/frontend0", NULL, false },
	{ "ptp0", NULL, false },
	{ "rtc0", NULL, false },
	{ "watchdog0", "watchdog", false },
	{ "i2c-0", NULL, false },
	{ "iio:device0", NULL, false },
	{ "mei0", NULL, false },
	{ "mem", NULL, false },
	{ "sgx_enclave", NULL, false },
	{ "sev", NULL, false },
	{ "userfaultfd", NULL, false },
	{ "binder", "binderfs/binder-control", false },
	{ "hwrng", NULL, false },
	{ "gpiochip0", NULL, false },
	{ "mtd0", "ubi_ctrl", false },
	{ "cachefiles", NULL, false },
	{ "btrfs-control", NULL, false },
	{ "vsock", NULL, false },
};

static const char *const types[] = {
	"9p",          "adfs",     "affs",     "afs",      "befs",       "bfs",        "binder",
	"binfmt_misc", "bpf",      "btrfs",    "ceph",     "cgroup",     "cgroup2",    "cifs",
	"coda",        "configfs", "cramfs",   "debugfs",  "devpts",     "devtmpfs",   "ecryptfs",
	"efivarfs",    "erofs",    "exfat",    "ext2",     "ext3",       "ext4",       "f2fs",
	"fuse",        "fuseblk",  "fusectl",  "gfs2",     "hfs",        "hfsplus",    "hpfs",
	"hugetlbfs",   "iso9660",  "jffs2",    "jfs",      "minix",      "mqueue",     "msdos",
	"nfs",         "nfs4",     "nfsd",     "nilfs2",   "ntfs",       "ntfs3",      "ocfs2",
	"omfs",        "orangefs", "overlay",  "proc",     "pstore",     "qnx4",       "qnx6",
	"ramfs",       "reiserfs", "resctrl",  "romfs",    "rpc_pipefs", "securityfs", "selinuxfs",
	"smb3",        "squashfs", "sysfs",    "sysv",     "tmpfs",      "tracefs",    "ubifs",
	"udf",         "ufs",      "v7",       "vboxsf",   "vfat",       "virtiofs",   "xfs",
	"zonefs",      "autofs",   "gfs2meta", "freevxfs", "efs",
};

static const char *const paths[] = {
	"sys/class/bluetooth",
	"sys/class/ieee80211",
	"sys/class/ieee802154",
	"sys/class/infiniband",
	"sys/class/udc",
	"sys/class/nfc",
	"sys/class/iommu",
	"sys/class/tpm",
	"sys/class/sound",
	"sys/class/video4linux",
	"sys/class/drm",
	"sys/bus/usb/devices",
	"sys/bus/thunderbolt/devices",
	"sys/bus/cxl/devices",
	"sys/bus/nd/devices",
	"sys/bus/soundwire/devices",
	"sys/bus/mei/devices",
	"sys/class/nvme",
	"sys/class/nvme-subsystem",
	"sys/class/scsi_host",
	"sys/class/fc_host",
	"sys/class/iscsi_session",
	"sys/bus/gameport/devices",
	"sys/class/typec",
	"sys/class/power_supply",
	"sys/class/mtd",
	"sys/class/rc",
	"sys/class/dvb",
	"sys/bus/firewire/devices",
	"sys/bus/i2c/devices",
	"sys/bus/spi/devices",
	"sys/bus/hid/devices",
	"sys/bus/vmbus/devices",
	"sys/bus/xen/devices",
	"sys/hypervisor",
	"sys/bus/pcmcia/devices",
	"sys/class/fpga_manager",
	"sys/bus/iio/devices",
	"sys/class/gnss",
	"sys/class/wwan",
	"sys/class/input",
	"sys/class/accel",
	"sys/class/comedi",
	"sys/bus/counter/devices",
	"sys/bus/mdio_bus/devices",
	"sys/bus/ntb/devices",
	"sys/class/ptp",
	"sys/class/uio",
	"sys/bus/vdpa/devices",
	"sys/class/backlight",
	"sys/kernel/config/target/core",
	"sys/kernel/config/nvmet/subsystems",
	"sys/bus/virtio/devices",
	"sys/class/rtc",
	"sys/bus/greybus/devices",
	"sys/bus/rpmsg/devices",
	"sys/bus/coresight/devices",
	"sys/class/graphics",
	"sys/class/regulator",
	"sys/class/gpio",
	"sys/class/watchdog",
	"sys/firmware/devicetree/base",
	"sys/bus/slimbus/devices",
};

static const char *const blocks[] = {
	"dm-", "md",   "bcache", "drbd",   "rbd", "nbd",  "zram", "loop", "nvme", "sd",
	"sr",  "rnbd", "ublkb",  "mmcblk", "fd",  "pmem", "vd",   "xvd",  "ram",  "nullb",
};

static const uint16_t ports[] = { 445, 2049, 3260, 4420, 16385, 111 };

#define N(v) (sizeof(v) / sizeof((v)[0]))

_Static_assert(N(nodes) <= 64 && N(paths) <= 64 && N(blocks) <= 64 && N(ports) <= 64, "bits");
_Static_assert(N(types) <= 128, "bits of access_ability.types");

const struct access_node *access_nodes(size_t *ret_n)
{
	*ret_n = N(nodes);
	return nodes;
}

const char *const *access_types(size_t *ret_n)
{
	*ret_n = N(types);
	return types;
}

const char *const *access_paths(size_t *ret_n)
{
	*ret_n = N(paths);
	return paths;
}

const char *const *access_blocks(size_t *ret_n)
{
	*ret_n = N(blocks);
	return blocks;
}

const uint16_t *access_ports(size_t *ret_n)
{
	*ret_n = N(ports);
	return ports;
}

size_t access_index(const char *const *v, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(v[i], name) != 0)
		i++;
	return i;
}

size_t access_node_index(const char *name)
{
	size_t i = 0;

	while (i < N(nodes) && strcmp(nodes[i].name, name) != 0)
		i++;
	return i;
}
