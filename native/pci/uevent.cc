#include "pci/uevent.h"

#include "pci/sysfs.h"

namespace sriov::pci {
namespace {

// Takes the next KEY=VALUE line off `text`. False at the end.
bool NextLine(std::string_view* text, std::string_view* key, std::string_view* value) {
  if (text->empty()) return false;
  const size_t end = text->find('\n');
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  const size_t equals = line.find('=');
  *key = line.substr(0, equals);
  *value = equals == std::string_view::npos ? std::string_view() : line.substr(equals + 1);
  return true;
}

// The kernel writes these in upper case: "%04X".
bool ParseHex(std::string_view text, size_t max_digits, uint32_t* value) {
  if (text.empty() || text.size() > max_digits) return false;
  uint32_t result = 0;
  for (const char c : text) {
    uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0');
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<uint32_t>(c - 'A') + 10;
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<uint32_t>(c - 'a') + 10;
    } else {
      return false;
    }
    result = result << 4 | digit;
  }
  *value = result;
  return true;
}

bool ParseIdPair(std::string_view text, uint16_t* first, uint16_t* second) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  uint32_t a = 0, b = 0;
  if (!ParseHex(text.substr(0, colon), 4, &a) || !ParseHex(text.substr(colon + 1), 4, &b))
    return false;
  *first = static_cast<uint16_t>(a);
  *second = static_cast<uint16_t>(b);
  return true;
}

}  // namespace

bool ParsePciUevent(std::string_view text, PciUevent* out) {
  bool has_class = false, has_id = false, has_subsystem = false;
  std::string_view key, value;
  while (NextLine(&text, &key, &value)) {
    if (key == "DRIVER") {
      out->driver = value;
    } else if (key == "PCI_CLASS") {
      has_class = ParseHex(value, 6, &out->class_code);
    } else if (key == "PCI_ID") {
      has_id = ParseIdPair(value, &out->vendor, &out->device);
    } else if (key == "PCI_SUBSYS_ID") {
      has_subsystem = ParseIdPair(value, &out->subsystem_vendor, &out->subsystem_device);
    }
  }
  return has_class && has_id && has_subsystem;
}

bool ParseNetUevent(std::string_view text, NetUevent* out) {
  std::string_view key, value;
  while (NextLine(&text, &key, &value)) {
    if (key == "INTERFACE") {
      out->name = value;
    } else if (key == "IFINDEX") {
      int64_t number = 0;
      if (ParseInt(value, &number) && number > 0 && number <= INT32_MAX) {
        out->ifindex = static_cast<uint32_t>(number);
      }
    }
  }
  return !out->name.empty() && out->ifindex > 0;
}

}  // namespace sriov::pci
