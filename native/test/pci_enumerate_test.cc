// What the tests in TypeScript cannot reach: errors of the process, the count of system calls
// against the directory, the packing.
#include "pci/enumerate.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "pci/layout.h"
#include "pci/owner.h"
#include "pci/pack.h"
#include "pci/sysfs.h"
#include "pci_tree.h"
#include "test.h"

using namespace sriov::pci;

namespace {

size_t OpenDescriptors() {
  DIR* dir = opendir("/proc/self/fd");
  size_t count = 0;
  while (readdir(dir) != nullptr) ++count;
  closedir(dir);
  return count;
}

int32_t WordAt(const std::vector<uint8_t>& bytes, size_t index) {
  int32_t word = 0;
  std::memcpy(&word, bytes.data() + index * sizeof word, sizeof word);
  return word;
}

}  // namespace

TEST(pci_enumerate_fails_as_a_whole_when_out_of_descriptors) {
  PciTree tree;
  for (int i = 0; i < 8; ++i) tree.Function("0000:0" + std::to_string(i) + ":00.0");
  rlimit old{};
  getrlimit(RLIMIT_NOFILE, &old);
  const size_t before = OpenDescriptors();
  const int next = dup(0);  // The lowest free descriptor.
  close(next);
  // Room for so many: the root, the list, a function, its attribute. Each but the last must be an
  // error, never a list with holes.
  for (int room = 0; room <= 4; ++room) {
    const rlimit tight{static_cast<rlim_t>(next + room), old.rlim_max};
    setrlimit(RLIMIT_NOFILE, &tight);
    Inventory inventory;
    EnumerateFailure failure;
    const bool done = Enumerate(tree.root(), &inventory, &failure);
    setrlimit(RLIMIT_NOFILE, &old);
    EXPECT_EQ(done, room == 4);
    EXPECT_EQ(failure.error, room == 4 ? 0 : EMFILE);
    if (done) EXPECT_EQ(inventory.functions.size(), 8u);
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST(pci_enumerate_counts_eleven_calls_for_a_plain_function) {
  const auto calls = [](int functions) {
    PciTree tree;
    for (int i = 0; i < functions; ++i) tree.Function("0000:0" + std::to_string(i) + ":00.0");
    Inventory inventory;
    EnumerateFailure failure;
    EXPECT_TRUE(Enumerate(tree.root(), &inventory, &failure));
    return inventory.system_calls;
  };
  const uint64_t none = calls(0);
  // open, numa_node 3, iommu_group, sriov_totalvfs and physfn absent 1 each, uevent 3, close.
  EXPECT_EQ(calls(1) - none, 11u);
  EXPECT_EQ(calls(7) - none, 77u);
}

TEST(pci_enumerate_leaves_out_names_that_are_no_function) {
  PciTree tree;
  tree.Function("0000:01:00.0");
  tree.Folder("bus/pci/devices/slot7");
  tree.Link("bus/pci/devices/0000:02:00.0", "nowhere");
  Inventory inventory;
  EnumerateFailure failure;
  EXPECT_TRUE(Enumerate(tree.root(), &inventory, &failure));
  EXPECT_EQ(inventory.functions.size(), 1u);
}

TEST(pci_enumerate_ignores_vf_links_that_lead_nowhere_or_are_none) {
  PciTree tree;
  const std::string pf = tree.Function("0000:01:00.0");
  tree.Function("0000:01:00.1");
  tree.Write(pf + "/sriov_totalvfs", "8\n");
  tree.Link(pf + "/virtfn0", "../0000:01:00.1");
  tree.Link(pf + "/virtfn1", "../0000:01:00.2");  // Created since the listing.
  tree.Link(pf + "/virtfn2", "../something");
  tree.Link(pf + "/virtfn", "../0000:01:00.1");
  tree.Link(pf + "/virtfn-1", "../0000:01:00.1");
  tree.Link(pf + "/virtfn70000", "../0000:01:00.1");
  tree.Write(pf + "/virtfn3", "no link");
  Inventory inventory;
  EnumerateFailure failure;
  EXPECT_TRUE(Enumerate(tree.root(), &inventory, &failure));
  EXPECT_EQ(inventory.functions.size(), 2u);
  EXPECT_EQ(inventory.functions[0].num_vfs, 2);
  EXPECT_EQ(inventory.functions[1].vf_index, 0);
  EXPECT_EQ(inventory.functions[1].pf_device, "0000:01:00.0");
}

TEST(pci_sysfs_list_gives_all_of_a_directory_that_fills_many_buffers) {
  PciTree tree;
  constexpr int kNames = 3000;
  for (int i = 0; i < kNames; ++i) {
    tree.Write("class/net/a-name-of-some-length-" + std::to_string(i), "");
  }
  SysfsScratch scratch;
  SysfsDir dir(&scratch);
  EXPECT_EQ(dir.Open((std::string(tree.root()) + "/class/net").c_str()), 0);
  std::vector<std::string> names;
  EXPECT_EQ(dir.List(&names), 0);
  EXPECT_EQ(names.size(), static_cast<size_t>(kNames));
}

TEST(pci_sysfs_read_takes_a_page_and_strips_the_newline) {
  PciTree tree;
  tree.Write("page", std::string(5000, 'x'));
  tree.Write("empty", "\n");
  SysfsScratch scratch;
  SysfsDir dir(&scratch);
  EXPECT_EQ(dir.Open(tree.root()), 0);
  std::string_view text;
  EXPECT_EQ(dir.Read("page", &text), 0);
  EXPECT_EQ(text.size(), SysfsScratch::kTextSize);
  EXPECT_EQ(dir.Read("empty", &text), 0);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(dir.Read("absent", &text), ENOENT);
  EXPECT_EQ(dir.Read("class", &text), EISDIR);
  EXPECT_EQ(dir.ReadLink("page", &text), EINVAL);
}

TEST(pci_owner_accepts_its_own_devices_only) {
  for (const char* own : {"", "virtio0", "mlx5_core.sf.4", "vdpa0/virtio12"}) {
    EXPECT_TRUE(IsOwnIntermediate(own));
  }
  for (const char* other : {"usb1/1-1/1-1:1.0", "virtiox", "virtio", "1-1:1.0", ".sf.4", "a..b",
                            "mlx5_core.sf.", "i2c-1/1-0050"}) {
    EXPECT_TRUE(!IsOwnIntermediate(other));
  }
  EXPECT_EQ(WithoutClass("virtio0/net/eth0", "net"), "virtio0");
  EXPECT_TRUE(WithoutClass("net/eth0", "net").empty());
  EXPECT_TRUE(WithoutClass("vdpa0", "").empty());
  EXPECT_TRUE(WithoutClass("", "net").empty());
}

TEST(pci_pack_keeps_rows_apart_when_a_name_holds_a_newline) {
  Inventory inventory;
  FunctionRow row;
  row.device = "0000:01:00.0";
  row.driver = "a\nb";
  inventory.functions = {row, row};
  const std::vector<uint8_t> bytes = Pack(inventory, {});
  EXPECT_EQ(WordAt(bytes, kHeaderFunctions), 2);
  const size_t words = kHeaderWords + 2 * kFunctionWords;
  EXPECT_EQ(bytes.size(), words * 4 + static_cast<size_t>(WordAt(bytes, kHeaderStringBytes)));
  EXPECT_EQ(std::string(bytes.begin() + static_cast<std::ptrdiff_t>(words * 4), bytes.end()),
            "\n0000:01:00.0\na?b\n0000:01:00.0");
  EXPECT_EQ(WordAt(bytes, kHeaderWords + kFunctionDriver), 2);
  EXPECT_EQ(WordAt(bytes, kHeaderWords + kFunctionWords + kFunctionDevice), 3);
  EXPECT_EQ(WordAt(bytes, kHeaderWords + kFunctionWords + kFunctionDriver), 2);
}

TEST(pci_pack_names_more_drivers_than_it_remembers) {
  Inventory inventory;
  for (int i = 0; i < 200; ++i) {
    FunctionRow row;
    row.device = "d" + std::to_string(i);
    row.driver = "driver" + std::to_string(i % 100);
    inventory.functions.push_back(row);
  }
  const std::vector<uint8_t> bytes = Pack(inventory, {});
  const size_t words = kHeaderWords + 200 * kFunctionWords;
  std::vector<std::string> strings(1);
  for (size_t i = words * 4; i < bytes.size(); ++i) {
    if (bytes[i] == '\n') {
      strings.emplace_back();
    } else {
      strings.back().push_back(static_cast<char>(bytes[i]));
    }
  }
  for (size_t i = 0; i < 200; ++i) {
    const int32_t number = WordAt(bytes, kHeaderWords + i * kFunctionWords + kFunctionDriver);
    EXPECT_EQ(strings[static_cast<size_t>(number)], "driver" + std::to_string(i % 100));
  }
}

TEST(pci_pack_of_a_failure_holds_the_error_alone) {
  Inventory inventory;
  inventory.functions.resize(3);
  const std::vector<uint8_t> bytes = Pack(inventory, {EMFILE, "class/net"});
  EXPECT_EQ(WordAt(bytes, kHeaderError), EMFILE);
  EXPECT_EQ(WordAt(bytes, kHeaderFunctions), 0);
  EXPECT_EQ(bytes.size(), kHeaderWords * 4 + sizeof("\nclass/net") - 1);
}
