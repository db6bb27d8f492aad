// The bytes in which an inventory goes to JavaScript. src/pci/layout.ts says the same in
// TypeScript, and a test holds the two together.
//
//   header     kHeaderWords words
//   functions  kFunctionWords words each
//   net        kNetWords words each
//   companions kCompanionWords words each
//   strings    UTF-8, joined by '\n', which no name in sysfs contains; a string is named by its
//   number,
//              and number 0 is the empty one. Equal strings may come twice.
//
// Words are 32 bits in the machine's own order: writer and reader are one process. Signed, -1 for
// unknown, unless said otherwise.
#pragma once

#include <cstdint>

namespace sriov::pci {

enum HeaderWord : uint32_t {
  kHeaderVersion,    // kLayoutVersion.
  kHeaderError,      // errno of a failed enumeration, else 0.
  kHeaderErrorPath,  // String: what could not be read.
  kHeaderFunctions,  // Number of rows, and so on.
  kHeaderNetDevices,
  kHeaderCompanions,
  kHeaderSystemCalls,  // Made by this enumeration; unsigned.
  kHeaderStringBytes,
  kHeaderWords,
};

enum FunctionWord : uint32_t {
  kFunctionDevice,      // String.
  kFunctionDriver,      // String.
  kFunctionPf,          // String: the PF of a VF; 0 when not visible.
  kFunctionFlags,       // FunctionFlag.
  kFunctionUnreadable,  // Unreadable.
  kFunctionClass,
  kFunctionVendor,
  kFunctionDeviceId,
  kFunctionSubsystemVendor,
  kFunctionSubsystemDevice,
  kFunctionNuma,
  kFunctionIommu,
  kFunctionVfIndex,
  kFunctionTotalVfs,
  kFunctionNumVfs,
  kFunctionVfDeviceId,
  kFunctionAutoprobe,
  kFunctionWords,
};

enum NetWord : uint32_t {
  kNetFunction,  // Row of its function.
  kNetName,      // String, and so the next four.
  kNetVia,
  kNetOperstate,
  kNetSwitchId,
  kNetPortName,
  kNetIfindex,
  kNetCarrier,
  kNetSpeed,
  kNetDevPort,
  kNetWords,
};

enum CompanionWord : uint32_t {
  kCompanionFunction,
  kCompanionKind,  // CompanionKind.
  kCompanionName,  // String.
  kCompanionWords,
};

enum FunctionFlag : uint32_t {
  kFlagNetdevsim = 1,
  kFlagVf = 2,
};

constexpr uint32_t kLayoutVersion = 1;

}  // namespace sriov::pci
