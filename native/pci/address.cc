#include "pci/address.h"

namespace sriov::pci {
namespace {

// Reads hexadecimal digits up to `end`; false when there are none, too many, or something else is
// there.
bool ParseHex(std::string_view text, size_t min_digits, size_t max_digits, uint32_t* value) {
  if (text.size() < min_digits || text.size() > max_digits) return false;
  uint32_t result = 0;
  for (const char c : text) {
    uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0');
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

}  // namespace

bool ParseAddress(std::string_view name, AddressKey* key) {
  constexpr size_t kTail = sizeof(":bb:dd.f") - 1;
  if (name.size() < 4 + kTail || name.size() > 8 + kTail) return false;
  const std::string_view tail = name.substr(name.size() - kTail);
  if (tail[0] != ':' || tail[3] != ':' || tail[6] != '.') return false;
  uint32_t domain = 0, bus = 0, device = 0, function = 0;
  if (!ParseHex(name.substr(0, name.size() - kTail), 4, 8, &domain)) return false;
  if (!ParseHex(tail.substr(1, 2), 2, 2, &bus)) return false;
  if (!ParseHex(tail.substr(4, 2), 2, 2, &device) || device > 0x1f) return false;
  if (!ParseHex(tail.substr(7, 1), 1, 1, &function) || function > 7) return false;
  *key = static_cast<AddressKey>(domain) << 16 | bus << 8 | device << 3 | function;
  return true;
}

std::string_view LastAddressIn(std::string_view path, AddressKey* key) {
  size_t end = path.size();
  while (end > 0) {
    const size_t slash = path.rfind('/', end - 1);
    const size_t start = slash == std::string_view::npos ? 0 : slash + 1;
    const std::string_view component = path.substr(start, end - start);
    if (ParseAddress(component, key)) return component;
    if (start == 0) break;
    end = start - 1;
  }
  return {};
}

}  // namespace sriov::pci
