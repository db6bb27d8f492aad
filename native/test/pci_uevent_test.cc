#include "pci/uevent.h"

#include <string>
#include <string_view>
#include <vector>

#include "test.h"

using sriov::pci::NetUevent;
using sriov::pci::ParseNetUevent;
using sriov::pci::ParsePciUevent;
using sriov::pci::PciUevent;

// Read from /sys/bus/pci/devices/0000:00:03.0/uevent of a virtual machine with Linux 6.18.
constexpr const char* kVirtio =
    "DRIVER=virtio-pci\n"
    "PCI_CLASS=20000\n"
    "PCI_ID=1AF4:1041\n"
    "PCI_SUBSYS_ID=1AF4:1041\n"
    "PCI_SLOT_NAME=0000:00:03.0\n"
    "MODALIAS=pci:v00001AF4d00001041sv00001AF4sd00001041bc02sc00i00\n";

TEST(pci_uevent_tells_driver_ids_and_class) {
  PciUevent uevent;
  EXPECT_TRUE(ParsePciUevent(kVirtio, &uevent));
  EXPECT_EQ(uevent.driver, "virtio-pci");
  EXPECT_EQ(uevent.class_code, 0x020000u);
  EXPECT_EQ(uevent.vendor, 0x1af4);
  EXPECT_EQ(uevent.device, 0x1041);
  EXPECT_EQ(uevent.subsystem_vendor, 0x1af4);
  EXPECT_EQ(uevent.subsystem_device, 0x1041);
}

TEST(pci_uevent_without_driver_is_complete) {
  PciUevent uevent;
  EXPECT_TRUE(ParsePciUevent("PCI_CLASS=604\nPCI_ID=8086:1901\nPCI_SUBSYS_ID=0:0", &uevent));
  EXPECT_TRUE(uevent.driver.empty());
  EXPECT_EQ(uevent.class_code, 0x604u);
}

TEST(pci_uevent_cut_anywhere_is_refused_or_complete_and_never_read_past) {
  const std::string whole(kVirtio);
  const size_t needed = whole.find("\nPCI_SLOT_NAME");
  for (size_t size = 0; size <= whole.size(); ++size) {
    // A copy of just that size: the sanitizer sees a read past its end.
    const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    PciUevent uevent;
    const bool complete = ParsePciUevent(std::string_view(cut.data(), cut.size()), &uevent);
    // "1AF4:104" is a number as well: where the last id ends cannot be told, only that it began.
    if (size < needed - 3) EXPECT_TRUE(!complete);
    if (size >= needed) EXPECT_TRUE(complete);
  }
}

TEST(pci_uevent_refuses_what_is_no_id) {
  for (const char* id : {"", "8086", "8086:", ":1572", "80861:1572", "8086:157 ", "-086:1572"}) {
    const std::string text = std::string("PCI_CLASS=20000\nPCI_SUBSYS_ID=0:0\nPCI_ID=") + id;
    PciUevent uevent;
    EXPECT_TRUE(!ParsePciUevent(text, &uevent));
  }
}

TEST(pci_net_uevent_tells_name_and_index) {
  NetUevent uevent;
  EXPECT_TRUE(ParseNetUevent("DEVTYPE=wlan\nINTERFACE=wlp3s0\nIFINDEX=3\n", &uevent));
  EXPECT_EQ(uevent.name, "wlp3s0");
  EXPECT_EQ(uevent.ifindex, 3u);
  for (const char* text :
       {"", "INTERFACE=eth0", "IFINDEX=3", "INTERFACE=\nIFINDEX=3", "INTERFACE=eth0\nIFINDEX=0",
        "INTERFACE=eth0\nIFINDEX=-1", "INTERFACE=eth0\nIFINDEX=99999999999"}) {
    NetUevent other;
    EXPECT_TRUE(!ParseNetUevent(text, &other));
  }
}
