// The device behind a link, from what rtnetlink says and from paths as sysfs has them.
#include "monitor/device_name.h"

#include "pci_tree.h"
#include "test.h"

namespace sriov {
namespace {

std::string In(const char* path) {
  std::string device;
  std::string bus;
  return DeviceInPath(path, &device, &bus) ? bus + " " + device : "";
}

TEST(a_path_in_sysfs_tells_the_device) {
  EXPECT_EQ(In("../../devices/pci0000:00/0000:00:05.0/0000:01:00.0/net/eth0"), "pci 0000:01:00.0");
  EXPECT_EQ(In("../../devices/pci0000:00/0000:00:03.0/virtio0/net/eth0"), "pci 0000:00:03.0");
  EXPECT_EQ(In("../../devices/pci0000:00/0000:03:00.1/mlx5_core.sf.4/net/en3f1s4"), "pci 0000:03:00.1");
  EXPECT_EQ(In("../../devices/netdevsim12/net/eth2"), "netdevsim netdevsim12");
  EXPECT_EQ(In("../../devices/virtual/net/lo"), std::string());
  EXPECT_EQ(In("../../devices/virtual/net/netdevsim12"), std::string());
  EXPECT_EQ(In("../../devices/netdevsimx/net/eth2"), std::string());
  EXPECT_EQ(In("../../devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/net/enx0"), std::string());
  EXPECT_EQ(In(""), std::string());
}

Link Of(const char* name, const char* parent, const char* bus) {
  Link link;
  link.name = name;
  link.parent = parent;
  link.parent_bus = bus;
  return link;
}

TEST(sysfs_is_asked_only_for_what_rtnetlink_does_not_tell) {
  const PciTree tree;
  tree.Link("class/net/eth0", "../../devices/pci0000:00/0000:00:03.0/virtio0/net/eth0");
  tree.Link("class/net/usb0", "../../devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/net/usb0");
  const auto name = [&](Link link, bool look) {
    NameDevice(tree.root(), look, &link);
    return link.bus + " " + link.device;
  };
  EXPECT_EQ(name(Of("eth0", "0000:09:00.0", "pci"), true), "pci 0000:09:00.0");
  EXPECT_EQ(name(Of("eth0", "virtio0", "virtio"), false), "pci 0000:00:03.0");
  EXPECT_EQ(name(Of("usb0", "1-1:1.0", "usb"), false), "usb 1-1:1.0");
  EXPECT_EQ(name(Of("eth0", "", ""), true), "pci 0000:00:03.0");  // a kernel before 5.14
  EXPECT_EQ(name(Of("eth0", "", ""), false), " ");
  EXPECT_EQ(name(Of("gone", "", ""), true), " ");
  EXPECT_EQ(name(Of("gone", "virtio9", "virtio"), true), "virtio virtio9");
}

}  // namespace
}  // namespace sriov
