// Packs an inventory into the bytes that layout.h describes. Pure: no system calls, no Node-API.
#pragma once

#include <cstdint>
#include <vector>

#include "pci/inventory.h"

namespace sriov::pci {

// `failure.error` 0: the inventory; else its error alone.
std::vector<uint8_t> Pack(const Inventory& inventory, const EnumerateFailure& failure);

// Enumerate() and Pack() in one: all that a worker thread has to do.
std::vector<uint8_t> EnumeratePacked(const char* root);

}  // namespace sriov::pci
