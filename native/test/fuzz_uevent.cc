// Fuzzes the reading of `uevent` files of PCI and network devices, and of uevents as the kernel sends them. Must
// never read outside the input; what is handed out must lie inside it.
#include <cstdlib>
#include <vector>

#include "monitor/uevent_message.h"
#include "pci/uevent.h"

namespace {

void RequireInside(std::string_view part, const std::vector<char>& whole) {
  if (part.empty()) return;
  if (part.data() < whole.data() || part.data() + part.size() > whole.data() + whole.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<char> input(data, data + size);
  const std::string_view text(input.data(), input.size());
  sriov::pci::PciUevent pci;
  if (sriov::pci::ParsePciUevent(text, &pci)) {
    RequireInside(pci.driver, input);
    if (pci.class_code > 0xffffff) std::abort();
  }
  sriov::pci::NetUevent net;
  if (sriov::pci::ParseNetUevent(text, &net)) RequireInside(net.name, input);
  std::string_view uevent;
  const auto* bytes = reinterpret_cast<const uint8_t*>(input.data());
  if (sriov::IsOurUevent({bytes, input.size()}, &uevent)) RequireInside(uevent, input);
  return 0;
}
