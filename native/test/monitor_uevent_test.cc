// Uevents: which are passed on, the queue that is dropped when nobody comes, and the scan that makes up for it.
#include <string>

#include "monitor/device_scan.h"
#include "monitor/uevent_message.h"
#include "monitor/uevent_source.h"
#include "monitor_fakes.h"
#include "pci_tree.h"
#include "test.h"

namespace sriov {
namespace {

constexpr uint64_t kMs = 1'000'000;

// Read from Linux 6.1.0-56-amd64 in QEMU when igb made a VF.
const std::string kAdd(
    "add@/devices/pci0000:00/0000:00:05.0/0000:01:10.0\0ACTION=add\0"
    "DEVPATH=/devices/pci0000:00/0000:00:05.0/0000:01:10.0\0SUBSYSTEM=pci\0PCI_CLASS=20000\0PCI_ID=8086:10CA\0"
    "PCI_SUBSYS_ID=1AF4:1100\0PCI_SLOT_NAME=0000:01:10.0\0"
    "MODALIAS=pci:v00008086d000010CAsv00001AF4sd00001100bc02sc00i00\0SEQNUM=939\0",
    287);

bool Ours(const std::string& bytes) {
  const std::vector<uint8_t> exact(bytes.begin(), bytes.end());
  std::string_view text;
  const bool ours = IsOurUevent({exact.data(), exact.size()}, &text);
  if (ours) EXPECT_EQ(text, std::string_view(bytes).substr(0, bytes.size() - 1));
  return ours;
}

std::string Uevent(const std::string& action, const std::string& path, const std::string& subsystem) {
  std::string text = action + "@" + path;
  for (const std::string& line : {"ACTION=" + action, "DEVPATH=" + path, "SUBSYSTEM=" + subsystem}) {
    text += '\0';
    text += line;
  }
  return text + '\0';
}

TEST(a_captured_uevent_of_a_vf_is_ours) {
  EXPECT_EQ(kAdd.substr(kAdd.size() - 11), std::string("SEQNUM=939\0", 11));
  EXPECT_TRUE(Ours(kAdd));
}

TEST(a_uevent_cut_at_any_byte_is_refused_unless_a_line_ends_there) {
  for (size_t size = 0; size < kAdd.size(); ++size) {
    const bool line_ends = size > 0 && kAdd[size - 1] == '\0';
    EXPECT_EQ(Ours(kAdd.substr(0, size)), line_ends && size >= kAdd.find("PCI_CLASS"));
  }
}

TEST(uevents_of_other_subsystems_are_not) {
  for (const char* subsystem : {"block", "", "pc", "pcie", "usb", "net\npci"}) {
    EXPECT_TRUE(!Ours(Uevent("add", "/devices/x", subsystem)));
  }
  for (const char* subsystem : {"pci", "netdevsim", "net", "infiniband", "vdpa", "vfio"}) {
    EXPECT_TRUE(Ours(Uevent("add", "/devices/x", subsystem)));
  }
}

TEST(what_is_no_uevent_is_refused) {
  const std::string good = Uevent("add", "/devices/x", "pci");
  EXPECT_TRUE(Ours(good));
  EXPECT_TRUE(!Ours(""));
  EXPECT_TRUE(!Ours(std::string(1, '\0')));
  EXPECT_TRUE(!Ours("libudev" + std::string(1, '\0') + good));
  EXPECT_TRUE(!Ours(good.substr(1 + good.find('\0'))));       // no head
  EXPECT_TRUE(!Ours("@" + good.substr(good.find('/'))));       // no action
  EXPECT_TRUE(!Ours("add@devices/x" + good.substr(good.find('\0'))));
  EXPECT_TRUE(!Ours("remove" + good.substr(3)));               // head and ACTION differ
  EXPECT_TRUE(!Ours("add@/devices/y" + good.substr(good.find('\0'))));
  EXPECT_TRUE(!Ours(good + "NOEQUALS" + std::string(1, '\0')));
  EXPECT_TRUE(!Ours(good + "=VALUE" + std::string(1, '\0')));
  EXPECT_TRUE(!Ours(good + std::string(1, '\0')));
}

struct Fixture {
  PciTree tree;
  std::deque<FakeInbox::Item> items;
  UeventSource source{std::unique_ptr<Inbox>(new FakeInbox(&items)), tree.root()};
  uint64_t now = 1000 * kMs;

  void Add(const std::string& address, const std::string& driver = "") {
    const std::string path = "devices/pci0000:00/" + address;
    tree.Folder(path);
    tree.Link("bus/pci/devices/" + address, "../../../" + path);
    if (!driver.empty()) tree.Link(path + "/driver", "../../../bus/pci/drivers/" + driver);
  }
  void Send(const std::string& uevent) { items.push_back({0, {uevent.begin(), uevent.end()}}); }
  bool Work(uint64_t after_ms = 0) { return source.Work(now += after_ms * kMs); }
  UeventNews Take() {
    bool work = false;
    UeventNews news = source.Take(&work);
    asked_to_work = work;
    return news;
  }
  bool asked_to_work = false;
};

TEST(the_first_work_scans_the_devices_and_drops_what_came_before) {
  Fixture f;
  f.Add("0000:01:00.0", "igb");
  f.Add("0000:02:00.0");
  f.Send(Uevent("add", "/devices/x", "pci"));
  EXPECT_TRUE(f.Work());
  const UeventNews news = f.Take();
  EXPECT_TRUE(news.sync == Sync::kFirst && news.error == 0 && news.uevents.empty());
  EXPECT_EQ(news.scan.size(), 2u);
  for (const ScannedDevice& device : news.scan) {
    EXPECT_EQ(device.subsystem, std::string("pci"));
    EXPECT_EQ(device.path, "/devices/pci0000:00/" + device.name);
    EXPECT_EQ(device.driver, std::string(device.name == "0000:01:00.0" ? "igb" : ""));
  }
  EXPECT_TRUE(!f.asked_to_work);
}

TEST(uevents_wait_in_order_and_a_loss_is_made_up_for_by_a_scan) {
  Fixture f;
  (void)f.Work();
  (void)f.Take();
  f.Send(Uevent("add", "/devices/a", "pci"));
  f.Send(Uevent("add", "/devices/b", "block"));
  f.Send(Uevent("bind", "/devices/a", "pci"));
  EXPECT_TRUE(f.Work());
  UeventNews news = f.Take();
  EXPECT_EQ(news.uevents.size(), 2u);
  EXPECT_EQ(news.uevents[1].substr(0, 5), std::string("bind@"));
  f.Add("0000:03:00.0");
  f.items.push_back({ENOBUFS, {}});
  EXPECT_TRUE(f.Work(1000));
  news = f.Take();
  EXPECT_TRUE(news.sync == Sync::kAfterLoss);
  EXPECT_EQ(news.scan.size(), 1u);
}

TEST(nobody_comes_and_the_queue_is_dropped_and_a_scan_waits_for_him) {
  Fixture f;
  (void)f.Work();
  (void)f.Take();
  for (int i = 0; i < 10000; ++i) {
    f.Send(Uevent("change", "/devices/a", "pci"));
    (void)f.Work(1);
  }
  UeventNews news = f.Take();
  EXPECT_TRUE(news.uevents.size() <= UeventSource::kMostQueued);
  EXPECT_TRUE(news.sync == Sync::kNone);
  EXPECT_TRUE(f.asked_to_work);
  EXPECT_TRUE(f.source.due_ns() != 0 && f.source.due_ns() <= f.now);
  EXPECT_TRUE(f.Work());
  news = f.Take();
  EXPECT_TRUE(news.sync == Sync::kAfterLoss && !f.asked_to_work);
}

TEST(a_sysfs_that_cannot_be_read_is_tried_seven_times) {
  Fixture f;
  f.tree.Write("bus/file", "");
  UeventSource source(std::unique_ptr<Inbox>(new FakeInbox(&f.items)), "/proc/self/status");
  int works = 0;
  while (!source.Work(f.now) && ++works < 100) f.now = source.due_ns();
  EXPECT_EQ(works, 6);
  bool work = false;
  EXPECT_EQ(source.Take(&work).error, ENOTDIR);
  EXPECT_EQ(source.fd(), -1);
}

TEST(a_machine_without_either_bus_has_no_devices) {
  const PciTree tree;
  std::vector<ScannedDevice> devices;
  EXPECT_EQ(ScanDevices((std::string(tree.root()) + "/class").c_str(), &devices), 0);
  EXPECT_TRUE(devices.empty());
}

}  // namespace
}  // namespace sriov
