// PCI addresses as numbers, so that they sort as the bus does and compare in one instruction.
// Owns the reading of the kernel's spelling of them; strict parsing of what people write is
// TypeScript's.
#pragma once

#include <cstdint>
#include <string_view>

namespace sriov::pci {

// domain << 16 | bus << 8 | device << 3 | function. The kernel names a function "%04x:%02x:%02x.%d"
// (pci_setup_device(), drivers/pci/probe.c) with a domain of up to 32 bits.
using AddressKey = uint64_t;

// True and sets *key when `name` is the name of a PCI function in sysfs, in full.
[[nodiscard]] bool ParseAddress(std::string_view name, AddressKey* key);

// The last component of `path` that names a PCI function, as a range of `path`; empty when there is
// none. Behind VMD a path holds several: the last is the function that the device hangs on.
std::string_view LastAddressIn(std::string_view path, AddressKey* key);

}  // namespace sriov::pci
