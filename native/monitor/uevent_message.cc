#include "monitor/uevent_message.h"

namespace sriov {
namespace {

// PCI functions, netdevsim devices, and what appears on them. Everything else (disks, cgroups of containers) would
// wake the event loop for nothing.
constexpr std::string_view kSubsystems[] = {"pci", "netdevsim", "net", "infiniband", "vdpa", "vfio"};

bool IsOurs(std::string_view subsystem) {
  for (const std::string_view ours : kSubsystems) {
    if (subsystem == ours) return true;
  }
  return false;
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

}  // namespace

bool IsOurUevent(Bytes datagram, std::string_view* text) {
  if (datagram.size == 0 || datagram.data[datagram.size - 1] != 0) return false;
  const std::string_view whole(reinterpret_cast<const char*>(datagram.data), datagram.size - 1);
  const std::string_view head = whole.substr(0, whole.find('\0'));
  const size_t at = head.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 >= head.size() || head[at + 1] != '/') return false;
  constexpr std::string_view kSubsystem = "SUBSYSTEM=";
  bool ours = false;
  bool action = false;
  bool path = false;
  for (size_t start = head.size() + 1; start <= whole.size();) {
    const std::string_view line = whole.substr(start, whole.find('\0', start) - start);
    const size_t equals = line.find('=');
    if (equals == 0 || equals == std::string_view::npos) return false;
    // The head says both as well; a process that counterfeits uevents may not.
    action = action || (StartsWith(line, "ACTION=") && line.substr(7) == head.substr(0, at));
    path = path || (StartsWith(line, "DEVPATH=") && line.substr(8) == head.substr(at + 1));
    ours = ours || (StartsWith(line, kSubsystem) && IsOurs(line.substr(kSubsystem.size())));
    start += line.size() + 1;
  }
  *text = whole;
  return ours && action && path;
}

}  // namespace sriov
